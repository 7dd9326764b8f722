import type { Decision, Refusal } from '@estover/domain';
import type { LedgerFacts, LicenseRefusal, Movement } from '@estover/domain/licenses';
import type { Refused } from '../edge/refused.ts';
import type { Ledger } from './ledger.ts';
import { licenseRefused } from './license-refused.ts';
import { holdingFacts, lockHoldings } from './licenses-store.ts';
import type { HoldingRow } from './lot-rows.ts';

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
): Promise<{ movement: Decided; licenseOf: (lotId: string) => string }> {
  const first = decide(holdingFacts(seen));
  if (!first.ok) throw refused(first);
  const licenses = new Map(seen.map(({ lotId, licenseId }) => [lotId, licenseId]));
  const licenseOf = (lotId: string) => {
    const licenseId = licenses.get(lotId);
    if (licenseId === undefined)
      throw new Error(`The decision names lot ${lotId}, which was not among its facts.`);
    return licenseId;
  };
  const touched = first.value.entries.flatMap(({ place }) => (place.kind === 'holding' ? [place] : []));
  const locked = await lockHoldings(
    ledger.trx,
    [...seen, ...touched].map((place) => ({ accountId, place })),
    licenseOf,
  );
  const second = decide(holdingFacts(locked));
  if (!second.ok) throw refused(second);
  return { movement: second.value, licenseOf };
}
