import {
  type Cadence,
  type DigestHours,
  defaultHours,
  type SubscribedKindName,
} from '@estover/domain/notifications';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { cadenceOfReader, kindsTable, slotOfReader, slotsOf } from './readers.ts';

export interface Choice {
  kind: SubscribedKindName;
  /** Null goes back to what holds for whoever chose nothing. */
  cadence: Cadence | null;
}

/** Keeps choices, and lets what waits already come at the new cadence. */
export async function saveChoices(
  trx: Trx,
  reader: { accountId: string; readerId: string; isAddress: boolean },
  choices: readonly Choice[],
  now: Temporal.Instant,
): Promise<void> {
  const { accountId, readerId } = reader;
  const kinds = choices.map(({ kind }) => kind);
  await trx
    .deleteFrom('notification_choices')
    .where('account_id', '=', accountId)
    .where('reader_id', '=', readerId)
    .where('kind', 'in', kinds)
    .execute();
  const kept = choices.flatMap(({ kind, cadence }) => (cadence === null ? [] : [{ kind, cadence }]));
  if (kept.length > 0) {
    await trx
      .insertInto('notification_choices')
      .values(kept.map((choice) => ({ account_id: accountId, reader_id: readerId, ...choice })))
      .execute();
  }
  const hours = reader.isAddress ? defaultHours : await findHours(trx, readerId);
  await waitAnew(trx, { ...reader, kinds }, hours, now);
}

/** Whether anybody has said when digests come to a person, be it their browser. */
export async function knowsHours(trx: Trx, personId: string): Promise<boolean> {
  const found = await trx
    .selectFrom('notification_hours')
    .select('person_id')
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return found !== undefined;
}

/** When digests come to a person. */
export async function findHours(trx: Trx, personId: string): Promise<DigestHours> {
  const found = await trx
    .selectFrom('notification_hours')
    .select(['time_zone as timeZone', 'hour', 'weekday'])
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return found ?? defaultHours;
}

/** Keeps when digests come to a person, and lets what waits already come at the new hour. */
export async function saveHours(
  trx: Trx,
  personId: string,
  hours: DigestHours,
  now: Temporal.Instant,
): Promise<void> {
  const row = { time_zone: hours.timeZone, hour: hours.hour, weekday: hours.weekday };
  await trx
    .insertInto('notification_hours')
    .values({ person_id: personId, ...row })
    .onConflict((conflict) => conflict.column('person_id').doUpdateSet(row))
    .execute();
  await waitAnew(trx, { readerId: personId, isAddress: false }, hours, now);
}

/** What waits for a reader is due at their cadence and hours of now; what is off does not wait any more. */
async function waitAnew(
  trx: Trx,
  reader: { accountId?: string; readerId: string; isAddress: boolean; kinds?: readonly string[] },
  { timeZone, hour, weekday }: DigestHours,
  now: Temporal.Instant,
): Promise<void> {
  const { accountId, readerId, isAddress, kinds } = reader;
  const waiting = sql`(
    select q.account_id, q.kind, ${cadenceOfReader} as cadence
      from notice_queue q
      join (values (${isAddress}::boolean)) r(is_address) on true
      join ${kindsTable} k on k.kind = q.kind
      left join notification_choices c
             on c.account_id = q.account_id and c.reader_id = q.reader_id and c.kind = q.kind
     where q.reader_id = ${readerId}
       and ${accountId === undefined ? sql`true` : sql`q.account_id = ${accountId}`}
       and ${kinds === undefined ? sql`true` : sql`q.kind = any(${kinds})`})`;
  await sql`
    delete from notice_queue q using ${waiting} w
     where q.reader_id = ${readerId} and q.account_id = w.account_id and q.kind = w.kind and w.cadence = 'off'`.execute(
    trx,
  );
  await sql`
    update notice_queue q set due_at = s.due_at
      from ${waiting} w
      join (values (${timeZone}::text, ${hour}::int, ${weekday}::int)) h(time_zone, hour, weekday) on true
      join ${slotsOf([{ timeZone, hour, weekday }], now)} s on ${slotOfReader} and s.cadence = w.cadence
     where q.reader_id = ${readerId} and q.account_id = w.account_id and q.kind = w.kind`.execute(trx);
}

/** Forgets what somebody chose and waits for, when they are removed, and their address where an account added it. */
export async function forgetReader(
  trx: Trx,
  { personId, email }: { personId: string; email: string },
): Promise<void> {
  const addresses = await trx
    .deleteFrom('notification_addresses')
    .where(sql<string>`lower(email)`, '=', email.toLowerCase())
    .returning('address_id as addressId')
    .execute();
  await forgetChoices(trx, [personId, ...addresses.map(({ addressId }) => addressId)]);
  await trx.deleteFrom('notices').where('person_id', '=', personId).execute();
}

/** Forgets what readers chose and wait for. */
export async function forgetChoices(trx: Trx, readerIds: readonly string[]): Promise<void> {
  await trx.deleteFrom('notice_queue').where('reader_id', 'in', readerIds).execute();
  await trx.deleteFrom('notification_choices').where('reader_id', 'in', readerIds).execute();
}
