import { PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { FormDialog } from '../parts/ConfirmDialog.tsx';
import { notifyDone } from '../parts/notify.tsx';
import { changePassword } from '../session.ts';

/** The shortest password the server takes. */
const shortest = 12;

export default function ChangePasswordDialog({ onClose }: { onClose: () => void }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({
    mutationFn: () => changePassword(current, next),
    onSuccess: () => {
      notifyDone('Password changed. Your other sessions have ended.');
      onClose();
    },
  });
  const blocked =
    current === ''
      ? 'Type the current password.'
      : next.length < shortest
        ? `The new password needs at least ${shortest} characters.`
        : null;
  return (
    <FormDialog
      title="Change password"
      act="Change password"
      onAct={() => change.mutate()}
      onClose={onClose}
      acting={change.isPending}
      error={change.error}
      blocked={blocked}
    >
      <PasswordInput
        label="Current password"
        autoComplete="current-password"
        value={current}
        onChange={(event) => setCurrent(event.currentTarget.value)}
        data-autofocus
      />
      <PasswordInput
        label="New password"
        description={`At least ${shortest} characters. Your other sessions end.`}
        autoComplete="new-password"
        value={next}
        onChange={(event) => setNext(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
