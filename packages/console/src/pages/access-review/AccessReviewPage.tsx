import { type AccountRole, accountRoles } from '@estover/domain/access';
import {
  type AnswerOf,
  downloadAccessReview,
  keepAccess,
  listAccessReview,
  removeFromGroup,
  revokeGrant,
} from '@estover/protocol';
import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { roleNames, useAccount, useMe } from '../../account.tsx';
import { client, useAction, usePages } from '../../api.ts';
import { count, formatPath, formatShortDay } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip, SelectChip } from '../../parts/FilterChips.tsx';
import { Moment } from '../../parts/figures.tsx';
import { notifyDone, notifyProblem } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import styles from './access-review.module.css';

type Reviewed = AnswerOf<typeof listAccessReview>['items'][number];

const route = getRouteApi('/signed-in/accounts/$accountId/access-review');

const roleOptions = accountRoles.map((value) => ({ value, label: roleNames[value] }));
const daysOptions = (days: readonly number[], words: (days: number) => string) =>
  days.map((each) => ({ value: String(each), label: words(each) }));
const endings = daysOptions([14, 30, 90], (days) => `within ${days} days`);
const absences = daysOptions([30, 90, 180], (days) => `not for ${days} days`);
const looks = daysOptions([30, 90, 365], (days) => `not for ${days} days`);

/** Where a role reaches, in words. */
function placesOf({ grant, virtualAccountPaths }: Reviewed): string {
  if (grant.scope.kind === 'account') return 'The whole account';
  return grant.scope.virtualAccounts
    .map(
      ({ nested }, index) =>
        `${formatPath(virtualAccountPaths[index] ?? [])}${nested ? ' with all in it' : ''}`,
    )
    .join(', ');
}

/** Every role of everybody, to look at one by one: it is kept, or taken away. */
export default function AccessReviewPage() {
  const account = useAccount();
  const { accountId } = account;
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const [removing, setRemoving] = useState<Reviewed | null>(null);
  const set = (change: Partial<typeof filters>) =>
    void navigate({ search: (was) => ({ ...was, ...change }), replace: true });
  const days = (given: string | undefined) => (given === undefined ? undefined : Number(given));
  const text = (given: number | undefined) => (given === undefined ? undefined : String(given));
  const list = usePages(listAccessReview, { params: { accountId }, query: filters });
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
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
  const first = list.first;
  return (
    <>
      <PageHead
        title="Access review"
        sentence={
          first === undefined
            ? ''
            : first.neverKept === 0
              ? `${count(first.total, 'role')}. Somebody has looked at each of them.`
              : `${count(first.total, 'role')}, ${first.neverKept} of them never looked at.`
        }
        actions={
          <Button
            component="a"
            href={client.url(downloadAccessReview, { params: { accountId }, query: filters })}
            download
          >
            Download CSV
          </Button>
        }
      />
      <Card>
        <FilterChips>
          <SearchChip
            label="Search people"
            placeholder="Name, mail address"
            value={filters.search}
            onChange={(search) => set({ search })}
          />
          <SelectChip<AccountRole>
            label="Role"
            value={filters.role}
            options={roleOptions}
            onChange={(role) => set({ role })}
          />
          <SelectChip
            label="Company"
            value={filters.partner === undefined ? undefined : filters.partner ? 'partners' : 'own'}
            options={[
              { value: 'own', label: 'The account’s own' },
              { value: 'partners', label: 'Partners' },
            ]}
            onChange={(company) =>
              set({ partner: company === undefined ? undefined : company === 'partners' })
            }
          />
          <SelectChip
            label="Ends"
            value={text(filters.endingWithinDays)}
            options={endings}
            onChange={(ending) => set({ endingWithinDays: days(ending) })}
          />
          <SelectChip
            label="Signed in"
            value={text(filters.notSignedInForDays)}
            options={absences}
            onChange={(absent) => set({ notSignedInForDays: days(absent) })}
          />
          <SelectChip
            label="Looked at"
            value={text(filters.notKeptForDays)}
            options={looks}
            onChange={(look) => set({ notKeptForDays: days(look) })}
          />
        </FilterChips>
        <DataTable
          label="Roles"
          columns={columns}
          rows={list.items}
          rowKey={({ person, grant }) => `${person.personId} ${grant.grantId}`}
          {...list.table}
          empty={
            <EmptyState
              title={isFiltered ? 'No role matches these filters' : 'Nobody you manage has a role'}
              action={
                isFiltered ? (
                  <Button onClick={() => void navigate({ search: {}, replace: true })}>
                    Clear the filters
                  </Button>
                ) : undefined
              }
            />
          }
        />
      </Card>
      {removing !== null && <RemoveDialog reviewed={removing} onClose={() => setRemoving(null)} />}
    </>
  );
}

