import {
  type AccountKind,
  type Child,
  type Contents,
  nameKey,
  type Properties,
} from '@estover/domain/accounts';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { withAllNames } from '../edge/hidden-names.ts';

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

/** The kind of an account, and how many living virtual accounts it has. */
export async function virtualAccountsOf(
  trx: Trx,
  accountId: string,
): Promise<{ kind: AccountKind; virtualAccounts: number }> {
  const { rows } = await sql<{ kind: AccountKind; virtualAccounts: number }>`
    select kind, (select count(*) from virtual_accounts v
                   where v.account_id = a.account_id and v.deleted_at is null) as "virtualAccounts"
      from accounts a where a.account_id = ${accountId}`.execute(trx);
  const [row] = rows;
  if (row === undefined) throw new Error('the account is locked, so it is there');
  return row;
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

/** Takes virtual accounts for a change nobody else may see half of, in the order of ids. */
export async function lockVirtualAccounts(
  trx: Trx,
  accountId: string,
  virtualAccountIds: readonly string[],
): Promise<void> {
  await trx
    .selectFrom('virtual_accounts')
    .select('virtual_account_id')
    .where('account_id', '=', accountId)
    .where('virtual_account_id', 'in', virtualAccountIds)
    .orderBy('virtual_account_id')
    .forUpdate()
    .execute();
}

/** How many levels a virtual account has with everything nested in it; 1 when nothing is. */
export async function heightOf(trx: Trx, accountId: string, virtualAccountId: string): Promise<number> {
  const { distance } = await trx
    .selectFrom('virtual_account_ancestry')
    .select(({ fn }) => fn.max('distance').as('distance'))
    .where('account_id', '=', accountId)
    .where('ancestor_id', '=', virtualAccountId)
    .executeTakeFirstOrThrow();
  return distance + 1;
}

/** The living children of a virtual account, with their heights. */
export async function childrenOf(trx: Trx, accountId: string, virtualAccountId: string): Promise<Child[]> {
  const rows = await sql<Child>`
    select c.virtual_account_id as "virtualAccountId", c.name, max(a.distance) + 1 as height
      from virtual_accounts c
      join virtual_account_ancestry a on a.account_id = c.account_id and a.ancestor_id = c.virtual_account_id
     where c.account_id = ${accountId} and c.parent_id = ${virtualAccountId} and c.deleted_at is null
     group by c.virtual_account_id, c.name`.execute(trx);
  return rows.rows;
}

/** Nests a virtual account elsewhere: its parent, the depth of all in it, and their lines of ancestors. */
export async function nestVirtualAccount(
  trx: Trx,
  accountId: string,
  moved: { virtualAccountId: string; parentId: string | null; depth: number },
): Promise<void> {
  const { virtualAccountId, parentId, depth } = moved;
  await trx
    .updateTable('virtual_accounts')
    .set({ parent_id: parentId })
    .where('account_id', '=', accountId)
    .where('virtual_account_id', '=', virtualAccountId)
    .execute();
  await sql`
    update virtual_accounts v set depth = ${depth}::int + a.distance
      from virtual_account_ancestry a
     where a.account_id = ${accountId} and a.ancestor_id = ${virtualAccountId}
       and v.account_id = a.account_id and v.virtual_account_id = a.descendant_id`.execute(trx);
  // Lines inside what moves stay; those that lead out of it are drawn anew.
  await sql`
    delete from virtual_account_ancestry line
     using virtual_account_ancestry inside
     where inside.account_id = ${accountId} and inside.ancestor_id = ${virtualAccountId}
       and line.account_id = inside.account_id and line.descendant_id = inside.descendant_id
       and line.distance > inside.distance`.execute(trx);
  await sql`
    insert into virtual_account_ancestry (account_id, ancestor_id, descendant_id, distance)
    select up.account_id, up.ancestor_id, inside.descendant_id, up.distance + inside.distance + 1
      from virtual_account_ancestry up
      join virtual_account_ancestry inside on inside.account_id = up.account_id and inside.ancestor_id = ${virtualAccountId}
     where up.account_id = ${accountId} and up.descendant_id = ${parentId}::uuid`.execute(trx);
}

/** Saves what is not about the place. Making one the default takes that from the one before. */
export async function saveProperties(
  trx: Trx,
  accountId: string,
  virtualAccountId: string,
  properties: Properties,
): Promise<void> {
  if (properties.isDefault) {
    await trx
      .updateTable('virtual_accounts')
      .set({ is_default: false })
      .where('account_id', '=', accountId)
      .where('is_default', '=', true)
      .where('virtual_account_id', '<>', virtualAccountId)
      .execute();
  }
  await trx
    .updateTable('virtual_accounts')
    .set({
      name: properties.name,
      description: properties.description,
      access_level: properties.accessLevel,
      is_default: properties.isDefault,
    })
    .where('account_id', '=', accountId)
    .where('virtual_account_id', '=', virtualAccountId)
    .execute();
}

/** Marks a virtual account deleted under the path it had, so that the past still names it, and takes it off the tree. */
export async function markDeleted(
  trx: Trx,
  accountId: string,
  deleted: { virtualAccountId: string; path: readonly string[]; at: Temporal.Instant },
): Promise<void> {
  await trx
    .updateTable('virtual_accounts')
    .set({ deleted_at: deleted.at, deleted_path: deleted.path.map(withAllNames) })
    .where('account_id', '=', accountId)
    .where('virtual_account_id', '=', deleted.virtualAccountId)
    .execute();
}

/** Takes a deleted virtual account, whose children are elsewhere by now, out of the ancestry. */
export async function dropAncestry(trx: Trx, accountId: string, virtualAccountId: string): Promise<void> {
  await trx
    .deleteFrom('virtual_account_ancestry')
    .where('account_id', '=', accountId)
    .where('descendant_id', '=', virtualAccountId)
    .execute();
}

/** What a virtual account holds, in one query. Only tokens that still admit somebody count. */
export async function contentsOf(
  trx: Trx,
  accountId: string,
  virtualAccountId: string,
  now: Temporal.Instant,
): Promise<Contents> {
  const here = sql`account_id = ${accountId} and virtual_account_id = ${virtualAccountId}`;
  const rows = await sql<Contents>`select
    (select coalesce(sum(quantity), 0) from holdings where ${here}) as licenses,
    (select count(*) from product_instances
      where ${here} and state in ('registered', 'authorization-expired')) as "productInstances",
    (select count(*) from registration_tokens
      where ${here} and revoked_at is null and expires_at > ${now}
        and (maximum_uses is null or uses < maximum_uses)) as tokens,
    (select count(*) from order_lines
      where ${here} and state in ('booked', 'on-hold', 'shipped')) as "openOrderLines"`.execute(trx);
  const [row] = rows.rows;
  if (row === undefined) throw new Error('a query of sums has one row');
  return row;
}

/** The default virtual account, which every account has exactly once. */
export async function findDefaultVirtualAccount(trx: Trx, accountId: string): Promise<string> {
  const row = await trx
    .selectFrom('virtual_accounts')
    .select('virtual_account_id as id')
    .where('account_id', '=', accountId)
    .where('is_default', '=', true)
    .executeTakeFirstOrThrow();
  return row.id;
}
