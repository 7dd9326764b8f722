import { grantRole } from '@estover/protocol';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { roleNames, useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { SecretOnce } from '../../parts/SecretOnce.tsx';
import { fieldProblem } from '../../problems.ts';
import type { Person } from './access-words.ts';
import {
  leastRights,
  RoleAndScope,
  type RoleAndScopeDraft,
  scopeMissing,
  useIsAdministrator,
} from './RoleAndScope.tsx';

/** Gives somebody a role. Who is new gets a link for choosing a password, shown once. */
export function InviteDialog({ person, onClose }: { person?: Person; onClose: () => void }) {
  const { accountId, name: accountName } = useAccount();
  const isAdministrator = useIsAdministrator();
  const give = useAction(grantRole);
  const [email, setEmail] = useState(person?.email ?? '');
  const [name, setName] = useState('');
  const [draft, setDraft] = useState<RoleAndScopeDraft>(() => leastRights(isAdministrator));
  const [until, setUntil] = useState('');
  const input = {
    params: { accountId },
    body: {
      email: email.trim(),
      role: draft.role,
      scope: draft.scope,
      ...(name.trim() === '' ? {} : { name: name.trim() }),
      ...(until === '' ? {} : { until: `${until}T23:59:59Z` }),
    },
  };
  const who = person?.name ?? (email.trim() === '' ? 'somebody' : email.trim());
  const link = give.data?.invitationLink ?? null;
  if (link !== null) {
    return (
      <SecretOnce title={`Invite ${who}`} what="invitation link" secret={link} onClose={onClose}>
        <p>
          Send it to {email.trim()} by a way you trust. Whoever opens it first chooses the password, and is{' '}
          {roleNames[draft.role].toLowerCase()} in {accountName} from then on.
        </p>
      </SecretOnce>
    );
  }
  return (
    <FormDialog
      title={person === undefined ? 'Invite somebody' : `Give ${person.name} a role`}
      act={
        person === undefined
          ? `Invite as ${roleNames[draft.role].toLowerCase()}`
          : `Give ${roleNames[draft.role].toLowerCase()}`
      }
      blocked={email.trim() === '' ? 'Write the mail address first.' : scopeMissing(draft)}
      acting={give.isPending}
      error={give.error}
      marked={person === undefined ? ['/email', '/name', '/until'] : ['/until']}
      onClose={onClose}
      onAct={() =>
        give.mutate(input, {
          onSuccess: ({ invitationLink, mailed }) => {
            if (invitationLink !== null) return;
            const mail = mailed ? ' A mail tells them.' : '';
            notifyDone(`${who} is ${roleNames[draft.role].toLowerCase()} now.${mail}`);
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={grantRole} input={input} />}
    >
      {person === undefined && (
        <>
          <TextInput
            label="Mail address"
            type="email"
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            error={fieldProblem(give.error, '/email')}
            data-autofocus
          />
          <TextInput
            label="Name (optional)"
            maxLength={120}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={fieldProblem(give.error, '/name')}
          />
        </>
      )}
      <RoleAndScope value={draft} onChange={setDraft} />
      <TextInput
        type="date"
        label="Until (optional)"
        description="The role ends by itself at the end of this day, UTC."
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
        error={fieldProblem(give.error, '/until')}
      />
    </FormDialog>
  );
}
