import { sql } from 'kysely';
import type { Ledger, PoolKey } from './ledger.ts';
import { changePools } from './pools-store.ts';

/** A product instance uses another quantity of a license than before. */
export interface UseChange extends PoolKey {
  readonly instanceId: string;
  readonly from: number;
  readonly to: number;
  readonly reason:
    | 'reported'
    | 'registered'
    | 'deregistered'
    | 'removed'
    | 'replaced'
    | 'silent'
    | 'certificate-ended'
    | 'transferred';
}

/**
 * Records changes of use, of many instances and accounts at once: the history, what is in use in each pool, and all
 * that follows from it (substitution, compliance, alerts). The counts of the instances themselves are kept by the
 * product instances. An instance that moves is a change to 0 in one pool and from 0 in another.
 */
export async function recordUse(ledger: Ledger, changes: readonly UseChange[]): Promise<void> {
  const real = changes.filter(({ from, to }) => from !== to);
  if (real.length === 0) return;
  const texts = (pick: (change: UseChange) => string) => real.map(pick);
  await sql`
    insert into usage_changes (account_id, change_id, at, instance_id, license_id, virtual_account_id, from_count,
                               to_count, reason)
    select a, id, ${ledger.now}::timestamptz, i, l, v, from_count, to_count, reason
      from unnest(${texts((change) => change.accountId)}::uuid[], ${real.map(() => ledger.newId())}::uuid[],
                  ${texts((change) => change.instanceId)}::uuid[], ${texts((change) => change.licenseId)}::uuid[],
                  ${texts((change) => change.virtualAccountId)}::uuid[], ${real.map((change) => change.from)}::bigint[],
                  ${real.map((change) => change.to)}::bigint[], ${texts((change) => change.reason)}::text[])
        as t (a, id, i, l, v, from_count, to_count, reason)`.execute(ledger.trx);
  await changePools(
    ledger,
    real.map(({ accountId, virtualAccountId, licenseId, from, to }) => ({
      accountId,
      virtualAccountId,
      licenseId,
      inUse: to - from,
    })),
  );
}
