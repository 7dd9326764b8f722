import {
  addressKindNames,
  type Cadence,
  type SubscribedKindName,
  subscribedKind,
} from '@estover/domain/notifications';
import {
  type AnswerOf,
  addNotificationAddress,
  type listNotificationAddresses,
  removeNotificationAddress,
  updateNotificationAddress,
} from '@estover/protocol';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { ConfirmDialog, FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { fieldProblem } from '../../problems.ts';
import { CadenceSelect } from './CadenceSelect.tsx';
import styles from './notifications.module.css';

export type Address = AnswerOf<typeof listNotificationAddresses>['addresses'][number];
type Cadences = Partial<Record<SubscribedKindName, Cadence>>;

const choicesOf = (cadences: Cadences) =>
  addressKindNames.map((kind) => ({ kind, cadence: cadences[kind] ?? ('off' as const) }));

/** How often an address hears of each kind. */
function Kinds({ cadences, onChange }: { cadences: Cadences; onChange: (cadences: Cadences) => void }) {
  return (
    <fieldset className={styles.kinds}>
      <legend className="visually-hidden">What it hears of</legend>
      {addressKindNames.map((kind) => (
        <div key={kind} className={styles.kind}>
          <span>{subscribedKind(kind).name}</span>
          <CadenceSelect
            label={subscribedKind(kind).name}
            value={cadences[kind] ?? 'off'}
            onChange={(cadence) => onChange({ ...cadences, [kind]: cadence })}
          />
        </div>
      ))}
    </fieldset>
  );
}

const missing = (cadences: Cadences): string | null =>
  choicesOf(cadences).every(({ cadence }) => cadence === 'off') ? 'Choose at least one kind.' : null;

export function AddAddressDialog({ onClose }: { onClose: () => void }) {
  const { accountId } = useAccount();
  const add = useAction(addNotificationAddress);
  const [email, setEmail] = useState('');
  const [cadences, setCadences] = useState<Cadences>({ shortage: 'immediate', 'ending-30': 'daily' });
  const input = { params: { accountId }, body: { email: email.trim(), choices: choicesOf(cadences) } };
  return (
    <FormDialog
      title="Add an address"
      act="Ask the address to confirm"
      blocked={email.trim() === '' ? 'Write the address first.' : missing(cadences)}
      acting={add.isPending}
      error={add.error}
      marked={['/email']}
      onClose={onClose}
      onAct={() =>
        add.mutate(input, {
          onSuccess: ({ address, mailed }) => {
            notifyDone(
              mailed
                ? `${address.email} is asked to confirm.`
                : `The mail to ${address.email} is kept in the outbox.`,
            );
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={addNotificationAddress} input={input} />}
    >
      <TextInput
        label="Mail address"
        description="Inside the mail domain of the account, such as that of a team. It gets a link, and nothing else before it has confirmed."
        type="email"
        maxLength={254}
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        error={fieldProblem(add.error, '/email')}
      />
      <Kinds cadences={cadences} onChange={setCadences} />
    </FormDialog>
  );
}

export function EditAddressDialog({ address, onClose }: { address: Address; onClose: () => void }) {
  const { accountId } = useAccount();
  const update = useAction(updateNotificationAddress);
  const [cadences, setCadences] = useState<Cadences>(
    Object.fromEntries(address.kinds.map(({ kind, cadence }) => [kind, cadence])),
  );
  const { addressId } = address;
  const input = { params: { accountId, addressId }, body: { choices: choicesOf(cadences) } };
  return (
    <FormDialog
      title={`What ${address.email} hears of`}
      act="Save what it hears of"
      blocked={missing(cadences)}
      acting={update.isPending}
      error={update.error}
      onClose={onClose}
      onAct={() =>
        update.mutate(input, {
          onSuccess: () => {
            notifyDone('Saved.');
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={updateNotificationAddress} input={input} />}
    >
      <Kinds cadences={cadences} onChange={setCadences} />
    </FormDialog>
  );
}

export function RemoveAddressDialog({ address, onClose }: { address: Address; onClose: () => void }) {
  const { accountId } = useAccount();
  const remove = useAction(removeNotificationAddress);
  const input = { params: { accountId, addressId: address.addressId } };
  return (
    <ConfirmDialog
      title={`Remove ${address.email}`}
      act={`Remove ${address.email}`}
      acting={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onAct={() =>
        remove.mutate(input, {
          onSuccess: () => {
            notifyDone(`${address.email} is removed.`);
            onClose();
          },
        })
      }
      call={{ operation: removeNotificationAddress, input }}
    >
      <p>It hears nothing of the account any more. It may be added again.</p>
    </ConfirmDialog>
  );
}
