/** What a cell holds. A list is a path or several words, which files without lists join. */
export type Cell = string | number | Temporal.Instant | StoredInstant | readonly string[] | null;

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

/**
 * An instant as the database writes it in UTC, such as `2026-11-22 12:00:00.5+00`. Files of very many rows only copy it
 * or ask for its milliseconds, and making a Temporal.Instant of each would take most of their time.
 */
export class StoredInstant {
  private readonly stored: string;

  /** @throws RangeError for anything that is not written like this. */
  constructor(stored: string) {
    if (stored.length < 22 || stored[4] !== '-' || stored[10] !== ' ' || !stored.endsWith('+00')) {
      throw new RangeError(`${stored} is not an instant in UTC as the database writes it.`);
    }
    this.stored = stored;
  }

  /** The same as RFC 3339 text. */
  toString(): string {
    return `${this.stored.slice(0, 10)}T${this.stored.slice(11, -3)}Z`;
  }

  get epochMilliseconds(): number {
    const digits = (from: number) => twoDigits(this.stored, from);
    const day = Date.UTC(digits(0) * 100 + digits(2), digits(5) - 1, digits(8));
    const fraction =
      this.stored.length === 22 ? 0 : Number(this.stored.slice(20, -3).slice(0, 3).padEnd(3, '0'));
    return day + ((digits(11) * 60 + digits(14)) * 60 + digits(17)) * 1_000 + fraction;
  }
}

const zero = 48;
const twoDigits = (text: string, from: number): number =>
  (text.charCodeAt(from) - zero) * 10 + text.charCodeAt(from + 1) - zero;

/** Whether a cell holds an instant, in either form. */
export const isInstant = (cell: Cell): cell is Temporal.Instant | StoredInstant =>
  cell instanceof StoredInstant || cell instanceof Temporal.Instant;

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
