import { accept, type Decision, refuse } from '../refusal.ts';
import type { Holding } from './holding.ts';
import { type LedgerFacts, lotOf, lotsById } from './ledger.ts';
import { type Lot, termStateAt } from './lot.ts';
import { compareLots, DEFAULT_PRECEDENCE, type LotQuantity, type Precedence } from './precedence.ts';
import { isQuantity, MAX_QUANTITY } from './quantity.ts';
import type {
  LinesMissing,
  LotNamedTwice,
  LotNotInPool,
  LotsDoNotAddUp,
  NotEnoughAvailable,
  QuantityInvalid,
  Shortage,
} from './refusals.ts';

/** One line of a transfer or a hold: so many units of a license, and which lots go first. */
export type TakeLine = {
  readonly licenseId: string;
  readonly quantity: number;
  readonly precedence?: Precedence | undefined;
};

export type TakeRefusal =
  | LinesMissing
  | QuantityInvalid
  | LotNamedTwice
  | LotsDoNotAddUp
  | LotNotInPool
  | NotEnoughAvailable;

type Units = { pending: number; available: number; reserved: number; held: number; expired: number };
type Stock = Units & { readonly lot: Lot };

/**
 * Decides which units of a virtual account's available ones the lines take, all or nothing. Lines that name their
 * lots choose first, so that a line that takes any lot leaves them the ones they name. Units whose term is over at
 * `at` count as expired even when the movement that expires them has not been made yet. A refusal for lack of units
 * names every short line, not only the first.
 */
export function takeLines(
  facts: LedgerFacts,
  virtualAccountId: string,
  lines: readonly TakeLine[],
  at: Temporal.Instant,
): Decision<readonly LotQuantity[], TakeRefusal> {
  if (lines.length === 0) return refuse('lines-missing', {});
  const malformed = findMalformedLine(lines);
  if (malformed) return malformed;

  const pools = stockByLicense(facts, virtualAccountId, at);
  for (const [line, { licenseId, precedence }] of lines.entries()) {
    for (const { lotId } of lotsNamedBy(precedence)) {
      if (!pools.get(licenseId)?.some(({ lot }) => lot.lotId === lotId)) {
        return refuse('lot-not-in-pool', { line, lotId, licenseId });
      }
    }
  }

  const taken = new Map<string, number>();
  const shortages: Shortage[] = [];
  const namingLotsFirst = [...lines.entries()].sort(
    ([, left], [, right]) => Number(namesLots(right.precedence)) - Number(namesLots(left.precedence)),
  );
  for (const [lineNumber, line] of namingLotsFirst) {
    const pool = pools.get(line.licenseId) ?? [];
    const choice = chooseLots(pool, line);
    const short = choice.filter(({ stock, quantity }) => quantity > stock.available);
    const missing = line.quantity - choice.reduce((sum, { quantity }) => sum + quantity, 0);
    if (missing > 0) shortages.push(poolShortage(lineNumber, line, pool));
    for (const { stock, quantity } of short) shortages.push(lotShortage(lineNumber, line, stock, quantity));
    if (missing > 0 || short.length > 0) continue;
    for (const { stock, quantity } of choice) {
      stock.available -= quantity;
      taken.set(stock.lot.lotId, (taken.get(stock.lot.lotId) ?? 0) + quantity);
    }
  }
  if (shortages.length > 0) {
    return refuse('not-enough-available', { lines: shortages.sort((left, right) => left.line - right.line) });
  }
  return accept([...taken].map(([lotId, quantity]) => ({ lotId, quantity })));
}

/** The refusal for a quantity that nobody can ask for, or null. `line` is null when the request has only one. */
export function findInvalidQuantity(quantity: number, line: number | null): QuantityInvalid | null {
  if (isQuantity(quantity)) return null;
  return refuse('quantity-invalid', { line, given: String(quantity), maximum: MAX_QUANTITY });
}

