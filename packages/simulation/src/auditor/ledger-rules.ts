import type { AnswerOf, BodyOf, correctLot, transferLicenses } from '@estover/protocol';
import { day, millisecondsOf } from '../clock.ts';
import {
  type BookAccount,
  type BookEntry,
  type BookLot,
  type Books,
  type HoldingState,
  movementText,
  noQuantities,
  post,
  quantitiesOf,
} from './books.ts';
import { type Case, difference, type Expectation, parsed, refused } from './case.ts';
import { allPoolsOf, type PoolFigures } from './pools.ts';

type Answer = AnswerOf<typeof transferLicenses>;
type Line = BodyOf<typeof transferLicenses>['lines'][number];
interface Part {
  lotId: string;
  quantity: number;
}

/** For how long a transfer may be undone, to the very moment (licenses-and-orders.md). */
const undoFor = 7 * day;

export function ruleOfTransfer({ books, account, body, at, isAtOnce }: Case): Expectation {
  const {
    fromVirtualAccountId: from,
    toVirtualAccountId: to,
    lines,
  } = parsed<BodyOf<typeof transferLicenses>>(body);
  if (!account.places.has(from) || !account.places.has(to)) return refused('unknown-virtual-account');
  if (lines.some(({ tag }) => !books.licenses.has(tag))) return refused('unknown-tag');
  if (from === to) return refused('same-virtual-account');
  const taken = take(account, from, lines, at);
  if (typeof taken === 'string') return refused(taken);
  if (!isAtOnce) return expectMovement(books, account, 'transfer', carry(taken, from, to), null, at);
  return {
    code: 'ok',
    accept(text) {
      const chosen = partsIn(text, to);
      const fits = fitsLines(account, from, lines, chosen, at);
      const entries = carry(fits ? chosen : taken, from, to);
      const expectation = expectMovement(books, account, 'transfer', entries, null, at);
      return 'accept' in expectation ? expectation.accept(text) : undefined;
    },
  };
}

/** What an answer says was taken. */
function partsIn(text: string, to: string): Part[] {
  return parsed<Answer>(text)
    .movement.entries.filter(({ virtualAccountId, delta }) => virtualAccountId === to && delta > 0)
    .map(({ lotId, delta }) => ({ lotId, quantity: delta }));
}

/** Whether units of the lots are there, and as many of each license as the lines ask for. */
function fitsLines(
  account: BookAccount,
  from: string,
  lines: readonly Line[],
  parts: readonly Part[],
  at: number,
): boolean {
  if (lines.some(({ lots }) => lots !== undefined)) return false;
  if (parts.some(({ lotId, quantity }) => usable(account, from, lotId, at) < quantity)) return false;
  const sums = new Map<string, number>();
  for (const { tag, quantity } of lines) sums.set(tag, (sums.get(tag) ?? 0) + quantity);
  for (const { lotId, quantity } of parts) {
    const tag = account.lots.get(lotId)?.tag ?? '';
    sums.set(tag, (sums.get(tag) ?? 0) - quantity);
  }
  return [...sums.values()].every((sum) => sum === 0);
}

export function ruleOfUndo({ books, account, params, at }: Case): Expectation {
  const movement = account.movements.get(params['movementId'] ?? '');
  if (movement === undefined) return refused('not-found');
  if (movement.kind !== 'transfer') return refused('not-undoable');
  const giver = movement.entries.find(({ delta }) => delta < 0)?.place ?? '';
  const receiver = movement.entries.find(({ delta }) => delta > 0)?.place ?? '';
  if (!account.places.has(giver) || !account.places.has(receiver)) return refused('undo-impossible');
  if (movement.undoOf !== null) return refused('not-undoable');
  if (movement.undoneBy !== null) return refused('undo-done');
  if (at > movement.at + undoFor) return refused('undo-too-late');
  const parts = movement.entries
    .filter(({ delta }) => delta > 0)
    .map(({ lotId, delta }) => ({ lotId, quantity: delta }));
  const isThere = ({ lotId, quantity }: Part) => usable(account, receiver, lotId, at) >= quantity;
  if (!parts.every(isThere)) return refused('undo-impossible');
  return expectMovement(books, account, 'transfer', carry(parts, receiver, giver), movement.movementId, at);
}