/** Keep, or take away: the two ends of a look. */
function Decide({ reviewed, onRemove }: { reviewed: Reviewed; onRemove: () => void }) {
  const { accountId, reasonAgainst } = useAccount();
  const me = useMe();
  const keep = useAction(keepAccess);
  const { person, grant } = reviewed;
  const notAllowed = reasonAgainst('manage-people');
  const about = `the role ${roleNames[grant.role].toLowerCase()} of ${person.name}`;
  return (
    <div className={styles.decide}>
      <ReasonedButton
        size="xs"
        aria-label={`Keep ${about}`}
        reason={notAllowed ?? (person.personId === me.id ? 'Nobody reviews their own roles.' : null)}
        loading={keep.isPending}
        onClick={() =>
          keep.mutate(
            { params: { accountId }, body: { grantId: grant.grantId, personId: person.personId } },
            { onSuccess: () => notifyDone(`Kept ${about}.`), onError: notifyProblem },
          )
        }
      >
        Keep
      </ReasonedButton>
      <ReasonedButton
        size="xs"
        color="bad"
        aria-label={`Remove ${about}`}
        reason={notAllowed}
        onClick={onRemove}
      >
        Remove…
      </ReasonedButton>
    </div>
  );
}

function RemoveDialog({ reviewed, onClose }: { reviewed: Reviewed; onClose: () => void }) {
  const { accountId } = useAccount();
  const revoke = useAction(revokeGrant);
  const takeOut = useAction(removeFromGroup);
  const { person, grant } = reviewed;
  const { group } = grant;
  const role = roleNames[grant.role].toLowerCase();
  const own = { params: { accountId, grantId: grant.grantId } };
  const onSuccess = () => {
    notifyDone(
      group === null ? `${person.name} is ${role} no more.` : `${person.name} is out of ${group.name}.`,
    );
    onClose();
  };
  const common = { title: `Take a role from ${person.name}`, destructive: true, onClose };
  if (group === null) {
    return (
      <ConfirmDialog
        {...common}
        act={`Take away ${role}`}
        acting={revoke.isPending}
        error={revoke.error}
        onAct={() => revoke.mutate(own, { onSuccess })}
        call={{ operation: revokeGrant, input: own }}
      >
        <p>
          {person.name} is {role} in: {placesOf(reviewed)}. Their open sessions lose it at once, and API keys
          they made with it end.
        </p>
      </ConfirmDialog>
    );
  }
  const byGroup = { params: { accountId, groupId: group.groupId, personId: person.personId } };
  return (
    <ConfirmDialog
      {...common}
      act={`Take ${person.name} out of ${group.name}`}
      acting={takeOut.isPending}
      error={takeOut.error}
      onAct={() => takeOut.mutate(byGroup, { onSuccess })}
      call={{ operation: removeFromGroup, input: byGroup }}
    >
      <p>
        {person.name} is {role} by the group {group.name}. Taken out of it they lose the role at once, and API
        keys they made with it end.
      </p>
    </ConfirmDialog>
  );
}
