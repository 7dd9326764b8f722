import { poolCompliance, type QuantityByState, substitute } from '@estover/domain/licenses';
import { sql } from 'kysely';
import { raiseAlerts, settleAlerts } from '../alerts/index.ts';
import type { Trx } from '../database/database.ts';
import { type CatalogFacts, loadCatalogFacts } from './catalog-facts.ts';
import { distinctPools, type Ledger, type PoolKey, poolText } from './ledger.ts';

export type PoolState = 'in-compliance' | 'overage' | 'out-of-compliance';

/** The stored numbers of one pool. */
export interface StoredPool extends PoolKey, QuantityByState {
  readonly inUse: number;
  readonly lent: number;
  readonly borrowed: number;
  readonly state: PoolState;
  /** Since when the pool is out of compliance, without a break. */
  readonly shortSince: Temporal.Instant | null;
}

/** By how much the own numbers of a pool change; what is left out stays. */
export interface PoolChange extends PoolKey, Partial<QuantityByState> {
  readonly inUse?: number;
}

/** A pool before and after a change. */
export interface ChangedPool {
  readonly before: StoredPool;
  readonly after: StoredPool;
}

/** Pools locked for the rest of the transaction, with what the domain needs to judge them. */
export interface LockedPools {
  readonly pools: readonly StoredPool[];
  readonly catalog: CatalogFacts;
}

/** balance = available + borrowed − lent − in use. */
export const balanceOf = (pool: Pick<StoredPool, 'available' | 'borrowed' | 'lent' | 'inUse'>): number =>
  pool.available + pool.borrowed - pool.lent - pool.inUse;

const columns = sql`
  p.account_id as "accountId", p.virtual_account_id as "virtualAccountId", p.license_id as "licenseId",
  p.pending, p.available, p.reserved, p.held, p.expired, p.in_use as "inUse", p.lent, p.borrowed, p.state,
  p.short_since as "shortSince"`;

const keyArrays = (keys: readonly PoolKey[]) => sql`
  ${keys.map((key) => key.accountId)}::uuid[],
  ${keys.map((key) => key.virtualAccountId)}::uuid[],
  ${keys.map((key) => key.licenseId)}::uuid[]`;

/** Reads pools without locking them; a pool that is not there is left out. */
export async function loadPools(trx: Trx, keys: readonly PoolKey[]): Promise<StoredPool[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<StoredPool>`
    /* prepared: load-pools */
    select ${columns} from unnest(${keyArrays(keys)}) as key (a, v, l)
      join pools p on p.account_id = key.a and p.virtual_account_id = key.v and p.license_id = key.l`.execute(
    trx,
  );
  return rows;
}

/**
 * Locks pools, and with each the pools of its virtual account that substitution connects with it, in the order
 * (account, virtual account, license). Pools that are missing are made, at zero, before anything is locked: so nobody
 * ever waits for a new row while holding an old one. Holdings are locked before pools, always.
 */
export async function lockPools(trx: Trx, keys: readonly PoolKey[]): Promise<LockedPools> {
  const wanted = distinctPools(keys);
  const catalog = await loadCatalogFacts(
    trx,
    wanted.map((key) => key.licenseId),
  );
  await sql`
    /* prepared: make-pools */
    insert into pools (account_id, virtual_account_id, license_id)
    select a, v, l from unnest(${keyArrays(wanted)}) as key (a, v, l) order by a, v, l
    on conflict do nothing`.execute(trx);
  const connected = connectedPools(wanted, catalog);
  const { rows } = await sql<StoredPool>`
    /* prepared: lock-pools */
    select ${columns} from unnest(${keyArrays(connected)}) as key (a, v, l)
      join pools p on p.account_id = key.a and p.virtual_account_id = key.v and p.license_id = key.l
     order by p.account_id, p.virtual_account_id, p.license_id
       for update of p`.execute(trx);
  return { pools: rows, catalog };
}

/** The pools that a change of some may change, in the same virtual accounts; each once. */
const connectedPools = (keys: readonly PoolKey[], catalog: CatalogFacts): PoolKey[] =>
  distinctPools(
    keys.flatMap(({ accountId, virtualAccountId, licenseId }) =>
      catalog
        .connectedTo(licenseId)
        .map((connected) => ({ accountId, virtualAccountId, licenseId: connected })),
    ),
  );

