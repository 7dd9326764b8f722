import { readsLikeTeam } from '@estover/domain/accounts';
import { createAccount } from '@estover/protocol';
import { Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { SecretOnce } from '../../parts/SecretOnce.tsx';
import { TeamWarning } from '../../parts/TeamWarning.tsx';
import { fieldProblem, isProblem } from '../../problems.ts';

const kinds = [
  { value: 'customer', label: 'Customer: uses licenses' },
  { value: 'holding', label: 'Holding: keeps orders for others' },
];

const categories = [
  { value: 'A', label: 'A: everything' },
  { value: 'B', label: 'B: everything' },
  { value: 'C', label: 'C: nothing export-controlled' },
  { value: 'D', label: 'D: nothing export-controlled' },
];

/** Makes an account with its administrator, who gets a link for choosing a password. */
export function CreateAccountDialog({ onClose }: { onClose: () => void }) {
  const create = useAction(createAccount);
  const [kind, setKind] = useState<'customer' | 'holding'>('customer');
  const [name, setName] = useState('');
  const [domainIdentifier, setDomainIdentifier] = useState('');
  const [exportCategory, setExportCategory] = useState<'A' | 'B' | 'C' | 'D'>('A');
  const [administratorName, setAdministratorName] = useState('');
  const [email, setEmail] = useState('');
  const [overrideReason, setOverrideReason] = useState('');
  const isElsewhere =
    isProblem(create.error, 'approver-domain-differs') || isProblem(create.error, 'public-mail-domain');
  const input = {
    body: {
      kind,
      name: name.trim(),
      domainIdentifier: domainIdentifier.trim(),
      exportCategory,
      administrator: { name: administratorName.trim(), email: email.trim() },
      ...(overrideReason.trim() === '' ? {} : { overrideReason: overrideReason.trim() }),
    },
  };
  const link = create.data?.invitationLink ?? null;
  if (link !== null) {
    return (
      <SecretOnce title={`${name.trim()} is ready`} what="invitation link" secret={link} onClose={onClose}>
        <p>
          Send it to {email.trim()} by a way you trust. {administratorName.trim()} chooses a password with it
          and administers the account from then on.
        </p>
      </SecretOnce>
    );
  }
  const missing = Object.values(input.body.administrator).some((text) => text === '');
  return (
    <FormDialog
      title="New account"
      act={name.trim() === '' ? 'Make account' : `Make ${name.trim()}`}
      blocked={
        input.body.name === '' || input.body.domainIdentifier.length < 3
          ? 'Write the name and the domain identifier first.'
          : missing
            ? 'An account needs an administrator with a mail address.'
            : null
      }
      acting={create.isPending}
      error={create.error}
      marked={[
        '/name',
        '/domainIdentifier',
        '/administrator/name',
        '/administrator/email',
        '/overrideReason',
      ]}
      onClose={onClose}
      onAct={() =>
        create.mutate(input, {
          onSuccess: ({ account, invitationLink, mailed }) => {
            if (invitationLink !== null) return;
            const then = mailed
              ? `a mail is on its way to ${email.trim()}`
              : 'its administrator has a password already';
            notifyDone(`${account.name} is ready; ${then}.`);
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={createAccount} input={input} />}
    >
      <TextInput
        label="Name"
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={fieldProblem(create.error, '/name')}
        data-autofocus
      />
      <TextInput
        label="Domain identifier"
        description="The company’s mail domain, or one with a prefix: lab.example.com. The administrator’s address is there, or at the domain behind the prefix."
        maxLength={253}
        value={domainIdentifier}
        onChange={(event) => setDomainIdentifier(event.currentTarget.value)}
        error={fieldProblem(create.error, '/domainIdentifier')}
      />
      <Select
        label="Kind"
        data={kinds}
        allowDeselect={false}
        value={kind}
        onChange={(next) => setKind(next === 'holding' ? 'holding' : 'customer')}
      />
      <Select
        label="Export category"
        data={categories}
        allowDeselect={false}
        value={exportCategory}
        onChange={(next) => next !== null && setExportCategory(next as typeof exportCategory)}
      />
      <TextInput
        label="Administrator’s name"
        maxLength={120}
        value={administratorName}
        onChange={(event) => setAdministratorName(event.currentTarget.value)}
        error={fieldProblem(create.error, '/administrator/name')}
      />
      <TextInput
        label="Administrator’s mail address"
        type="email"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        error={fieldProblem(create.error, '/administrator/email')}
      />
      {readsLikeTeam(email.trim()) && <TeamWarning address={email.trim()} />}
      {(isElsewhere || overrideReason !== '') && (
        <Textarea
          label="Why their address is at another domain"
          description="Kept in the events. Leave it empty and name somebody at the company instead, if there is anybody."
          autosize
          minRows={2}
          maxLength={500}
          value={overrideReason}
          onChange={(event) => setOverrideReason(event.currentTarget.value.replaceAll('\n', ' '))}
          error={fieldProblem(create.error, '/overrideReason')}
        />
      )}
    </FormDialog>
  );
}
