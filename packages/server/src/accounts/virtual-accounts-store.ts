import { nameKey } from '@estover/domain/accounts';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/*
 * The tree of virtual accounts and its ancestry table. Callers hold the account's row (`lockAccount`), so that the tree
 * stands still while they decide.
 */

export interface Sibling {
  virtualAccountId: string;
  name: string;
}

export interface NewVirtualAccount {
  accountId: string;
  virtualAccountId: string;
  parentId: string | null;
  name: string;
  description: string;
  accessLevel: 'restricted' | 'unrestricted';
  isDefault: boolean;
  depth: number;
  createdAt: Temporal.Instant;
}

/** Inserts a virtual account with its line of ancestors. */
export async function insertVirtualAccount(trx: Trx, made: NewVirtualAccount): Promise<void> {
  await trx
    .insertInto('virtual_accounts')
    .values({
      account_id: made.accountId,
      virtual_account_id: made.virtualAccountId,
      parent_id: made.parentId,
      name: made.name,
      description: made.description,
      access_level: made.accessLevel,
      is_default: made.isDefault,
      depth: made.depth,
      created_at: made.createdAt,
      deleted_at: null,
      deleted_path: null,
    })
    .execute();
  await sql`
    insert into virtual_account_ancestry (account_id, ancestor_id, descendant_id, distance)
    select ${made.accountId}::uuid, ${made.virtualAccountId}::uuid, ${made.virtualAccountId}::uuid, 0
    union all
    select account_id, ancestor_id, ${made.virtualAccountId}::uuid, distance + 1
      from virtual_account_ancestry
     where account_id = ${made.accountId} and descendant_id = ${made.parentId}::uuid`.execute(trx);
}

/** Living children of a parent (null: those at the top) whose names are equal to one of `names` by the database's rule. */
export async function siblingsNamed(
  trx: Trx,
  accountId: string,
  parentId: string | null,
  names: readonly string[],
): Promise<Sibling[]> {
  if (names.length === 0) return [];
  return trx
    .selectFrom('virtual_accounts')
    .select(['virtual_account_id as virtualAccountId', 'name'])
    .where('account_id', '=', accountId)
    .where('parent_id', 'is not distinct from', parentId)
    .where('deleted_at', 'is', null)
    .where(sql<string>`lower(name)`, 'in', [
      ...names.map(nameKey),
      ...names.map((name) => sql<string>`lower(${name}::text)`),
    ])
    .execute();
}

/** Ids above a virtual account, the nearest first, without itself. */
export async function ancestorsOf(trx: Trx, accountId: string, virtualAccountId: string): Promise<string[]> {
  const rows = await trx
    .selectFrom('virtual_account_ancestry')
    .select('ancestor_id as id')
    .where('account_id', '=', accountId)
    .where('descendant_id', '=', virtualAccountId)
    .where('distance', '>', 0)
    .orderBy('distance')
    .execute();
  return rows.map(({ id }) => id);
}
