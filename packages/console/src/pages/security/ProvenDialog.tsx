import { PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { readAgain } from '../../api.ts';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { renewRecoveryCodes, turnOffCodes } from '../../session.ts';

const words = {
  renew: {
    title: 'New recovery codes',
    act: 'Make 10 new codes',
    sentence: 'The codes you have now stop working at once.',
  },
  'turn-off': {
    title: 'Turn codes off',
    act: 'Turn off',
    sentence: 'Your password alone is enough to sign in then. Your recovery codes are forgotten.',
  },
} as const;

interface ProvenProps {
  act: keyof typeof words;
  onClose: () => void;
  onRenewed: (recoveryCodes: string[]) => void;
}

/** What password and code are asked for: new recovery codes, and turning codes off. */
export function ProvenDialog({ act, onClose, onRenewed }: ProvenProps) {
  const cache = useQueryClient();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const change = useMutation({
    mutationFn: async () => {
      if (act === 'renew') return renewRecoveryCodes(password, code.trim());
      await turnOffCodes(password, code.trim());
      return null;
    },
    onSuccess: (codes) => {
      void readAgain(cache);
      if (codes !== null) return onRenewed(codes);
      notifyDone('Sign-in does not ask for a code any more.');
      onClose();
    },
  });
  return (
    <FormDialog
      title={words[act].title}
      act={words[act].act}
      destructive={act === 'turn-off'}
      onAct={() => change.mutate()}
      onClose={onClose}
      acting={change.isPending}
      error={change.error}
      blocked={
        password === ''
          ? 'Type your password.'
          : code.trim() === ''
            ? 'Type a code of your app, or a recovery code.'
            : null
      }
    >
      <p>{words[act].sentence}</p>
      <PasswordInput
        label="Password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        label="Code of your app, or a recovery code"
        autoComplete="one-time-code"
        maxLength={20}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
