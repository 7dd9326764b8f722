import type { InstanceState } from '@estover/domain/product-instances';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/*
 * The only SQL that writes product_instances and instance_contacts. The row of an instance in instance_contacts is its
 * lock: whoever changes an instance or its use takes it first, in the order of (account, instance), and only then
 * reads. It is the row that every message writes anyway, so that a heartbeat touches nothing else. Order of locks:
 * virtual account → token → contacts → usage → pools → alerts.
 */

export interface InstanceKey {
  accountId: string;
  instanceId: string;
}

export interface InstanceRow extends InstanceKey {
  virtualAccountId: string;
  state: InstanceState;
  productId: string;
  serialNumber: string;
  displayName: string;
  hostName: string | null;
  softwareVersion: string | null;
  exportControlledAllowed: boolean;
  certificateSerial: string;
  certificateExpiresAt: Temporal.Instant;
  renewAfter: Temporal.Instant;
  previousCertificateSerial: string | null;
  previousCertificateExpiresAt: Temporal.Instant | null;
  lastSequence: number;
  lastContactAt: Temporal.Instant;
  nextContactBy: Temporal.Instant;
  deadlineAt: Temporal.Instant;
  accountStatus: string;
  sequencePolicy: 'flag' | 'refuse';
  exportCategory: string;
}

const columnsOf = (keys: readonly InstanceKey[]) => sql`unnest(
  ${keys.map((key) => key.accountId)}::uuid[], ${keys.map((key) => key.instanceId)}::uuid[])`;

/** Locks instances and reads them as they are then. Unknown ones are not in the answer. */
export async function lockInstances(
  trx: Trx,
  keys: readonly InstanceKey[],
): Promise<Map<string, InstanceRow>> {
  if (keys.length === 0) return new Map();
  await sql`
    select 1 from instance_contacts c
      join ${columnsOf(keys)} as wanted (account_id, instance_id) using (account_id, instance_id)
     order by c.account_id, c.instance_id for update of c`.execute(trx);
  return readInstances(trx, keys);
}

/** Reads instances by id, without a lock. */
export async function readInstances(
  trx: Trx,
  keys: readonly InstanceKey[],
): Promise<Map<string, InstanceRow>> {
  const { rows } = await sql<InstanceRow>`
    select account_id as "accountId", instance_id as "instanceId", p.virtual_account_id as "virtualAccountId", p.state,
           p.product_id as "productId", p.serial_number as "serialNumber", p.display_name as "displayName",
           p.host_name as "hostName", p.software_version as "softwareVersion",
           p.export_controlled_allowed as "exportControlledAllowed", p.certificate_serial as "certificateSerial",
           p.certificate_expires_at as "certificateExpiresAt", p.renew_after as "renewAfter",
           p.previous_certificate_serial as "previousCertificateSerial",
           p.previous_certificate_expires_at as "previousCertificateExpiresAt", c.last_sequence as "lastSequence",
           c.last_contact_at as "lastContactAt", c.next_contact_by as "nextContactBy", c.deadline_at as "deadlineAt",
           a.status as "accountStatus", a.sequence_policy as "sequencePolicy", a.export_category as "exportCategory"
      from ${columnsOf(keys)} as wanted (account_id, instance_id)
      join product_instances p using (account_id, instance_id)
      join instance_contacts c using (account_id, instance_id)
      join accounts a using (account_id)`.execute(trx);
  return new Map(rows.map((row) => [row.instanceId, row]));
}

/** Ids of the living instances of a virtual account, locked. */
export async function lockInstancesOf(
  trx: Trx,
  accountId: string,
  virtualAccountId: string,
): Promise<string[]> {
  const { rows } = await sql<{ instance_id: string }>`
    select c.instance_id from instance_contacts c
      join product_instances p using (account_id, instance_id)
     where c.account_id = ${accountId} and p.virtual_account_id = ${virtualAccountId}
       and p.state in ('registered', 'authorization-expired')
     order by c.account_id, c.instance_id for update of c`.execute(trx);
  // Read again now that nobody else can change them: one may have been moved or removed while this waited.
  const held = await sql<{ instance_id: string }>`
    select instance_id from product_instances
     where account_id = ${accountId} and virtual_account_id = ${virtualAccountId}
       and state in ('registered', 'authorization-expired')
       and instance_id = any(${rows.map((row) => row.instance_id)}::uuid[])`.execute(trx);
  return held.rows.map((row) => row.instance_id);
}

/** Puts locked instances, with the rows of their use, into another virtual account. */
export async function setVirtualAccount(
  trx: Trx,
  accountId: string,
  instanceIds: readonly string[],
  virtualAccountId: string,
): Promise<void> {
  for (const table of ['product_instances', 'instance_usage'] as const) {
    await trx
      .updateTable(table)
      .set({ virtual_account_id: virtualAccountId })
      .where('account_id', '=', accountId)
      .where('instance_id', '=', sql<string>`any(${instanceIds}::uuid[])`)
      .execute();
  }
}
