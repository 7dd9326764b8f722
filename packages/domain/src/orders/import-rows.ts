import { isQuantity, MAX_QUANTITY } from '../licenses/quantity.ts';
import { type ColumnErrorCode, checkColumns } from './columns.ts';

/*
 * Orders from the rows of a file: a row a line, the rows of one order found by their order number wherever they stand.
 * Everything that can be told without looking anything up is told here, for all rows at once.
 */

/** The columns of an import file. Those with `true` must be in the header, and no row may leave them empty. */
const columns = {
  order_number: true,
  buyer: true,
  ordered_at: false,
  line: false,
  sku: true,
  quantity: true,
  account: true,
  virtual_account: false,
  start_date: false,
  state: false,
} as const satisfies Record<string, boolean>;

export type ImportColumn = keyof typeof columns;
export const IMPORT_COLUMNS = Object.keys(columns) as readonly ImportColumn[];

/** The longest text of a cell, in characters. */
const longest: Partial<Record<ImportColumn, number>> = {
  order_number: 40,
  buyer: 200,
  sku: 64,
  account: 253,
  virtual_account: 1000,
};

/** The highest line number an order may have. */
const MAX_LINE_NUMBER = 100_000;

export interface ImportError {
  /** Counted from 1; the header is row 1. */
  readonly row: number;
  readonly column: string;
  readonly code: ImportErrorCode;
  /** What is wrong, and what to write instead, in a sentence. */
  readonly detail: string;
}

export type ImportErrorCode =
  | ColumnErrorCode
  | 'wrong-number-of-cells'
  | 'value-missing'
  | 'value-too-long'
  | 'control-characters'
  | 'order-number-invalid'
  | 'ordered-at-invalid'
  | 'line-invalid'
  | 'line-repeated'
  | 'sku-invalid'
  | 'quantity-invalid'
  | 'start-date-invalid'
  | 'state-invalid'
  | 'buyer-differs'
  | 'ordered-at-differs';

/** What a header must say: every column once, the required ones present, none unknown. */
export const checkHeader = (header: readonly string[]): ImportError[] => checkColumns(header, columns);

/** A row's cells by column; a column the file does not have is absent. */
export interface ImportRow {
  readonly row: number;
  readonly cells: ReadonlyMap<string, string>;
}

export interface ImportedOrder {
  readonly orderNumber: string;
  readonly buyer: string;
  /** Null: when the file is taken in. */
  readonly orderedAt: Temporal.Instant | null;
  readonly lines: readonly ImportedLine[];
}

export interface ImportedLine {
  readonly row: number;
  readonly lineNumber: number;
  readonly sku: string;
  readonly quantity: number;
  readonly account: string;
  readonly virtualAccount: string | null;
  readonly startDate: string | null;
  readonly ship: boolean;
}

export interface ImportResult {
  /** All orders, also those with a bad row, so that what their other cells name can be looked up as well. */
  readonly orders: readonly ImportedOrder[];
  /** Numbers of orders with a bad row: these must not be taken, nor those without a number. */
  readonly badOrders: readonly string[];
  readonly errors: readonly ImportError[];
}

/** Reads the rows below a good header. A line without a number gets the next one that its order does not use. */
export function readRows(rows: readonly ImportRow[]): ImportResult {
  const errors: ImportError[] = [];
  const badRows = new Set<number>();
  const wrong = (row: number, column: ImportColumn, code: ImportErrorCode, detail: string): void => {
    badRows.add(row);
    errors.push({ row, column, code, detail });
  };
  const read = rows.map((row) => readRow(row, wrong));
  const byNumber = Map.groupBy(read, (row) => row.orderNumber);
  const orders: ImportedOrder[] = [];
  const badOrders: string[] = [];
  for (const [orderNumber, members] of byNumber) {
    if (orderNumber === '') {
      // Rows without a number belong to no order; each is looked at alone.
      orders.push(...members.map((member) => readOrder('', [member], wrong)));
      continue;
    }
    orders.push(readOrder(orderNumber, members, wrong));
    if (members.some((member) => badRows.has(member.row))) badOrders.push(orderNumber);
  }
  return { orders, badOrders, errors: errors.sort((left, right) => left.row - right.row) };
}

type Wrong = (row: number, column: ImportColumn, code: ImportErrorCode, detail: string) => void;

interface ReadRow extends Omit<ImportedLine, 'lineNumber'> {
  orderNumber: string;
  buyer: string;
  orderedAt: Temporal.Instant | null;
  lineNumber: number | null;
}

