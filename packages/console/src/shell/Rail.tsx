import type { AccountAction, PlatformAction } from '@estover/domain/access';
import type { AccountKind } from '@estover/domain/accounts';
import { type AnswerOf, getOverview, listAccessRequests, listAccountRequests } from '@estover/protocol';
import { useParams } from '@tanstack/react-router';
import { useMe } from '../account.tsx';
import { useOperation } from '../api.ts';
import { formatNumber } from '../format.ts';
import { PlaceLink } from '../parts/PlaceLink.tsx';
import { type Place, paths } from '../paths.ts';
import { Mark } from './Mark.tsx';
import styles from './Shell.module.css';

type Overview = AnswerOf<typeof getOverview>;

/** What the counts are made from; undefined until it is read, or where the person may not see it. */
interface Counts {
  overview: Overview | undefined;
  underReview: number | undefined;
  /** Requests that wait for the person's answer. */
  requests: number | undefined;
}

export interface RailPage {
  title: string;
  group: string;
  place: Place;
  /** Shown to those who may do this somewhere in the account. */
  count?: (counts: Counts) => number | undefined;
  /** A count of what is wrong: red where it is not zero. */
  wrong?: boolean;
}

type AccountPage = Omit<RailPage, 'place' | 'count'> & {
  to: (accountId: string) => Place;
  needs: AccountAction;
  /** The one kind of account that has it. */
  only?: AccountKind;
  count?: (overview: Overview) => number;
  /** False where there is nothing to see for who is limited to the lots of a seller. */
  isCutToLots?: false;
  /** A count that does not come from the overview. */
  countOf?: NonNullable<RailPage['count']>;
};

/** The pages of an account, in the rail's order. A page that is added appears here and in `routes.tsx`. */
const accountPages: AccountPage[] = [
  { title: 'Overview', group: '', to: paths.overview, needs: 'view-inventory' },
  {
    title: 'Alerts',
    group: '',
    to: paths.alerts,
    needs: 'view-inventory',
    count: ({ openAlerts }) => openAlerts.major,
    wrong: true,
  },
  {
    title: 'Licenses',
    group: 'Inventory',
    to: paths.licenses,
    needs: 'view-inventory',
    count: ({ counts }) => counts.licenses,
  },
  {
    title: 'Product instances',
    group: 'Inventory',
    to: paths.productInstances,
    needs: 'view-inventory',
    isCutToLots: false,
    count: ({ counts }) => counts.productInstances,
  },
  {
    title: 'Virtual accounts',
    group: 'Inventory',
    to: paths.virtualAccounts,
    needs: 'view-account',
    count: ({ counts }) => counts.virtualAccounts,
  },
  {
    title: 'Tokens',
    group: 'Inventory',
    to: paths.tokens,
    needs: 'manage-tokens',
    count: ({ counts }) => counts.tokens,
  },
  {
    title: 'Orders',
    group: 'Supply',
    to: paths.orders,
    needs: 'view-inventory',
    count: ({ counts }) => counts.orders,
  },
  {
    title: 'Customer requests',
    group: 'Supply',
    to: paths.customerRequests,
    needs: 'request-accounts',
    only: 'holding',
  },
  {
    title: 'Requests',
    group: 'Account',
    to: paths.requests,
    needs: 'answer-access-requests',
    countOf: ({ requests }) => requests,
  },
  { title: 'People', group: 'Account', to: paths.people, needs: 'view-people' },
  { title: 'Groups', group: 'Account', to: paths.groups, needs: 'view-people' },
  { title: 'Access review', group: 'Account', to: paths.accessReview, needs: 'manage-people' },
  { title: 'API clients', group: 'Account', to: paths.apiKeys, needs: 'manage-people' },
  { title: 'Agreements', group: 'Account', to: paths.agreements, needs: 'view-agreements' },
  { title: 'Support access', group: 'Account', to: paths.supportAccess, needs: 'view-events' },
  { title: 'Events', group: 'Account', to: paths.events, needs: 'view-events' },
  { title: 'Reports', group: 'Account', to: paths.reports, needs: 'view-inventory' },
  { title: 'Settings', group: 'Account', to: paths.settings, needs: 'view-account' },
];

