import { sql } from 'kysely';
import { hideRestrictedNames, loadGrants, partnersInParts, showAllNames } from '../access/index.ts';
import { type ToldAlert, tellAlerts } from '../alerts/index.ts';
import type { Trx } from '../database/database.ts';
import { placeMark } from './notices-store.ts';

/** What of a notice puts it into words: its alert, or its sentence and page. */
interface Notice {
  accountId: string;
  alertId: string | null;
  virtualAccountId: string | null;
  message: string | null;
  page: string | null;
}

type Told = (notice: Notice) => ToldAlert;

/** Puts notices into words, with the names of virtual accounts as the transaction shows them now. */
export async function tellNotices(trx: Trx, notices: readonly Notice[]): Promise<Told> {
  const alerts = await tellAlerts(
    trx,
    notices.flatMap(({ accountId, alertId }) => (alertId === null ? [] : [{ accountId, alertId }])),
  );
  const paths = await pathsOf(trx, notices);
  return ({ alertId, virtualAccountId, message, page }) =>
    alerts.get(alertId ?? '') ?? {
      message: (message ?? '').replace(placeMark, () => paths.get(virtualAccountId ?? '') ?? 'the account'),
      detail: '',
      page: page ?? '',
    };
}

/** Paths of virtual accounts by id, of the sentences that name theirs. */
async function pathsOf(trx: Trx, notices: readonly Notice[]): Promise<Map<string, string>> {
  const named = notices.flatMap(({ accountId, virtualAccountId, message }) =>
    virtualAccountId !== null && message?.includes(placeMark) === true
      ? [{ accountId, virtualAccountId }]
      : [],
  );
  if (named.length === 0) return new Map();
  const { rows } = await sql<{ virtualAccountId: string; path: string[] | null }>`
    select virtual_account_id as "virtualAccountId", virtual_account_path(account_id, virtual_account_id) as path
      from (select distinct * from unnest(${named.map(({ accountId }) => accountId)}::uuid[],
              ${named.map(({ virtualAccountId }) => virtualAccountId)}::uuid[])
              as given(account_id, virtual_account_id)) given`.execute(trx);
  return new Map(
    rows.flatMap(({ virtualAccountId, path }) =>
      path === null ? [] : [[virtualAccountId, path.join(' / ')]],
    ),
  );
}

/**
 * The same for many readers: all in the same words, but partners with roles in parts of an account, of whom each is told
 * no restricted names above what they were granted.
 */
export async function tellReaders<Row extends Notice & { readerId: string; isAddress: boolean }>(
  trx: Trx,
  rows: readonly Row[],
  now: Temporal.Instant,
): Promise<(row: Row) => ToldAlert> {
  const people = rows.filter(({ isAddress }) => !isAddress);
  const partners = await partnersInParts(
    trx,
    people.map(({ accountId, readerId }) => ({ accountId, personId: readerId })),
    now,
  );
  const ofPartners = new Map<string, Told>();
  for (const { accountId, personId, email } of partners) {
    await hideRestrictedNames(trx, accountId, email, await loadGrants(trx, accountId, personId, now));
    const theirs = people.filter((row) => row.accountId === accountId && row.readerId === personId);
    ofPartners.set(`${accountId}/${personId}`, await tellNotices(trx, theirs));
    await showAllNames(trx);
  }
  const ofOthers = await tellNotices(
    trx,
    rows.filter(({ accountId, readerId }) => !ofPartners.has(`${accountId}/${readerId}`)),
  );
  return (row) => (ofPartners.get(`${row.accountId}/${row.readerId}`) ?? ofOthers)(row);
}
