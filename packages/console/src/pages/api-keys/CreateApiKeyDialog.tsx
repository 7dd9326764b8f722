import { createApiKey } from '@estover/protocol';
import { NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { SecretOnce } from '../../parts/SecretOnce.tsx';
import { fieldProblem } from '../../problems.ts';
import {
  leastRights,
  RoleAndScope,
  type RoleAndScopeDraft,
  scopeMissing,
  useIsAdministrator,
} from '../people/RoleAndScope.tsx';
import { UseOfSecret } from './UseOfSecret.tsx';

const usualDays = 365;

/** Makes an API client and shows its secret once. */
export function CreateApiKeyDialog({ onClose }: { onClose: () => void }) {
  const { accountId } = useAccount();
  const isAdministrator = useIsAdministrator();
  const create = useAction(createApiKey);
  const [name, setName] = useState('');
  const [draft, setDraft] = useState<RoleAndScopeDraft>(() => leastRights(isAdministrator));
  const [days, setDays] = useState<number | string>(usualDays);
  const input = {
    params: { accountId },
    body: {
      name: name.trim(),
      role: draft.role,
      scope: draft.scope,
      ...(days === '' ? {} : { expiresInDays: Number(days) }),
    },
  };
  if (create.data !== undefined) {
    return (
      <SecretOnce
        title={`The client ${name.trim()} is made`}
        what="client secret"
        secret={create.data.secret}
        onClose={onClose}
      >
        <UseOfSecret clientId={create.data.apiKey.apiKeyId} />
      </SecretOnce>
    );
  }
  return (
    <FormDialog
      title="New API client"
      act={name.trim() === '' ? 'Make client' : `Make client ${name.trim()}`}
      blocked={name.trim() === '' ? 'Give it a name first.' : scopeMissing(draft)}
      acting={create.isPending}
      error={create.error}
      marked={['/name', '/expiresInDays']}
      onClose={onClose}
      onAct={() => create.mutate(input)}
      apiCall={<ApiCall operation={createApiKey} input={input} />}
    >
      <TextInput
        label="Name"
        description="The program that uses it."
        maxLength={120}
        required
        withAsterisk={false}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={fieldProblem(create.error, '/name')}
        data-autofocus
      />
      <RoleAndScope value={draft} onChange={setDraft} />
      <NumberInput
        label="Valid for days (optional)"
        description="From 1 to 730; empty means it does not end by itself."
        min={1}
        max={730}
        allowDecimal={false}
        value={days}
        onChange={setDays}
        error={fieldProblem(create.error, '/expiresInDays')}
      />
    </FormDialog>
  );
}