export function ruleOfCorrection({ books, account, body, at }: Case): Expectation {
  const { lotId, virtualAccountId: place, quantity } = parsed<BodyOf<typeof correctLot>>(body);
  if (!account.places.has(place)) return refused('unknown-virtual-account');
  const lot = account.lots.get(lotId);
  if (lot === undefined) return refused('unknown-lot');
  const state = stateOfTerm(lot, at);
  const found = account.holdings.get(place)?.get(lotId) ?? noQuantities();
  if (found[state] < quantity) return refused('insufficient-licenses');
  const entries = [
    { lotId, place, state, delta: -quantity },
    { lotId, place: null, state: 'withdrawn', delta: quantity },
  ];
  return expectMovement(books, account, 'correct', entries, null, at);
}

/** The state that a term gives: what ends at noon is over at noon, and what begins at noon has begun. */
export function stateOfTerm({ startsAt, endsAt }: BookLot, at: number): HoldingState {
  if (endsAt !== null && at >= endsAt) return 'expired';
  return startsAt !== null && at < startsAt ? 'pending' : 'available';
}

/** Units that may be taken now: what is over counts as over, also before the job has said so. */
function usable(account: BookAccount, place: string, lotId: string, at: number): number {
  const lot = account.lots.get(lotId);
  if (lot === undefined || stateOfTerm(lot, at) === 'expired') return 0;
  return account.holdings.get(place)?.get(lotId)?.available ?? 0;
}

/** Which units the lines take, or the code of the refusal: lines that name their lots choose first. */
function take(account: BookAccount, from: string, lines: readonly Line[], at: number): Part[] | string {
  for (const { lots = [] } of lines) {
    if (new Set(lots.map(({ lotId }) => lotId)).size < lots.length) return 'quantity-invalid';
  }
  for (const { lots, quantity } of lines) {
    if (lots !== undefined && lots.reduce((sum, part) => sum + part.quantity, 0) !== quantity) {
      return 'quantity-invalid';
    }
  }
  const here = account.holdings.get(from) ?? new Map();
  const isOfPool = (lotId: string, tag: string) => {
    const quantities = here.get(lotId);
    const held = quantities !== undefined && Object.values(quantities).some((quantity) => quantity !== 0);
    return held && account.lots.get(lotId)?.tag === tag;
  };
  for (const { tag, lots = [] } of lines) {
    if (lots.some(({ lotId }) => !isOfPool(lotId, tag))) return 'unknown-lot';
  }
  const left = new Map([...here.keys()].map((lotId) => [lotId, usable(account, from, lotId, at)]));
  const taken = new Map<string, number>();
  let isShort = false;
  for (const line of [...lines].sort(
    (one, other) => Number(other.lots !== undefined) - Number(one.lots !== undefined),
  )) {
    const parts = line.lots ?? inOrder(account, left, line);
    const sum = parts.reduce((total, { quantity }) => total + quantity, 0);
    if (sum < line.quantity || parts.some(({ lotId, quantity }) => (left.get(lotId) ?? 0) < quantity)) {
      isShort = true;
      continue;
    }
    for (const { lotId, quantity } of parts) {
      left.set(lotId, (left.get(lotId) ?? 0) - quantity);
      taken.set(lotId, (taken.get(lotId) ?? 0) + quantity);
    }
  }
  if (isShort) return 'insufficient-licenses';
  return [...taken].map(([lotId, quantity]) => ({ lotId, quantity }));
}