/**
 * Changes the own numbers of pools and judges anew every virtual account touched: substitution, compliance, since when
 * it is short, and the alerts that follow. Answers every pool that was looked at, changed or not.
 */
export async function changePools(ledger: Ledger, changes: readonly PoolChange[]): Promise<ChangedPool[]> {
  if (changes.length === 0) return [];
  const { pools, catalog } = await lockPools(ledger.trx, changes);
  const changed = judge(addUp(pools, changes), catalog, ledger.now).map((after, index) => ({
    before: pools[index] as StoredPool,
    after,
  }));
  await savePools(
    ledger.trx,
    changed.filter(({ before, after }) => !isSame(before, after)).map(({ after }) => after),
  );
  await alertAboutPools(ledger, changed);
  return changed;
}

/**
 * What `changePools` would answer, without keeping it: no lock, no new row and no alert. Only pools of licenses that
 * become short are written, because what would mend them is looked up among the pools as they are then; whoever asks
 * has to roll back.
 */
export async function previewPools(ledger: Ledger, changes: readonly PoolChange[]): Promise<ChangedPool[]> {
  const catalog = await loadCatalogFacts(
    ledger.trx,
    changes.map((change) => change.licenseId),
  );
  // In the order in which pools are locked, so that a dry run and what follows it answer alike.
  const keys = connectedPools(changes, catalog).sort((one, other) =>
    poolText(one) < poolText(other) ? -1 : 1,
  );
  const stored = new Map((await loadPools(ledger.trx, keys)).map((pool) => [poolText(pool), pool]));
  const pools = keys.map((key) => stored.get(poolText(key)) ?? emptyPool(key));
  const changed = judge(addUp(pools, changes), catalog, ledger.now).map((after, index) => ({
    before: pools[index] as StoredPool,
    after,
  }));
  const isShort = ({ state }: StoredPool) => state === 'out-of-compliance';
  const lacking = new Set(
    changed
      .filter(({ before, after }) => !isShort(before) && isShort(after))
      .map(({ after }) => after.licenseId),
  );
  const needed = changed.filter(
    ({ before, after }) => lacking.has(after.licenseId) && !isSame(before, after),
  );
  if (needed.length > 0) {
    const written = needed.map(({ after }) => after);
    await lockPools(ledger.trx, written);
    await savePools(ledger.trx, written);
  }
  return changed;
}

const emptyPool = ({ accountId, virtualAccountId, licenseId }: PoolKey): StoredPool => ({
  accountId,
  virtualAccountId,
  licenseId,
  pending: 0,
  available: 0,
  reserved: 0,
  held: 0,
  expired: 0,
  inUse: 0,
  lent: 0,
  borrowed: 0,
  state: 'in-compliance',
  shortSince: null,
});

/** Judges pools again whose numbers stay, because the catalog's substitutions changed. */
export async function rejudgePools(ledger: Ledger, keys: readonly PoolKey[]): Promise<ChangedPool[]> {
  return changePools(
    ledger,
    keys.map(({ accountId, virtualAccountId, licenseId }) => ({ accountId, virtualAccountId, licenseId })),
  );
}

function addUp(pools: readonly StoredPool[], changes: readonly PoolChange[]): StoredPool[] {
  const byPool = Map.groupBy(changes, poolText);
  return pools.map((pool) => {
    const sum = { ...pool };
    for (const change of byPool.get(poolText(pool)) ?? []) {
      sum.pending += change.pending ?? 0;
      sum.available += change.available ?? 0;
      sum.reserved += change.reserved ?? 0;
      sum.held += change.held ?? 0;
      sum.expired += change.expired ?? 0;
      sum.inUse += change.inUse ?? 0;
    }
    return sum;
  });
}

