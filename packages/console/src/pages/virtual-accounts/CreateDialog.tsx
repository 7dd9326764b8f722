import { createVirtualAccount } from '@estover/protocol';
import { Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { formatPath } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { VirtualAccountSelect } from '../../parts/VirtualAccountPicker.tsx';
import { fieldProblem } from '../../problems.ts';

export const accessLevels = [
  { value: 'restricted', label: 'Restricted: partners do not see its name' },
  { value: 'unrestricted', label: 'Unrestricted: partners see its name' },
];

/** Makes a virtual account, at the top or under another one. */
export function CreateDialog({ parentId, onClose }: { parentId: string | null; onClose: () => void }) {
  const account = useAccount();
  const create = useAction(createVirtualAccount);
  const [name, setName] = useState('');
  const [parent, setParent] = useState(parentId);
  const [description, setDescription] = useState('');
  const [accessLevel, setAccessLevel] = useState<'restricted' | 'unrestricted'>('restricted');
  const mayTop = account.may('create-top-level-virtual-account');
  const input = {
    params: { accountId: account.accountId },
    body: { name: name.trim(), parentId: parent, description: description.trim(), accessLevel },
  };
  const blocked =
    name.trim() === ''
      ? 'Give it a name.'
      : parent === null && !mayTop
        ? 'Choose a parent: your roles make none at the top.'
        : null;
  return (
    <FormDialog
      title="Create a virtual account"
      act={name.trim() === '' ? 'Create' : `Create ${name.trim()}`}
      onAct={() =>
        create.mutate(input, {
          onSuccess: ({ virtualAccount }) => {
            notifyDone(`Created ${formatPath(virtualAccount.path)}.`);
            onClose();
          },
        })
      }
      onClose={onClose}
      acting={create.isPending}
      error={create.error}
      marked={['/name']}
      blocked={blocked}
      apiCall={<ApiCall operation={createVirtualAccount} input={input} />}
    >
      <TextInput
        label="Name"
        description="Unique among its siblings."
        maxLength={80}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={fieldProblem(create.error, '/name')}
        data-autofocus
      />
      <VirtualAccountSelect
        label="Under"
        placeholder={mayTop ? 'At the top' : 'Choose a parent'}
        clearable
        value={parent}
        onChange={setParent}
      />
      <Textarea
        label="Description"
        maxLength={500}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <Select
        label="Access level"
        allowDeselect={false}
        data={accessLevels}
        value={accessLevel}
        onChange={(level) => setAccessLevel(level === 'unrestricted' ? level : 'restricted')}
      />
    </FormDialog>
  );
}
