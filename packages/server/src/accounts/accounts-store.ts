import {
  type AccountContents,
  type AccountKind,
  type AccountStatus,
  domainsAbove,
} from '@estover/domain/accounts';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { nameOfPerson } from '../database/name-of-person.ts';
import { sqlStateOf } from '../database/transaction.ts';

export interface AccountRow {
  accountId: string;
  kind: AccountKind;
  name: string;
  domainIdentifier: string;
  status: AccountStatus;
  /** Since when, where it was not so from the beginning. */
  statusSince: Temporal.Instant | null;
  /** Why it was suspended or closed. */
  statusReason: string | null;
  /** Where it went; null unless it was merged. */
  mergedInto: string | null;
  exportCategory: 'A' | 'B' | 'C' | 'D';
  sequencePolicy: 'flag' | 'refuse';
  createdAt: Temporal.Instant;
}

const columns = [
  'account_id as accountId',
  'kind',
  'name',
  'domain_identifier as domainIdentifier',
  'status',
  'status_since as statusSince',
  'status_reason as statusReason',
  'merged_into as mergedInto',
  'export_category as exportCategory',
  'sequence_policy as sequencePolicy',
  'created_at as createdAt',
] as const;

/** Columns of an account, for queries that list them. The checks of the table narrow the texts. */
export const selectAccounts = (trx: Trx) => trx.selectFrom('accounts').select(columns).$castTo<AccountRow>();

export const findAccount = (trx: Trx, accountId: string): Promise<AccountRow | undefined> =>
  selectAccounts(trx).where('account_id', '=', accountId).executeTakeFirst();

export const findAccountByDomain = (trx: Trx, domainIdentifier: string): Promise<AccountRow | undefined> =>
  selectAccounts(trx).where('domain_identifier', '=', domainIdentifier).executeTakeFirst();

/** Notes who created a new account; whoever is noted stays. */
export async function setCreator(
  trx: Trx,
  { accountId, personId }: { accountId: string; personId: string },
): Promise<void> {
  await trx
    .updateTable('accounts')
    .set({ creator_id: personId })
    .where('account_id', '=', accountId)
    .where('creator_id', 'is', null)
    .execute();
}

/** Who created an account, by a pseudonym once they were removed; null where nobody is known to have. */
export async function findCreator(
  trx: Trx,
  accountId: string,
): Promise<{ personId: string; name: string } | null> {
  const found = await trx
    .selectFrom('accounts as a')
    .select(['a.creator_id as personId', nameOfPerson(sql.ref('a.creator_id')).as('name')])
    .where('a.account_id', '=', accountId)
    .executeTakeFirst();
  const { personId = null, name = '' } = found ?? {};
  return personId === null ? null : { personId, name };
}

/** Whether an account has an identifier below which another one lies. */
export async function isBelowAccount(trx: Trx, domainIdentifier: string): Promise<boolean> {
  const above = domainsAbove(domainIdentifier);
  if (above.length === 0) return false;
  const found = await trx
    .selectFrom('accounts')
    .select('account_id')
    .where('domain_identifier', 'in', above)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** False when the domain identifier is taken. */
export async function insertAccount(trx: Trx, account: AccountRow): Promise<boolean> {
  const inserted = await trx
    .insertInto('accounts')
    .values({
      account_id: account.accountId,
      kind: account.kind,
      name: account.name,
      domain_identifier: account.domainIdentifier,
      status: account.status,
      status_since: account.statusSince,
      status_reason: account.statusReason,
      export_category: account.exportCategory,
      sequence_policy: account.sequencePolicy,
      created_at: account.createdAt,
    })
    .onConflict((conflict) => conflict.column('domain_identifier').doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

export async function saveAccount(
  trx: Trx,
  account: Pick<AccountRow, 'accountId' | 'name' | 'sequencePolicy'>,
): Promise<void> {
  await trx
    .updateTable('accounts')
    .set({ name: account.name, sequence_policy: account.sequencePolicy })
    .where('account_id', '=', account.accountId)
    .execute();
}

export async function saveStatus(
  trx: Trx,
  account: Pick<AccountRow, 'accountId' | 'status' | 'statusSince' | 'statusReason'>,
): Promise<void> {
  await trx
    .updateTable('accounts')
    .set({
      status: account.status,
      status_since: account.statusSince,
      status_reason: account.statusReason,
    })
    .where('account_id', '=', account.accountId)
    .execute();
}

/** What an account holds. The caller keeps every other command of it away, so that nothing comes meanwhile. */
export async function contentsOfAccount(
  trx: Trx,
  accountId: string,
  now: Temporal.Instant,
): Promise<AccountContents> {
  const { rows } = await sql<AccountContents>`select
    (select coalesce(sum(quantity), 0) from holdings
      where account_id = ${accountId} and state <> 'expired') as licenses,
    (select count(*) from product_instances
      where account_id = ${accountId} and state in ('registered', 'authorization-expired')) as "productInstances",
    (select count(*) from registration_tokens
      where account_id = ${accountId} and revoked_at is null and expires_at > ${now}
        and (maximum_uses is null or uses < maximum_uses)) as tokens,
    (select count(*) from order_lines
      where account_id = ${accountId} and state in ('booked', 'on-hold', 'shipped')) as "openOrderLines",
    (select count(*) from account_requests
      where origin_account_id = ${accountId} and state in ('requested', 'under-review', 'awaiting-acceptance')
        and (ends_at is null or ends_at > ${now})) as "openRequests"`.execute(trx);
  const [row] = rows;
  if (row === undefined) throw new Error('a query of sums has one row');
  return row;
}

/**
 * Makes an account a customer's with another identifier. False, and nothing is changed, when an account has it, also one
 * that is being made at this moment.
 */
export async function saveUpgrade(
  trx: Trx,
  account: Pick<AccountRow, 'accountId' | 'domainIdentifier'>,
): Promise<boolean> {
  await sql`savepoint before_upgrade`.execute(trx);
  try {
    await trx
      .updateTable('accounts')
      .set({ kind: 'customer', domain_identifier: account.domainIdentifier })
      .where('account_id', '=', account.accountId)
      .execute();
    return true;
  } catch (error) {
    if (sqlStateOf(error) !== uniqueViolation) throw error;
    await sql`rollback to savepoint before_upgrade`.execute(trx);
    return false;
  }
}

const uniqueViolation = '23505';

/** Marks an account as merged into another one, or as what it is without that. */
export async function setAccountStatus(
  trx: Trx,
  accountId: string,
  to: { status: 'merged'; mergedInto: string } | { status: 'active' | 'closed'; mergedInto: null },
  now: Temporal.Instant,
): Promise<void> {
  await trx
    .updateTable('accounts')
    .set({ status: to.status, merged_into: to.mergedInto, status_since: now })
    .where('account_id', '=', accountId)
    .execute();
}