/** Substitution and compliance by the rules of the domain, for whole groups of connected pools; the order stays. */
export function judge(
  pools: readonly StoredPool[],
  { plan, licenses }: CatalogFacts,
  now: Temporal.Instant,
): StoredPool[] {
  const places = Map.groupBy(pools, (pool) => `${pool.accountId}/${pool.virtualAccountId}`);
  const judged = new Map<string, StoredPool>();
  for (const here of places.values()) {
    const result = substitute(
      plan,
      here.map(({ licenseId, available, inUse }) => ({ licenseId, usable: available, inUse })),
    );
    for (const pool of here) {
      const balance = result.pools.get(pool.licenseId);
      if (balance === undefined) throw new Error(`Pool ${poolText(pool)} was not judged.`);
      const { state } = poolCompliance(balance, licenses.get(pool.licenseId)?.allowance ?? null);
      judged.set(poolText(pool), {
        ...pool,
        lent: balance.lent,
        borrowed: balance.borrowed,
        state,
        shortSince: state === 'out-of-compliance' ? (pool.shortSince ?? now) : null,
      });
    }
  }
  return pools.map((pool) => judged.get(poolText(pool)) as StoredPool);
}

async function savePools(trx: Trx, pools: readonly StoredPool[]): Promise<void> {
  if (pools.length === 0) return;
  const numbers = (pick: (pool: StoredPool) => number) => sql`${pools.map(pick)}::bigint[]`;
  await sql`
    /* prepared: save-pools */
    update pools p
       set pending = t.pending, available = t.available, reserved = t.reserved, held = t.held, expired = t.expired,
           in_use = t.in_use, lent = t.lent, borrowed = t.borrowed, state = t.state, short_since = t.short_since
      from unnest(${keyArrays(pools)},
             ${numbers((pool) => pool.pending)}, ${numbers((pool) => pool.available)},
             ${numbers((pool) => pool.reserved)}, ${numbers((pool) => pool.held)},
             ${numbers((pool) => pool.expired)}, ${numbers((pool) => pool.inUse)},
             ${numbers((pool) => pool.lent)}, ${numbers((pool) => pool.borrowed)},
             ${pools.map((pool) => pool.state)}::text[],
             ${pools.map((pool) => pool.shortSince?.toString() ?? null)}::timestamptz[])
        as t (a, v, l, pending, available, reserved, held, expired, in_use, lent, borrowed, state, short_since)
     where p.account_id = t.a and p.virtual_account_id = t.v and p.license_id = t.l`.execute(trx);
}

/** One open alert for each pool out of compliance, with how many are missing; it goes when the pool is well again. */
async function alertAboutPools(ledger: Ledger, changed: readonly ChangedPool[]): Promise<void> {
  const isShort = (pool: StoredPool) => pool.state === 'out-of-compliance';
  const raised = changed.filter(
    ({ before, after }) => isShort(after) && (!isShort(before) || balanceOf(before) !== balanceOf(after)),
  );
  const settled = changed.filter(({ before, after }) => isShort(before) && !isShort(after));
  if (raised.length > 0) {
    await raiseAlerts(
      ledger,
      raised.map(({ after: { accountId, virtualAccountId, licenseId, ...pool } }) => ({
        accountId,
        kind: 'insufficient-licenses' as const,
        severity: 'major' as const,
        cause: `${virtualAccountId}/${licenseId}`,
        virtualAccountId,
        licenseId,
        instanceId: null,
        lotId: null,
        quantity: -balanceOf(pool),
        facts: {},
        actionDueAt: null,
      })),
    );
  }
  if (settled.length > 0) {
    await settleAlerts(
      ledger,
      settled.map(({ after: { accountId, virtualAccountId, licenseId } }) => ({
        accountId,
        kind: 'insufficient-licenses' as const,
        cause: `${virtualAccountId}/${licenseId}`,
      })),
    );
  }
}

/** Whether two versions of a pool hold the same numbers. */
export function isSame(left: StoredPool, right: StoredPool): boolean {
  return (
    left.pending === right.pending &&
    left.available === right.available &&
    left.reserved === right.reserved &&
    left.held === right.held &&
    left.expired === right.expired &&
    left.inUse === right.inUse &&
    left.lent === right.lent &&
    left.borrowed === right.borrowed &&
    left.state === right.state
  );
}
