import type { AnswerOf, BodyOf, createOrder, importOrders, shipOrder } from '@estover/protocol';
import { millisecondsOf } from '../clock.ts';
import type { BookLot, BookOrder, BookOrderLine, Books, ProductTerm } from './books.ts';
import { type Case, type Expectation, type NamedLot, parsed, refused } from './case.ts';
import { enterMovement, stateOfTerm } from './ledger-rules.ts';

type Asked = Omit<BookOrderLine, 'lineNumber' | 'state' | 'place'> & { place: string | null; ship: boolean };
interface AskedOrder {
  orderNumber: string;
  lines: Asked[];
}

export function ruleOfOrder(given: Case): Expectation {
  const { orderNumber, lines } = parsed<BodyOf<typeof createOrder>>(given.body);
  const asked = {
    orderNumber,
    lines: lines.map(({ sku, quantity, account, virtualAccount, startDate, state }) => ({
      sku,
      quantity,
      accountId: account,
      place: virtualAccount ?? null,
      startDate: startDate ?? null,
      ship: state !== 'booked',
    })),
  };
  const wrong = errorOf(given.books, asked);
  if (wrong !== undefined) return refused(wrong === 'start-date-without-term' ? 'invalid-request' : wrong);
  return {
    code: 'ok',
    accept(text) {
      const { order } = parsed<AnswerOf<typeof createOrder>>(text);
      const problem = book(given, asked);
      if (problem !== undefined) return problem;
      return checkStates(given.books, order);
    },
  };
}

/** The columns of an import in the order in which the world writes them. */
export function readImport(csv: string): AskedOrder[] {
  const orders = new Map<string, AskedOrder>();
  const [header = '', ...rows] = csv.split('\n').filter((row) => row !== '');
  const columns = header.split(',');
  for (const row of rows) {
    const cells = row.split(',');
    const cell = (name: string) => cells[columns.indexOf(name)] ?? '';
    const orderNumber = cell('order_number');
    const order = orders.get(orderNumber) ?? { orderNumber, lines: [] };
    orders.set(orderNumber, order);
    order.lines.push({
      sku: cell('sku'),
      quantity: Number(cell('quantity')),
      accountId: cell('account'),
      place: cell('virtual_account') || null,
      startDate: cell('start_date') || null,
      ship: cell('state') !== 'booked',
    });
  }
  return [...orders.values()];
}

export function ruleOfImport(given: Case): Expectation {
  const orders = readImport(given.body);
  if (orders.some((order) => errorOf(given.books, order) !== undefined)) return refused('import-refused');
  return {
    code: 'ok',
    accept(text) {
      const answer = parsed<AnswerOf<typeof importOrders>>(text);
      for (const order of orders) {
        const problem = book(given, order);
        if (problem !== undefined) return problem;
      }
      const lines = orders.reduce((sum, order) => sum + order.lines.length, 0);
      const delivered = orders.flatMap((order) => order.lines).filter(({ ship }) => ship).length;
      const expected = { orders: orders.length, lines, delivered };
      const found = { orders: answer.orders, lines: answer.lines, delivered: answer.delivered };
      return JSON.stringify(expected) === JSON.stringify(found)
        ? undefined
        : `the import should have made ${JSON.stringify(expected)} and made ${JSON.stringify(found)}`;
    },
  };
}

export function ruleOfShipping(given: Case): Expectation {
  const order = given.books.orders.get(given.params['orderNumber'] ?? '');
  if (order === undefined) return refused('not-found');
  const named = parsed<BodyOf<typeof shipOrder>>(given.body).lines;
  const chosen = choose(order, named, 'booked');
  if (chosen === undefined) return refused('order-state');
  return {
    code: 'ok',
    accept(text) {
      for (const line of chosen) {
        const problem = deliver(given, order.orderNumber, line);
        if (problem !== undefined) return problem;
      }
      return checkStates(given.books, parsed<AnswerOf<typeof shipOrder>>(text).order);
    },
  };
}

export function ruleOfCancelling(given: Case): Expectation {
  const order = given.books.orders.get(given.params['orderNumber'] ?? '');
  if (order === undefined) return refused('not-found');
  const named = parsed<{ lines?: number[] }>(given.body).lines;
  const chosen = choose(order, named, 'booked');
  if (chosen === undefined) return refused('order-state');
  return {
    code: 'ok',
    accept(text) {
      for (const line of chosen) line.state = 'cancelled';
      return checkStates(given.books, parsed<AnswerOf<typeof shipOrder>>(text).order);
    },
  };
}

function choose(
  order: BookOrder,
  named: readonly number[] | undefined,
  state: string,
): BookOrderLine[] | undefined {
  const fits = order.lines.filter((line) => line.state === state);
  if (named === undefined) return fits.length === 0 ? undefined : fits;
  const chosen = fits.filter(({ lineNumber }) => named.includes(lineNumber));
  return chosen.length === new Set(named).size ? chosen : undefined;
}

