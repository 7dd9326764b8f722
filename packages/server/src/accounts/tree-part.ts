import { type listVirtualAccounts, mostVirtualAccountsFound } from '@estover/protocol';
import { type RawBuilder, sql } from 'kysely';
import { chosenScope, scopeOf, type VirtualAccountScope, visibleScope } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import { likeText } from '../database/like-text.ts';
import type { Context } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { type BothSums, missing, sumsOf } from '../licenses/index.ts';
import { type CarriedTag, type Carries, carriedTags, chosenTag } from './carried-tags.ts';

/** A virtual account as the tree shows it. */
export interface TreePlace {
  readonly id: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly description: string;
  readonly accessLevel: 'restricted' | 'unrestricted';
  readonly isDefault: boolean;
  readonly depth: number;
  readonly path: string[];
  /** Children the caller may see. */
  readonly children: number;
  readonly tags: CarriedTag[];
}

const deepest = 10;

/**
 * A few lines of the tree, depth first, with their sums if these are asked for: the database finds them and adds up what
 * is nested in each, so that only they are read, however large the tree is.
 */
export async function treePart(
  context: Context,
  { params: { accountId }, query }: Input<typeof listVirtualAccounts>,
): Promise<{ places: TreePlace[]; sums: BothSums[] }> {
  const { trx, now } = context;
  const { within, short, search } = query;
  const levels = query.levels ?? (short === undefined && search === undefined ? deepest : 0);
  const visible = await chosenScope(context, accountId, 'view-events', {
    virtualAccountId: within,
    nested: true,
  });
  const carries = await chosenTag(trx, accountId, query);
  const inventory = narrowed(accountId, within, scopeOf(context, accountId, 'view-inventory'));
  const ids = new Set([
    ...(levels > 0 ? await nearest(trx, accountId, visible, { within, levels, carries }) : []),
    ...(short !== undefined
      ? await shortest(trx, accountId, { visible, inventory, most: short, carries })
      : []),
    ...(search !== undefined ? await named(trx, accountId, visible, { search, within, carries }) : []),
  ]);
  if (within !== undefined) ids.delete(within);
  const places = await readPlaces(trx, accountId, [...ids], visibleScope(context, accountId));
  if (!query.rollUp) return { places, sums: [] };
  const shownChildren = Map.groupBy(places, ({ parentId }) => parentId);
  const summed = places.map(({ id, parentId, children }) => ({
    id,
    parentId,
    // Below a child that is not to be seen there may be others that are.
    isSumOfChildren: visible.everything && children > 0 && shownChildren.get(id)?.length === children,
  }));
  return { places, sums: await sumsOf(trx, accountId, summed, inventory, now) };
}

/** What a scope includes, of what is nested in one virtual account, if one is named. */
function narrowed(
  accountId: string,
  within: string | undefined,
  scope: VirtualAccountScope,
): VirtualAccountScope {
  if (within === undefined) return scope;
  return {
    everything: false,
    includes: (column) => sql`(${scope.includes(column)} and ${column} in (
      select descendant_id from virtual_account_ancestry
       where account_id = ${accountId} and ancestor_id = ${within} and distance > 0))`,
  };
}

/**
 * The ids of so many levels, counted from the top of what is visible, or from a virtual account, itself included; where a
 * tag is chosen, of those that carry it and of all that they are nested in.
 */
async function nearest(
  trx: Trx,
  accountId: string,
  visible: VirtualAccountScope,
  { within, levels, carries }: { within: string | undefined; levels: number; carries: Carries | null },
): Promise<string[]> {
  // Whoever sees only parts has gaps in between: the level is how many are visible from there up.
  const near = visible.everything
    ? sql<{ id: string }>`
        select virtual_account_id as id from virtual_accounts
         where account_id = ${accountId} and deleted_at is null and depth <= ${levels}`
    : sql<{ id: string }>`
        select descendant_id as id from virtual_account_ancestry
         where account_id = ${accountId} and ${visible.includes(sql.ref('descendant_id'))}
           and ${visible.includes(sql.ref('ancestor_id'))}
         group by descendant_id having count(*) <= ${levels + (within === undefined ? 0 : 1)}`;
  if (carries === null) return (await near.execute(trx)).rows.map(({ id }) => id);
  const carrying = sql`
      select near.id from (${near}) near
       where ${carries(sql.ref('near.id'))} and near.id is distinct from ${within ?? null}::uuid`;
  return withAllAround(trx, accountId, visible, carrying);
}

