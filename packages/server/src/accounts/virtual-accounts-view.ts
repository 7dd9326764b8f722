import type { listVirtualAccounts as operation } from '@estover/protocol';
import { listVirtualAccounts } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { scopeOf, type VirtualAccountScope, visibleScope } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import { view } from '../edge/operation.ts';
import { ownSums, rolledUp } from './roll-up.ts';

type Item = z.output<(typeof operation)['answer']>['items'][number];

interface TreeRow {
  readonly id: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly description: string;
  readonly accessLevel: Item['accessLevel'];
  readonly isDefault: boolean;
  readonly depth: number;
  readonly visible: boolean;
}

interface TreePlace extends TreeRow {
  readonly path: string[];
  /** Children the caller may see. */
  readonly children: number;
}

/**
 * The tree with its sums: the living virtual accounts the caller may see with their paths, what each holds alone, and
 * the sums of everything nested. The database adds up what lies in each; the tree is walked here, once. What a caller
 * may see of the tree but not of its inventory counts as nothing.
 */
export const listVirtualAccountsHandler = view(listVirtualAccounts, async (context, { params, query }) => {
  const { trx, now } = context;
  const { accountId } = params;
  const tree = inOrder(await readTree(trx, accountId, visibleScope(context, accountId)));
  const sums = query.rollUp
    ? rolledUp(tree, await ownSums(trx, accountId, scopeOf(context, accountId, 'view-inventory'), now))
    : null;
  const items: Item[] = [];
  for (const [index, place] of tree.entries()) {
    if (!place.visible) continue;
    const { id, parentId, name, path, description, accessLevel, isDefault, depth, children } = place;
    const item = {
      virtualAccountId: id,
      parentId,
      name,
      path,
      description,
      accessLevel,
      isDefault,
      depth,
      children,
    };
    items.push(sums === null ? item : { ...item, ...sums[index] });
  }
  return { items };
});

/** All living virtual accounts, siblings in the order of their names, which no two of them share. */
async function readTree(trx: Trx, accountId: string, visible: VirtualAccountScope): Promise<TreeRow[]> {
  const { rows } = await sql<TreeRow>`
    select v.virtual_account_id as id, v.parent_id as "parentId", v.name, v.description,
           v.access_level as "accessLevel", v.is_default as "isDefault", v.depth,
           ${visible.includes(sql.ref('v.virtual_account_id'))} as visible
      from virtual_accounts v
     where v.account_id = ${accountId} and v.deleted_at is null
     order by lower(v.name), v.virtual_account_id`.execute(trx);
  return rows;
}

/** Depth first: each place with its path, before what is nested in it. */
function inOrder(rows: readonly TreeRow[]): TreePlace[] {
  const childrenOf = Map.groupBy(rows, ({ parentId }) => parentId);
  const ordered: TreePlace[] = [];
  const add = (row: TreeRow, above: readonly string[]): void => {
    const path = [...above, row.name];
    const inside = childrenOf.get(row.id) ?? [];
    ordered.push({ ...row, path, children: inside.filter(({ visible }) => visible).length });
    for (const child of inside) add(child, path);
  };
  for (const row of childrenOf.get(null) ?? []) add(row, []);
  return ordered;
}
