import type { AccountStatus } from '@estover/domain/accounts';
import type { InstanceState, LivingState } from '@estover/domain/product-instances';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/*
 * The only SQL that writes product_instances and instance_contacts, with instance-certificates-store.ts. The row of an instance in instance_contacts is its
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
  accountStatus: AccountStatus;
  sequencePolicy: 'flag' | 'refuse';
  exportCategory: string;
}

/** The keys as rows to be joined. */
export const columnsOf = (keys: readonly InstanceKey[]) => sql`unnest(
  ${keys.map((key) => key.accountId)}::uuid[], ${keys.map((key) => key.instanceId)}::uuid[])`;

/** Locks instances and reads them as they are then. Unknown ones are not in the answer. */
export async function lockInstances(
  trx: Trx,
  keys: readonly InstanceKey[],
): Promise<Map<string, InstanceRow>> {
  if (keys.length === 0) return new Map();
  await lockContacts(trx, keys);
  return readInstances(trx, keys);
}

/** Locks instances by their contacts, in the order of (account, instance). What is read afterwards stays as it is. */
export async function lockContacts(trx: Trx, keys: readonly InstanceKey[]): Promise<void> {
  await sql`
    /* prepared: lock-instances */
    select 1 from instance_contacts c
      join ${columnsOf(keys)} as wanted (account_id, instance_id) using (account_id, instance_id)
     order by c.account_id, c.instance_id for update of c`.execute(trx);
}

