import {
  type AccountKind,
  type AccountStatus,
  isOpenRequest,
  mayUseLicenses,
  pathKey,
  standingOf,
} from '@estover/domain/accounts';
import type { LineAccount } from '@estover/domain/orders';
import { sql } from 'kysely';
import { type AskedFor, awaitAccounts, findAskedFor, readIdentifier } from '../accounts/index.ts';
import type { Trx } from '../database/database.ts';
import { Overtaken } from '../database/transaction.ts';
import type { Context } from '../edge/context.ts';

/** An account as an order line names it: whose licenses these will be. */
export interface DestinationAccount {
  accountId: string;
  name: string;
  domainIdentifier: string;
  /** What becomes of a line that ships. */
  does: LineAccount;
  /** Whether it stands for one that was asked for and is not there yet. */
  isAwaited: boolean;
  /** False for one that is closed. */
  takesOrders: boolean;
}

export interface DestinationVirtualAccount {
  accountId: string;
  virtualAccountId: string;
  path: string[];
  isDefault: boolean;
}

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Between the names of a path as it is shown. */
const pathSeparator = ' / ';

/** A domain identifier as it is stored, or the text itself where it cannot be one: it will not be found. */
const identifierOf = (text: string): string => readIdentifier(text) ?? text;

/** The accounts that order lines name, and what was asked for under names that are none. */
export interface NamedAccounts {
  accounts: Map<string, DestinationAccount>;
  /** Requests that are over. */
  closedRequests: Map<string, AskedFor>;
}

/**
 * Accounts by what order lines call them: an id or a domain identifier, also one that was asked for and that no account has
 * yet, or the id of the request. Lines for it wait in a pending account.
 */
export async function findAccounts(
  context: Pick<Context, 'trx' | 'now' | 'newId'>,
  names: readonly string[],
): Promise<NamedAccounts> {
  const { trx, now } = context;
  const accounts = await findNamed(trx, names);
  const missing = names.filter((name) => !accounts.has(name));
  const closedRequests = new Map<string, AskedFor>();
  if (missing.length === 0) return { accounts, closedRequests };
  const asked = [...(await findAskedFor(trx, missing, now))];
  if (asked.length === 0) return { accounts, closedRequests };
  // The id of a request stands for the identifier, which another request may have brought an account by now.
  const there = await findNamed(
    trx,
    asked.map(([, { domainIdentifier }]) => domainIdentifier),
  );
  const awaited = asked.filter(([, it]) => !there.has(it.domainIdentifier) && isOpenRequest(it.state));
  const pendingOf = await awaitAccounts(
    context,
    awaited.map(([, { domainIdentifier }]) => domainIdentifier),
  );
  const pending = await findNamed(trx, [...pendingOf.values()]);
  for (const [name, it] of asked) {
    const known = there.get(it.domainIdentifier);
    const pendingId = pendingOf.get(it.domainIdentifier);
    if (known !== undefined) accounts.set(name, known);
    else if (pendingId === undefined) closedRequests.set(name, it);
    else {
      const account = pending.get(pendingId);
      // The lines that waited in it went to their account a moment ago.
      if (account === undefined) throw new Overtaken();
      accounts.set(name, { ...account, isAwaited: true });
    }
  }
  return { accounts, closedRequests };
}

/**
 * Accounts by id or domain identifier. One query for all. What names an account that was
 * merged names the one it is in now. Their rows stay locked against a change of status until the transaction ends.
 */
async function findNamed(trx: Trx, names: readonly string[]): Promise<Map<string, DestinationAccount>> {
  const keys = names.map((name) => ({ name, id: uuidPattern.test(name), key: name.toLowerCase() }));
  const ids = keys.filter((key) => key.id).map((key) => key.key);
  const domains = keys.filter((key) => !key.id).map((key) => identifierOf(key.name));
  type Row = Omit<DestinationAccount, 'does' | 'isAwaited' | 'takesOrders'>;
  const { rows } = await sql<
    Row & { kind: AccountKind; status: AccountStatus; namedId: string; namedDomain: string }
  >`
    with recursive named as (
      select account_id as named_id, domain_identifier as named_domain, account_id, merged_into from accounts
       where account_id = any(${ids}::uuid[]) or domain_identifier = any(${domains}::text[])
      union all
      select n.named_id, n.named_domain, next.account_id, next.merged_into
        from named n join accounts next on next.account_id = n.merged_into)
    select a.account_id as "accountId", a.name, a.domain_identifier as "domainIdentifier", a.kind, a.status,
           n.named_id as "namedId", n.named_domain as "namedDomain"
      from named n join accounts a on a.account_id = n.account_id
     where n.merged_into is null and a.merged_into is null
     order by a.account_id
       for share of a`.execute(trx);
  const byKey = new Map(
    rows.flatMap(({ namedId, namedDomain, kind, status, ...row }) => {
      const { delivers, takesOrders } = standingOf[status];
      const account = { ...row, does: lineAccountOf(kind, delivers), isAwaited: false, takesOrders };
      return [[namedId, account] as const, [namedDomain, account] as const];
    }),
  );
  const found = new Map<string, DestinationAccount>();
  for (const { name, id, key } of keys) {
    const account = byKey.get(id ? key : identifierOf(name));
    if (account !== undefined) found.set(name, account);
  }
  return found;
}