/** Longest term first unless asked otherwise; perpetual never ends; then the earlier start, then the lot's id. */
function inOrder(account: BookAccount, left: ReadonlyMap<string, number>, line: Line): Part[] {
  const lots = [...left.keys()].flatMap((lotId) => {
    const lot = account.lots.get(lotId);
    return lot?.tag === line.tag ? [lot] : [];
  });
  const end = (lot: BookLot) => lot.endsAt ?? Number.POSITIVE_INFINITY;
  const sign = line.precedence === 'shortest-term-first' ? 1 : -1;
  lots.sort((one, other) => {
    if (end(one) !== end(other)) return end(one) < end(other) ? -sign : sign;
    return (one.startsAt ?? 0) - (other.startsAt ?? 0) || (one.lotId < other.lotId ? -1 : 1);
  });
  let wanted = line.quantity;
  const parts: Part[] = [];
  for (const { lotId } of lots) {
    const quantity = Math.min(wanted, left.get(lotId) ?? 0);
    if (quantity > 0) parts.push({ lotId, quantity });
    wanted -= quantity;
  }
  return parts;
}

const carry = (parts: readonly Part[], from: string, to: string): BookEntry[] =>
  parts.flatMap(({ lotId, quantity }) => [
    { lotId, place: from, state: 'available', delta: -quantity },
    { lotId, place: to, state: 'available', delta: quantity },
  ]);

function expectMovement(
  books: Books,
  account: BookAccount,
  kind: string,
  entries: BookEntry[],
  undoOf: string | null,
  at: number,
): Expectation {
  return {
    code: 'ok',
    accept(text) {
      const answer = parsed<Answer>(text);
      const { movement } = answer;
      const found = movement.entries.map(({ lotId, virtualAccountId, state, delta }) => ({
        lotId,
        place: virtualAccountId,
        state,
        delta,
      }));
      const [should, is] = [movementText(kind, entries), movementText(movement.kind, found)];
      if (should !== is) return `the movement should be ${should} and is ${is}`;
      const wrong = difference('the movement', { undoOf }, movement);
      if (wrong !== undefined) return wrong;
      if (millisecondsOf(movement.at) !== at) return `the movement is dated ${movement.at}`;
      const before = allPoolsOf(books, account);
      enterMovement(account, { ...movement, at, undoOf, undoneBy: null, entries });
      return checkEffects(answer.effects, before, allPoolsOf(books, account));
    },
  };
}

/** Puts a movement that was seen into the books. */
export function enterMovement(
  account: BookAccount,
  { movementId, kind, at, undoOf, entries }: Omit<BookAccountMovement, 'undoneBy'> & { undoneBy: null },
): void {
  account.movements.set(movementId, { movementId, kind, at, undoOf, undoneBy: null, entries: [...entries] });
  const undone = undoOf === null ? undefined : account.movements.get(undoOf);
  if (undone !== undefined) undone.undoneBy = movementId;
  for (const { place, lotId } of entries) if (place !== null) quantitiesOf(account, place, lotId);
  post(account, entries);
  for (const { lotId, state, delta } of entries) {
    const lot = account.lots.get(lotId);
    if (lot !== undefined && state === 'withdrawn') lot.withdrawn += delta;
  }
}

type BookAccountMovement = Parameters<BookAccount['movements']['set']>[1];

/** The answer tells every pool that changed, before and after, and no other. */
export function checkEffects(
  effects: Answer['effects'],
  before: ReadonlyMap<string, PoolFigures>,
  after: ReadonlyMap<string, PoolFigures>,
): string | undefined {
  const none = { pending: 0, available: 0, expired: 0, inUse: 0, lent: 0, borrowed: 0, balance: 0 };
  const zero: PoolFigures = { ...none, state: 'in-compliance' };
  const told = new Map(effects.map((effect) => [`${effect.virtualAccountId} ${effect.tag}`, effect]));
  for (const key of new Set([...before.keys(), ...after.keys(), ...told.keys()])) {
    const [was, is] = [before.get(key) ?? zero, after.get(key) ?? zero];
    const effect = told.get(key);
    const isChanged = difference('', was, is) !== undefined;
    if (effect === undefined && isChanged) return `the answer does not tell of the pool ${key}`;
    if (effect === undefined) continue;
    if (!isChanged) return `the answer tells of the pool ${key}, which did not change`;
    const wrong =
      difference(`the pool ${key} before`, was, effect.before) ??
      difference(`the pool ${key} after`, is, effect.after);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}
