import { compareIds } from './holding.ts';

/** One thing to do; each is what the operation of that name needs. */
export type FixStep =
  | {
      readonly kind: 'transfer';
      readonly fromVirtualAccountId: string;
      readonly quantity: number;
      /** What the giving virtual account still has to spare afterwards. */
      readonly keepsSpare: number;
    }
  | { readonly kind: 'release'; readonly instanceId: string; readonly quantity: number }
  | { readonly kind: 'buy'; readonly quantity: number };

/** Steps that together bring the pool back to a balance of 0 or more; none of them can be left out. */
export type Fix = { readonly steps: readonly FixStep[] };

export type FixFacts = {
  readonly shortBy: number;
  /** The other virtual accounts' pools of the license, with their balance and the units that can be moved. */
  readonly sources: readonly {
    readonly virtualAccountId: string;
    readonly available: number;
    readonly balance: number;
  }[];
  /** The product instances of the short pool, with what they use of the license. */
  readonly instances: readonly {
    readonly instanceId: string;
    readonly count: number;
    readonly lastContactAt: Temporal.Instant;
  }[];
  /** Only instances not heard of since then are proposed for release. */
  readonly silentSince: Temporal.Instant;
};

/** What a pool can give away without becoming short itself. Units lent by substitution are not spare. */
export function spareOf(pool: { readonly available: number; readonly balance: number }): number {
  return Math.max(0, Math.min(pool.available, pool.balance));
}

/**
 * The fixes for a short pool, the cheapest kind first: transfer what others have to spare, from as few virtual accounts
 * as possible; release instances, those silent longest first; a mix of both and of buying when neither is enough alone;
 * buy. Every fix is complete, and buying is always among them. Empty when the pool is not short.
 */
export function shortestFixes(facts: FixFacts): readonly Fix[] {
  const { shortBy } = facts;
  if (shortBy <= 0) return [];
  const transfers = transferSteps(facts, shortBy);
  const releases = releaseSteps(facts);
  const fixes: Fix[] = [];
  if (unitsOf(transfers) >= shortBy) fixes.push({ steps: transfers });
  if (unitsOf(releases) >= shortBy) fixes.push({ steps: releases });
  if (fixes.length === 0 && transfers.length + releases.length > 0) {
    fixes.push({ steps: mixedSteps(facts, unitsOf(transfers), releases) });
  }
  fixes.push({ steps: [{ kind: 'buy', quantity: shortBy }] });
  return fixes;
}

/** The largest sources first, which is the fewest that can do it; as much as they can when all are not enough. */
function transferSteps({ sources }: FixFacts, needed: number): readonly FixStep[] {
  const bySpare = sources
    .map((source) => ({ virtualAccountId: source.virtualAccountId, spare: spareOf(source) }))
    .filter(({ spare }) => spare > 0)
    .sort(
      (left, right) => right.spare - left.spare || compareIds(left.virtualAccountId, right.virtualAccountId),
    );
  const steps: FixStep[] = [];
  let missing = needed;
  for (const { virtualAccountId, spare } of bySpare) {
    if (missing === 0) break;
    const quantity = Math.min(missing, spare);
    steps.push({
      kind: 'transfer',
      fromVirtualAccountId: virtualAccountId,
      quantity,
      keepsSpare: spare - quantity,
    });
    missing -= quantity;
  }
  return steps;
}

/** Those silent longest until it is enough, then without any that turned out not to be needed. */
function releaseSteps({ instances, silentSince, shortBy }: FixFacts): readonly FixStep[] {
  const silent = instances
    .filter(
      ({ count, lastContactAt }) => count > 0 && Temporal.Instant.compare(lastContactAt, silentSince) < 0,
    )
    .sort(
      (left, right) =>
        Temporal.Instant.compare(left.lastContactAt, right.lastContactAt) ||
        right.count - left.count ||
        compareIds(left.instanceId, right.instanceId),
    );
  const chosen: FixStep[] = [];
  for (const { instanceId, count } of silent) {
    if (unitsOf(chosen) >= shortBy) break;
    chosen.push({ kind: 'release', instanceId, quantity: count });
  }
  return withoutNeedless(chosen, shortBy);
}

/**
 * What others can spare, then releases, then buying what is still missing. Releases come whole, so they may free more
 * than what transfers leave; then less is transferred.
 */
function mixedSteps(facts: FixFacts, transferable: number, releases: readonly FixStep[]): readonly FixStep[] {
  const leftToRelease = facts.shortBy - transferable;
  const enough: FixStep[] = [];
  for (const step of releases) {
    if (unitsOf(enough) >= leftToRelease) break;
    enough.push(step);
  }
  const released = withoutNeedless(enough, leftToRelease);
  const steps = [...transferSteps(facts, facts.shortBy - unitsOf(released)), ...released];
  const missing = facts.shortBy - unitsOf(steps);
  return missing > 0 ? [...steps, { kind: 'buy', quantity: missing }] : steps;
}

/** Drops steps the others can do without, the last chosen first; keeps all when even all are not enough. */
function withoutNeedless(steps: readonly FixStep[], needed: number): readonly FixStep[] {
  let kept = steps;
  for (const step of steps.toReversed()) {
    if (unitsOf(kept) - step.quantity >= needed) kept = kept.filter((each) => each !== step);
  }
  return kept;
}

function unitsOf(steps: readonly FixStep[]): number {
  return steps.reduce((sum, { quantity }) => sum + quantity, 0);
}
