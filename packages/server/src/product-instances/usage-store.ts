import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import type { InstanceKey } from './instances-store.ts';

/*
 * The only SQL that writes instance_usage. The instances must be locked. A row that falls to zero goes, so that an
 * instance never has more rows than one message may name; only silence keeps rows at zero, to show what was in use.
 */

/** What an instance last reported of a tag. `licenseId` is null when it counts nowhere: unknown, or not allowed. */
export interface UsageRow extends InstanceKey {
  virtualAccountId: string;
  tag: string;
  licenseId: string | null;
  count: number;
}

/** All use of these instances, rows at zero too. */
export async function loadUsage(trx: Trx, keys: readonly InstanceKey[]): Promise<UsageRow[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<UsageRow>`
    /* prepared: load-usage */
    select account_id as "accountId", instance_id as "instanceId", u.virtual_account_id as "virtualAccountId", u.tag,
           u.license_id as "licenseId", u.count
      from unnest(${keys.map((key) => key.accountId)}::uuid[], ${keys.map((key) => key.instanceId)}::uuid[])
        as wanted (account_id, instance_id)
      join instance_usage u using (account_id, instance_id)`.execute(trx);
  return rows;
}

/** Writes counts as they are now; those at zero are deleted. One row of an instance and tag at most. */
export async function saveUsage(trx: Trx, rows: readonly UsageRow[], now: Temporal.Instant): Promise<void> {
  const used = rows.filter((row) => row.count > 0);
  const unused = rows.filter((row) => row.count === 0);
  if (used.length > 0) {
    await sql`
    /* prepared: save-usage */
      insert into instance_usage (account_id, instance_id, tag, license_id, virtual_account_id, count, changed_at)
      select u.*, ${now}::timestamptz from unnest(
        ${used.map((row) => row.accountId)}::uuid[], ${used.map((row) => row.instanceId)}::uuid[],
        ${used.map((row) => row.tag)}::text[], ${used.map((row) => row.licenseId)}::uuid[],
        ${used.map((row) => row.virtualAccountId)}::uuid[], ${used.map((row) => row.count)}::bigint[]) as u
      on conflict (account_id, instance_id, tag) do update
        set license_id = excluded.license_id, virtual_account_id = excluded.virtual_account_id,
            count = excluded.count, changed_at = excluded.changed_at`.execute(trx);
  }
  if (unused.length > 0) {
    await sql`
    /* prepared: delete-usage */
      delete from instance_usage u using unnest(
        ${unused.map((row) => row.accountId)}::uuid[], ${unused.map((row) => row.instanceId)}::uuid[],
        ${unused.map((row) => row.tag)}::text[]) as gone (account_id, instance_id, tag)
       where u.account_id = gone.account_id and u.instance_id = gone.instance_id and u.tag = gone.tag`.execute(
      trx,
    );
  }
}

/** Sets all use of instances to zero and keeps the rows. */
export async function zeroUsage(
  trx: Trx,
  keys: readonly InstanceKey[],
  now: Temporal.Instant,
): Promise<void> {
  await sql`
    update instance_usage u set count = 0, changed_at = ${now}
      from unnest(${keys.map((key) => key.accountId)}::uuid[], ${keys.map((key) => key.instanceId)}::uuid[])
        as silent (account_id, instance_id)
     where u.account_id = silent.account_id and u.instance_id = silent.instance_id and u.count > 0`.execute(
    trx,
  );
}
