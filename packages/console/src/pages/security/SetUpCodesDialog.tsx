import { PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { readAgain } from '../../api.ts';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { CopyButton } from '../../parts/CopyButton.tsx';
import dialogs from '../../parts/dialogs.module.css';
import { notifyDone } from '../../parts/notify.tsx';
import { confirmCodes, startCodes } from '../../session.ts';
import { QrPicture } from './QrPicture.tsx';
import styles from './security.module.css';

interface SetUpProps {
  onClose: () => void;
  onDone: (recoveryCodes: string[]) => void;
}

/** Turns codes on in two steps: the password, and then the first code of the app. */
export function SetUpCodesDialog({ onClose, onDone }: SetUpProps) {
  const [password, setPassword] = useState('');
  const start = useMutation({ mutationFn: () => startCodes(password) });
  if (start.data !== undefined) {
    return <FirstCodeDialog secret={start.data} onClose={onClose} onDone={onDone} />;
  }
  return (
    <FormDialog
      title="Turn codes on"
      act="Show the secret"
      onAct={() => start.mutate()}
      onClose={onClose}
      acting={start.isPending}
      error={start.error}
      blocked={password === '' ? 'Type your password.' : null}
    >
      <p>You need an authenticator app on your phone. It makes a new code every 30 seconds.</p>
      <PasswordInput
        label="Password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        data-autofocus
      />
    </FormDialog>
  );
}

function FirstCodeDialog({
  secret: { secret, uri },
  onClose,
  onDone,
}: SetUpProps & { secret: { secret: string; uri: string } }) {
  const cache = useQueryClient();
  const [code, setCode] = useState('');
  const confirm = useMutation({
    mutationFn: () => confirmCodes(code),
    onSuccess: (recoveryCodes) => {
      notifyDone('Sign-in asks for a code from now on.');
      void readAgain(cache);
      onDone(recoveryCodes);
    },
  });
  return (
    <FormDialog
      title="Turn codes on"
      act="Turn on"
      onAct={() => confirm.mutate()}
      onClose={onClose}
      acting={confirm.isPending}
      error={confirm.error}
      blocked={/^\d{6}$/.test(code.replaceAll(' ', '')) ? null : 'Type the six digits that the app shows.'}
    >
      <div className={styles.setUp}>
        <QrPicture text={uri} label="The secret, for the camera of your authenticator app" />
        <div>
          <p>Scan the picture with the app, or type the secret into it.</p>
        </div>
      </div>
      <div className={dialogs.secret}>
        <code>{secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code>
        <CopyButton value={secret} label="Copy the secret" />
      </div>
      <TextInput
        label="Code that the app shows now"
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={7}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        data-autofocus
      />
    </FormDialog>
  );
}
