import { listTagKeys, tagVirtualAccount } from '@estover/protocol';
import { Select } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction, useOperation } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import type { VirtualAccount } from '../../parts/virtual-accounts.ts';
import { paths } from '../../paths.ts';

/** Stands for no value in the list: an id is never like this. */
const none = 'none';

/** Sets and clears the values that a virtual account carries: at most one of each key. Sends only what was changed. */
export function TagsDialog({
  virtualAccount,
  onClose,
}: {
  virtualAccount: VirtualAccount;
  onClose: () => void;
}) {
  const { accountId } = useAccount();
  const { virtualAccountId, name } = virtualAccount;
  const defined = useOperation(listTagKeys, { params: { accountId } });
  const keys = defined.data?.items ?? [];
  const set = useAction(tagVirtualAccount);
  const [chosen, setChosen] = useState<Record<string, string | null>>({});
  const carried = (tagKeyId: string): string | null =>
    virtualAccount.tags.find((tag) => tag.tagKeyId === tagKeyId)?.tagValueId ?? null;
  const tags = Object.entries(chosen)
    .filter(([tagKeyId, tagValueId]) => carried(tagKeyId) !== tagValueId)
    .map(([tagKeyId, tagValueId]) => ({ tagKeyId, tagValueId }));
  const input = { params: { accountId, virtualAccountId }, body: { tags } };
  return (
    <FormDialog
      title={`Tags of ${name}`}
      act={`Set tags of ${name}`}
      onAct={() =>
        set.mutate(input, {
          onSuccess: () => {
            notifyDone(`Tags of ${name} are set.`);
            onClose();
          },
        })
      }
      onClose={onClose}
      acting={set.isPending}
      error={set.error}
      blocked={tags.length === 0 ? 'Nothing is changed yet.' : null}
      apiCall={tags.length > 0 && <ApiCall operation={tagVirtualAccount} input={input} />}
    >
      {defined.error !== null && (
        <ProblemNotice error={defined.error} onRetry={() => void defined.refetch()} />
      )}
      {defined.data !== undefined && keys.length === 0 && (
        <p>
          No tag is defined yet. An account administrator defines them in the{' '}
          <PlaceLink to={paths.tags(accountId)}>settings</PlaceLink>.
        </p>
      )}
      {keys.map(({ tagKeyId, name: key, values }) => (
        <Select
          key={tagKeyId}
          label={key}
          allowDeselect={false}
          searchable
          nothingFoundMessage="No value has this name"
          data={[
            { value: none, label: 'None' },
            ...values.map(({ tagValueId, name: label }) => ({ value: tagValueId, label })),
          ]}
          value={(chosen[tagKeyId] === undefined ? carried(tagKeyId) : chosen[tagKeyId]) ?? none}
          onChange={(tagValueId) =>
            setChosen((before) => ({ ...before, [tagKeyId]: tagValueId === none ? null : tagValueId }))
          }
        />
      ))}
    </FormDialog>
  );
}
