import { type OverageAllowance, type PoolCompliance, poolCompliance } from './compliance.ts';
import { compareIds } from './holding.ts';
import { type LedgerFacts, lotOf, lotsById, type QuantityByState, quantityByState } from './ledger.ts';
import { type PoolBalance, type SubstitutionPlan, substitute } from './substitution.ts';

/** A license in a virtual account: all holdings of it there make up the pool. */
export type PoolKey = { readonly virtualAccountId: string; readonly licenseId: string };

/** What the ledger does not know about a pool. A pool that is not listed has nothing in use. */
export type PoolUsage = PoolKey & {
  readonly inUse: number;
  /** Held units that stay usable where they are (see `usableWhileHeld`); 0 unless given. */
  readonly usableHeld?: number | undefined;
};

export type PoolsFacts = LedgerFacts & {
  readonly usage: readonly PoolUsage[];
  readonly substitution: SubstitutionPlan;
  /** Overage allowances by license id; none unless listed. */
  readonly allowances?: ReadonlyMap<string, OverageAllowance> | undefined;
};

/** One row of the inventory: quantities by state, use, substitution, balance and compliance. */
export type Pool = PoolKey &
  PoolBalance & { readonly quantities: QuantityByState; readonly compliance: PoolCompliance };

/**
 * Everything about the pools that have a holding or a use, by virtual account, then license. To be right about
 * substitution the facts must have all pools of each virtual account they mention.
 */
export function assessPools(facts: PoolsFacts): readonly Pool[] {
  const lots = lotsById(facts.lots);
  const holdings = Map.groupBy(facts.holdings, ({ virtualAccountId, lotId }) =>
    poolText({ virtualAccountId, licenseId: lotOf(lots, lotId).licenseId }),
  );
  const usage = new Map(facts.usage.map((each) => [poolText(each), each]));
  const keys = new Map<string, PoolKey>(usage);
  for (const { virtualAccountId, lotId } of facts.holdings) {
    const key = { virtualAccountId, licenseId: lotOf(lots, lotId).licenseId };
    keys.set(poolText(key), key);
  }
  const byVirtualAccount = Map.groupBy(keys.values(), ({ virtualAccountId }) => virtualAccountId);
  return [...byVirtualAccount]
    .sort(([left], [right]) => compareIds(left, right))
    .flatMap(([virtualAccountId, poolKeys]) => {
      const quantities = new Map<string, QuantityByState>();
      const uses = poolKeys.map((key) => {
        const text = poolText(key);
        const byState = quantityByState(holdings.get(text) ?? []);
        const { inUse = 0, usableHeld = 0 } = usage.get(text) ?? {};
        quantities.set(key.licenseId, byState);
        return { licenseId: key.licenseId, usable: byState.available + usableHeld, inUse };
      });
      const balances = substitute(facts.substitution, uses).pools;
      return [...balances.values()]
        .sort((left, right) => compareIds(left.licenseId, right.licenseId))
        .map((pool) => ({
          ...pool,
          virtualAccountId,
          quantities: quantities.get(pool.licenseId) ?? quantityByState([]),
          compliance: poolCompliance(pool, facts.allowances?.get(pool.licenseId) ?? null),
        }));
    });
}

/** A text that is equal for equal pools; for maps, not for storage. */
export function poolText({ virtualAccountId, licenseId }: PoolKey): string {
  return JSON.stringify([virtualAccountId, licenseId]);
}
