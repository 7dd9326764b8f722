import { compareIds } from './holding.ts';

/**
 * "Upper may stand in for lower": `upperQuantity` units of the upper license cover `lowerQuantity` units of the lower
 * one (both whole, at least 1). Among several, the lower `priority` number goes first.
 */
export type Substitution = {
  readonly upperLicenseId: string;
  readonly lowerLicenseId: string;
  readonly upperQuantity: number;
  readonly lowerQuantity: number;
  readonly priority: number;
};

/** What substitution needs of a pool: the units it may use, and how many are in use. All pools of ONE virtual account. */
export type PoolUse = {
  readonly licenseId: string;
  /** Usable units the pool has itself: available, plus held ones that stay usable (see `usableWhileHeld`). */
  readonly usable: number;
  readonly inUse: number;
};

/** So many units lent by the upper pool, covering so many units of the lower one. */
export type Loan = {
  readonly upperLicenseId: string;
  readonly lowerLicenseId: string;
  readonly lent: number;
  readonly borrowed: number;
};

/** A pool after substitution. balance = usable + borrowed − lent − inUse; below 0 it is short. */
export type PoolBalance = PoolUse & {
  readonly lent: number;
  readonly borrowed: number;
  readonly balance: number;
};

export type SubstitutionResult = {
  readonly pools: ReadonlyMap<string, PoolBalance>;
  readonly loans: readonly Loan[];
};

/** One license that an upper one may stand in for, directly or through others, with the ratio of the whole way. */
type Reach = {
  readonly lowerLicenseId: string;
  readonly upperQuantity: bigint;
  readonly lowerQuantity: bigint;
  /** The priorities along the way, first step first. Its length is the number of steps. */
  readonly priorities: readonly number[];
  /** The licenses along the way, for a tie-break that is the same everywhere. */
  readonly way: readonly string[];
};

/** The edges in the order they are used; made once from the catalog and used for every virtual account. */
export type SubstitutionPlan = readonly {
  readonly upperLicenseId: string;
  readonly reaches: readonly Reach[];
}[];

/**
 * Prepares substitution: uppers in topological order (ties by license id), and for each the licenses it reaches.
 * Where A may stand in for B and B for C, A may stand in for C as well, at the product of the ratios: only A's own
 * surplus flows, past B. Nearer licenses come first, then lower priorities, then ids. Throws on a cycle, which
 * `checkSubstitution` does not let into the catalog.
 */
export function planSubstitution(substitutions: readonly Substitution[]): SubstitutionPlan {
  const byUpper = Map.groupBy(substitutions, (each) => each.upperLicenseId);
  return topologicalOrder(substitutions)
    .filter((licenseId) => byUpper.has(licenseId))
    .map((upperLicenseId) => ({ upperLicenseId, reaches: reachesOf(upperLicenseId, byUpper) }));
}

/**
 * Lends the surplus of upper pools to short lower ones, top-down, after own use (seeds 001 and 003): of 100 A with 10 A
 * and 50 B in use and no B owned, 50 are lent and 40 A are left. Only a pool's own surplus is lent, never what it
 * borrowed. A loan takes the fewest upper units that cover it; a broken unit covers nothing. Pools must all be of one
 * virtual account: nothing is ever lent across. A license without a pool is neither lent nor in need.
 */
export function substitute(plan: SubstitutionPlan, pools: readonly PoolUse[]): SubstitutionResult {
  const result = new Map<string, { -readonly [Key in keyof PoolBalance]: PoolBalance[Key] }>();
  for (const { licenseId, usable, inUse } of pools) {
    result.set(licenseId, { licenseId, usable, inUse, lent: 0, borrowed: 0, balance: usable - inUse });
  }
  const loans: Loan[] = [];
  for (const { upperLicenseId, reaches } of plan) {
    const upper = result.get(upperLicenseId);
    if (!upper) continue;
    for (const reach of reaches) {
      const lower = result.get(reach.lowerLicenseId);
      if (!lower || lower.balance >= 0 || upper.balance <= 0) continue;
      const borrowed = Math.min(-lower.balance, coveredBy(upper.balance, reach));
      if (borrowed === 0) continue;
      const lent = neededFor(borrowed, reach);
      upper.lent += lent;
      upper.balance -= lent;
      lower.borrowed += borrowed;
      lower.balance += borrowed;
      loans.push({ upperLicenseId, lowerLicenseId: reach.lowerLicenseId, lent, borrowed });
    }
  }
  return { pools: result, loans };
}

