import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

export interface SessionRow {
  sessionId: string;
  signedInAt: Temporal.Instant;
  expiresAt: Temporal.Instant;
  from: string | null;
  userAgent: string | null;
}

/** The sign-in library counts the life of sessions by the machine's clock. */
const machineTime = sql<Temporal.Instant>`now()`;

/** Sessions of a person that are still good, the newest first. Their tokens never leave the database. */
export async function listSessions(trx: Pick<Trx, 'selectFrom'>, personId: string): Promise<SessionRow[]> {
  return trx
    .selectFrom('sessions')
    .select([
      'id as sessionId',
      'created_at as signedInAt',
      'expires_at as expiresAt',
      'ip_address as from',
      'user_agent as userAgent',
    ])
    .where('person_id', '=', personId)
    .where('expires_at', '>', machineTime)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

/** Forgets sessions that have ended. */
export async function purgeSessions(trx: Trx): Promise<void> {
  await trx.deleteFrom('sessions').where('expires_at', '<=', machineTime).execute();
}

/** Ends one session of the person; false where it is none of theirs. */
export async function endSession(trx: Trx, personId: string, sessionId: string): Promise<boolean> {
  const ended = await trx
    .deleteFrom('sessions')
    .where('person_id', '=', personId)
    .where('id', '=', sessionId)
    .executeTakeFirst();
  return ended.numDeletedRows === 1n;
}

/** Ends all sessions of the person but one. Returns how many. */
export async function endOtherSessions(trx: Trx, personId: string, kept: string): Promise<number> {
  const ended = await trx
    .deleteFrom('sessions')
    .where('person_id', '=', personId)
    .where('id', '<>', kept)
    .executeTakeFirst();
  return Number(ended.numDeletedRows);
}

/** Ends the oldest sessions of a person beyond so many. Returns how many; the caller holds the person. */
export async function endOldestSessions(trx: Trx, personId: string, kept: number): Promise<number> {
  const ended = await trx
    .deleteFrom('sessions')
    .where('id', 'in', (from) =>
      from
        .selectFrom('sessions')
        .select('id')
        .where('person_id', '=', personId)
        .where('expires_at', '>', machineTime)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .offset(kept),
    )
    .executeTakeFirst();
  return Number(ended.numDeletedRows);
}

/** Notes that the person has proved once more who they are. */
export async function noteProof(trx: Trx, sessionId: string, now: Temporal.Instant): Promise<void> {
  await trx.updateTable('sessions').set({ proved_at: now }).where('id', '=', sessionId).execute();
}

/** Ends the session that was just opened with this token. */
export async function takeBackSession(trx: Trx, token: string): Promise<void> {
  await trx.deleteFrom('sessions').where('token', '=', token).execute();
}

/** Ends all sessions of a person. */
export async function endSessionsOf(trx: Trx, personId: string): Promise<void> {
  await trx.deleteFrom('sessions').where('person_id', '=', personId).execute();
}