/** The first thing that is wrong with an order; the world asks for one wrong thing at a time. */
function errorOf(books: Books, { orderNumber, lines }: AskedOrder): string | undefined {
  if (books.orders.has(orderNumber)) return 'order-number-taken';
  for (const { sku, accountId, place, startDate } of lines) {
    const product = books.products.get(sku);
    if (product === undefined) return 'unknown-sku';
    if (startDate !== null && product.term.kind === 'perpetual') return 'start-date-without-term';
    const account = books.accounts.get(accountId);
    if (account === undefined) return 'unknown-account';
    if (place !== null && !account.places.has(place)) return 'unknown-virtual-account';
  }
  return undefined;
}

function book(given: Case, { orderNumber, lines }: AskedOrder): string | undefined {
  const order: BookOrder = { orderNumber, lines: [] };
  given.books.orders.set(orderNumber, order);
  for (const [index, { ship, place, ...line }] of lines.entries()) {
    const places = given.books.accounts.get(line.accountId)?.places.values() ?? [];
    const into = place ?? [...places].find(({ isDefault }) => isDefault)?.id ?? '';
    const booked = { ...line, place: into, lineNumber: index + 1, state: 'booked' };
    order.lines.push(booked);
    const problem = ship ? deliver(given, orderNumber, booked) : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** A line that ships to an account becomes one lot for each license that its product grants. */
function deliver(
  { books, lots, at, isDryRun }: Case,
  orderNumber: string,
  line: BookOrderLine,
): string | undefined {
  line.state = 'delivered';
  const account = books.accounts.get(line.accountId);
  const product = books.products.get(line.sku);
  if (account === undefined || product === undefined)
    throw new Error('the auditor lost an account or a product');
  for (const { tag, quantityPerUnit } of product.grants) {
    const lotId = isDryRun
      ? `${orderNumber} ${line.lineNumber} ${tag}`
      : lotIdOf(lots, orderNumber, line.lineNumber, tag);
    if (lotId === undefined) return `order ${orderNumber}, line ${line.lineNumber} brought no lot of ${tag}`;
    const quantity = line.quantity * quantityPerUnit;
    const lot: BookLot = {
      lotId,
      tag,
      ...termOf(product.term, line.startDate, at),
      deliveredAt: at,
      delivered: quantity,
      withdrawn: 0,
      turn: null,
    };
    const state = stateOfTerm(lot, at);
    lot.turn = lot.endsAt === null || state === 'expired' ? null : state === 'pending' ? 'start' : 'end';
    account.lots.set(lotId, lot);
    const entries = [
      { lotId, place: null, state: 'delivered', delta: -quantity },
      { lotId, place: line.place, state, delta: quantity },
    ];
    // The answer does not name the movement; the list of movements does, and is compared with what is expected.
    const movementId = `deposit of ${lotId}`;
    enterMovement(account, { movementId, kind: 'deposit', at, undoOf: null, undoneBy: null, entries });
  }
  return undefined;
}

const lotIdOf = (lots: readonly NamedLot[], orderNumber: string, lineNumber: number, tag: string) =>
  lots.find((lot) => lot.orderNumber === orderNumber && lot.lineNumber === lineNumber && lot.tag === tag)
    ?.lotId;

/** Months are calendar months in UTC, days are 24 hours; a fixed first day begins at midnight UTC. */
function termOf(
  term: ProductTerm,
  startDate: string | null,
  at: number,
): { startsAt: number | null; endsAt: number | null } {
  if (term.kind === 'perpetual') return { startsAt: null, endsAt: null };
  const startsAt = startDate === null ? at : millisecondsOf(`${startDate}T00:00:00Z`);
  const start = Temporal.Instant.fromEpochMilliseconds(startsAt).toZonedDateTimeISO('UTC');
  const end =
    term.kind === 'term' ? start.add({ months: term.months }) : start.add({ hours: 24 * term.days });
  return { startsAt, endsAt: end.epochMilliseconds };
}

function checkStates(
  books: Books,
  { orderNumber, lines }: { orderNumber: string; lines: { lineNumber: number; state: string }[] },
): string | undefined {
  const expected = books.orders
    .get(orderNumber)
    ?.lines.map(({ lineNumber, state }) => `${lineNumber} ${state}`);
  const found = lines.map(({ lineNumber, state }) => `${lineNumber} ${state}`);
  return expected?.join() === found.join()
    ? undefined
    : `the lines of ${orderNumber} should be ${expected?.join()} and are ${found.join()}`;
}

/** The orders whose lots the auditor has to learn of before it can judge a command. */
export function ordersBroughtBy(method: string, path: string, body: string): string[] {
  const plain = path.split('?')[0] ?? '';
  if (method !== 'POST') return [];
  if (plain === '/api/v1/orders') return [parsed<BodyOf<typeof createOrder>>(body).orderNumber];
  if (plain === '/api/v1/orders/import') return readImport(body).map(({ orderNumber }) => orderNumber);
  const shipped = /^\/api\/v1\/orders\/([^/]+)\/ship$/.exec(plain)?.[1];
  return shipped === undefined ? [] : [decodeURIComponent(shipped)];
}
