import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/*
 * The trees of two accounts, of which a part goes from the one to the other under the ids it has. Callers hold both
 * accounts (`lockBoth`), so that the trees stand still. Where it leaves it stays as deleted, so that the past names it.
 */

/** A virtual account that goes, as it is where it leaves. */
export interface LeavingPlace {
  virtualAccountId: string;
  parentId: string | null;
  name: string;
  path: string[];
  depth: number;
  isDefault: boolean;
  /** Whether what it is nested in stays. */
  isTop: boolean;
}

/** Where it comes to. */
export interface ComingPlace {
  virtualAccountId: string;
  parentId: string | null;
  name: string;
  depth: number;
}

/**
 * Takes accounts for the rest of the transaction, in the order of ids, and then everything in their trees: nothing comes
 * to a virtual account or leaves it meanwhile.
 */
export async function lockBoth(trx: Trx, accountIds: readonly string[]): Promise<void> {
  const them = sql`account_id = any(${[...accountIds]}::uuid[])`;
  await sql`select from accounts where ${them} order by account_id for no key update`.execute(trx);
  await sql`
    select from virtual_accounts where ${them} and deleted_at is null
     order by account_id, virtual_account_id for update`.execute(trx);
}

/** The whole tree of an account, or what is nested in some of it and these themselves; depth first by their names. */
export async function leavingPlaces(
  trx: Trx,
  accountId: string,
  chosen: readonly string[] | 'all',
): Promise<LeavingPlace[]> {
  const { rows } = await sql<LeavingPlace>`
    with leaving as (
      select distinct descendant_id as id from virtual_account_ancestry
       where account_id = ${accountId}
         and ${chosen === 'all' ? sql`true` : sql`ancestor_id = any(${[...chosen]}::uuid[])`})
    select v.virtual_account_id as "virtualAccountId", v.parent_id as "parentId", v.name, above.path, v.depth,
           v.is_default as "isDefault",
           not coalesce(v.parent_id in (select id from leaving), false) as "isTop"
      from leaving join virtual_accounts v on v.account_id = ${accountId} and v.virtual_account_id = leaving.id
     cross join lateral (
           select array_agg(up.name order by up.depth) as path, array_agg(lower(up.name) order by up.depth) as place
             from virtual_account_ancestry a
             join virtual_accounts up on up.account_id = a.account_id and up.virtual_account_id = a.ancestor_id
            where a.account_id = v.account_id and a.descendant_id = v.virtual_account_id) above
     where v.deleted_at is null
     order by above.place, v.virtual_account_id`.execute(trx);
  return rows;
}

/** Puts virtual accounts into the tree of another account, and takes them off the one they leave. */
export async function carryTree(
  trx: Trx,
  sides: { fromAccountId: string; intoAccountId: string },
  places: readonly ComingPlace[],
  now: Temporal.Instant,
): Promise<void> {
  const { fromAccountId, intoAccountId } = sides;
  const ids = places.map(({ virtualAccountId }) => virtualAccountId);
  const them = sql`any(${ids}::uuid[])`;
  // The default one of an account that takes its own back is that again, and never restricted (seed 003).
  await sql`
    insert into virtual_accounts (account_id, virtual_account_id, parent_id, name, description, access_level, is_default,
                                  depth, created_at)
    select ${intoAccountId}::uuid, v.virtual_account_id, p.parent_id, p.name, v.description, v.access_level, false,
           p.depth, v.created_at
      from unnest(${ids}::uuid[], ${places.map(({ parentId }) => parentId)}::uuid[],
                  ${places.map(({ name }) => name)}::text[], ${places.map(({ depth }) => depth)}::smallint[])
        as p (virtual_account_id, parent_id, name, depth)
      join virtual_accounts v on v.account_id = ${fromAccountId} and v.virtual_account_id = p.virtual_account_id
    on conflict (account_id, virtual_account_id) do update
      set parent_id = excluded.parent_id, name = excluded.name, description = excluded.description,
          access_level = case when virtual_accounts.is_default then 'unrestricted' else excluded.access_level end,
          depth = excluded.depth, deleted_at = null, deleted_path = null`.execute(trx);
  await sql`
    insert into virtual_account_ancestry (account_id, ancestor_id, descendant_id, distance)
    select ${intoAccountId}::uuid, ancestor_id, descendant_id, distance from virtual_account_ancestry
     where account_id = ${fromAccountId} and descendant_id = ${them} and ancestor_id = ${them}`.execute(trx);
  const inThem = new Set(ids);
  const nested = places.filter(({ parentId }) => parentId !== null && !inThem.has(parentId));
  await sql`
    insert into virtual_account_ancestry (account_id, ancestor_id, descendant_id, distance)
    select ${intoAccountId}::uuid, up.ancestor_id, inside.descendant_id, up.distance + inside.distance + 1
      from unnest(${nested.map(({ virtualAccountId }) => virtualAccountId)}::uuid[],
                  ${nested.map(({ parentId }) => parentId)}::uuid[]) as top (id, parent_id)
      join virtual_account_ancestry inside on inside.account_id = ${fromAccountId} and inside.ancestor_id = top.id
      join virtual_account_ancestry up on up.account_id = ${intoAccountId} and up.descendant_id = top.parent_id`.execute(
    trx,
  );
  await sql`
    update virtual_accounts
       set deleted_at = ${now}, deleted_path = virtual_account_path(account_id, virtual_account_id)
     where account_id = ${fromAccountId} and virtual_account_id = ${them}`.execute(trx);
  await sql`
    delete from virtual_account_ancestry where account_id = ${fromAccountId} and descendant_id = ${them}`.execute(
    trx,
  );
}
