import type { AnswerOf, listInventory } from '@estover/protocol';
import { chosenScope } from '../access/scope.ts';
import type { Context } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { comparePlaces, rowsAsOf } from './as-of.ts';
import { answerOf, type InventorySort, placeInList, presentRows } from './inventory-rows.ts';

const sorts = ['license', 'balance', 'inUse', 'owned'] as const satisfies readonly InventorySort[];

/** The inventory at present or as of another instant, of what the caller may see. */
export async function inventory(
  context: Context,
  { params: { accountId }, query }: Input<typeof listInventory>,
): Promise<AnswerOf<typeof listInventory>> {
  const { trx, now } = context;
  const scope = await chosenScope(context, accountId, 'view-inventory', query);
  const descending = query.sort.startsWith('-');
  const sort = sorts.find((each) => query.sort.endsWith(each)) ?? 'license';
  const at = query.asOf === undefined ? now : Temporal.Instant.from(query.asOf);
  const list = `inventory/${query.by}/${query.sort}/${query.asOf ?? ''}`;
  const after = decodeCursor(list, query.cursor, 5);
  if (query.asOf === undefined) {
    const page = { sort, descending, after, rows: query.limit + 1 };
    const rows = await presentRows(trx, accountId, scope, query, page, now);
    return {
      ...pageFrom(list, rows, query.limit, answerOf, placeInList),
      total: rows[0]?.total ?? 0,
      asOf: at.toString(),
    };
  }
  const all = await rowsAsOf(trx, accountId, scope, query, { sort, descending }, at, now);
  const rows =
    after === null
      ? all
      : all.filter((row) => comparePlaces(placeInList(row), after) * (descending ? -1 : 1) > 0);
  return {
    ...pageFrom(list, rows.slice(0, query.limit + 1), query.limit, answerOf, placeInList),
    total: all.length,
    asOf: at.toString(),
  };
}
