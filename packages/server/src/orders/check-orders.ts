import { grantedUnits } from '@estover/domain/catalog';
import { closestOf, type DeliveryCondition, deliveryRoutes } from '@estover/domain/orders';
import { type CatalogProduct, findProducts, knownSkus } from '../catalog/index.ts';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import { loadDeliveryRulesOf } from './delivery-rules-store.ts';
import {
  type DestinationAccount,
  type DestinationVirtualAccount,
  destinationKey,
  findAccounts,
  findVirtualAccounts,
  knownDomainIdentifiers,
  knownPaths,
} from './find-destinations.ts';

/** An order as somebody asks for it, by the API or a row of a file; nothing looked up yet. */
export interface AskedOrder {
  orderNumber: string;
  buyer: string;
  orderedAt: Temporal.Instant;
  lines: readonly AskedLine[];
}

export interface AskedLine {
  lineNumber: number;
  sku: string;
  quantity: number;
  /** Id or domain identifier. */
  account: string;
  /** Id or path; null where the account's delivery rules choose, or its default one. */
  virtualAccount: string | null;
  startDate: string | null;
  ship: boolean;
}

/** An order of which everything named was found. */
export interface CheckedOrder {
  orderNumber: string;
  buyer: string;
  orderedAt: Temporal.Instant;
  lines: readonly CheckedLine[];
}

export interface CheckedLine {
  lineNumber: number;
  product: CatalogProduct;
  quantity: number;
  account: DestinationAccount;
  virtualAccount: DestinationVirtualAccount;
  /** The delivery rule that chose the virtual account; null if the order named one or no rule matches. */
  deliveryRule: ChosenRule | null;
  /** How the order names the virtual account: a path, as it was written; null if it names none, or one by id. */
  namedPlace: string | null;
  startDate: string | null;
  ship: boolean;
}

/** A delivery rule as it is when it takes a line. */
export type ChosenRule = DeliveryCondition & { ruleId: string; position: number };

/** Something wrong with an order (`line` null) or one of its lines, counted from 0 as they were asked for. */
export interface OrderError {
  order: number;
  line: number | null;
  field: 'orderNumber' | 'sku' | 'quantity' | 'account' | 'virtualAccount' | 'startDate';
  code:
    | 'order-number-taken'
    | 'unknown-sku'
    | 'unknown-account'
    | 'account-closed'
    | 'unknown-virtual-account'
    | 'quantity-too-large'
    | 'start-date-without-term';
  detail: string;
}

export interface CheckResult {
  /** The orders without an error, by their position; the others are missing. */
  good: Map<number, CheckedOrder>;
  errors: OrderError[];
}

/** How many names are looked through for a suggestion, and how many unknown names get one. */
const suggestionCandidates = 5_000;
const suggestions = 50;

/**
 * Looks up everything that orders name, with a few queries for all of them together, and tells all that is wrong at
 * once. The rows of the accounts stay locked until the transaction ends, so that what was found stays true.
 */
export async function checkOrders(
  context: Pick<Context, 'trx' | 'now' | 'newId'>,
  asked: readonly AskedOrder[],
): Promise<CheckResult> {
  const { trx } = context;
  const lines = asked.flatMap((order) => order.lines);
  const { accounts, closedRequests } = await findAccounts(
    context,
    distinct(lines.map((line) => line.account)),
  );
  const products = await findProducts(trx, distinct(lines.map((line) => line.sku)));
  const routed = await routeLines(trx, asked, accounts, products);
  const wantOf = (line: AskedLine, { accountId }: DestinationAccount) => ({
    accountId,
    name: line.virtualAccount ?? routed.get(line)?.virtualAccountId ?? null,
  });
  const wanted = new Map(
    lines.flatMap((line) => {
      const account = accounts.get(line.account);
      if (account === undefined) return [];
      const want = wantOf(line, account);
      return [[destinationKey(want), want] as const];
    }),
  );
  const virtualAccounts = await findVirtualAccounts(trx, [...wanted.values()]);
  const taken = await takenNumbers(
    trx,
    asked.map((order) => order.orderNumber),
  );
  const suggest = makeSuggestions(trx);

  const good = new Map<number, CheckedOrder>();
  const errors: OrderError[] = [];
  for (const [order, { orderNumber, buyer, orderedAt, lines }] of asked.entries()) {
    const before = errors.length;
    if (taken.has(orderNumber)) {
      const detail = `There is an order ${orderNumber} already.`;
      errors.push({ order, line: null, field: 'orderNumber', code: 'order-number-taken', detail });
    }
    const checked: CheckedLine[] = [];
    for (const [index, line] of lines.entries()) {
      const wrong = (field: OrderError['field'], code: OrderError['code'], detail: string) =>
        errors.push({ order, line: index, field, code, detail });
      const product = products.get(line.sku);
      if (product === undefined) {
        const hint = await suggest.sku(line.sku);
        wrong('sku', 'unknown-sku', `There is no product with the SKU ${line.sku}.${hint}`);
      } else {
        for (const { field, code, detail } of productErrors(line, product)) wrong(field, code, detail);
      }
      const account = accounts.get(line.account);
      if (account === undefined) {
        const over = closedRequests.get(line.account);
        const hint =
          over === undefined
            ? await suggest.account(line.account)
            : ` ${over.domainIdentifier} was asked for, and the request is ${over.state}: it can be asked for anew.`;
        wrong('account', 'unknown-account', `There is no account ${line.account}.${hint}`);
        continue;
      }
      if (!account.takesOrders) {
        wrong('account', 'account-closed', `The account ${account.name} is closed.`);
        continue;
      }
      const virtualAccount = virtualAccounts.get(destinationKey(wantOf(line, account)));
      if (virtualAccount === undefined) {
        const hint = account.isAwaited
          ? ' It is not there yet: leave the virtual account out.'
          : await suggest.virtualAccount(account.accountId, line.virtualAccount ?? '');
        const detail = `${account.name} has no virtual account ${line.virtualAccount}.${hint}`;
        wrong('virtualAccount', 'unknown-virtual-account', detail);
        continue;
      }
      if (product === undefined) continue;
      const { lineNumber, quantity, startDate, ship } = line;
      const deliveryRule = routed.get(line)?.rule ?? null;
      checked.push({
        lineNumber,
        product,
        quantity,
        account,
        virtualAccount,
        deliveryRule,
        namedPlace: line.virtualAccount === virtualAccount.virtualAccountId ? null : line.virtualAccount,
        startDate,
        ship,
      });
    }
    if (errors.length === before) good.set(order, { orderNumber, buyer, orderedAt, lines: checked });
  }
  return { good, errors };
}

