import type { AccountKind } from '@estover/domain/accounts';
import type { Trx } from '../database/database.ts';

export interface AccountRow {
  accountId: string;
  kind: AccountKind;
  name: string;
  domainIdentifier: string;
  status: 'active' | 'suspended' | 'closed';
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
