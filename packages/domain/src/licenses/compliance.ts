/** How far use may go beyond what a pool has, by contract. A whole percent of the pool's own usable units, rounded down. */
export type OverageAllowance =
  | { readonly kind: 'quantity'; readonly quantity: number }
  | { readonly kind: 'percent'; readonly percent: number };

/**
 * How a pool stands. `overage`: more in use than there is, but within the allowance. `shortBy` and `overBy` are what is
 * missing in all (−balance), not only what exceeds the allowance: that is how many it takes to be even.
 */
export type PoolCompliance =
  | { readonly state: 'in-compliance' }
  | { readonly state: 'overage'; readonly overBy: number; readonly allowed: number }
  | { readonly state: 'out-of-compliance'; readonly shortBy: number; readonly allowed: number };

/** Judges a pool by its balance after substitution. */
export function poolCompliance(
  pool: { readonly usable: number; readonly balance: number },
  allowance: OverageAllowance | null,
): PoolCompliance {
  if (pool.balance >= 0) return { state: 'in-compliance' };
  const missing = -pool.balance;
  const allowed = allowedOverage(pool.usable, allowance);
  return missing <= allowed
    ? { state: 'overage', overBy: missing, allowed }
    : { state: 'out-of-compliance', shortBy: missing, allowed };
}

/** The units an allowance comes to. */
export function allowedOverage(usable: number, allowance: OverageAllowance | null): number {
  if (allowance === null) return 0;
  return allowance.kind === 'quantity'
    ? allowance.quantity
    : Number((BigInt(usable) * BigInt(allowance.percent)) / 100n);
}

/** What a product instance uses of one tag, and how the pool behind it stands; null when no license has that tag. */
export type TagUse = {
  readonly tag: string;
  readonly count: number;
  readonly pool: PoolCompliance['state'] | null;
};
export type TagState = PoolCompliance['state'] | 'invalid-tag';
export type AuthorizationState = 'authorized' | 'out-of-compliance' | 'no-licenses-in-use';

/** What a product instance is told: the state of each tag in use, and one for all. */
export type InstanceCompliance = {
  readonly state: AuthorizationState;
  readonly tags: readonly { readonly tag: string; readonly count: number; readonly state: TagState }[];
};

/**
 * The authorization state of a product instance (seed 001). All instances of a virtual account share its pools, so one
 * instance being the last to ask does not matter: all that use a short license are out of compliance. A tag nobody
 * knows is covered by nothing, so it puts the instance out of compliance too; overage does not. Tags with a count of 0
 * are left out.
 */
export function instanceCompliance(uses: readonly TagUse[]): InstanceCompliance {
  const tags = uses
    .filter(({ count }) => count > 0)
    .map(({ tag, count, pool }) => ({ tag, count, state: pool ?? ('invalid-tag' as const) }));
  if (tags.length === 0) return { state: 'no-licenses-in-use', tags };
  const covered = tags.every(({ state }) => state === 'in-compliance' || state === 'overage');
  return { state: covered ? 'authorized' : 'out-of-compliance', tags };
}