/** Reads instances by id, without a lock. */
export async function readInstances(
  trx: Trx,
  keys: readonly InstanceKey[],
): Promise<Map<string, InstanceRow>> {
  const { rows } = await sql<InstanceRow>`
    /* prepared: read-instances */
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

export interface NewInstance extends InstanceKey {
  virtualAccountId: string;
  productId: string;
  serialNumber: string;
  versionId: string | null;
  uuid: string | null;
  hostName: string | null;
  softwareTag: string | null;
  softwareVersion: string | null;
  displayName: string;
  tokenId: string;
  exportControlledAllowed: boolean;
  certificateSerial: string;
  /** SPKI, DER. */
  publicKey: Buffer;
  certificateExpiresAt: Temporal.Instant;
  renewAfter: Temporal.Instant;
  registeredAt: Temporal.Instant;
}

/**
 * Writes new instances, in the order of their identities, so that two transactions that write the same ones wait for
 * each other instead of locking up; `insertContacts` follows in the same transaction. Those whose identity another
 * registration has, or has just taken, are left out. Returns how many were written.
 */
export async function insertInstances(trx: Trx, instances: readonly NewInstance[]): Promise<number> {
  const texts = (pick: (instance: NewInstance) => string | null) => instances.map(pick);
  const inserted = await sql`
    /* prepared: insert-instances */
    insert into product_instances (account_id, instance_id, virtual_account_id, product_id, serial_number, version_id,
                                   uuid, host_name, software_tag, software_version, display_name, token_id,
                                   certificate_serial, export_controlled_allowed, public_key, certificate_expires_at,
                                   renew_after, registered_at, state)
    select n.*, 'registered' from unnest(
      ${texts((one) => one.accountId)}::uuid[], ${texts((one) => one.instanceId)}::uuid[],
      ${texts((one) => one.virtualAccountId)}::uuid[], ${texts((one) => one.productId)}::text[],
      ${texts((one) => one.serialNumber)}::text[], ${texts((one) => one.versionId)}::text[],
      ${texts((one) => one.uuid)}::text[], ${texts((one) => one.hostName)}::text[],
      ${texts((one) => one.softwareTag)}::text[], ${texts((one) => one.softwareVersion)}::text[],
      ${texts((one) => one.displayName)}::text[], ${texts((one) => one.tokenId)}::uuid[],
      ${texts((one) => one.certificateSerial)}::text[],
      ${instances.map((one) => one.exportControlledAllowed)}::boolean[],
      ${instances.map((one) => one.publicKey)}::bytea[],
      ${texts((one) => one.certificateExpiresAt.toString())}::timestamptz[],
      ${texts((one) => one.renewAfter.toString())}::timestamptz[],
      ${texts((one) => one.registeredAt.toString())}::timestamptz[])
      as n (account_id, instance_id, virtual_account_id, product_id, serial_number)
     order by n.account_id, n.product_id, n.serial_number
    on conflict do nothing`.execute(trx);
  return Number(inserted.numAffectedRows ?? 0n);
}

/** Writes the first contacts of new instances. */
export async function insertContacts(
  trx: Trx,
  contacts: readonly (InstanceKey & Contact)[],
  now: Temporal.Instant,
): Promise<void> {
  await sql`
    /* prepared: insert-contacts */
    insert into instance_contacts (account_id, instance_id, last_sequence, next_contact_by, deadline_at, last_contact_at)
    select n.*, ${now}::timestamptz from unnest(
      ${contacts.map((one) => one.accountId)}::uuid[], ${contacts.map((one) => one.instanceId)}::uuid[],
      ${contacts.map((one) => one.lastSequence)}::bigint[],
      ${contacts.map((one) => one.nextContactBy.toString())}::timestamptz[],
      ${contacts.map((one) => one.deadlineAt.toString())}::timestamptz[]) as n`.execute(trx);
}

export interface Identity {
  accountId: string;
  productId: string;
  serialNumber: string;
}

/** The living registrations of these identities, not locked. */
export async function findIdentities(trx: Trx, identities: readonly Identity[]): Promise<InstanceKey[]> {
  const { rows } = await sql<InstanceKey>`
    /* prepared: find-identities */
    select account_id as "accountId", p.instance_id as "instanceId"
      from unnest(${identities.map((one) => one.accountId)}::uuid[], ${identities.map((one) => one.productId)}::text[],
                  ${identities.map((one) => one.serialNumber)}::text[])
        as wanted (account_id, product_id, serial_number)
      join product_instances p using (account_id, product_id, serial_number)
     where p.state in ('registered', 'authorization-expired')`.execute(trx);
  return rows;
}

export interface Contact {
  lastSequence: number;
  nextContactBy: Temporal.Instant;
  deadlineAt: Temporal.Instant;
}

/** Writes the contacts of locked instances. */
export async function saveContacts(
  trx: Trx,
  contacts: readonly (InstanceKey & Contact)[],
  now: Temporal.Instant,
): Promise<void> {
  if (contacts.length === 0) return;
  await sql`
    /* prepared: save-contacts */
    update instance_contacts c
       set last_sequence = n.last_sequence, last_contact_at = ${now}, next_contact_by = n.next_contact_by,
           deadline_at = n.deadline_at
      from unnest(${contacts.map((one) => one.accountId)}::uuid[], ${contacts.map((one) => one.instanceId)}::uuid[],
                  ${contacts.map((one) => one.lastSequence)}::bigint[],
                  ${contacts.map((one) => one.nextContactBy.toString())}::timestamptz[],
                  ${contacts.map((one) => one.deadlineAt.toString())}::timestamptz[])
        as n (account_id, instance_id, last_sequence, next_contact_by, deadline_at)
     where c.account_id = n.account_id and c.instance_id = n.instance_id`.execute(trx);
}

export interface Description extends InstanceKey {
  state: LivingState;
  hostName: string | null;
  softwareVersion: string | null;
  displayName: string;
}

/** Writes what locked, living instances say of themselves, and that they are registered again after a silence. */
export async function saveDescriptions(trx: Trx, described: readonly Description[]): Promise<void> {
  if (described.length === 0) return;
  await sql`
    /* prepared: save-descriptions */
    update product_instances p
       set state = n.state, host_name = n.host_name, software_version = n.software_version,
           display_name = n.display_name
      from unnest(${described.map((one) => one.accountId)}::uuid[], ${described.map((one) => one.instanceId)}::uuid[],
                  ${described.map((one) => one.state)}::text[], ${described.map((one) => one.hostName)}::text[],
                  ${described.map((one) => one.softwareVersion)}::text[],
                  ${described.map((one) => one.displayName)}::text[])
        as n (account_id, instance_id, state, host_name, software_version, display_name)
     where p.account_id = n.account_id and p.instance_id = n.instance_id`.execute(trx);
}

/** Ends locked instances, or marks them silent. */
export async function setState(
  trx: Trx,
  keys: readonly InstanceKey[],
  state: InstanceState,
  endedAt: Temporal.Instant | null,
): Promise<void> {
  await sql`
    update product_instances p set state = ${state}, ended_at = ${endedAt}
      from unnest(${keys.map((key) => key.accountId)}::uuid[], ${keys.map((key) => key.instanceId)}::uuid[])
        as n (account_id, instance_id)
     where p.account_id = n.account_id and p.instance_id = n.instance_id`.execute(trx);
}
