import { addMailDomain, removeMailDomain } from '@estover/protocol';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { ConfirmDialog, FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import type { MailDomain } from './domain-words.ts';

/** Says that a mail domain is the account's; the card that comes then says how it is proved. */
export function AddDomainDialog({ onClose }: { onClose: () => void }) {
  const { accountId } = useAccount();
  const add = useAction(addMailDomain);
  const [domain, setDomain] = useState('');
  const input = { params: { accountId }, body: { domain: domain.trim() } };
  return (
    <FormDialog
      title="Add a mail domain"
      act="Add the mail domain"
      onAct={() =>
        add.mutate(input, {
          onSuccess: ({ mailDomain }) => {
            notifyDone(`Added ${mailDomain.domain}. Prove next that it is yours.`);
            onClose();
          },
        })
      }
      onClose={onClose}
      acting={add.isPending}
      error={add.error}
      blocked={domain.trim() === '' ? 'Type the mail domain.' : null}
      apiCall={<ApiCall operation={addMailDomain} input={input} />}
    >
      <TextInput
        label="Mail domain"
        description="What follows the @ in the addresses of your people, like example.com."
        maxLength={253}
        autoComplete="off"
        value={domain}
        onChange={(event) => setDomain(event.currentTarget.value)}
        data-autofocus
      />
    </FormDialog>
  );
}

/** Removes a mail domain with its single sign-on. What is on asks for the name. */
export function RemoveDomainDialog({
  mailDomain: { mailDomainId, domain, singleSignOn },
  onClose,
}: {
  mailDomain: MailDomain;
  onClose: () => void;
}) {
  const { accountId } = useAccount();
  const remove = useAction(removeMailDomain);
  const input = { params: { accountId, mailDomainId } };
  return (
    <ConfirmDialog
      title={`Remove ${domain}`}
      act={`Remove ${domain}`}
      destructive
      {...(singleSignOn !== null && { typeName: domain })}
      acting={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onAct={() =>
        remove.mutate(input, {
          onSuccess: () => {
            notifyDone(`Removed the mail domain ${domain}.`);
            onClose();
          },
        })
      }
      call={{ operation: removeMailDomain, input }}
    >
      <p>
        {singleSignOn === null
          ? 'Nothing hangs on it yet.'
          : `Its single sign-on goes, and everybody who is linked with it is unlinked. People of ${domain} sign in with a password again.`}
      </p>
    </ConfirmDialog>
  );
}
