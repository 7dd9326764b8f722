import { type AccountStatus, pathKey, standingOf } from '@estover/domain/accounts';
import { sql } from 'kysely';
import { readIdentifier } from '../accounts/index.ts';
import type { Trx } from '../database/database.ts';

/** An account as an order line names it: whose licenses these will be. */
export interface DestinationAccount {
  accountId: string;
  name: string;
  domainIdentifier: string;
  active: boolean;
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

/**
 * Accounts by what order lines call them: an id or a domain identifier. One query for all. What names an account that was
 * merged names the one it is in now. Their rows stay locked against a change of status until the transaction ends.
 */
export async function findAccounts(
  trx: Trx,
  names: readonly string[],
): Promise<Map<string, DestinationAccount>> {
  const keys = names.map((name) => ({ name, id: uuidPattern.test(name), key: name.toLowerCase() }));
  const ids = keys.filter((key) => key.id).map((key) => key.key);
  const domains = keys.filter((key) => !key.id).map((key) => identifierOf(key.name));
  type Row = Omit<DestinationAccount, 'active' | 'takesOrders'>;
  const { rows } = await sql<Row & { status: AccountStatus; namedId: string; namedDomain: string }>`
    with recursive named as (
      select account_id as named_id, domain_identifier as named_domain, account_id, merged_into from accounts
       where account_id = any(${ids}::uuid[]) or domain_identifier = any(${domains}::text[])
      union all
      select n.named_id, n.named_domain, next.account_id, next.merged_into
        from named n join accounts next on next.account_id = n.merged_into)
    select a.account_id as "accountId", a.name, a.domain_identifier as "domainIdentifier", a.status,
           n.named_id as "namedId", n.named_domain as "namedDomain"
      from named n join accounts a on a.account_id = n.account_id
     where n.merged_into is null and a.merged_into is null
     order by a.account_id
       for share of a`.execute(trx);
  const byKey = new Map(
    rows.flatMap(({ namedId, namedDomain, status, ...row }) => {
      const { delivers, takesOrders } = standingOf[status];
      const account = { ...row, active: delivers, takesOrders };
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

/** Names that somebody who mistyped may have meant. */
export async function knownDomainIdentifiers(trx: Trx, limit: number): Promise<string[]> {
  const rows = await trx
    .selectFrom('accounts')
    .select('domain_identifier as name')
    .orderBy('domain_identifier')
    .limit(limit)
    .execute();
  return rows.map((row) => row.name);
}

/** Paths of the virtual accounts of an account, at most `limit`. */
export async function knownPaths(trx: Trx, accountId: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ path: string[] }>`
    select virtual_account_path(account_id, virtual_account_id) as path
      from virtual_accounts where account_id = ${accountId} and deleted_at is null
     order by depth, lower(name) limit ${limit}`.execute(trx);
  return rows.map((row) => row.path.join(pathSeparator));
}
