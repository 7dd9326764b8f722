import type { listVirtualAccounts as operation } from '@estover/protocol';
import { listVirtualAccounts } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { scopeOf, type VirtualAccountScope, visibleScope } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import { type Input, view } from '../edge/operation.ts';
import { type BothSums, ownSums, rolledUp } from '../licenses/index.ts';
import { carriedTags } from './carried-tags.ts';
import { type TreePlace, treePart } from './tree-part.ts';

type Item = z.output<(typeof operation)['answer']>['items'][number];

/**
 * The tree with its sums: the living virtual accounts the caller may see with their paths, what each holds alone, and
 * the sums of everything nested. What a caller may see of the tree but not of its inventory counts as nothing.
 */
export const listVirtualAccountsHandler = view(listVirtualAccounts, async (context, input) => {
  const { rollUp: _, ...part } = input.query;
  const isWhole = Object.values(part).every((asked) => asked === undefined);
  const { places, sums } = isWhole ? await wholeTree(context, input) : await treePart(context, input);
  return { items: places.map((place, index) => itemOf(place, sums[index])) };
});

const itemOf = ({ id, ...place }: TreePlace, sums: BothSums | undefined): Item => ({
  virtualAccountId: id,
  ...place,
  ...sums,
});

/** The database adds up what lies in each; the tree is walked here, once. */
async function wholeTree(
  context: Context,
  { params: { accountId }, query }: Input<typeof operation>,
): Promise<{ places: TreePlace[]; sums: BothSums[] }> {
  const { trx, now } = context;
  const tags = await carriedTags(trx, accountId, 'all');
  const tree = inOrder(
    (await readTree(trx, accountId, visibleScope(context, accountId))).map((row) => ({
      ...row,
      tags: tags.get(row.id) ?? [],
    })),
  );
  const sums = query.rollUp
    ? rolledUp(tree, await ownSums(trx, accountId, scopeOf(context, accountId, 'view-inventory'), now))
    : [];
  return {
    places: tree.flatMap(({ visible, ...place }) => (visible ? [place] : [])),
    sums: sums.filter((_, index) => tree[index]?.visible),
  };
}

interface TreeRow extends Omit<TreePlace, 'path' | 'children'> {
  readonly visible: boolean;
}

/** All living virtual accounts, siblings in the order of their names, which no two of them share. */
async function readTree(
  trx: Trx,
  accountId: string,
  visible: VirtualAccountScope,
): Promise<Omit<TreeRow, 'tags'>[]> {
  const { rows } = await sql<Omit<TreeRow, 'tags'>>`
    select v.virtual_account_id as id, v.parent_id as "parentId",
           told_name(v.account_id, v.virtual_account_id, v.name, v.access_level) as name, v.description,
           v.access_level as "accessLevel", v.is_default as "isDefault", v.depth,
           ${visible.includes(sql.ref('v.virtual_account_id'))} as visible
      from virtual_accounts v
     where v.account_id = ${accountId} and v.deleted_at is null
     order by lower(v.name), v.virtual_account_id`.execute(trx);
  return rows;
}

/** Depth first: each place with its path, before what is nested in it. */
function inOrder(rows: readonly TreeRow[]): (TreePlace & TreeRow)[] {
  const childrenOf = Map.groupBy(rows, ({ parentId }) => parentId);
  const ordered: (TreePlace & TreeRow)[] = [];
  const add = (row: TreeRow, above: readonly string[]): void => {
    const path = [...above, row.name];
    const inside = childrenOf.get(row.id) ?? [];
    ordered.push({ ...row, path, children: inside.filter(({ visible }) => visible).length });
    for (const child of inside) add(child, path);
  };
  for (const row of childrenOf.get(null) ?? []) add(row, []);
  return ordered;
}
