import { applyToHoldings, lotOf, lotsById } from './ledger.ts';
import { type Movement, usableWhileHeld } from './movements/movement.ts';
import { assessPools, type Pool, type PoolKey, type PoolsFacts, poolText } from './pools.ts';

/** A pool before and after a movement. `before` or `after` is null when there was, or will be, nothing in it. */
export type PoolPreview = PoolKey & {
  readonly before: Pool | null;
  readonly after: Pool | null;
  readonly fallsOutOfCompliance: boolean;
  readonly comesIntoCompliance: boolean;
};

/**
 * What movements would do, without doing it: every pool they touch, and every other one of the same virtual accounts
 * whose balance changes with them through substitution.
 */
export function previewMovements(facts: PoolsFacts, movements: readonly Movement[]): readonly PoolPreview[] {
  const before = new Map(assessPools(facts).map((pool) => [poolText(pool), pool]));
  const after = new Map(
    assessPools({
      ...facts,
      holdings: applyToHoldings(
        facts.holdings,
        movements.flatMap(({ entries }) => entries),
      ),
      usage: usageAfter(facts, movements),
    }).map((pool) => [poolText(pool), pool]),
  );
  const previews: PoolPreview[] = [];
  for (const text of new Set([...before.keys(), ...after.keys()])) {
    const was = before.get(text) ?? null;
    const willBe = after.get(text) ?? null;
    const pool = willBe ?? was;
    if (!pool || (was && willBe && isSame(was, willBe))) continue;
    const wasOut = was?.compliance.state === 'out-of-compliance';
    const willBeOut = willBe?.compliance.state === 'out-of-compliance';
    previews.push({
      virtualAccountId: pool.virtualAccountId,
      licenseId: pool.licenseId,
      before: was,
      after: willBe,
      fallsOutOfCompliance: !wasOut && willBeOut,
      comesIntoCompliance: wasOut && !willBeOut,
    });
  }
  return previews;
}

/** Holds whose units stay usable change what is usable although they change what is available. */
function usageAfter(facts: PoolsFacts, movements: readonly Movement[]): PoolsFacts['usage'] {
  const lots = lotsById(facts.lots);
  const usage = new Map(facts.usage.map((each) => [poolText(each), each]));
  for (const movement of movements) {
    if (!('hold' in movement) || !usableWhileHeld(movement.hold.purpose)) continue;
    for (const { place, quantity } of movement.entries) {
      if (place.kind !== 'holding' || place.state !== 'held') continue;
      const { virtualAccountId, lotId } = place;
      const key = { virtualAccountId, licenseId: lotOf(lots, lotId).licenseId };
      const known = usage.get(poolText(key)) ?? { ...key, inUse: 0 };
      usage.set(poolText(key), { ...known, usableHeld: (known.usableHeld ?? 0) + quantity });
    }
  }
  return [...usage.values()];
}

function isSame(left: Pool, right: Pool): boolean {
  return (
    left.balance === right.balance &&
    left.lent === right.lent &&
    left.borrowed === right.borrowed &&
    left.usable === right.usable &&
    left.compliance.state === right.compliance.state &&
    left.quantities.pending === right.quantities.pending &&
    left.quantities.available === right.quantities.available &&
    left.quantities.reserved === right.quantities.reserved &&
    left.quantities.held === right.quantities.held &&
    left.quantities.expired === right.quantities.expired
  );
}
