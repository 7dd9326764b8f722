import type { AnswerOf, listAccessReview } from '@estover/protocol';
import { type ReactNode, useState } from 'react';
import { roleNames } from '../../account.tsx';
import type { Pages } from '../../api.ts';
import { formatShortDay } from '../../format.ts';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { Moment } from '../../parts/figures.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { Decide, RemoveDialog } from './Decisions.tsx';
import { placesOf, type Reviewed } from './review-words.ts';

/** Every role of everybody on a line of its own, to be kept or taken away. */
export function ReviewList({
  list,
  empty,
}: {
  list: Pages<AnswerOf<typeof listAccessReview>>;
  empty: ReactNode;
}) {
  const [removing, setRemoving] = useState<Reviewed | null>(null);
  const columns: Column<Reviewed>[] = [
    {
      key: 'person',
      title: 'Person',
      cell: ({ person }) => (
        <TwoLines name={person.name} below={person.partner ? `${person.email} · partner` : person.email} />
      ),
    },
    {
      key: 'role',
      title: 'Role',
      cell: ({ grant }) => (
        <TwoLines
          name={roleNames[grant.role]}
          below={[
            grant.group === null ? null : `by the group ${grant.group.name}`,
            grant.until === null ? null : `until ${formatShortDay(grant.until)}`,
            grant.soldBy === null ? null : `lots sold by ${grant.soldBy}`,
          ]
            .filter((part) => part !== null)
            .join(', ')}
        />
      ),
    },
    { key: 'where', title: 'Where', cell: placesOf },
    {
      key: 'signedIn',
      title: 'Last sign-in',
      cell: ({ person }) => <Moment at={person.lastSignedInAt} />,
    },
    {
      key: 'kept',
      title: 'Looked at',
      cell: ({ kept }) =>
        kept === null ? (
          'never'
        ) : (
          <>
            <Moment at={kept.at} /> by {kept.by}
          </>
        ),
    },
    {
      key: 'act',
      title: 'Decide',
      cell: (reviewed) => <Decide reviewed={reviewed} onRemove={() => setRemoving(reviewed)} />,
    },
  ];
  return (
    <>
      <DataTable
        label="Roles"
        columns={columns}
        rows={list.items}
        rowKey={({ person, grant }) => `${person.personId} ${grant.grantId}`}
        {...list.table}
        empty={empty}
      />
      {removing !== null && <RemoveDialog reviewed={removing} onClose={() => setRemoving(null)} />}
    </>
  );
}
