import { operations } from '@estover/protocol';
import { TagsInput, TextInput } from '@mantine/core';
import { fieldProblem } from '../../problems.ts';
import type { Scope } from '../people/access-words.ts';
import { ScopeChoice } from '../people/RoleAndScope.tsx';

export interface WebhookDraft {
  description: string;
  url: string;
  scope: Scope;
  operations: string[];
  objectKinds: string[];
}

/** Operations that change something in an account. */
const operationNames = [...operations.values()]
  .filter(({ method, permission }) => method !== 'GET' && permission.at === 'account')
  .map(({ name }) => name)
  .sort();

const usualKinds = [
  'account',
  'alert',
  'api-key',
  'grant',
  'group',
  'movement',
  'product-instance',
  'token',
  'virtual-account',
  'webhook',
];

/** Why it cannot be saved like this yet, or null. */
export function draftMissing({ description, url, scope }: WebhookDraft): string | null {
  if (description.trim() === '') return 'Say first what it is for.';
  if (url.trim() === '') return 'Give its address.';
  if (scope.kind === 'virtual-accounts' && scope.virtualAccounts.length === 0)
    return 'Choose at least one virtual account.';
  return null;
}

/** The fields that show beside themselves what is wrong with them. */
export const markedFields = ['/description', '/url'];

export function WebhookFields(props: {
  value: WebhookDraft;
  onChange: (value: WebhookDraft) => void;
  error: unknown;
}) {
  const { value, onChange, error } = props;
  const set = (change: Partial<WebhookDraft>) => onChange({ ...value, ...change });
  return (
    <>
      <TextInput
        label="What it is for"
        maxLength={200}
        required
        withAsterisk={false}
        value={value.description}
        onChange={(event) => set({ description: event.currentTarget.value })}
        error={fieldProblem(error, '/description')}
        data-autofocus
      />
      <TextInput
        label="Address"
        description="https://…, at a host of the public Internet."
        maxLength={2_000}
        required
        withAsterisk={false}
        type="url"
        value={value.url}
        onChange={(event) => set({ url: event.currentTarget.value })}
        error={fieldProblem(error, '/url')}
      />
      <ScopeChoice
        levels={['account', 'virtual-account']}
        scope={value.scope}
        onChange={(scope) => set({ scope })}
      />
      <TagsInput
        label="Operations (optional)"
        description="Empty means all, unless kinds of objects are chosen."
        data={operationNames}
        value={value.operations}
        onChange={(chosen) => set({ operations: chosen })}
        maxTags={100}
        clearable
        clearButtonProps={{ 'aria-label': 'Clear the operations' }}
      />
      <TagsInput
        label="Kinds of objects (optional)"
        description="Whatever happens to one of these is sent as well."
        data={usualKinds}
        value={value.objectKinds}
        onChange={(chosen) => set({ objectKinds: chosen })}
        maxTags={100}
        clearable
        clearButtonProps={{ 'aria-label': 'Clear the kinds of objects' }}
      />
    </>
  );
}
