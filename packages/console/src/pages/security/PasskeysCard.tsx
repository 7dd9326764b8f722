import { type AnswerOf, type getMySecurity, removePasskey, renamePasskey } from '@estover/protocol';
import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { readAgain, useAction } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { Card } from '../../parts/Card.tsx';
import { ConfirmDialog, FormDialog } from '../../parts/ConfirmDialog.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { Moment } from '../../parts/figures.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { fieldProblem } from '../../problems.ts';
import { addPasskey, reasonAgainstPasskeys } from '../../session.ts';
import { withProof } from '../../step-up.ts';
import { browserInWords } from './browser-words.ts';
import styles from './security.module.css';

type Security = AnswerOf<typeof getMySecurity>;
type Passkey = Security['passkeys'][number];
type Open = { what: 'add' } | { what: 'rename' | 'remove'; passkey: Passkey } | null;

const columnsWith = (open: (next: Open) => void): Column<Passkey>[] => [
  { key: 'name', title: 'Passkey', cell: ({ name }) => name },
  { key: 'used', title: 'Last used', cell: ({ lastUsedAt }) => <Moment at={lastUsedAt} /> },
  {
    key: 'actions',
    title: 'Actions',
    cell: (passkey) => (
      <span className={styles.rowActions}>
        <Button
          size="xs"
          aria-label={`Rename ${passkey.name}`}
          onClick={() => open({ what: 'rename', passkey })}
        >
          Rename…
        </Button>
        <Button
          size="xs"
          color="bad"
          aria-label={`Remove ${passkey.name}`}
          onClick={() => open({ what: 'remove', passkey })}
        >
          Remove…
        </Button>
      </span>
    ),
  },
];

/** Passkeys of the person: added with a name, renamed, removed. */
export function PasskeysCard({ passkeys, passkeyHost }: Pick<Security, 'passkeys' | 'passkeyHost'>) {
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const add = (
    <ReasonedButton reason={reasonAgainstPasskeys(passkeyHost)} onClick={() => setOpen({ what: 'add' })}>
      Add a passkey…
    </ReasonedButton>
  );
  return (
    <Card title="Passkeys" side={passkeys.length === 0 ? undefined : add}>
      <DataTable
        label="Passkeys"
        columns={columnsWith(setOpen)}
        rows={passkeys}
        rowKey={({ passkeyId }) => passkeyId}
        isPending={false}
        error={null}
        empty={
          <EmptyState title="There is no passkey yet" action={add}>
            A passkey signs you in with the finger, face or PIN of your device: nothing to remember, and
            nothing that somebody could learn from you.
          </EmptyState>
        }
      />
      {open?.what === 'add' && <AddDialog onClose={close} />}
      {open?.what === 'rename' && <RenameDialog passkey={open.passkey} onClose={close} />}
      {open?.what === 'remove' && (
        <RemoveDialog passkey={open.passkey} isLast={passkeys.length === 1} onClose={close} />
      )}
    </Card>
  );
}

function AddDialog({ onClose }: { onClose: () => void }) {
  const cache = useQueryClient();
  const [name, setName] = useState(() => browserInWords(navigator.userAgent));
  const add = useMutation({
    mutationFn: () => withProof(() => addPasskey(name.trim())),
    onSuccess: (passkey) => {
      void readAgain(cache);
      notifyDone(`${passkey.name} signs you in from now on.`);
      onClose();
    },
  });
  return (
    <FormDialog
      title="Add a passkey"
      act="Add the passkey"
      onAct={() => add.mutate()}
      onClose={onClose}
      acting={add.isPending}
      error={add.error}
      marked={['/name']}
      blocked={name.trim() === '' ? 'Give it a name first.' : null}
    >
      <p>Your browser asks next how you want to keep it: on this device, on your phone, or on a key.</p>
      <TextInput
        label="Name"
        description="So that you know it again in the list."
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={fieldProblem(add.error, '/name')}
        data-autofocus
      />
    </FormDialog>
  );
}

function RenameDialog({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const rename = useAction(renamePasskey);
  const [name, setName] = useState(passkey.name);
  const input = { params: { passkeyId: passkey.passkeyId }, body: { name: name.trim() } };
  return (
    <FormDialog
      title={`Rename ${passkey.name}`}
      act="Rename"
      onAct={() => rename.mutate(input, { onSuccess: onClose })}
      onClose={onClose}
      acting={rename.isPending}
      error={rename.error}
      marked={['/name']}
      blocked={
        name.trim() === ''
          ? 'Give it a name first.'
          : name.trim() === passkey.name
            ? 'Nothing is changed yet.'
            : null
      }
      apiCall={<ApiCall operation={renamePasskey} input={input} />}
    >
      <TextInput
        label="Name"
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={fieldProblem(rename.error, '/name')}
        data-autofocus
      />
    </FormDialog>
  );
}

function RemoveDialog({
  passkey,
  isLast,
  onClose,
}: {
  passkey: Passkey;
  isLast: boolean;
  onClose: () => void;
}) {
  const remove = useAction(removePasskey);
  const input = { params: { passkeyId: passkey.passkeyId } };
  return (
    <ConfirmDialog
      title={`Remove ${passkey.name}`}
      act={`Remove ${passkey.name}`}
      destructive
      acting={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onAct={() =>
        remove.mutate(input, {
          onSuccess: () => {
            notifyDone(`${passkey.name} does not sign you in any more.`);
            onClose();
          },
        })
      }
      call={{ operation: removePasskey, input }}
    >
      <p>
        It does not sign you in any more.{' '}
        {isLast ? 'It is your last one: you sign in with your password then.' : ''} Delete it on your device
        as well.
      </p>
    </ConfirmDialog>
  );
}
