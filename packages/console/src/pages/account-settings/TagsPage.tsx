import { maximumTagKeys } from '@estover/domain/accounts';
import { listTagKeys } from '@estover/protocol';
import { type ReactNode, useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useOperation } from '../../api.ts';
import { count } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { paths } from '../../paths.ts';
import styles from './account-settings.module.css';
import { DeleteTagDialog } from './DeleteTagDialog.tsx';
import { DefineTagDialog, EditTagDialog, type TagKey } from './TagDialogs.tsx';

const columnsWith = (accountId: string, actions: (key: TagKey) => ReactNode): Column<TagKey>[] => {
  const carrying = (tag: string, virtualAccounts: number) => (
    <PlaceLink to={paths.virtualAccounts(accountId, { tag })}>
      {count(virtualAccounts, 'virtual account')}
    </PlaceLink>
  );
  return [
    { key: 'name', title: 'Tag', cell: ({ name }) => <b className={styles.tagName}>{name}</b> },
    {
      key: 'values',
      title: 'Values',
      width: '45%',
      cell: ({ values }) => (
        <ul className={styles.values}>
          {values.map(({ tagValueId, name, virtualAccounts }) => (
            <li key={tagValueId}>
              {virtualAccounts === 0 ? (
                name
              ) : (
                <PlaceLink
                  to={paths.virtualAccounts(accountId, { tag: tagValueId })}
                  title={count(virtualAccounts, 'virtual account')}
                >
                  {name}
                </PlaceLink>
              )}
            </li>
          ))}
        </ul>
      ),
    },
    {
      key: 'carried',
      title: 'Carried by',
      cell: ({ tagKeyId, virtualAccounts }) =>
        virtualAccounts === 0 ? 'none' : carrying(tagKeyId, virtualAccounts),
    },
    { key: 'actions', title: 'Actions', cell: actions },
  ];
};

/** The tags that virtual accounts of the account may carry: keys, each with the values it allows. */
export default function TagsPage() {
  const account = useAccount();
  const { accountId } = account;
  const list = useOperation(listTagKeys, { params: { accountId } });
  const keys = list.data?.items ?? [];
  const [defining, setDefining] = useState(false);
  const [editing, setEditing] = useState<TagKey | null>(null);
  const [deleting, setDeleting] = useState<TagKey | null>(null);
  const reason = account.reasonAgainst('manage-account-settings');
  const defineButton = (
    <ReasonedButton
      variant="filled"
      reason={
        reason ??
        (keys.length >= maximumTagKeys
          ? `There are ${maximumTagKeys} tags, which is as many as an account has. Delete one first.`
          : null)
      }
      onClick={() => setDefining(true)}
    >
      Define a tag…
    </ReasonedButton>
  );
  return (
    <>
      <PageHead
        title="Tags"
        sentence={list.data === undefined ? '' : sentenceOf(keys)}
        back={{ to: paths.settings(accountId), label: 'Settings' }}
        actions={defineButton}
      />
      <Card>
        <DataTable
          label="Tags"
          columns={columnsWith(accountId, (key) => (
            <span className={styles.rowActions}>
              <ReasonedButton
                size="xs"
                aria-label={`Change ${key.name}`}
                reason={reason}
                onClick={() => setEditing(key)}
              >
                Change…
              </ReasonedButton>
              <ReasonedButton
                size="xs"
                color="bad"
                aria-label={`Delete ${key.name}`}
                reason={reason}
                onClick={() => setDeleting(key)}
              >
                Delete…
              </ReasonedButton>
            </span>
          ))}
          rows={keys}
          rowKey={({ tagKeyId }) => tagKeyId}
          isPending={list.isPending}
          error={list.error}
          onRetry={() => void list.refetch()}
          empty={
            <EmptyState title="There is no tag yet" action={defineButton}>
              A tag such as Department, with the values it allows, tells virtual accounts apart that lie far
              from each other in the tree. They are found and filtered by what they carry.
            </EmptyState>
          }
        />
      </Card>
      {defining && <DefineTagDialog onClose={() => setDefining(false)} />}
      {editing !== null && <EditTagDialog tagKey={editing} onClose={() => setEditing(null)} />}
      {deleting !== null && <DeleteTagDialog tagKey={deleting} onClose={() => setDeleting(null)} />}
    </>
  );
}

function sentenceOf(keys: readonly TagKey[]): string {
  if (keys.length === 0) return 'Virtual accounts carry no tags yet.';
  const unused = keys.filter(({ virtualAccounts }) => virtualAccounts === 0).map(({ name }) => name);
  const all = `Virtual accounts carry at most one value of each of ${count(keys.length, 'tag')}.`;
  return unused.length === 0 ? all : `${all} Carried by none that you see: ${unused.join(', ')}.`;
}
