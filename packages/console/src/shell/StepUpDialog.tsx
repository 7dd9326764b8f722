import { getMySecurity } from '@estover/protocol';
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useOperation } from '../api.ts';
import { FormDialog } from '../parts/ConfirmDialog.tsx';
import { ReasonedButton } from '../parts/ReasonedButton.tsx';
import { proveAgain, proveAgainWithPasskey, proveAtCompany, reasonAgainstPasskeys } from '../session.ts';
import { giveUp, goOn } from '../step-up.ts';

/** Asks again who the person is, and then goes on with what they were about to do. */
export default function StepUpDialog() {
  const { data } = useOperation(getMySecurity, {});
  const [way, setWay] = useState<'password' | 'code'>('password');
  const [typed, setTyped] = useState('');
  const prove = useMutation({
    mutationFn: () => proveAgain(way === 'password' ? { password: typed } : { code: typed.trim() }),
    onSuccess: goOn,
  });
  const withPasskey = useMutation({ mutationFn: proveAgainWithPasskey, onSuccess: goOn });
  const atCompany = useMutation({
    mutationFn: () => proveAtCompany(`${window.location.pathname}${window.location.search}`),
    onSuccess: (url) => window.location.assign(url),
  });
  const change = (next: 'password' | 'code') => {
    setWay(next);
    setTyped('');
    prove.reset();
  };
  const hasPasskey = (data?.passkeys.length ?? 0) > 0;
  return (
    <FormDialog
      title="Is it still you?"
      act="Go on"
      onAct={() => {
        withPasskey.reset();
        prove.mutate();
      }}
      onClose={giveUp}
      acting={prove.isPending}
      error={prove.error ?? withPasskey.error ?? atCompany.error}
      blocked={
        typed.trim() !== '' ? null : way === 'password' ? 'Type your password.' : 'Type a code of your app.'
      }
    >
      <p>You signed in a while ago, and this is worth asking again. For 15 minutes nothing else is asked.</p>
      {way === 'password' ? (
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
      ) : (
        <TextInput
          label="Code of your app, or a recovery code"
          autoComplete="one-time-code"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
      )}
      {data?.totp.isOn === true && (
        <Button type="button" onClick={() => change(way === 'password' ? 'code' : 'password')}>
          {way === 'password' ? 'Use a code instead' : 'Use the password instead'}
        </Button>
      )}
      {data !== undefined && data.singleSignOn !== null && data.identities.length > 0 && (
        <>
          <Button type="button" loading={atCompany.isPending} onClick={() => atCompany.mutate()}>
            Sign in at {data.singleSignOn.domain} again
          </Button>
          <p>You come back to this page. Then do again what you were about to do.</p>
        </>
      )}
      {hasPasskey && (
        <ReasonedButton
          type="button"
          reason={reasonAgainstPasskeys(data?.passkeyHost)}
          loading={withPasskey.isPending}
          onClick={() => {
            prove.reset();
            withPasskey.mutate();
          }}
        >
          Use a passkey instead
        </ReasonedButton>
      )}
    </FormDialog>
  );
}