const platformPages: {
  title: string;
  to: () => Place;
  needs: PlatformAction;
  count?: NonNullable<RailPage['count']>;
}[] = [
  { title: 'Desk', to: paths.platformDesk, needs: 'view-accounts' },
  { title: 'Accounts', to: paths.platformAccounts, needs: 'view-accounts' },
  {
    title: 'Account requests',
    to: paths.platformAccountRequests,
    needs: 'review-accounts',
    count: ({ underReview }) => underReview,
  },
  { title: 'Catalog', to: paths.platformCatalog, needs: 'manage-catalog' },
  { title: 'All orders', to: paths.platformOrders, needs: 'view-orders' },
  { title: 'Texts to accept', to: paths.platformAgreements, needs: 'view-agreement-texts' },
  { title: 'People and privacy', to: paths.platformPrivacy, needs: 'manage-privacy' },
  { title: 'Support accesses', to: paths.platformSupport, needs: 'open-support-access' },
  { title: 'Recoveries', to: paths.platformRecoveries, needs: 'recover-access' },
  { title: 'Staff', to: paths.platformStaff, needs: 'manage-staff' },
  { title: 'Outbox', to: paths.platformOutbox, needs: 'manage-mails' },
  { title: 'Events of the platform', to: paths.platformEvents, needs: 'view-platform-events' },
];

/** The pages the signed-in person has, in the account of the address and on the platform. */
export function usePages(): RailPage[] {
  const me = useMe();
  const { accountId } = useParams({ strict: false });
  const account = me.accounts.find((candidate) => candidate.accountId === accountId);
  const inAccount =
    account === undefined
      ? []
      : accountPages
          .filter(({ isCutToLots = true }) => isCutToLots || account.soldBy === null)
          .filter((page) => account.actions.includes(page.needs))
          .filter(({ only = account.kind }) => only === account.kind)
          .map(({ to, count, countOf, only: _, isCutToLots: __, ...page }) => ({
            ...page,
            place: to(account.accountId),
            ...(countOf === undefined ? {} : { count: countOf }),
            ...(count === undefined
              ? {}
              : { count: ({ overview }: Counts) => (overview === undefined ? undefined : count(overview)) }),
          }));
  const ofPlatform = platformPages
    .filter((page) => me.platformActions.includes(page.needs))
    .map(({ to, needs: _, ...page }) => ({ ...page, group: 'Platform', place: to() }));
  return [...inAccount, ...ofPlatform];
}

/** The counts beside the pages. */
function useCounts(): Counts {
  const me = useMe();
  const { accountId = '' } = useParams({ strict: false });
  const account = me.accounts.find((candidate) => candidate.accountId === accountId);
  const enabled = account?.actions.includes('view-inventory') ?? false;
  const { data } = useOperation(getOverview, { params: { accountId } }, { enabled });
  const reviews = me.platformActions.includes('review-accounts');
  const query = { state: 'under-review', limit: 1 } as const;
  const requests = useOperation(listAccountRequests, { query }, { enabled: reviews });
  const answers = account?.actions.includes('answer-access-requests') ?? false;
  const asked = useOperation(
    listAccessRequests,
    { params: { accountId }, query: { limit: 1 } },
    { enabled: answers },
  );
  return {
    overview: enabled ? data : undefined,
    underReview: requests.data?.underReview,
    requests: answers ? asked.data?.waiting : undefined,
  };
}

/** The rail at the left: where one can go, with counts. Red only where something is wrong. */
export function Rail({ onGo }: { onGo?: () => void }) {
  const pages = usePages();
  const counts = useCounts();
  const groups = [...new Set(pages.map((page) => page.group))];
  return (
    <nav className={styles.nav} aria-label="Pages">
      <PlaceLink to={paths.home()} className={styles.brand} onClick={onGo}>
        <Mark /> Estover
      </PlaceLink>
      {groups.map((group) => (
        <div key={group}>
          <div className={styles.group}>{group}</div>
          <ul className={styles.items}>
            {pages
              .filter((page) => page.group === group)
              .map((page) => (
                <li key={page.title}>
                  <RailItem page={page} counts={counts} onGo={onGo} />
                </li>
              ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function RailItem(props: { page: RailPage; counts: Counts; onGo: (() => void) | undefined }) {
  const { page, counts, onGo } = props;
  const value = page.count?.(counts);
  const shown = value !== undefined && !(page.wrong && value === 0);
  return (
    <PlaceLink to={page.place} className={styles.item} onClick={onGo}>
      {page.title}
      {shown && (
        <span className={styles.count} data-wrong={page.wrong || undefined}>
          {formatNumber(value)}
          {page.wrong && <span className="visually-hidden"> major</span>}
        </span>
      )}
    </PlaceLink>
  );
}
