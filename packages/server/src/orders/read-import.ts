import {
  checkHeader,
  columnName,
  type ImportColumn,
  type ImportError,
  type ImportRow,
  readRows,
} from '@estover/domain/orders';
import { newOrder } from '@estover/protocol';
import { readTable, refuseOtherEncodings } from '../edge/csv.ts';
import { Refused } from '../edge/refused.ts';
import type { AskedOrder } from './check-orders.ts';

/** Something wrong with a place of the file. */
export interface FileError {
  row: number;
  column: string;
  code: string;
  detail: string;
}

/** An order of a file, with where its parts stand: what an error of the order itself or of a line is told with. */
export interface FileOrder {
  asked: AskedOrder;
  orderRow: number;
  lineRows: readonly number[];
}

export interface FileRead {
  /** Orders as far as they could be read; those that are bad are looked up as well, so that all errors are told. */
  orders: FileOrder[];
  /** Numbers of orders with an error. */
  badOrders: string[];
  errors: FileError[];
  /** Whether the errors are such that no order at all can be taken. */
  unusable: boolean;
}

/** The most lines one file may have; larger files are split. */
const mostRows = 50_000;

/** Reads a CSV file: a header, then a row a line (RFC 4180; with `;` as well, as some spreadsheets write it). */
export function readCsv(text: string, now: Temporal.Instant): FileRead {
  const { header, rest } = readTable(text);
  refuseTooMany(rest.length);
  const headerErrors = checkHeader(header);
  if (headerErrors.length > 0) {
    return { orders: [], badOrders: [], errors: headerErrors, unusable: true };
  }
  const names = header.map(columnName) as ImportColumn[];
  const rows: ImportRow[] = [];
  const errors: ImportError[] = [];
  const spoiled = new Set<string>();
  for (const [index, cells] of rest.entries()) {
    if (cells.every((cell) => cell.trim() === '')) continue;
    const row = index + 2;
    const byColumn = new Map(names.map((name, column) => [name as string, cells[column] ?? '']));
    const tooMany = cells.slice(names.length).some((cell) => cell.trim() !== '');
    if (cells.length < names.length || tooMany) {
      const detail = `The row has ${cells.length} cells, the header ${names.length}.`;
      errors.push({ row, column: names[0] ?? '', code: 'wrong-number-of-cells', detail });
      spoiled.add(byColumn.get('order_number')?.trim() ?? '');
    } else {
      rows.push({ row, cells: byColumn });
    }
  }
  const read = readRows(rows);
  const bad = new Set([...read.badOrders, ...spoiled].filter((number) => number !== ''));
  return {
    orders: read.orders.map((order) => ({
      asked: { ...order, orderedAt: order.orderedAt ?? now },
      orderRow: order.lines[0]?.row ?? 1,
      lineRows: order.lines.map((line) => line.row),
    })),
    badOrders: [...bad],
    errors: [...errors, ...read.errors],
    unusable: false,
  };
}

function refuseTooMany(rows: number): void {
  if (rows <= mostRows) return;
  throw new Refused(
    'body-too-large',
    `The file has ${rows} rows; one import takes at most ${mostRows}. Split the file between orders.`,
    { rows, maximum: mostRows },
  );
}

/** Reads a JSON file: an array of orders as `createOrder` takes them. A row is the position of an order, from 1. */
export function readJson(text: string, now: Temporal.Instant): FileRead {
  refuseOtherEncodings(text);
  let given: unknown;
  try {
    given = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refused('malformed-body', `The file is not well-formed JSON: ${why}`);
  }
  if (!Array.isArray(given)) {
    throw new Refused('malformed-body', 'The file must hold an array of orders.');
  }
  refuseTooMany(given.length);
  const orders = new Map<string, FileOrder>();
  const bad = new Set<string>();
  const errors: FileError[] = [];
  for (const [index, one] of given.entries()) {
    const row = index + 1;
    const parsed = newOrder.safeParse(one);
    if (!parsed.success) {
      for (const issue of parsed.error.issues) {
        errors.push({ row, column: issue.path.join('/'), code: issue.code, detail: issue.message });
      }
      const number: unknown =
        one !== null && typeof one === 'object' ? Reflect.get(one, 'orderNumber') : null;
      if (typeof number === 'string') bad.add(number);
      continue;
    }
    const order = parsed.data;
    const before = orders.get(order.orderNumber);
    if (before !== undefined) {
      const detail = `Order ${order.orderNumber} is at position ${before.orderRow} already.`;
      errors.push({ row, column: 'orderNumber', code: 'order-repeated', detail });
      bad.add(order.orderNumber);
      continue;
    }
    orders.set(order.orderNumber, {
      asked: {
        orderNumber: order.orderNumber,
        buyer: order.buyer,
        orderedAt: order.orderedAt === undefined ? now : Temporal.Instant.from(order.orderedAt),
        lines: order.lines.map((line, position) => ({
          lineNumber: position + 1,
          sku: line.sku,
          quantity: line.quantity,
          account: line.account,
          virtualAccount: line.virtualAccount ?? null,
          startDate: line.startDate ?? null,
          ship: line.state === 'shipped',
        })),
      },
      orderRow: row,
      lineRows: order.lines.map(() => row),
    });
  }
  return {
    orders: [...orders.values()],
    badOrders: [...bad],
    errors,
    unusable: false,
  };
}