/** The lines that name no virtual account and are taken by a delivery rule of their account, with that rule. */
async function routeLines(
  trx: Trx,
  asked: readonly AskedOrder[],
  accounts: ReadonlyMap<string, DestinationAccount>,
  products: ReadonlyMap<string, CatalogProduct>,
): Promise<Map<AskedLine, { virtualAccountId: string; rule: ChosenRule }>> {
  const open = asked.flatMap(({ buyer, lines }) =>
    lines.flatMap((line) => {
      const accountId = accounts.get(line.account)?.accountId;
      if (line.virtualAccount !== null || accountId === undefined) return [];
      return [{ line, accountId, buyer }];
    }),
  );
  if (open.length === 0) return new Map();
  const rules = await loadDeliveryRulesOf(trx, distinct(open.map(({ accountId }) => accountId)));
  const routes = new Map(
    [...rules].map(([accountId, ofAccount]) => [
      accountId,
      deliveryRoutes(ofAccount.map((rule, index) => ({ ...rule, position: index + 1 }))),
    ]),
  );
  return new Map(
    open.flatMap(({ line, accountId, buyer }) => {
      const tags = (products.get(line.sku)?.grants ?? []).map(({ tag }) => tag);
      const taking = routes.get(accountId)?.({ sku: line.sku, tags, buyer }) ?? null;
      if (taking === null) return [];
      const { virtualAccountId, ...rule } = taking;
      return [[line, { virtualAccountId, rule }] as const];
    }),
  );
}

function productErrors(
  line: AskedLine,
  product: CatalogProduct,
): Pick<OrderError, 'field' | 'code' | 'detail'>[] {
  const errors: Pick<OrderError, 'field' | 'code' | 'detail'>[] = [];
  const tooMany = product.grants.find((grant) => grantedUnits(grant.quantityPerUnit, line.quantity) === null);
  if (tooMany !== undefined) {
    errors.push({
      field: 'quantity',
      code: 'quantity-too-large',
      detail: `${line.quantity} × ${line.sku} would bring ${line.quantity * tooMany.quantityPerUnit} ${tooMany.licenseName}; a line brings at most 1000000000 of a license.`,
    });
  }
  if (line.startDate !== null && product.term.kind === 'perpetual') {
    errors.push({
      field: 'startDate',
      code: 'start-date-without-term',
      detail: `${line.sku} is perpetual: it has no term that could start on ${line.startDate}. Leave the date out.`,
    });
  }
  return errors;
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];

async function takenNumbers(trx: Trx, numbers: readonly string[]): Promise<Set<string>> {
  const rows = await trx
    .selectFrom('orders')
    .select('order_number as number')
    .where((where) => where('order_number', '=', where.fn.any(where.val(numbers))))
    .execute();
  return new Set(rows.map((row) => row.number));
}

/** " Did you mean …?" or nothing; the candidates are read once, and only when something is unknown. */
function makeSuggestions(trx: Trx) {
  const candidates = new Map<string, Promise<string[]>>();
  const hints = new Map<string, string>();
  const hint = async (kind: string, given: string, load: () => Promise<string[]>): Promise<string> => {
    const key = `${kind} ${given}`;
    const known = hints.get(key);
    if (known !== undefined) return known;
    if (hints.size >= suggestions) return '';
    const loaded = candidates.get(kind) ?? load();
    candidates.set(kind, loaded);
    const closest = closestOf(given, await loaded);
    const text = closest === null ? '' : ` Did you mean ${closest}?`;
    hints.set(key, text);
    return text;
  };
  return {
    sku: (given: string) => hint('sku', given, () => knownSkus(trx, suggestionCandidates)),
    account: (given: string) =>
      hint('account', given, () => knownDomainIdentifiers(trx, suggestionCandidates)),
    virtualAccount: (accountId: string, given: string) =>
      hint(accountId, given, () => knownPaths(trx, accountId, suggestionCandidates)),
  };
}
