import { type SubscribedKindName, subscribedKind, transactionalKinds } from '@estover/domain/notifications';
import {
  type AnswerOf,
  listMyNotifications,
  setMyNotifications,
  setMyStaffNotifications,
} from '@estover/protocol';
import { Button } from '@mantine/core';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMe } from '../../account.tsx';
import { useAction, usePages } from '../../api.ts';
import { count } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip } from '../../parts/FilterChips.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { paths } from '../../paths.ts';
import { CadenceSelect } from './CadenceSelect.tsx';
import { HoursCard } from './HoursCard.tsx';
import { cadenceWords, hoursInWords } from './notification-words.ts';
import styles from './notifications.module.css';

type OwnNotifications = AnswerOf<typeof setMyNotifications>['notifications'];
type Kind = OwnNotifications['kinds'][number];

/** What the signed-in person hears of by mail, in the account of the address or in all of theirs, and when. */
export default function NotificationsPage() {
  const { accountId } = useParams({ strict: false });
  const { search } = useSearch({ strict: false });
  const navigate = useNavigate();
  const { accounts } = useMe();
  const query = accountId === undefined ? { search } : { accountId };
  const list = usePages(listMyNotifications, { query });
  const hours = list.first?.hours;
  const staff = list.first?.staff ?? null;
  return (
    <>
      <PageHead
        title="Notifications"
        sentence={
          hours !== undefined && (
            <>
              Digests come {hoursInWords(hours)}, only when something changed.{' '}
              {accountId !== undefined && accounts.length > 1 && (
                <PlaceLink to={paths.notifications()}>All your {accounts.length} accounts</PlaceLink>
              )}
            </>
          )
        }
        {...(accountId === undefined && { back: { to: paths.home(), label: 'Back to your account' } })}
      />
      {list.error !== null && <ProblemNotice error={list.error} onRetry={list.retry} />}
      <div className={styles.page}>
        {accountId === undefined && accounts.length > 1 && (
          <FilterChips end={`${count(list.items.length, 'account')}${list.hasMore ? ' so far' : ''}`}>
            <SearchChip
              label="Search accounts"
              placeholder="Name of an account"
              value={search}
              onChange={(words) => {
                const { to } = paths.notifications();
                void navigate({ to, search: words === undefined ? {} : { search: words }, replace: true });
              }}
            />
          </FilterChips>
        )}
        {accountId === undefined && staff !== null && search === undefined && (
          <StaffCard kinds={staff.kinds} />
        )}
        {list.items.map((item) => (
          <AccountCard key={item.accountId} item={item} />
        ))}
        {!list.isPending &&
          list.items.length === 0 &&
          list.error === null &&
          (staff === null || search !== undefined) && (
            <Card>
              <EmptyState
                title={search === undefined ? 'You have no account yet' : 'No account is called so'}
              >
                What you hear of is chosen for each account in which you have a role.
              </EmptyState>
            </Card>
          )}
        {list.hasMore && (
          <div>
            <Button onClick={list.readMore} loading={list.isReadingMore}>
              More accounts
            </Button>
          </div>
        )}
        {hours !== undefined && <HoursCard key={JSON.stringify(hours)} hours={hours} />}
        <Card title="Always sent" padded>
          <p className={styles.text}>
            These come at once and cannot be switched off:{' '}
            {Object.values(transactionalKinds).join(', ').toLowerCase()}.
          </p>
        </Card>
      </div>
    </>
  );
}

type Change = (kind: SubscribedKindName, cadence: Kind['cadence'] | null) => void;

const tellChanged = (kind: SubscribedKindName, { kinds }: { kinds: Kind[] }) => {
  const now = kinds.find((each) => each.kind === kind)?.cadence ?? 'off';
  notifyDone(`${subscribedKind(kind).name}: ${cadenceWords[now].toLowerCase()}.`);
};

/** The kinds of one account, each with how often it comes. */
function AccountCard({ item }: { item: OwnNotifications }) {
  const set = useAction(setMyNotifications);
  const change: Change = (kind, cadence) =>
    set.mutate(
      { params: { accountId: item.accountId }, body: { choices: [{ kind, cadence }] } },
      { onSuccess: ({ notifications }) => tellChanged(kind, notifications) },
    );
  return <KindsCard where={item.accountName} kinds={item.kinds} error={set.error} onChange={change} />;
}

/** The kinds of which the publisher's staff hears. */
function StaffCard({ kinds }: { kinds: Kind[] }) {
  const set = useAction(setMyStaffNotifications);
  const change: Change = (kind, cadence) =>
    set.mutate(
      { body: { choices: [{ kind, cadence }] } },
      { onSuccess: ({ notifications }) => tellChanged(kind, notifications) },
    );
  return <KindsCard where="Platform" kinds={kinds} error={set.error} onChange={change} />;
}

function KindsCard({
  where,
  kinds,
  error,
  onChange,
}: {
  where: string;
  kinds: Kind[];
  error: Error | null;
  onChange: Change;
}) {
  const columns: Column<Kind>[] = [
    {
      key: 'kind',
      title: 'Kind',
      cell: ({ kind }) => <TwoLines name={subscribedKind(kind).name} below={subscribedKind(kind).sentence} />,
    },
    {
      key: 'cadence',
      title: 'By mail',
      width: '170px',
      cell: ({ kind, cadence }) => (
        <CadenceSelect
          label={`${subscribedKind(kind).name} in ${where}`}
          value={cadence}
          onChange={(chosen) => onChange(kind, chosen === subscribedKind(kind).cadence ? null : chosen)}
        />
      ),
    },
  ];
  return (
    <Card title={where}>
      <ProblemNotice error={error} />
      <DataTable
        label={`Kinds in ${where}`}
        columns={columns}
        rows={kinds}
        rowKey={({ kind }) => kind}
        empty={
          <EmptyState title="There is nothing to hear of">Your roles here see nothing of it.</EmptyState>
        }
      />
    </Card>
  );
}
