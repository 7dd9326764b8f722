import type { poolEffect, poolNumbers } from '@estover/protocol';
import type { z } from 'zod';
import type { Context } from '../edge/context.ts';
import { type FixAnswer, fixesOf } from './fixes.ts';
import { type PoolKey, poolText } from './ledger.ts';
import { loadNames, readableScope } from './names.ts';
import { balanceOf, type ChangedPool, isSame, loadPools, lockPools, type StoredPool } from './pools-store.ts';

export type PoolEffect = z.output<typeof poolEffect>;
export type PoolNumbers = z.output<typeof poolNumbers>;

/** So many pools that become short are answered with what would mend them; beyond that a list helps nobody. */
const mendedPools = 10;

/** A pool's stored numbers as the API shows them. */
export function numbersOf(pool: StoredPool): PoolNumbers {
  const { pending, available, reserved, held, expired, inUse, lent, borrowed, state } = pool;
  return {
    owned: available + reserved + held,
    pending,
    available,
    reserved,
    held,
    expired,
    inUse,
    lent,
    borrowed,
    balance: balanceOf(pool),
    state,
  };
}

/** Pools before and after, with names and, where one becomes short, what would mend it. */
export async function effectsOf(
  context: Context,
  accountId: string,
  changed: readonly ChangedPool[],
): Promise<{ effects: PoolEffect[]; newlyShort: number; newlyCompliant: number }> {
  const shown = changed.filter(({ before, after }) => !isSame(before, after));
  const names = await loadNames(
    context.trx,
    accountId,
    readableScope(context, accountId),
    shown.map(({ after }) => after.virtualAccountId),
    shown.map(({ after }) => after.licenseId),
  );
  const isShort = (pool: StoredPool) => pool.state === 'out-of-compliance';
  const newlyShort = shown.filter(({ before, after }) => !isShort(before) && isShort(after));
  const mended = newlyShort.slice(0, mendedPools).map(({ after }) => after);
  const fixes = new Map<string, FixAnswer[]>();
  const found = await fixesOf(
    context,
    accountId,
    mended.map((pool) => ({ ...pool, shortBy: -balanceOf(pool) })),
    names.licenseOf,
    shown
      .filter(({ before, after }) => after.available > before.available)
      .map(({ after }) => after.virtualAccountId),
  );
  for (const [index, pool] of mended.entries()) fixes.set(poolText(pool), found[index] ?? []);
  return {
    effects: shown.map(({ before, after }) => {
      const { tag, name } = names.licenseOf(after.licenseId);
      return {
        virtualAccountId: after.virtualAccountId,
        virtualAccountPath: names.pathOf(after.virtualAccountId),
        tag,
        licenseName: name,
        before: numbersOf(before),
        after: numbersOf(after),
        fixes: fixes.get(poolText(after)) ?? [],
      };
    }),
    newlyShort: newlyShort.length,
    newlyCompliant: shown.filter(({ before, after }) => isShort(before) && !isShort(after)).length,
  };
}

/**
 * Runs work that changes pools and answers what it did to them: the pools named, and those that substitution connects
 * with them. The pools are locked first, so the work must not lock holdings that others may hold.
 */
export async function poolEffectsOf<Result>(
  context: Context,
  accountId: string,
  touched: readonly Omit<PoolKey, 'accountId'>[],
  work: () => Promise<Result>,
): Promise<{ result: Result; effects: PoolEffect[]; newlyShort: number; newlyCompliant: number }> {
  const { pools } = await lockPools(
    context.trx,
    touched.map((key) => ({ accountId, virtualAccountId: key.virtualAccountId, licenseId: key.licenseId })),
  );
  const result = await work();
  const after = new Map((await loadPools(context.trx, pools)).map((pool) => [poolText(pool), pool]));
  const changed = pools.map((before) => ({ before, after: after.get(poolText(before)) ?? before }));
  return { result, ...(await effectsOf(context, accountId, changed)) };
}
