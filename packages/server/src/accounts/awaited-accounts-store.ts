import { isOpenRequest, type RequestState, readIdentifier } from '@estover/domain/accounts';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { Overtaken } from '../database/transaction.ts';
import type { Context } from '../edge/context.ts';
import { makePendingAccount } from './make-account.ts';

/** What was asked for under a name that an order line gives: an identifier, and how far the last request for it is. */
export interface AskedFor {
  domainIdentifier: string;
  state: RequestState;
}

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * What order lines name that is no account and was asked for, by the identifier or the id of a request. Of several requests
 * for an identifier one that is open goes first, then the newest.
 */
export async function findAskedFor(
  trx: Trx,
  names: readonly string[],
  now: Temporal.Instant,
): Promise<Map<string, AskedFor>> {
  const keys = names.map((name) => ({
    name,
    key: uuidPattern.test(name) ? name.toLowerCase() : (readIdentifier(name) ?? name),
  }));
  const ids = keys.map(({ key }) => key).filter((key) => uuidPattern.test(key));
  const { rows } = await sql<AskedFor & { requestId: string }>`
    select r.request_id as "requestId", r.domain_identifier as "domainIdentifier", s.state
      from account_requests r
      cross join lateral (${stateAt(now)}) s
     where r.request_id = any(${ids}::uuid[]) or r.domain_identifier = any(${keys.map(({ key }) => key)}::text[])
     order by r.requested_at, r.request_id`.execute(trx);
  const found = new Map<string, AskedFor>();
  for (const { requestId, domainIdentifier, state } of rows) {
    const asked = { domainIdentifier, state };
    found.set(requestId, asked);
    const before = found.get(domainIdentifier);
    if (before === undefined || isOpenRequest(state) || !isOpenRequest(before.state)) {
      found.set(domainIdentifier, asked);
    }
  }
  return new Map(
    keys.flatMap(({ name, key }) => {
      const asked = found.get(key);
      return asked === undefined ? [] : [[name, asked] as const];
    }),
  );
}

/** The state of a request `r` at an instant: one whose end has passed is expired, also before the job has said so. */
const stateAt = (now: Temporal.Instant) =>
  sql`select case when r.ends_at <= ${now} and r.state in ('requested', 'under-review', 'awaiting-acceptance')
                  then 'expired' else r.state end as state`;

/**
 * The last request for the identifier of `awaited`, open ones before others: `request_id` and `state`. No row where none is
 * kept any more.
 */
export const lastRequestFor = (identifier: string, now: Temporal.Instant) =>
  sql`select r.request_id, s.state
        from account_requests r
        cross join lateral (${stateAt(now)}) s
       where r.domain_identifier = ${sql.ref(identifier)}
       order by s.state in ('requested', 'under-review', 'awaiting-acceptance') desc, r.requested_at desc, r.request_id desc
       limit 1`;

/**
 * The pending accounts in which orders wait for accounts with these identifiers; one that is not there yet is made, with
 * the identifier as its name: nobody knows yet whether the names in a request are true.
 */
export async function awaitAccounts(
  context: Pick<Context, 'trx' | 'now' | 'newId'>,
  identifiers: readonly string[],
): Promise<Map<string, string>> {
  const { trx, newId } = context;
  for (const domainIdentifier of [...new Set(identifiers)].toSorted()) {
    const accountId = newId();
    const inserted = await trx
      .insertInto('awaited_accounts')
      .values({ account_id: accountId, domain_identifier: domainIdentifier })
      .onConflict((conflict) => conflict.column('domain_identifier').doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 1n) {
      await makePendingAccount(context, { accountId, name: domainIdentifier });
    }
  }
  const rows = await trx
    .selectFrom('awaited_accounts')
    .select(['account_id as accountId', 'domain_identifier as domainIdentifier'])
    .where(sql<boolean>`domain_identifier = any(${[...identifiers]}::text[])`)
    .execute();
  // The account came meanwhile, and its lines went to it.
  if (rows.length < new Set(identifiers).size) throw new Overtaken();
  return new Map(rows.map(({ accountId, domainIdentifier }) => [domainIdentifier, accountId]));
}

/** The pending account in which orders wait for an account with the identifier. */
export async function findAwaited(trx: Trx, domainIdentifier: string): Promise<string | undefined> {
  const row = await trx
    .selectFrom('awaited_accounts')
    .select('account_id as accountId')
    .where('domain_identifier', '=', domainIdentifier)
    .executeTakeFirst();
  return row?.accountId;
}

/** Active accounts for whose identifiers orders still wait in pending ones, at most so many. */
export async function findArrived(
  trx: Trx,
  most: number,
): Promise<{ pendingAccountId: string; accountId: string }[]> {
  const { rows } = await sql<{ pendingAccountId: string; accountId: string }>`
    select w.account_id as "pendingAccountId", a.account_id as "accountId"
      from awaited_accounts w join accounts a using (domain_identifier)
     where a.status = 'active'
     order by a.account_id limit ${most}`.execute(trx);
  return rows;
}

/** Forgets that orders wait for an account that is named by somebody's address; the orders wait on. */
export async function forgetAwaited(trx: Trx, email: string): Promise<void> {
  await sql`
    with gone as (delete from awaited_accounts where domain_identifier = ${email} returning account_id)
    update accounts a set name = 'Account that was asked for' from gone where a.account_id = gone.account_id`.execute(
    trx,
  );
}