/** What an account does with lines that ship; `delivers` if it is active and nothing else is in the way. */
export function lineAccountOf(kind: AccountKind, delivers: boolean): LineAccount {
  if (!delivers) return 'waits';
  return mayUseLicenses(kind) ? 'delivers' : 'holds';
}

/** What a line asks for: a virtual account of an account by id or path, or null for the default one. */
export interface WantedVirtualAccount {
  accountId: string;
  name: string | null;
}

export const destinationKey = ({ accountId, name }: WantedVirtualAccount): string =>
  `${accountId}/${name ?? ''}`;

/**
 * Virtual accounts by what order lines call them, keyed by `destinationKey`. One query for all. A path that fits two
 * (a name may hold a slash) names none. The caller holds the accounts' rows, so that none of these is deleted meanwhile.
 */
export async function findVirtualAccounts(
  trx: Trx,
  wanted: readonly WantedVirtualAccount[],
): Promise<Map<string, DestinationVirtualAccount>> {
  const asked = wanted.map((want) => ({
    ...want,
    id: want.name !== null && uuidPattern.test(want.name) ? want.name.toLowerCase() : null,
  }));
  const ids = asked.flatMap((ask) => (ask.id === null ? [] : [ask.id]));
  // The last part of the path finds the few rows whose whole path is worth putting together.
  const lastParts = asked.flatMap((ask) =>
    ask.id === null && ask.name !== null ? [ask.name.split('/').at(-1)?.trim() ?? ''] : [],
  );
  const { rows } = await sql<DestinationVirtualAccount>`
    select account_id as "accountId", virtual_account_id as "virtualAccountId",
           virtual_account_path(account_id, virtual_account_id) as path, is_default as "isDefault"
      from virtual_accounts
     where account_id = any(${[...new Set(asked.map((ask) => ask.accountId))]}::uuid[]) and deleted_at is null
       and (is_default or virtual_account_id = any(${ids}::uuid[])
            or lower(btrim(regexp_replace(name, '^.*/', ''))) in
               (select lower(part) from unnest(${[...new Set(lastParts)]}::text[]) as part))`.execute(trx);
  const byKey = new Map<string, DestinationVirtualAccount[]>();
  const keep = (key: string, row: DestinationVirtualAccount) => {
    const there = byKey.get(key);
    if (there === undefined) byKey.set(key, [row]);
    else there.push(row);
  };
  for (const row of rows) {
    keep(`${row.accountId} ${pathKey(row.path.join('/'))}`, row);
    keep(`${row.accountId} ${row.virtualAccountId}`, row);
    if (row.isDefault) keep(`${row.accountId} `, row);
  }
  const found = new Map<string, DestinationVirtualAccount>();
  for (const ask of asked) {
    const key = ask.id ?? (ask.name === null ? '' : pathKey(ask.name));
    const [only, second] = byKey.get(`${ask.accountId} ${key}`) ?? [];
    if (only !== undefined && second === undefined) found.set(destinationKey(ask), only);
  }
  return found;
}

/** Identifiers that somebody who mistyped may have meant; those of pending accounts are nobody's. */
export async function knownDomainIdentifiers(trx: Trx, limit: number): Promise<string[]> {
  const rows = await trx
    .selectFrom('accounts')
    .select('domain_identifier as name')
    .where('status', '<>', 'pending')
    .orderBy('domain_identifier')
    .limit(limit)
    .execute();
  return rows.map((row) => row.name);
}

/** Paths of the virtual accounts of an account in which no name is restricted, at most `limit`: staff ask. */
export async function knownPaths(trx: Trx, accountId: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ path: string[] }>`
    select virtual_account_path(account_id, virtual_account_id) as path
      from virtual_accounts v where account_id = ${accountId} and deleted_at is null
       and not exists (
         select from virtual_account_ancestry up
           join virtual_accounts above on above.account_id = up.account_id and above.virtual_account_id = up.ancestor_id
          where up.account_id = v.account_id and up.descendant_id = v.virtual_account_id
            and above.access_level = 'restricted')
     order by depth, lower(name) limit ${limit}`.execute(trx);
  return rows.map((row) => row.path.join(pathSeparator));
}
