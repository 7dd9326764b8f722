import { createHash } from 'node:crypto';
import { type DeviceMessageKind, differingField } from '@estover/protocol/device';
import { sql } from 'kysely';
import type { Database, Trx } from '../database/database.ts';
import type { DeviceRefusal } from './device-outcome.ts';
import type { InstanceKey } from './instances-store.ts';

/** How long an answer is kept for a message that comes again. */
export const messageDays = 30;

export interface MessageKey extends InstanceKey {
  messageId: string;
}

export interface StoredMessage extends MessageKey {
  kind: DeviceMessageKind;
  /** The payload as it was signed. */
  request: string;
  /** The answer's payload, JSON. */
  answer: string;
}

/** A registration's payload as it is kept and compared: the token, which is a secret, is replaced by its hash. */
export function withoutToken(payload: Uint8Array): string {
  const { token, ...rest }: { token: string } = JSON.parse(Buffer.from(payload).toString());
  const hash = createHash('sha256').update(token).digest('base64url');
  return JSON.stringify({ ...rest, token: `sha256:${hash}` });
}

/** Messages of these instances that were answered before. */
export async function findMessages(trx: Trx, keys: readonly MessageKey[]): Promise<StoredMessage[]> {
  const { rows } = await sql<StoredMessage>`
    /* prepared: find-messages */
    select account_id as "accountId", instance_id as "instanceId", message_id as "messageId", m.kind, m.request, m.answer
      from unnest(${keys.map((key) => key.accountId)}::uuid[], ${keys.map((key) => key.instanceId)}::uuid[],
                  ${keys.map((key) => key.messageId)}::uuid[]) as wanted (account_id, instance_id, message_id)
      join device_messages m using (account_id, instance_id, message_id)`.execute(trx);
  return rows;
}

/**
 * Keeps messages with their answers. The instances are locked and the messages known to be new, or they are those of
 * registrations, which nothing locks: one whose id was used at the same moment is left out. Returns how many were kept.
 */
export async function insertMessages(
  trx: Trx,
  messages: readonly StoredMessage[],
  now: Temporal.Instant,
): Promise<number> {
  if (messages.length === 0) return 0;
  const inserted = await sql`
    /* prepared: insert-messages */
    insert into device_messages (account_id, instance_id, message_id, kind, request, answer, at)
    select m.*, ${now}::timestamptz from unnest(
      ${messages.map((one) => one.accountId)}::uuid[], ${messages.map((one) => one.instanceId)}::uuid[],
      ${messages.map((one) => one.messageId)}::uuid[], ${messages.map((one) => one.kind)}::text[],
      ${messages.map((one) => one.request)}::text[], ${messages.map((one) => one.answer)}::text[])
      as m (account_id, instance_id, message_id)
     order by m.account_id, m.message_id
    on conflict (account_id, message_id) where kind = 'register' do nothing`.execute(trx);
  return Number(inserted.numAffectedRows ?? 0n);
}

/** A registration that was answered before. */
export type StoredRegistration = Pick<StoredMessage, 'accountId' | 'messageId' | 'request' | 'answer'>;

/** Those of these registrations that were answered before, by `registrationText`. */
export async function findRegistrations(
  db: Database | Trx,
  keys: readonly { accountId: string; messageId: string }[],
): Promise<Map<string, StoredRegistration>> {
  const { rows } = await sql<StoredRegistration>`
    /* prepared: find-registrations */
    select account_id as "accountId", message_id as "messageId", m.request, m.answer
      from unnest(${keys.map((key) => key.accountId)}::uuid[], ${keys.map((key) => key.messageId)}::uuid[])
        as wanted (account_id, message_id)
      join device_messages m using (account_id, message_id)
     where m.kind = 'register'`.execute(db);
  return new Map(rows.map((row) => [registrationText(row), row]));
}

/** A text that is equal for registrations with one id. */
export const registrationText = ({
  accountId,
  messageId,
}: {
  accountId: string;
  messageId: string;
}): string => `${accountId}/${messageId}`;

/** Deletes messages older than 30 days, a bounded number at once. Returns how many. */
export async function deleteOldMessages(trx: Trx, now: Temporal.Instant, most: number): Promise<number> {
  const result = await sql`
    delete from device_messages where ctid = any(array(
      select ctid from device_messages where at < ${now.subtract({ hours: 24 * messageDays })}
       limit ${most} for update skip locked))`.execute(trx);
  return Number(result.numAffectedRows ?? 0n);
}

/** Whether a message is the same that was answered before; undefined when it is. */
export function differenceOf(
  stored: { kind: DeviceMessageKind; request: string },
  message: { kind: DeviceMessageKind; request: string },
): DeviceRefusal | undefined {
  const field =
    stored.kind === message.kind
      ? differingField(Buffer.from(stored.request), Buffer.from(message.request))
      : 'kind';
  if (field === undefined) return undefined;
  return {
    ok: false,
    code: 'message-id-reused',
    detail: `The message id was used for a message with another ${field}.`,
    facts: { field },
  };
}
