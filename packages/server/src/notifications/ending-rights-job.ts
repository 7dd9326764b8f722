import { sql } from 'kysely';
import { staysByAnother } from '../access/index.ts';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { addNotices } from './notices-store.ts';

/** So long before its end somebody hears of it; who was given less hears nothing, because they knew when they got it. */
const noticeDays = 14;
const rowsAtOnce = 1_000;

const day = (instant: Temporal.Instant): string =>
  instant
    .toZonedDateTimeISO('UTC')
    .toLocaleString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** Notes roles and API clients that end soon, each end once. Returns how many. */
export async function noteEndingRights(db: Database, now: Temporal.Instant): Promise<{ noted: number }> {
  let noted = 0;
  for (const note of [noteRoles, noteClients]) {
    for (;;) {
      const part = await note(db, now);
      noted += part;
      if (part < rowsAtOnce) break;
    }
  }
  return { noted };
}

const untold = (accountId: string, cause: string) => sql`not exists (
  select from notices n where n.account_id = ${sql.ref(accountId)} and n.cause = ${sql.raw(cause)})`;

async function noteRoles(db: Database, now: Temporal.Instant): Promise<number> {
  const cause = `concat('role/', g.grant_id, '/', g.person_id, '/', extract(epoch from g.until))`;
  const { rows } = await sql<{
    accountId: string;
    cause: string;
    personId: string;
    role: string;
    until: Temporal.Instant;
  }>`
    select g.account_id as "accountId", ${sql.raw(cause)} as cause, g.person_id as "personId", g.role, g.until
      from held_grants g
     where g.until > ${now} and g.until <= ${now.add({ hours: 24 * noticeDays })}
       and g.granted_at < g.until - make_interval(days => ${noticeDays}) and ${untold('g.account_id', cause)}
       and not ${staysByAnother}
     order by 1, 2 limit ${rowsAtOnce}`.execute(db);
  await inTransaction(db, (trx) =>
    addNotices(
      { trx, now },
      rows.map(({ accountId, cause: of, personId, role, until }) => ({
        accountId,
        cause: of,
        kind: 'own-role' as const,
        virtualAccountId: null,
        personId,
        message: `Your role ${role.replaceAll('-', ' ')} ends on ${day(until)}`,
        page: '/notifications',
      })),
    ),
  );
  return rows.length;
}

async function noteClients(db: Database, now: Temporal.Instant): Promise<number> {
  const cause = `concat('api-client/', k.api_key_id, '/', extract(epoch from k.expires_at))`;
  const { rows } = await sql<{
    accountId: string;
    cause: string;
    name: string;
    expiresAt: Temporal.Instant;
  }>`
    select k.account_id as "accountId", ${sql.raw(cause)} as cause, k.name, k.expires_at as "expiresAt"
      from api_keys k
     where k.account_id is not null and k.revoked_at is null
       and k.expires_at > ${now} and k.expires_at <= ${now.add({ hours: 24 * noticeDays })}
       and k.created_at < k.expires_at - make_interval(days => ${noticeDays}) and ${untold('k.account_id', cause)}
     order by 1, 2 limit ${rowsAtOnce}`.execute(db);
  await inTransaction(db, (trx) =>
    addNotices(
      { trx, now },
      rows.map(({ accountId, cause: of, name, expiresAt }) => ({
        accountId,
        cause: of,
        kind: 'connections' as const,
        virtualAccountId: null,
        personId: null,
        message: `The API client ${name} ends on ${day(expiresAt)}`,
        page: '/api-keys',
      })),
    ),
  );
  return rows.length;
}
