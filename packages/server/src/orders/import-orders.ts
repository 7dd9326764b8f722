import type { AnswerOf, importOrders as importOrdersOperation, ProblemDetail } from '@estover/protocol';
import type { Context, EventFacts } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { bookOrders } from './book-orders.ts';
import { checkOrders, type OrderError } from './check-orders.ts';
import { linesOf } from './create-order.ts';
import { type FileError, type FileOrder, type FileRead, readCsv, readJson } from './read-import.ts';

/**
 * Takes the orders of a file: all of them or, with an error anywhere, none. With `goodRowsOnly` every order without an
 * error is taken whole. All errors of all rows are told at once, whether the file's form or what it names is wrong.
 */
export async function importOrders(
  context: Context,
  { query, body, contentType }: Input<typeof importOrdersOperation>,
): Promise<{ answer: AnswerOf<typeof importOrdersOperation>; event: EventFacts }> {
  const json = contentType === 'application/json';
  const read = json ? readJson(body, context.now) : readCsv(body, context.now);
  const checked = await checkOrders(
    context,
    read.orders.map((order) => order.asked),
  );
  const told = new Set(read.errors.map((error) => `${error.row} ${error.column}`));
  const errors = [
    ...read.errors,
    ...checked.errors
      .flatMap((error) => {
        const order = read.orders[error.order];
        return order === undefined ? [] : [errorAt(order, error, json)];
      })
      // A cell that could not be read is not told again as unknown.
      .filter((error) => !told.has(`${error.row} ${error.column}`)),
  ].sort((left, right) => left.row - right.row);
  if (errors.length > 0 && (!query.goodRowsOnly || read.unusable)) throw refusalOf(errors);

  const bad = new Set(['', ...read.badOrders]);
  const good = [...checked.good.values()].filter((order) => !bad.has(order.orderNumber));
  const booked = await bookOrders(context, 'importOrders', good);
  const taken = new Set(booked.map((order) => order.orderNumber));
  const answer = {
    orders: booked.length,
    lines: booked.reduce((sum, order) => sum + order.lines, 0),
    delivered: booked.reduce((sum, order) => sum + order.delivered, 0),
    skippedOrders: skipped(read, taken),
    errors,
  };
  return {
    answer,
    event: {
      accountId: null,
      objectKind: 'order-import',
      objectId: context.requestId,
      message: `imported ${answer.orders} orders with ${linesOf(answer.lines)}, ${answer.delivered} of them delivered; skipped ${answer.skippedOrders.length} orders`,
      after: { ...answer, errors: errors.length, orderNumbers: [...taken] },
    },
  };
}

const csvColumns = {
  orderNumber: 'order_number',
  sku: 'sku',
  quantity: 'quantity',
  account: 'account',
  virtualAccount: 'virtual_account',
  startDate: 'start_date',
} as const satisfies Record<OrderError['field'], string>;

function errorAt(order: FileOrder, error: OrderError, json: boolean): FileError {
  const { code, detail, field, line } = error;
  const row = line === null ? order.orderRow : (order.lineRows[line] ?? order.orderRow);
  if (!json) return { row, column: csvColumns[field], code, detail };
  return { row, column: line === null ? field : `lines/${line}/${field}`, code, detail };
}

/** Every order of the file that was not taken, once. */
function skipped(read: FileRead, taken: ReadonlySet<string>): string[] {
  const numbers = [...read.orders.map((order) => order.asked.orderNumber), ...read.badOrders];
  return [...new Set(numbers)].filter((number) => number !== '' && !taken.has(number));
}

function refusalOf(errors: readonly FileError[]): Refused {
  const rows = new Set(errors.map((error) => error.row)).size;
  const first = errors[0];
  return new Refused(
    'import-refused',
    `${rows === 1 ? '1 row has' : `${rows} rows have`} errors${first === undefined ? '' : `; the first, in row ${first.row}: ${first.detail}`}`,
    {
      errors: errors.map(
        (error): ProblemDetail => ({ pointer: `body/${error.row}/${error.column}`, ...error }),
      ),
    },
  );
}