/** The ids of those that miss most, and of all that they are nested in. */
const shortest = (
  trx: Trx,
  accountId: string,
  {
    visible,
    inventory,
    most,
    carries,
  }: {
    visible: VirtualAccountScope;
    inventory: VirtualAccountScope;
    most: number;
    carries: Carries | null;
  },
): Promise<string[]> =>
  withAllAround(
    trx,
    accountId,
    visible,
    sql`
      select virtual_account_id as id from pools
       where account_id = ${accountId} and state = 'out-of-compliance'
         and ${inventory.includes(sql.ref('virtual_account_id'))}
         and ${carries?.(sql.ref('virtual_account_id')) ?? sql`true`}
       group by 1 order by total(${missing}) desc, 1 limit ${most}`,
  );

/** The ids of those in whose name, description or values of tags a text is, and of all that they are nested in. */
const named = (
  trx: Trx,
  accountId: string,
  visible: VirtualAccountScope,
  { search, within, carries }: { search: string; within: string | undefined; carries: Carries | null },
): Promise<string[]> =>
  withAllAround(
    trx,
    accountId,
    visible,
    sql`
      select virtual_account_id as id from virtual_accounts
       where account_id = ${accountId} and deleted_at is null
         and ${visible.includes(sql.ref('virtual_account_id'))}
         and virtual_account_id is distinct from ${within ?? null}::uuid
         and ${carries?.(sql.ref('virtual_account_id')) ?? sql`true`}
         and (name ilike ${likeText(search)} or description ilike ${likeText(search)}
              or virtual_account_id in (
                select c.virtual_account_id from virtual_account_tags c
                  join tag_values v on v.account_id = c.account_id and v.tag_value_id = c.tag_value_id
                 where c.account_id = ${accountId} and v.name ilike ${likeText(search)}))
       order by lower(name), 1 limit ${mostVirtualAccountsFound}`,
  );

/** The ids that a query finds, and of all that they are nested in. */
async function withAllAround(
  trx: Trx,
  accountId: string,
  visible: VirtualAccountScope,
  found: RawBuilder<unknown>,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct a.ancestor_id as id
      from (${found}) found
      join virtual_account_ancestry a on a.account_id = ${accountId} and a.descendant_id = found.id
     where ${visible.includes(sql.ref('a.ancestor_id'))}`.execute(trx);
  return rows.map(({ id }) => id);
}

/** Virtual accounts by id, depth first by their names. */
async function readPlaces(
  trx: Trx,
  accountId: string,
  ids: readonly string[],
  visible: VirtualAccountScope,
): Promise<TreePlace[]> {
  const { rows } = await sql<Omit<TreePlace, 'tags'>>`
    select v.virtual_account_id as id, v.parent_id as "parentId", v.name, v.description,
           v.access_level as "accessLevel", v.is_default as "isDefault", v.depth, above.path,
           (select count(*) from virtual_accounts c
             where c.account_id = v.account_id and c.parent_id = v.virtual_account_id and c.deleted_at is null
               and ${visible.includes(sql.ref('c.virtual_account_id'))}) as children
      from virtual_accounts v
     cross join lateral (
           select array_agg(told_name(a.account_id, up.virtual_account_id, up.name, up.access_level) order by up.depth) as path,
                  array_agg(lower(up.name) order by up.depth) as place
             from virtual_account_ancestry a
             join virtual_accounts up on up.account_id = a.account_id and up.virtual_account_id = a.ancestor_id
            where a.account_id = v.account_id and a.descendant_id = v.virtual_account_id) above
     where v.account_id = ${accountId} and v.deleted_at is null and v.virtual_account_id = any(${ids}::uuid[])
     order by above.place`.execute(trx);
  const tags = await carriedTags(trx, accountId, ids);
  return rows.map((row) => ({ ...row, tags: tags.get(row.id) ?? [] }));
}
