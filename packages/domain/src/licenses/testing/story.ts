import { describeRefusal } from '../describe-refusal.ts';
import { HOLDING_STATES, type Holding, type HoldingState } from '../holding.ts';
import { applyEntries, brokenLaws, type Ledger, replay } from '../ledger.ts';
import type { Lot, Term } from '../lot.ts';
import { correct } from '../movements/correct.ts';
import { deposit } from '../movements/deposit.ts';
import { expire } from '../movements/expire.ts';
import { hold } from '../movements/hold.ts';
import type { Movement, Recorded } from '../movements/movement.ts';
import { type PostDestination, post } from '../movements/post.ts';
import { start } from '../movements/start.ts';
import { transfer } from '../movements/transfer.ts';
import { undoTransfer } from '../movements/undo-transfer.ts';
import { voidHold } from '../movements/void.ts';
import type { LicenseRefusal } from '../refusals.ts';
import type { TakeLine } from '../take-lines.ts';

type Outcome = { readonly ok: true; readonly value: Movement } | LicenseRefusal;

/** The world of one story: a clock, lots, a ledger, and the movements by the label they were told under. */
type World = {
  at: Temporal.Instant;
  readonly lots: Lot[];
  ledger: Ledger;
  readonly recorded: Map<string, Recorded>;
};

/**
 * Runs a ledger story, one step a line, and throws with the number of the first line that does not hold. After every
 * step the laws of the ledger are checked. Words between square brackets may be left out.
 *
 *   on 2026-11-22[T12:00:00Z]                  sets the clock
 *   lot <lot> <license> perpetual | [demo] 2026-01-01..2027-01-01
 *   deposit <va> <n> <lot>
 *   [label:] transfer <va> to <va> <n> <license> [how] [and <n> <license> [how]]...
 *   label: hold <va> <n> <license> [how]       how: longest first | shortest first | from <lot> <n> [+ <lot> <n>]...
 *   post <label> to <va> | reserved | outside  ·  void <label>  ·  undo <label>
 *   start  ·  expire  ·  add <va> <n> <lot> <why>  ·  withdraw <va> <n> <lot> [pending|available|expired] <why>
 *   refused <code>[: sentence]                 about the step before it
 *   has <va> <n> <state> <lot>, ...            exactly these, or `has <va> nothing`
 */
export function runStory(text: string): void {
  const world: World = {
    at: Temporal.Instant.from('2026-01-01T00:00:00Z'),
    lots: [],
    ledger: replay([]),
    recorded: new Map(),
  };
  let refusal: LicenseRefusal | null = null;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/#.*$/, '').trim();
    if (line === '') continue;
    try {
      const [, label, rest] = /^(?:(\S+):\s+)?(.*)$/.exec(line) ?? [];
      const words = (rest ?? '').split(/\s+/);
      if (words[0] === 'refused') {
        expectRefusal(refusal, line);
        refusal = null;
        continue;
      }
      if (refusal)
        throw new Error(`the step before was refused: ${refusal.code}: ${describeRefusal(refusal)}`);
      refusal = runStep(world, words, label ?? `line ${index + 1}`);
      const broken = brokenLaws(world.ledger);
      if (broken.length > 0) throw new Error(`the ledger is broken: ${JSON.stringify(broken)}`);
    } catch (error) {
      throw new Error(`line ${index + 1} "${line}": ${error instanceof Error ? error.message : error}`);
    }
  }
  if (refusal) throw new Error(`the last step was refused: ${refusal.code}: ${describeRefusal(refusal)}`);
}

function runStep(world: World, words: readonly string[], label: string): LicenseRefusal | null {
  const [verb, ...rest] = words;
  const { at, lots } = world;
  const facts = { lots, holdings: world.ledger.holdings };
  const [first = '', second = '', third = ''] = rest;
  const delivered = (lotId: string) => world.ledger.delivered.get(lotId) ?? 0;
  switch (verb) {
    case 'on':
      world.at = instant(first);
      return null;
    case 'lot':
      lots.push({
        lotId: first,
        licenseId: second,
        source: { kind: 'order', reference: first },
        term: readTerm(rest.slice(2)),
        billing: 'prepaid',
      });
      return null;
    case 'has':
      expectHoldings(world, first, rest.slice(1).join(' '));
      return null;
    case 'deposit': {
      const request = { virtualAccountId: first, quantity: Number(second) };
      const lotFacts = { lot: lotNamed(lots, third), delivered: delivered(third) };
      return record(world, label, deposit(lotFacts, request, at));
    }
    case 'transfer': {
      const request = {
        fromVirtualAccountId: first,
        toVirtualAccountId: third,
        lines: readLines(rest.slice(3)),
      };
      return record(world, label, transfer(facts, request, at));
    }
    case 'undo': {
      const undoneBy = [...world.recorded.values()].find(
        (each) => each.kind === 'transfer' && each.undoes === first,
      );
      const undone = {
        ...facts,
        movement: movementNamed(world, first),
        undoneBy: undoneBy?.movementId ?? null,
      };
      return record(world, label, undoTransfer(undone, {}, at));
    }
    case 'hold': {
      const lines = readLines(rest.slice(1));
      return record(
        world,
        label,
        hold(facts, { holdId: label, purpose: 'asset-transfer', virtualAccountId: first, lines }, at),
      );
    }
    case 'post':
      return record(world, label, post(holdFacts(world, first), { to: readDestination(third) }, at));
    case 'void':
      return record(world, label, voidHold(holdFacts(world, first), {}, at));
    case 'start':
      return record(world, label, start(facts, at));
    case 'expire':
      return record(world, label, expire(facts, at));
    case 'add':
    case 'withdraw': {
      const from = (['pending', 'available', 'expired'] as const).find((state) => state === rest[3]);
      const request = {
        virtualAccountId: first,
        change: verb,
        quantity: Number(second),
        lotId: third,
        from,
        reason: rest.slice(from ? 4 : 3).join(' '),
      };
      return record(world, label, correct({ ...facts, delivered: delivered(third) }, request, at));
    }
    default:
      throw new Error(`a story has no step "${verb}"`);
  }
}

