import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import type { MessageKey, StoredMessage } from './device-messages-store.ts';
import type { InstanceKey, InstanceRow } from './instances-store.ts';

/*
 * What a batch of reports reads and writes, in few statements: each sends its keys once. Instants that only few
 * messages need stay text until then, because making thousands of them costs more than the decisions.
 */

/** An instance as a report of use is decided on it. Instants are text as PostgreSQL writes them. */
export interface ReportingInstance
  extends Omit<
    InstanceRow,
    | 'certificateExpiresAt'
    | 'previousCertificateExpiresAt'
    | 'renewAfter'
    | 'lastContactAt'
    | 'nextContactBy'
    | 'deadlineAt'
  > {
  certificateExpiresAt: string;
  previousCertificateExpiresAt: string | null;
  lastContactAt: string;
  /** Whether it was to report before now. */
  isLate: boolean;
  /** All its rows of use: tag, license or null, count. */
  usage: readonly (readonly [tag: string, licenseId: string | null, count: number])[];
}

/**
 * Reads the instances that sent these messages, with their use, after they were locked; and those of the messages that
 * were answered before. Unknown instances are not in the answer.
 */
export async function readReporting(
  trx: Trx,
  messages: readonly MessageKey[],
  now: Temporal.Instant,
): Promise<{ instances: Map<string, ReportingInstance>; stored: StoredMessage[] }> {
  const { rows } = await sql<
    ReportingInstance & {
      stored: Pick<StoredMessage, 'kind' | 'request' | 'answer'> | null;
      messageId: string;
    }
  >`
    /* prepared: read-reporting */
    select account_id as "accountId", instance_id as "instanceId", p.virtual_account_id as "virtualAccountId", p.state,
           p.product_id as "productId", p.serial_number as "serialNumber", p.display_name as "displayName",
           p.host_name as "hostName", p.software_version as "softwareVersion",
           p.export_controlled_allowed as "exportControlledAllowed", p.certificate_serial as "certificateSerial",
           p.certificate_expires_at::text as "certificateExpiresAt",
           p.previous_certificate_serial as "previousCertificateSerial",
           p.previous_certificate_expires_at::text as "previousCertificateExpiresAt",
           c.last_sequence as "lastSequence", c.last_contact_at::text as "lastContactAt",
           c.next_contact_by < ${now} as "isLate", a.status as "accountStatus", a.sequence_policy as "sequencePolicy",
           a.export_category as "exportCategory",
           coalesce((select json_agg(json_build_array(u.tag, u.license_id, u.count)) from instance_usage u
                      where u.account_id = c.account_id and u.instance_id = c.instance_id), '[]') as usage,
           message_id as "messageId",
           (select json_build_object('kind', m.kind, 'request', m.request, 'answer', m.answer) from device_messages m
             where m.account_id = c.account_id and m.instance_id = c.instance_id and m.message_id = sent.message_id)
             as stored
      from unnest(
             ${messages.map((key) => key.accountId)}::uuid[], ${messages.map((key) => key.instanceId)}::uuid[],
             ${messages.map((key) => key.messageId)}::uuid[]) as sent (account_id, instance_id, message_id)
      join product_instances p using (account_id, instance_id)
      join instance_contacts c using (account_id, instance_id)
      join accounts a using (account_id)`.execute(trx);
  return {
    instances: new Map(rows.map((row) => [row.instanceId, row])),
    stored: rows.flatMap(({ accountId, instanceId, messageId, stored }) =>
      stored === null ? [] : [{ accountId, instanceId, messageId, ...stored }],
    ),
  };
}

/** A report that was decided, with its answer and what it leaves behind. */
export interface DecidedReport extends InstanceKey {
  messageId: string;
  /** The payload as it was signed. */
  request: string;
  /** The answer's payload, JSON. */
  answer: string;
  /** What the instance is known by after its last message of the batch; undefined for those before. */
  contact: { lastSequence: number; nextContactBy: string } | undefined;
}

/**
 * Keeps messages with their answers, and the contacts of their instances, in one statement. The instances are locked
 * and the messages known to be new.
 */
export async function saveReports(
  trx: Trx,
  reports: readonly DecidedReport[],
  { now, deadlineAt }: { now: Temporal.Instant; deadlineAt: Temporal.Instant },
): Promise<void> {
  if (reports.length === 0) return;
  await sql`
    /* prepared: save-reports */
    with said as (
      select * from unnest(
        ${reports.map((one) => one.accountId)}::uuid[], ${reports.map((one) => one.instanceId)}::uuid[],
        ${reports.map((one) => one.messageId)}::uuid[], ${reports.map((one) => one.request)}::text[],
        ${reports.map((one) => one.answer)}::text[],
        ${reports.map((one) => one.contact?.lastSequence ?? null)}::bigint[],
        ${reports.map((one) => one.contact?.nextContactBy ?? null)}::timestamptz[])
        as said (account_id, instance_id, message_id, request, answer, last_sequence, next_contact_by)),
    kept as (
      insert into device_messages (account_id, instance_id, message_id, kind, request, answer, at)
      select account_id, instance_id, message_id, 'authorize', request, answer, ${now} from said)
    update instance_contacts c
       set last_sequence = said.last_sequence, last_contact_at = ${now}, next_contact_by = said.next_contact_by,
           deadline_at = ${deadlineAt}
      from said
     where said.last_sequence is not null and c.account_id = said.account_id and c.instance_id = said.instance_id`.execute(
    trx,
  );
}
