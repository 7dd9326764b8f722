import { updateVirtualAccount } from '@estover/protocol';
import { Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import type { VirtualAccount } from '../../parts/virtual-accounts.ts';
import { fieldProblem } from '../../problems.ts';
import { accessLevels } from './CreateDialog.tsx';

/** Renames or describes a virtual account, or changes who sees its name. Sends only what was changed. */
export function EditDialog({
  virtualAccount,
  onClose,
}: {
  virtualAccount: VirtualAccount;
  onClose: () => void;
}) {
  const { accountId } = useAccount();
  const update = useAction(updateVirtualAccount);
  const [name, setName] = useState(virtualAccount.name);
  const [description, setDescription] = useState(virtualAccount.description);
  const [accessLevel, setAccessLevel] = useState(virtualAccount.accessLevel);
  const body = {
    ...(name.trim() === virtualAccount.name ? {} : { name: name.trim() }),
    ...(description.trim() === virtualAccount.description ? {} : { description: description.trim() }),
    ...(accessLevel === virtualAccount.accessLevel ? {} : { accessLevel }),
  };
  const input = { params: { accountId, virtualAccountId: virtualAccount.virtualAccountId }, body };
  const blocked =
    name.trim() === ''
      ? 'Give it a name.'
      : Object.keys(body).length === 0
        ? 'Nothing is changed yet.'
        : null;
  return (
    <FormDialog
      title={`Change ${virtualAccount.name}`}
      act={`Change ${virtualAccount.name}`}
      onAct={() =>
        update.mutate(input, {
          onSuccess: () => {
            notifyDone(`Changed ${name.trim()}.`);
            onClose();
          },
        })
      }
      onClose={onClose}
      acting={update.isPending}
      error={update.error}
      marked={['/name']}
      blocked={blocked}
      apiCall={<ApiCall operation={updateVirtualAccount} input={input} />}
    >
      <TextInput
        label="Name"
        description="Unique among its siblings. Rights follow the virtual account, not its name."
        maxLength={80}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={fieldProblem(update.error, '/name')}
        data-autofocus
      />
      <Textarea
        label="Description"
        maxLength={500}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <Select
        label="Access level"
        description={
          virtualAccount.isDefault ? 'The default virtual account cannot be restricted.' : undefined
        }
        allowDeselect={false}
        data={accessLevels}
        value={accessLevel}
        onChange={(level) => setAccessLevel(level === 'unrestricted' ? level : 'restricted')}
      />
    </FormDialog>
  );
}
