import { Refused } from './refused.ts';

/** Values of the sort columns of the last row of a page, the unique id last. */
export type CursorValues = readonly (string | number | null)[];

/** An opaque cursor: where the next page goes on, bound to the list it belongs to. */
export const encodeCursor = (list: string, values: CursorValues): string =>
  Buffer.from(JSON.stringify([list, ...values])).toString('base64url');

/** Reads a cursor of the same list with so many values; anything else is refused. */
export function decodeCursor(list: string, cursor: string | undefined, length: number): CursorValues | null {
  if (cursor === undefined) return null;
  try {
    const decoded: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(decoded) && decoded[0] === list && decoded.length === length + 1) {
      const values = decoded.slice(1);
      if (values.every((value) => value === null || typeof value === 'string' || typeof value === 'number')) {
        return values;
      }
    }
  } catch {
    // Falls through: what cannot be read is refused like what belongs to another list.
  }
  throw new Refused('cursor-invalid', 'The cursor does not belong to this list and sort order.');
}

/**
 * Makes a page of rows that were read with one more than the limit: the extra row only tells that there are more.
 */
export function pageFrom<Row, Item>(
  list: string,
  rows: readonly Row[],
  limit: number,
  item: (row: Row) => Item,
  cursorOf: (row: Row) => CursorValues,
): { items: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(item),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(list, cursorOf(last)) : null,
  };
}