function findMalformedLine(
  lines: readonly TakeLine[],
): QuantityInvalid | LotNamedTwice | LotsDoNotAddUp | null {
  for (const [line, { quantity, precedence }] of lines.entries()) {
    const quantities = [quantity, ...lotsNamedBy(precedence).map((part) => part.quantity)];
    for (const each of quantities) {
      const invalid = findInvalidQuantity(each, line);
      if (invalid) return invalid;
    }
  }
  for (const [line, { precedence }] of lines.entries()) {
    const seen = new Set<string>();
    for (const { lotId } of lotsNamedBy(precedence)) {
      if (seen.has(lotId)) return refuse('lot-named-twice', { line, lotId });
      seen.add(lotId);
    }
  }
  for (const [line, { quantity, precedence }] of lines.entries()) {
    if (!namesLots(precedence)) continue;
    const named = lotsNamedBy(precedence).reduce((sum, part) => sum + part.quantity, 0);
    if (named !== quantity) return refuse('lots-do-not-add-up', { line, asked: quantity, named });
  }
  return null;
}

function chooseLots(pool: readonly Stock[], line: TakeLine): { stock: Stock; quantity: number }[] {
  const precedence = line.precedence ?? DEFAULT_PRECEDENCE;
  if (typeof precedence === 'object') {
    return precedence.lots.flatMap(({ lotId, quantity }) =>
      pool.filter(({ lot }) => lot.lotId === lotId).map((stock) => ({ stock, quantity })),
    );
  }
  const choice: { stock: Stock; quantity: number }[] = [];
  let wanted = line.quantity;
  for (const stock of pool.toSorted((left, right) => compareLots(left.lot, right.lot, precedence))) {
    const quantity = Math.min(wanted, stock.available);
    if (quantity === 0) continue;
    choice.push({ stock, quantity });
    wanted -= quantity;
  }
  return choice;
}

function stockByLicense(
  facts: LedgerFacts,
  virtualAccountId: string,
  at: Temporal.Instant,
): ReadonlyMap<string, readonly Stock[]> {
  const lots = lotsById(facts.lots);
  const stocks = new Map<string, Stock>();
  for (const holding of facts.holdings) {
    if (holding.virtualAccountId !== virtualAccountId) continue;
    const lot = lotOf(lots, holding.lotId);
    const stock = stocks.get(lot.lotId) ?? {
      lot,
      pending: 0,
      available: 0,
      reserved: 0,
      held: 0,
      expired: 0,
    };
    stock[stateNow(holding, lot, at)] += holding.quantity;
    stocks.set(lot.lotId, stock);
  }
  return Map.groupBy(stocks.values(), (stock) => stock.lot.licenseId);
}

function stateNow(holding: Holding, lot: Lot, at: Temporal.Instant): keyof Units {
  const over = holding.state === 'available' && termStateAt(lot.term, at) === 'expired';
  return over ? 'expired' : holding.state;
}

function poolShortage(line: number, { licenseId, quantity }: TakeLine, pool: readonly Stock[]): Shortage {
  const sum = (state: keyof Units) => pool.reduce((total, stock) => total + stock[state], 0);
  return {
    line,
    licenseId,
    lotId: null,
    asked: quantity,
    available: sum('available'),
    elsewhere: {
      pending: sum('pending'),
      reserved: sum('reserved'),
      held: sum('held'),
      expired: sum('expired'),
    },
  };
}

function lotShortage(line: number, { licenseId }: TakeLine, stock: Stock, asked: number): Shortage {
  const { lot, available, pending, reserved, held, expired } = stock;
  return {
    line,
    licenseId,
    lotId: lot.lotId,
    asked,
    available,
    elsewhere: { pending, reserved, held, expired },
  };
}

function namesLots(precedence: Precedence | undefined): boolean {
  return typeof precedence === 'object';
}

function lotsNamedBy(precedence: Precedence | undefined): readonly LotQuantity[] {
  return typeof precedence === 'object' ? precedence.lots : [];
}
