import type { Decision, Refusal } from '@estover/domain';
import type { Entry, HoldingPlace, LedgerFacts, LicenseRefusal, Movement } from '@estover/domain/licenses';
import { sql } from 'kysely';
import type { Context } from '../edge/context.ts';
import type { Refused } from '../edge/refused.ts';
import type { Ledger } from './ledger.ts';
import { licenseRefused } from './license-refused.ts';
import { type AccountPlace, holdingFacts, lockHoldings } from './licenses-store.ts';
import type { HoldingRow } from './lot-rows.ts';

/** A movement as it was decided, with the license of every lot that it names. */
export interface DecidedMovement<Decided extends Movement> {
  readonly movement: Decided;
  readonly licenseOf: (lotId: string) => string;
}

/**
 * Decides a movement for a command. A dry run locks nothing to decide: what was seen is what it tells about, so it is
 * decided on that alone, by the same rules and with the same refusals.
 *
 * @param read reads the holdings to decide on, without locks.
 * @param refused makes the problem of a refusal, where the usual one does not fit.
 */
export async function decideMovement<Decided extends Movement, Why extends LicenseRefusal & Refusal<string>>(
  context: Context,
  accountId: string,
  read: () => Promise<readonly HoldingRow[]>,
  decide: (facts: LedgerFacts) => Decision<Decided, Why>,
  refused: (refusal: Why) => Refused = (refusal) => licenseRefused(refusal),
): Promise<DecidedMovement<Decided>> {
  if (!context.dryRun) return decideLocked(context, accountId, read, decide, refused);
  const seen = await read();
  const decision = decide(holdingFacts(seen));
  if (!decision.ok) throw refused(decision);
  return { movement: decision.value, licenseOf: licensesOfLots(seen) };
}

/** How often what was seen may be overtaken before a refusal stands all the same. */
const mostReadings = 10;

/**
 * Decides a movement twice: on what was seen without locks, which tells what it would touch or refuses at once; then,
 * with all of that locked in order, on what is there really. The second decision is the one that counts. When it
 * refuses, units may have come meanwhile that were not seen and so not locked: then everything is read again, and only
 * what is refused on one view of it all is refused.
 *
 * @param read reads the holdings to decide on, without locks.
 * @param refused makes the problem of a refusal, where the usual one does not fit.
 */
export async function decideLocked<Decided extends Movement, Why extends LicenseRefusal & Refusal<string>>(
  ledger: Ledger,
  accountId: string,
  read: () => Promise<readonly HoldingRow[]>,
  decide: (facts: LedgerFacts) => Decision<Decided, Why>,
  refused: (refusal: Why) => Refused = (refusal) => licenseRefused(refusal),
): Promise<DecidedMovement<Decided>> {
  await sql`savepoint deciding`.execute(ledger.trx);
  for (let readings = 1; ; readings++) {
    const seen = await read();
    const first = decide(holdingFacts(seen));
    if (!first.ok) throw refused(first);
    const licenseOf = licensesOfLots(seen);
    const decision = await decideOnLocked(ledger, accountId, seen, first.value, licenseOf, decide);
    if (decision.ok) return { movement: decision.value, licenseOf };
    if (readings === mostReadings) throw refused(decision);
    await sql`rollback to savepoint deciding`.execute(ledger.trx);
  }
}

/** Decides on what was seen, with all of it locked, and with the rows of where it goes. */
async function decideOnLocked<Decided extends Movement, Why extends Refusal<string>>(
  { trx }: Ledger,
  accountId: string,
  seen: readonly HoldingRow[],
  first: Decided,
  licenseOf: (lotId: string) => string,
  decide: (facts: LedgerFacts) => Decision<Decided, Why>,
): Promise<Decision<Decided, Why>> {
  const lotIds = [...new Set(seen.map(({ lotId }) => lotId))];
  const needed = new Map(seen.map((holding) => [textOf(holding), placeIn(holding)]));
  const need = (entries: readonly Entry[]) => {
    for (const { place } of entries) if (place.kind === 'holding') needed.set(textOf(place), placeIn(place));
  };
  need(first.entries);
  for (;;) {
    const places = [...needed.values()].map((place) => ({ accountId, place }));
    const locked = await lockHoldings(trx, places, licenseOf, elsewhere(accountId, first, lotIds));
    const second = decide(holdingFacts(locked));
    const found = new Set(locked.map(textOf));
    if (
      !second.ok ||
      second.value.entries.every(({ place }) => place.kind !== 'holding' || found.has(textOf(place)))
    ) {
      return second;
    }
    // It chose lots that have no row yet where they go. A row is never made while others are locked: all locks are let
    // go, and taken again with that row among them. The lots are few, so this ends.
    need(second.value.entries);
    await sql`rollback to savepoint deciding`.execute(trx);
  }
}

function licensesOfLots(seen: readonly HoldingRow[]): (lotId: string) => string {
  const licenses = new Map(seen.map(({ lotId, licenseId }) => [lotId, licenseId]));
  return (lotId) => {
    const licenseId = licenses.get(lotId);
    if (licenseId === undefined)
      throw new Error(`The decision names lot ${lotId}, which was not among its facts.`);
    return licenseId;
  };
}

type Place = Pick<HoldingPlace, 'virtualAccountId' | 'lotId' | 'state'>;

const textOf = ({ virtualAccountId, lotId, state }: Place): string => `${virtualAccountId}/${lotId}/${state}`;
const placeIn = ({ virtualAccountId, lotId, state }: Place): Place => ({ virtualAccountId, lotId, state });

/** Where other lots than those of a decision would go, if the next one chooses them. */
function elsewhere(accountId: string, { entries }: Movement, lotIds: readonly string[]): AccountPlace[] {
  const destinations = new Map<string, Place>();
  for (const { place, quantity } of entries) {
    if (place.kind === 'holding' && quantity > 0)
      destinations.set(`${place.virtualAccountId}/${place.state}`, place);
  }
  return [...destinations.values()].flatMap(({ virtualAccountId, state }) =>
    lotIds.map((lotId) => ({ accountId, place: { virtualAccountId, lotId, state } })),
  );
}
