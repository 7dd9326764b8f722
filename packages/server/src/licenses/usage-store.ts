import { sql } from 'kysely';
import type { Ledger, PoolKey } from './ledger.ts';

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

/** Adds to the history of use. */
export async function insertUsageChanges(ledger: Ledger, changes: readonly UseChange[]): Promise<void> {
  const texts = (pick: (change: UseChange) => string) => changes.map(pick);
  await sql`
    /* prepared: insert-usage-changes */
    insert into usage_changes (account_id, change_id, at, instance_id, license_id, virtual_account_id, from_count,
                               to_count, reason)
    select a, id, ${ledger.now}::timestamptz, i, l, v, from_count, to_count, reason
      from unnest(${texts((change) => change.accountId)}::uuid[], ${changes.map(() => ledger.newId())}::uuid[],
                  ${texts((change) => change.instanceId)}::uuid[], ${texts((change) => change.licenseId)}::uuid[],
                  ${texts((change) => change.virtualAccountId)}::uuid[], ${changes.map((change) => change.from)}::bigint[],
                  ${changes.map((change) => change.to)}::bigint[], ${texts((change) => change.reason)}::text[])
        as t (a, id, i, l, v, from_count, to_count, reason)`.execute(ledger.trx);
}
