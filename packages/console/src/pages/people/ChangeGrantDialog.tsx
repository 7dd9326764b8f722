import { roleLevels, sameScope } from '@estover/domain/access';
import { listSellers, updateGrant } from '@estover/protocol';
import { Autocomplete, TextInput } from '@mantine/core';
import { useState } from 'react';
import { roleNames, useAccount } from '../../account.tsx';
import { useAction, useOperation } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { SecretOnce } from '../../parts/SecretOnce.tsx';
import { fieldProblem } from '../../problems.ts';
import { shown } from '../../shown.ts';
import { keysEnded } from '../groups/group-words.ts';
import type { Grant, Person, Scope } from './access-words.ts';
import { ScopeChoice, scopeMissing, useIsAdministrator } from './RoleAndScope.tsx';

interface ChangeGrantDialogProps {
  person: Person;
  grant: Grant;
  onClose: () => void;
}

/** Changes when a role ends and where it reaches, and for a partner with no other role whose lots they see. */
export function ChangeGrantDialog({ person, grant, onClose }: ChangeGrantDialogProps) {
  const { accountId } = useAccount();
  const isAdministrator = useIsAdministrator();
  const change = useAction(updateGrant);
  const [scope, setScope] = useState<Scope>(grant.scope);
  const dayBefore = grant.until?.slice(0, 10) ?? '';
  const [until, setUntil] = useState(dayBefore);
  const [seller, setSeller] = useState(grant.soldBy ?? '');
  const soldBy = seller.trim() === '' ? null : seller.trim();
  const role = roleNames[grant.role].toLowerCase();
  const body = {
    ...(sameScope(scope, grant.scope) ? {} : { scope }),
    // An end that nobody touched stays to the second.
    ...(until === dayBefore ? {} : { until: until === '' ? null : `${until}T23:59:59Z` }),
    ...(soldBy === grant.soldBy ? {} : { soldBy }),
  };
  const input = { params: { accountId, grantId: grant.grantId }, body };
  const link = change.data?.invitationLink ?? null;
  if (link !== null) {
    return (
      <SecretOnce
        title={`The role of ${shown(person.name)} is changed`}
        what="invitation link"
        secret={link}
        onClose={onClose}
      >
        <p>
          {shown(person.name)} has not come yet, and the link of before does not work any more. Send this one
          to {shown(person.email)} by a way you trust.
        </p>
      </SecretOnce>
    );
  }
  return (
    <FormDialog
      title={`Change a role of ${person.name}`}
      act={`Change ${role}`}
      blocked={
        scopeMissing({ role: grant.role, scope }) ??
        (Object.keys(body).length === 0 ? 'Nothing is different yet.' : null)
      }
      acting={change.isPending}
      error={change.error}
      marked={['/until', '/soldBy']}
      onClose={onClose}
      onAct={() =>
        change.mutate(input, {
          onSuccess: ({ invitationLink, mailed, apiKeysRevoked }) => {
            if (invitationLink !== null) return;
            const mail = mailed ? ' A mail tells them.' : '';
            notifyDone(`${person.name} is ${role} as you set it.${mail}${keysEnded(apiKeysRevoked)}`);
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={updateGrant} input={input} />}
    >
      <p>
        {person.name} stays {role}. For another role, give it and take this one away.
      </p>
      <ScopeChoice
        levels={roleLevels[grant.role].filter((level) => isAdministrator || level === 'virtual-account')}
        scope={scope}
        onChange={setScope}
      />
      <TextInput
        type="date"
        label="Until (optional)"
        description="The role ends by itself at the end of this day, UTC. Leave it empty for no end."
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
        error={fieldProblem(change.error, '/until')}
        data-autofocus
      />
      {person.partner && person.grants.length === 1 && (
        <SellerField value={seller} onChange={setSeller} error={fieldProblem(change.error, '/soldBy')} />
      )}
    </FormDialog>
  );
}

interface SellerFieldProps {
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
}

function SellerField({ value, onChange, error }: SellerFieldProps) {
  const { accountId } = useAccount();
  const sellers = useOperation(listSellers, { params: { accountId } });
  return (
    <Autocomplete
      label="Sees only lots sold by (optional)"
      description="The buyer of the orders. With it they change nothing, and API keys they made end."
      data={sellers.data?.items.map((one) => one.seller) ?? []}
      value={value}
      maxLength={200}
      onChange={onChange}
      error={error}
    />
  );
}
