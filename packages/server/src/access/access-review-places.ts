import { type AccountRole, accountRoles } from '@estover/domain/access';
import {
  type AnswerOf,
  downloadVirtualAccountAccess,
  listVirtualAccountAccess,
  type QueryOf,
} from '@estover/protocol';
import { sql } from 'kysely';
import type { Context } from '../edge/context.ts';
import { fileView, view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { Refused } from '../edge/refused.ts';
import { type ColumnOf, csvFile, rowsOf } from '../reports/index.ts';
import { countedRoles } from './access-review-roles.ts';
import { roleTitles } from './access-review-words.ts';
import { chosenScope, scopeOf, type VirtualAccountScope } from './scope.ts';

type Item = AnswerOf<typeof listVirtualAccountAccess>['items'][number];
type Cell = Item['cells'][number];
type Filters = QueryOf<typeof downloadVirtualAccountAccess>;

interface PlaceRow {
  virtualAccountId: string;
  path: string[];
  aboveIds: string[];
  /** Of each role somebody has here, how many have it how; those of the whole account who have it nearer as well are `twice`. */
  near: { role: AccountRole; here: number; fromAbove: number; twice: number }[];
  /** Of each role, how many people have it in the whole account. */
  wide: { role: AccountRole; people: number }[];
}

/** The living virtual accounts in a set, as the tree has them: depth first by name. All of them, or a page. */
async function idsInOrder(
  { trx }: Context,
  accountId: string,
  within: VirtualAccountScope,
  page: { after: string | null; limit: number } | 'all',
): Promise<string[]> {
  const [after, limit] = page === 'all' ? [null, null] : [page.after, page.limit];
  const { rows } = await sql<{ id: string }>`
    with tree as (
      select v.virtual_account_id as id, array_agg(lower(up.name) order by up.depth) as place
        from virtual_accounts v
        join virtual_account_ancestry a on a.account_id = v.account_id and a.descendant_id = v.virtual_account_id
        join virtual_accounts up on up.account_id = a.account_id and up.virtual_account_id = a.ancestor_id
       where v.account_id = ${accountId} and v.deleted_at is null and ${within.includes(sql`v.virtual_account_id`)}
       group by v.account_id, v.virtual_account_id)
    select id from tree
     where ${after === null ? sql`true` : sql`place > (select last.place from tree last where last.id = ${after})`}
     order by place limit ${limit}`.execute(trx);
  return rows.map(({ id }) => id);
}

/**
 * The figures of some virtual accounts, in one query: of everybody with a role here or above, the nearest way, and of the
 * whole account's people only their number and how many of them are counted already.
 */
async function readPlaces(
  context: Context,
  accountId: string,
  { virtualAccountId: _, nested: __, ...filters }: Filters,
  ids: readonly string[],
): Promise<PlaceRow[]> {
  const seen = scopeOf(context, accountId, 'manage-people');
  const { rows } = await sql<PlaceRow>`
    with page as (select id, place from unnest(${[...ids]}::uuid[]) with ordinality as page (id, place)),
    held as materialized (${countedRoles(context, accountId, filters)}),
    wide as (select distinct role, person_id from held where scope_kind = 'account'),
    nearest as (
      select page.id, held.role, held.person_id, min(a.distance) as distance
        from page
        join virtual_account_ancestry a on a.account_id = ${accountId} and a.descendant_id = page.id
        join held_grant_virtual_accounts v
          on v.account_id = ${accountId} and v.virtual_account_id = a.ancestor_id and (v.nested or a.distance = 0)
        join held on held.grant_id = v.grant_id
       where ${seen.includes(sql`v.virtual_account_id`)}
       group by page.id, held.role, held.person_id),
    near as (
      select n.id, jsonb_agg(jsonb_build_object('role', role, 'here', here, 'fromAbove', above, 'twice', twice)) as roles
        from (select n.id, n.role, count(*) filter (where n.distance = 0) as here,
                     count(*) filter (where n.distance > 0) as above, count(wide.person_id) as twice
                from nearest n left join wide on wide.role = n.role and wide.person_id = n.person_id
               group by n.id, n.role) n
       group by n.id)
    select page.id as "virtualAccountId", virtual_account_path(${accountId}, page.id) as path,
           array(select a.ancestor_id from virtual_account_ancestry a
                  where a.account_id = ${accountId} and a.descendant_id = page.id and a.distance > 0
                    and ${seen.includes(sql`a.ancestor_id`)} order by a.distance desc) as "aboveIds",
           coalesce(near.roles, '[]') as near,
           coalesce((select jsonb_agg(jsonb_build_object('role', role, 'people', people))
                       from (select role, count(*) as people from wide group by role) each), '[]') as wide
      from page
      join virtual_accounts living
        on living.account_id = ${accountId} and living.virtual_account_id = page.id and living.deleted_at is null
      left join near on near.id = page.id
     order by page.place`.execute(context.trx);
  return rows;
}

function itemOf({ near, wide, ...place }: PlaceRow): Item {
  const cells = accountRoles.flatMap((role): Cell[] => {
    const { here, fromAbove, twice } = near.find((one) => one.role === role) ?? {
      here: 0,
      fromAbove: 0,
      twice: 0,
    };
    const wholeAccount = (wide.find((one) => one.role === role)?.people ?? 0) - twice;
    const people = here + fromAbove + wholeAccount;
    return people === 0 ? [] : [{ role, people, here, fromAbove, wholeAccount }];
  });
  return { ...place, cells };
}

/** The part of the tree that is asked for, of what the caller manages. */
const chosenPart = (context: Context, accountId: string, { virtualAccountId, nested }: Filters) =>
  chosenScope(context, accountId, 'manage-people', { virtualAccountId, nested });

/** How many there are in a part of the tree; and whether one that a page ended with is still among them. */
async function countPlaces(
  { trx }: Context,
  accountId: string,
  within: VirtualAccountScope,
  after: string | null,
): Promise<{ total: number; goesOn: boolean }> {
  const { rows } = await sql<{ total: number; goesOn: boolean }>`
    select count(*) as total, ${after === null ? sql`true` : sql`coalesce(bool_or(v.virtual_account_id::text = ${after}), false)`} as "goesOn"
      from virtual_accounts v
     where v.account_id = ${accountId} and v.deleted_at is null
       and ${within.includes(sql`v.virtual_account_id`)}`.execute(trx);
  return rows[0] ?? { total: 0, goesOn: after === null };
}

const figures: readonly [key: keyof Omit<Cell, 'role'>, words: string][] = [
  ['people', ''],
  ['here', ': given here'],
  ['fromAbove', ': from above'],
  ['wholeAccount', ': in the whole account'],
];

const columns: readonly ColumnOf<Item>[] = [
  { key: 'virtualAccount', title: 'Virtual account', width: 40, value: ({ path }) => path },
  ...accountRoles.flatMap((role) =>
    figures.map(
      ([key, words]): ColumnOf<Item> => ({
        key: `${role}-${key}`,
        title: `${roleTitles[role]}${words}`,
        width: 12,
        value: ({ cells }) => cells.find((cell) => cell.role === role)?.[key] ?? 0,
      }),
    ),
  ),
];

const list = 'virtual-account-access';
const placesAtOnce = 1_000;

export const virtualAccountAccessHandlers = [
  view(listVirtualAccountAccess, async (context, { params: { accountId }, query }) => {
    const { limit, cursor, ...filters } = query;
    const [last] = decodeCursor(list, cursor, 1) ?? [null];
    const after = last === null ? null : String(last);
    const within = await chosenPart(context, accountId, filters);
    const { total, goesOn } = await countPlaces(context, accountId, within, after);
    // The tree was changed between two pages, and nothing says any more where the first one ended.
    if (!goesOn) {
      throw new Refused('cursor-invalid', 'The virtual account that the page before ended with is gone.');
    }
    const ids = await idsInOrder(context, accountId, within, { after, limit: limit + 1 });
    const rows = await readPlaces(context, accountId, filters, ids);
    return {
      ...pageFrom(list, rows, limit, itemOf, ({ virtualAccountId }) => [virtualAccountId]),
      total,
      everythingSeen: scopeOf(context, accountId, 'manage-people').everything,
    };
  }),

  fileView(downloadVirtualAccountAccess, async (context, { params: { accountId }, query }) => {
    const within = await chosenPart(context, accountId, query);
    const ids = await idsInOrder(context, accountId, within, 'all');
    async function* batches() {
      for (let from = 0; from < ids.length; from += placesAtOnce) {
        const rows = await readPlaces(context, accountId, query, ids.slice(from, from + placesAtOnce));
        yield rows.map(itemOf);
      }
    }
    const day = context.now.toZonedDateTimeISO('UTC').toPlainDate();
    return {
      contentType: 'text/csv; charset=utf-8; header=present',
      fileName: `estover-virtual-account-access-${day}.csv`,
      stream: csvFile({
        name: 'virtual-account-access',
        title: 'Access review',
        columns,
        batches: rowsOf(columns, batches()),
      }),
    };
  }),
];
