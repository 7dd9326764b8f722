import type { AccountAction, PlatformAction } from '@estover/domain/access';
import { type AnswerOf, getOverview } from '@estover/protocol';
import { useParams } from '@tanstack/react-router';
import { useMe } from '../account.tsx';
import { useOperation } from '../api.ts';
import { formatNumber } from '../format.ts';
import { PlaceLink } from '../parts/PlaceLink.tsx';
import { type Place, paths } from '../paths.ts';
import { Mark } from './Mark.tsx';
import styles from './Shell.module.css';

type Counts = AnswerOf<typeof getOverview>;

export interface RailPage {
  title: string;
  group: string;
  place: Place;
  /** Shown to those who may do this somewhere in the account. */
  count?: (overview: Counts) => number;
  /** A count of what is wrong: red where it is not zero. */
  wrong?: boolean;
}

type AccountPage = Omit<RailPage, 'place'> & { to: (accountId: string) => Place; needs: AccountAction };

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
  { title: 'People', group: 'Account', to: paths.people, needs: 'view-people' },
  { title: 'API keys', group: 'Account', to: paths.apiKeys, needs: 'manage-people' },
  { title: 'Events', group: 'Account', to: paths.events, needs: 'view-events' },
  { title: 'Reports', group: 'Account', to: paths.reports, needs: 'view-inventory' },
  { title: 'Settings', group: 'Account', to: paths.settings, needs: 'view-account' },
];

const platformPages: { title: string; to: () => Place; needs: PlatformAction }[] = [
  { title: 'Accounts', to: paths.platformAccounts, needs: 'view-accounts' },
  { title: 'Catalog', to: paths.platformCatalog, needs: 'manage-catalog' },
  { title: 'All orders', to: paths.platformOrders, needs: 'view-orders' },
  { title: 'Outbox', to: paths.platformOutbox, needs: 'manage-mails' },
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
          .filter((page) => account.actions.includes(page.needs))
          .map(({ to, ...page }) => ({ ...page, place: to(account.accountId) }));
  const ofPlatform = platformPages
    .filter((page) => me.platformActions.includes(page.needs))
    .map((page) => ({ title: page.title, group: 'Platform', place: page.to() }));
  return [...inAccount, ...ofPlatform];
}

/** The counts beside the pages; undefined until they are read, or where the person may not see the inventory. */
function useCounts(): Counts | undefined {
  const me = useMe();
  const { accountId = '' } = useParams({ strict: false });
  const account = me.accounts.find((candidate) => candidate.accountId === accountId);
  const enabled = account?.actions.includes('view-inventory') ?? false;
  const { data } = useOperation(getOverview, { params: { accountId } }, { enabled });
  return enabled ? data : undefined;
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

function RailItem(props: { page: RailPage; counts: Counts | undefined; onGo: (() => void) | undefined }) {
  const { page, counts, onGo } = props;
  const value = counts === undefined ? undefined : page.count?.(counts);
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