function record(world: World, label: string, outcome: Outcome): LicenseRefusal | null {
  if (!outcome.ok) return outcome;
  world.ledger = applyEntries(world.ledger, outcome.value.entries);
  world.recorded.set(label, { ...outcome.value, movementId: label });
  return null;
}

function expectRefusal(refusal: LicenseRefusal | null, line: string): void {
  const [, code = '', sentence] = /^refused (\S+?)(?:: (.*))?$/.exec(line) ?? [];
  if (!refusal) throw new Error('the step before was not refused');
  const described = describeRefusal(refusal);
  if (refusal.code !== code) throw new Error(`it was refused as ${refusal.code}: ${described}`);
  if (sentence !== undefined && sentence !== described) throw new Error(`the sentence was: ${described}`);
}

function expectHoldings(world: World, virtualAccountId: string, expected: string): void {
  const found = world.ledger.holdings.filter((each) => each.virtualAccountId === virtualAccountId);
  const wanted: Holding[] =
    expected === 'nothing'
      ? []
      : expected.split(/,\s*/).map((part) => {
          const [quantity, state, lotId = ''] = part.split(' ');
          return { virtualAccountId, lotId, state: stateNamed(state), quantity: Number(quantity) };
        });
  const render = (holdings: readonly Holding[]) =>
    holdings
      .map(({ quantity, state, lotId }) => `${quantity} ${state} ${lotId}`)
      .sort()
      .join(', ');
  if (render(found) !== render(wanted)) throw new Error(`it has ${render(found) || 'nothing'}`);
}

function readLines(words: readonly string[]): TakeLine[] {
  return words
    .join(' ')
    .split(' and ')
    .map((text) => {
      const [quantity, licenseId = '', how, ...rest] = text.split(' ');
      const line = { quantity: Number(quantity), licenseId };
      if (how === undefined) return line;
      if (how === 'longest') return { ...line, precedence: 'longest-term-first' as const };
      if (how === 'shortest') return { ...line, precedence: 'shortest-term-first' as const };
      const named = rest
        .join(' ')
        .split(' + ')
        .map((part) => {
          const [lotId = '', units] = part.split(' ');
          return { lotId, quantity: Number(units) };
        });
      return { ...line, precedence: { lots: named } };
    });
}

function readTerm(words: readonly string[]): Term {
  const [first = '', second] = words;
  if (first === 'perpetual') return { kind: 'perpetual' };
  const [startsAt = '', endsAt = ''] = (second ?? first).split('..');
  const kind = first === 'demo' ? 'demo' : 'term';
  return { kind, startsAt: instant(startsAt), endsAt: instant(endsAt) };
}

function readDestination(word: string): PostDestination {
  if (word === 'reserved') return { kind: 'reserved' };
  if (word === 'outside') return { kind: 'withdrawn' };
  return { kind: 'virtual-account', virtualAccountId: word };
}

function holdFacts(world: World, label: string) {
  const movement = movementNamed(world, label);
  if (movement.kind !== 'hold') throw new Error(`${label} is not a hold`);
  const end = [...world.recorded.values()].find(
    (each) => (each.kind === 'post' || each.kind === 'void') && each.hold.holdId === label,
  );
  const endedBy = end?.kind === 'post' || end?.kind === 'void' ? end.kind : null;
  return { hold: movement.hold, lots: world.lots, endedBy };
}

function movementNamed(world: World, label: string): Recorded {
  const movement = world.recorded.get(label);
  if (!movement) throw new Error(`no movement is labelled ${label}`);
  return movement;
}

function lotNamed(lots: readonly Lot[], lotId: string): Lot {
  const lot = lots.find((each) => each.lotId === lotId);
  if (!lot) throw new Error(`no lot is named ${lotId}`);
  return lot;
}

function stateNamed(word: string | undefined): HoldingState {
  const state = HOLDING_STATES.find((each) => each === word);
  if (!state) throw new Error(`no state is named ${word}`);
  return state;
}

function instant(text: string): Temporal.Instant {
  return Temporal.Instant.from(text.includes('T') ? text : `${text}T00:00:00Z`);
}
