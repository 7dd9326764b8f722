import { inviteOrderContact } from '@estover/protocol';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { fieldProblem } from '../../problems.ts';

/**
 * Asks a customer which account orders are for; the pending account can be ordered for at once. With `waitsIn` they are
 * asked about orders that wait in that pending account.
 */
export function AskContactDialog({ waitsIn, onClose }: { waitsIn?: string; onClose: () => void }) {
  const invite = useAction(inviteOrderContact);
  const [companyName, setCompanyName] = useState('');
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const input = {
    body: {
      companyName: companyName.trim(),
      contact: { name: name.trim(), email: email.trim() },
      ...(waitsIn === undefined ? {} : { accountId: waitsIn }),
    },
  };
  const isMissing = [companyName, name, email].some((text) => text.trim() === '');
  return (
    <FormDialog
      title="Ask a customer for their account"
      act={email.trim() === '' ? 'Ask' : `Ask ${email.trim()}`}
      blocked={isMissing ? 'Write the company, and whom to ask.' : null}
      acting={invite.isPending}
      error={invite.error}
      marked={['/companyName', '/contact/name', '/contact/email']}
      onClose={onClose}
      onAct={() =>
        invite.mutate(input, {
          onSuccess: ({ account, sendsMail }) => {
            const then = sendsMail ? `a mail is on its way to ${email.trim()}` : 'the link is in the outbox';
            notifyDone(
              waitsIn === undefined
                ? `Book the orders for the account ${account.name}; ${then}.`
                : `The orders of ${account.name} wait for an answer; ${then}.`,
            );
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={inviteOrderContact} input={input} />}
    >
      <p>
        They choose an account of theirs or ask for one. Until then{' '}
        {waitsIn === undefined
          ? 'orders can be booked for the pending account with the company’s name, and wait.'
          : 'the lines wait; a link that was sent before ends.'}
      </p>
      <TextInput
        label="Company"
        maxLength={120}
        value={companyName}
        onChange={(event) => setCompanyName(event.currentTarget.value)}
        error={fieldProblem(invite.error, '/companyName')}
        data-autofocus
      />
      <TextInput
        label="Contact’s name"
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={fieldProblem(invite.error, '/contact/name')}
      />
      <TextInput
        label="Contact’s mail address"
        type="email"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        error={fieldProblem(invite.error, '/contact/email')}
      />
    </FormDialog>
  );
}
