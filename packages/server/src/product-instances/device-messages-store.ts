import { createHash } from 'node:crypto';
import { type DeviceMessageKind, differingField } from '@estover/protocol/device';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
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

/** Keeps messages with their answers. The instances are locked and the messages known to be new. */
export async function insertMessages(
  trx: Trx,
  messages: readonly StoredMessage[],
  now: Temporal.Instant,
): Promise<void> {
  if (messages.length === 0) return;
  await sql`
    /* prepared: insert-messages */
    insert into device_messages (account_id, instance_id, message_id, kind, request, answer, at)
    select m.*, ${now}::timestamptz from unnest(
      ${messages.map((one) => one.accountId)}::uuid[], ${messages.map((one) => one.instanceId)}::uuid[],
      ${messages.map((one) => one.messageId)}::uuid[], ${messages.map((one) => one.kind)}::text[],
      ${messages.map((one) => one.request)}::text[], ${messages.map((one) => one.answer)}::text[]) as m`.execute(
    trx,
  );
}

/** A registration that was answered before. */
export async function findRegistration(
  trx: Pick<Trx, 'selectFrom'>,
  accountId: string,
  messageId: string,
): Promise<{ request: string; answer: string } | undefined> {
  return trx
    .selectFrom('device_messages')
    .select(['request', 'answer'])
    .where('account_id', '=', accountId)
    .where('message_id', '=', messageId)
    .where('kind', '=', 'register')
    .executeTakeFirst();
}

/**
 * Takes a registration's message id before anything else is done, so that the same message at the same time waits here
 * for the first to end. False when it was answered before.
 */
export async function claimRegistration(
  trx: Trx,
  key: MessageKey,
  request: string,
  now: Temporal.Instant,
): Promise<boolean> {
  const claimed = await trx
    .insertInto('device_messages')
    .values({
      account_id: key.accountId,
      instance_id: key.instanceId,
      message_id: key.messageId,
      kind: 'register',
      request,
      answer: '',
      at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return claimed.numInsertedOrUpdatedRows === 1n;
}

export async function answerRegistration(trx: Trx, key: MessageKey, answer: string): Promise<void> {
  await trx
    .updateTable('device_messages')
    .set({ answer })
    .where('account_id', '=', key.accountId)
    .where('instance_id', '=', key.instanceId)
    .where('message_id', '=', key.messageId)
    .execute();
}

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