function readRow({ row, cells }: ImportRow, wrong: Wrong): ReadRow {
  const text = (column: ImportColumn): string => {
    const value = cells.get(column)?.trim() ?? '';
    const most = longest[column];
    if (value === '') {
      if (columns[column]) wrong(row, column, 'value-missing', `The row has no ${words(column)}.`);
    } else if (/\p{Cc}/u.test(value)) {
      wrong(
        row,
        column,
        'control-characters',
        `The ${words(column)} has a line break or other control character.`,
      );
      return '';
    } else if (most !== undefined && value.length > most) {
      const detail = `The ${words(column)} has ${value.length} characters; it may have at most ${most}.`;
      wrong(row, column, 'value-too-long', detail);
    }
    return value;
  };
  /** Reads a cell that is not empty; what cannot be read is told and stands for nothing. */
  const parsed = <T>(
    column: ImportColumn,
    parse: (given: string) => T | null,
    code: ImportErrorCode,
    detail: string,
  ) => {
    const given = text(column);
    if (given === '') return null;
    const value = parse(given);
    if (value === null) wrong(row, column, code, `${given} ${detail}`);
    return value;
  };
  const orderNumber = text('order_number');
  if (orderNumber !== '' && !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(orderNumber)) {
    const detail = `${orderNumber} is not an order number: use letters, digits, dots, dashes and underscores.`;
    wrong(row, 'order_number', 'order-number-invalid', detail);
  }
  const sku = text('sku');
  if (sku !== '' && !/^[A-Za-z0-9][A-Za-z0-9._=/-]*$/.test(sku)) {
    wrong(row, 'sku', 'sku-invalid', `${sku} is not a SKU: it has characters no SKU has.`);
  }
  return {
    row,
    orderNumber,
    buyer: text('buyer'),
    orderedAt: parsed(
      'ordered_at',
      instantOf,
      'ordered-at-invalid',
      'is neither a date like 2026-11-22 nor an instant in UTC like 2026-11-22T12:00:00Z.',
    ),
    lineNumber: parsed(
      'line',
      (given) => wholeNumber(given, MAX_LINE_NUMBER),
      'line-invalid',
      `is not a line number: write a whole number from 1 to ${MAX_LINE_NUMBER}, or leave it empty.`,
    ),
    sku,
    quantity:
      parsed(
        'quantity',
        (given) => wholeNumber(given, MAX_QUANTITY),
        'quantity-invalid',
        `is not a quantity: write a whole number from 1 to ${MAX_QUANTITY}, without separators.`,
      ) ?? 0,
    account: text('account'),
    virtualAccount: text('virtual_account') || null,
    startDate: parsed(
      'start_date',
      (given) => (plainDate(given) === null ? null : given),
      'start-date-invalid',
      'is not a date: write it like 2026-11-22.',
    ),
    ship:
      parsed(
        'state',
        (given) => stateOf(given),
        'state-invalid',
        'is not a state of a new line: write booked or shipped.',
      ) !== 'booked',
  };
}

function readOrder(orderNumber: string, rows: readonly ReadRow[], wrong: Wrong): ImportedOrder {
  const first = rows.find((row) => row.buyer !== '');
  const dated = rows.find((row) => row.orderedAt !== null);
  const firstRows = new Map<number, number>();
  for (const row of rows) {
    if (first !== undefined && row.buyer !== '' && row.buyer !== first.buyer) {
      const detail = `Order ${orderNumber} has the buyer ${first.buyer} in row ${first.row}, here ${row.buyer}.`;
      wrong(row.row, 'buyer', 'buyer-differs', detail);
    }
    if (dated?.orderedAt && row.orderedAt !== null && !row.orderedAt.equals(dated.orderedAt)) {
      const detail = `Order ${orderNumber} was ordered at ${dated.orderedAt} in row ${dated.row}, here at ${row.orderedAt}.`;
      wrong(row.row, 'ordered_at', 'ordered-at-differs', detail);
    }
    if (row.lineNumber === null) continue;
    const before = firstRows.get(row.lineNumber);
    if (before === undefined) firstRows.set(row.lineNumber, row.row);
    else {
      const detail = `Line ${row.lineNumber} of order ${orderNumber} is in row ${before} already.`;
      wrong(row.row, 'line', 'line-repeated', detail);
    }
  }
  let next = 1;
  const nextFree = (): number => {
    while (firstRows.has(next)) next++;
    return next++;
  };
  return {
    orderNumber,
    buyer: first?.buyer ?? '',
    orderedAt: dated?.orderedAt ?? null,
    lines: rows.map(({ row, lineNumber, sku, quantity, account, virtualAccount, startDate, ship }) => ({
      row,
      lineNumber: lineNumber ?? nextFree(),
      sku,
      quantity,
      account,
      virtualAccount,
      startDate,
      ship,
    })),
  };
}

const words = (column: ImportColumn): string => column.replaceAll('_', ' ');

function wholeNumber(text: string, most: number): number | null {
  if (!/^\d{1,10}$/.test(text)) return null;
  const value = Number(text);
  return isQuantity(value) && value <= most ? value : null;
}

/** A date in the years that the API takes as well: ends of terms are counted from it and need room. */
function plainDate(text: string): Temporal.PlainDate | null {
  if (!/^(19|2\d)\d{2}-\d{2}-\d{2}$/.test(text)) return null;
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' });
  } catch {
    return null;
  }
}

/** An instant in UTC, or a date, which stands for its midnight UTC. */
function instantOf(text: string): Temporal.Instant | null {
  const date = plainDate(text);
  if (date !== null) return date.toZonedDateTime('UTC').toInstant();
  if (!/^(19|2\d)\d{2}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$/.test(text)) return null;
  try {
    return Temporal.Instant.from(text);
  } catch {
    return null;
  }
}

function stateOf(text: string): 'booked' | 'shipped' | null {
  const state = text.toLowerCase();
  return state === 'booked' || state === 'shipped' ? state : null;
}
