import { readsLikeTeam } from '@estover/domain/accounts';
import { requestAccountForCustomer } from '@estover/protocol';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { fieldProblem } from '../../problems.ts';
import { ExistingAccount } from '../request-account/ExistingAccount.tsx';
import { CompanyFields } from '../request-account/RequestFields.tsx';
import { domainOf, emptyDraft, markedFields, type RequestDraft } from '../request-account/request-draft.ts';

const kinds = ['customer', 'limited-use'] as const;

/** A partner asks for a customer's account, and names who accepts it there. */
export function AskForCustomerDialog({ onClose }: { onClose: () => void }) {
  const { accountId } = useAccount();
  const ask = useAction(requestAccountForCustomer);
  const [draft, setDraft] = useState<RequestDraft>(emptyDraft);
  const set = (change: Partial<RequestDraft>) => setDraft((was) => ({ ...was, ...change }));
  const approverEmail = draft.approverEmail.trim();
  const companyName = draft.companyName.trim();
  const input = {
    params: { accountId },
    body: {
      kind: draft.kind === 'limited-use' ? draft.kind : ('customer' as const),
      companyName,
      ...domainOf(draft),
      approverEmail,
    },
  };
  const blocked =
    companyName === ''
      ? 'Write the company first.'
      : draft.kind !== 'limited-use' && draft.mailDomain.trim() === ''
        ? 'Write its mail domain.'
        : approverEmail === ''
          ? 'Name who accepts at the customer.'
          : null;
  return (
    <FormDialog
      title="Ask for a customer’s account"
      act={companyName === '' ? 'Ask' : `Ask for ${companyName}`}
      blocked={blocked}
      acting={ask.isPending}
      error={ask.error}
      marked={markedFields}
      onClose={onClose}
      onAct={() =>
        ask.mutate(input, {
          onSuccess: ({ request, sendsMail }) => {
            const then =
              request.state === 'under-review'
                ? 'its prefix is reviewed first'
                : sendsMail
                  ? `a mail is on its way to ${approverEmail}`
                  : 'the operator finds the link in the outbox';
            notifyDone(`Asked for ${request.domainIdentifier}; ${then}.`);
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={requestAccountForCustomer} input={input} />}
    >
      <CompanyFields draft={draft} set={set} error={ask.error} kinds={kinds} />
      <ExistingAccount draft={draft} />
      <TextInput
        label="Who accepts at the customer"
        description={
          readsLikeTeam(approverEmail)
            ? 'This looks like an address that a team shares: a person’s own is better, for the events say who accepted.'
            : 'Their mail address at the company. They get a mail, read the agreement and administer the account.'
        }
        type="email"
        value={draft.approverEmail}
        onChange={(event) => set({ approverEmail: event.currentTarget.value })}
        error={fieldProblem(ask.error, '/approverEmail')}
      />
    </FormDialog>
  );
}
