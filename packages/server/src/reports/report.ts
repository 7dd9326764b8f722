/** What a cell holds. A list is a path or several words, which files without lists join. */
export type Cell = string | number | Temporal.Instant | readonly string[] | null;

export interface Column {
  /** Member of the row in JSON, camelCase. */
  key: string;
  /** Heading in CSV and XLSX. Instants are in UTC, and their headings say so. */
  title: string;
  /** Width in a spreadsheet, in characters. */
  width: number;
}

/** A row has one cell for each column, in their order. */
export type Row = readonly Cell[];

/** A report on its way into a file: all rows of the filtered set, a batch at a time, so that memory stays bounded. */
export interface Report {
  /** Part of the file's name, in kebab-case. */
  name: string;
  /** Name of the sheet in a spreadsheet. */
  title: string;
  columns: readonly Column[];
  batches: AsyncIterable<readonly Row[]>;
}

/** A list in one cell, as people write paths. */
export const joined = (list: readonly string[]): string => list.join(' / ');

/** A column without a row: its value comes from a record of the database. */
export interface ColumnOf<Item> extends Column {
  value(item: Item): Cell;
}

/** Rows from records, column by column. */
export async function* rowsOf<Item>(
  columns: readonly ColumnOf<Item>[],
  batches: AsyncIterable<readonly Item[]>,
): AsyncGenerator<Row[]> {
  for await (const batch of batches) {
    yield batch.map((item) => columns.map((column) => column.value(item)));
  }
}
