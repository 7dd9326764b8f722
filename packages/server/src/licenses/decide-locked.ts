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
 * Decides a movement for a command. A dry run keeps nobody waiting and makes no rows: what was seen is what it tells
 * about, so it is decided on that alone, by the same rules and with the same refusals.
 *
 * @param seen the holdings to decide on, as they were read a moment ago.
 * @param refused makes the problem of a refusal, where the usual one does not fit.
 */
export async function decideMovement<Decided extends Movement, Why extends LicenseRefusal & Refusal<string>>(
  context: Context,
  accountId: string,
  seen: readonly HoldingRow[],
  decide: (facts: LedgerFacts) => Decision<Decided, Why>,
  refused: (refusal: Why) => Refused = (refusal) => licenseRefused(refusal),
): Promise<DecidedMovement<Decided>> {
  if (!context.dryRun) return decideLocked(context, accountId, seen, decide, refused);
  const decision = decide(holdingFacts(seen));
  if (!decision.ok) throw refused(decision);
  return { movement: decision.value, licenseOf: licensesOfLots(seen) };
}

/**
 * Decides a movement twice: on what was seen without locks, which tells what it would touch or refuses at once; then,
 * with all of that locked in order, on what is there really. The second decision is the one that counts.
 *
 * @param seen the holdings to decide on, as they were read a moment ago.
 * @param refused makes the problem of a refusal, where the usual one does not fit.
 */
export async function decideLocked<Decided extends Movement, Why extends LicenseRefusal & Refusal<string>>(
  ledger: Ledger,
  accountId: string,
  seen: readonly HoldingRow[],
  decide: (facts: LedgerFacts) => Decision<Decided, Why>,
  refused: (refusal: Why) => Refused = (refusal) => licenseRefused(refusal),
): Promise<DecidedMovement<Decided>> {
  const first = decide(holdingFacts(seen));
  if (!first.ok) throw refused(first);
  const licenseOf = licensesOfLots(seen);
  const lotIds = [...new Set(seen.map(({ lotId }) => lotId))];
  const needed = new Map(seen.map((holding) => [textOf(holding), placeIn(holding)]));
  const need = (entries: readonly Entry[]) => {
    for (const { place } of entries) if (place.kind === 'holding') needed.set(textOf(place), placeIn(place));
  };
  need(first.value.entries);
  await sql`savepoint deciding`.execute(ledger.trx);
  for (;;) {
    const places = [...needed.values()].map((place) => ({ accountId, place }));
    const locked = await lockHoldings(
      ledger.trx,
      places,
      licenseOf,
      elsewhere(accountId, first.value, lotIds),
    );
    const second = decide(holdingFacts(locked));
    if (!second.ok) throw refused(second);
    const found = new Set(locked.map(textOf));
    if (second.value.entries.every(({ place }) => place.kind !== 'holding' || found.has(textOf(place)))) {
      return { movement: second.value, licenseOf };
    }
    // It chose lots that have no row yet where they go. A row is never made while others are locked: all locks are let
    // go, and taken again with that row among them. The lots are few, so this ends.
    need(second.value.entries);
    await sql`rollback to savepoint deciding`.execute(ledger.trx);
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
