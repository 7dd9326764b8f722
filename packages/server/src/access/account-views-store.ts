import { viewMinutes } from '@estover/domain/access';
import type { Trx } from '../database/database.ts';

/** As whom the person of a session looks at an account. */
export interface AccountView {
  accountId: string;
  personId: string;
  name: string;
  email: string;
  until: Temporal.Instant;
}

/** The view of a session that has not ended; undefined where its person looks as themselves. */
export async function findAccountView(
  db: Pick<Trx, 'selectFrom'>,
  sessionId: string,
  now: Temporal.Instant,
): Promise<AccountView | undefined> {
  return db
    .selectFrom('account_views as v')
    .innerJoin('people as p', 'p.id', 'v.as_person_id')
    .select(['v.account_id as accountId', 'p.id as personId', 'p.name', 'p.email', 'v.ends_at as until'])
    .where('v.session_id', '=', sessionId)
    .where('v.ends_at', '>', now)
    .executeTakeFirst();
}

/** Begins a view in a session, in place of one that has ended. Returns when it ends. */
export async function insertAccountView(
  trx: Trx,
  view: { sessionId: string; accountId: string; personId: string },
  now: Temporal.Instant,
): Promise<Temporal.Instant> {
  const until = now.add({ minutes: viewMinutes });
  await trx.deleteFrom('account_views').where('session_id', '=', view.sessionId).execute();
  await trx
    .insertInto('account_views')
    .values({
      session_id: view.sessionId,
      account_id: view.accountId,
      as_person_id: view.personId,
      begun_at: now,
      ends_at: until,
    })
    .execute();
  return until;
}

export async function deleteAccountView(trx: Trx, sessionId: string): Promise<void> {
  await trx.deleteFrom('account_views').where('session_id', '=', sessionId).execute();
}