/** Lower units that so many upper units cover, rounded down; capped where numbers stop being exact. */
function coveredBy(upperUnits: number, { upperQuantity, lowerQuantity }: Reach): number {
  const covered = (BigInt(upperUnits) * lowerQuantity) / upperQuantity;
  return covered > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(covered);
}

/** Upper units it takes to cover so many lower units, rounded up. */
function neededFor(lowerUnits: number, { upperQuantity, lowerQuantity }: Reach): number {
  return Number((BigInt(lowerUnits) * upperQuantity + lowerQuantity - 1n) / lowerQuantity);
}

function topologicalOrder(substitutions: readonly Substitution[]): readonly string[] {
  const uppersLeft = new Map<string, number>();
  for (const { upperLicenseId, lowerLicenseId } of substitutions) {
    uppersLeft.set(upperLicenseId, uppersLeft.get(upperLicenseId) ?? 0);
    uppersLeft.set(lowerLicenseId, (uppersLeft.get(lowerLicenseId) ?? 0) + 1);
  }
  const lowersOf = Map.groupBy(substitutions, (each) => each.upperLicenseId);
  const total = uppersLeft.size;
  const order: string[] = [];
  while (order.length < total) {
    const ready = [...uppersLeft].filter(([, left]) => left === 0).map(([licenseId]) => licenseId);
    if (ready.length === 0) throw new Error('The substitutions of the catalog go round in a circle.');
    for (const licenseId of ready.sort(compareIds)) {
      order.push(licenseId);
      uppersLeft.delete(licenseId);
      for (const { lowerLicenseId } of lowersOf.get(licenseId) ?? []) {
        uppersLeft.set(lowerLicenseId, (uppersLeft.get(lowerLicenseId) ?? 0) - 1);
      }
    }
  }
  return order;
}

/** Everything below a license, each by its best way: step by step, so that the first way found has the fewest steps. */
function reachesOf(
  upperLicenseId: string,
  byUpper: ReadonlyMap<string, readonly Substitution[]>,
): readonly Reach[] {
  const found = new Map<string, Reach>();
  const top: Reach = {
    lowerLicenseId: upperLicenseId,
    upperQuantity: 1n,
    lowerQuantity: 1n,
    priorities: [],
    way: [],
  };
  let level: readonly Reach[] = [top];
  while (level.length > 0) {
    const next = level
      .flatMap((from) => (byUpper.get(from.lowerLicenseId) ?? []).map((edge) => step(from, edge)))
      .filter((reach) => !found.has(reach.lowerLicenseId))
      .sort(compareReaches);
    level = next.filter(
      (reach, index) => next.findIndex((each) => each.lowerLicenseId === reach.lowerLicenseId) === index,
    );
    for (const reach of level) found.set(reach.lowerLicenseId, reach);
  }
  return [...found.values()];
}

function step(from: Reach, edge: Substitution): Reach {
  const upperQuantity = from.upperQuantity * BigInt(edge.upperQuantity);
  const lowerQuantity = from.lowerQuantity * BigInt(edge.lowerQuantity);
  return {
    lowerLicenseId: edge.lowerLicenseId,
    upperQuantity,
    lowerQuantity,
    priorities: [...from.priorities, edge.priority],
    way: [...from.way, edge.lowerLicenseId],
  };
}

function compareReaches(left: Reach, right: Reach): number {
  for (const [index, priority] of left.priorities.entries()) {
    const difference = priority - (right.priorities[index] ?? 0);
    if (difference !== 0) return difference;
  }
  for (const [index, licenseId] of left.way.entries()) {
    const difference = compareIds(licenseId, right.way[index] ?? '');
    if (difference !== 0) return difference;
  }
  return 0;
}
