import { sql } from 'kysely';
import { platformAccountId } from '../audit/record-event.ts';
import type { Database } from '../database/database.ts';

/** Who is looked for in events. */
export interface WantedNames {
  personId: string;
  pseudonym: string;
  email: string;
  names: readonly string[];
  accountIds: readonly string[];
  /** Events of after this instant name somebody else, who has the address since. */
  until: Temporal.Instant;
}

/** What somebody was called in events: where they acted, and, in several words, by identity providers. */
export async function namesInEvents(db: Database, personId: string, pseudonym: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select distinct name from (
      select actor_name as name from events where actor_kind = 'person' and actor_id = ${personId}
      union all
      select behalf_name from events where behalf_kind = 'person' and behalf_id = ${personId}
      union all
      select said.value ->> member from events e
       cross join lateral (values (e.before), (e.after)) as said (value)
       cross join (values ('formatted'), ('displayName')) as each (member)
       where e.object_kind = 'person' and e.object_id = ${personId} and said.value ->> member ~ '\\S\\s+\\S') found
     where name is not null and name <> ${pseudonym}`.execute(db);
  return rows.map(({ name }) => name);
}

/** The accounts in whose events somebody acts or is what was acted on, also those they have left. */
export async function accountsInEvents(db: Database, personId: string): Promise<string[]> {
  const { rows } = await sql<{ accountId: string }>`
    select account_id as "accountId" from events where actor_kind = 'person' and actor_id = ${personId}
    union
    select account_id from events where behalf_kind = 'person' and behalf_id = ${personId}
    union
    select account_id from events where object_kind = 'person' and object_id = ${personId}`.execute(db);
  return rows.map(({ accountId }) => accountId).filter((accountId) => accountId !== platformAccountId);
}

/** Takes somebody's name out of events that were sealed without saying on whose behalf they were, and do not show it. */
export async function forgetUnsealedBehalf(db: Database, personId: string, pseudonym: string): Promise<void> {
  await sql`
    update events set behalf_name = ${pseudonym}
     where behalf_kind = 'person' and behalf_id = ${personId} and behalf_name <> ${pseudonym}
       and chain_version = 1 and batch_number is not null`.execute(db);
}

/** When somebody else was let in with the same address; undefined when nobody was. */
export async function nextWithAddress(db: Database, email: string): Promise<Temporal.Instant | undefined> {
  const row = await db
    .selectFrom('people')
    .select('created_at as createdAt')
    .where('email', '=', email)
    .executeTakeFirst();
  return row?.createdAt;
}

/**
 * Events that may name somebody, by account: those in which they acted or were what was acted on, those with the mail
 * address, and, where they had to do with the account, those with their name. It reads all events once; what is found is looked at word by word later.
 */
export async function findNamedEvents(db: Database, wanted: WantedNames): Promise<Map<string, string[]>> {
  const { personId, pseudonym, names, until } = wanted;
  const email = `%${wanted.email.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const inJson = names.map((name) => JSON.stringify(name).slice(1, -1));
  const { rows } = await sql<{ accountId: string; eventId: string }>`
    select e.account_id as "accountId", e.event_id as "eventId" from events e
     where e.actor_kind <> 'product-instance'
       and ((e.actor_kind = 'person' and e.actor_id = ${personId}
             and (e.actor_name <> ${pseudonym} or e.from_address is not null))
         or (e.behalf_kind = 'person' and e.behalf_id = ${personId} and e.behalf_name <> ${pseudonym})
         or (e.object_kind = 'person' and e.object_id = ${personId})
         or (e.at <= ${until} and (
              e.message ilike ${email} or e.actor_name ilike ${email}
              or e.behalf_name ilike ${email} or e.before::text ilike ${email}
              or e.after::text ilike ${email}
              or (e.account_id = any(${[...wanted.accountIds, platformAccountId]}::uuid[])
                  and (exists (select from unnest(${names}::text[]) name
                                where strpos(e.message, name) > 0 or strpos(e.actor_name, name) > 0
                                   or strpos(e.behalf_name, name) > 0)
                    or exists (select from unnest(${inJson}::text[]) name
                                where strpos(e.before::text, name) > 0 or strpos(e.after::text, name) > 0))))))`.execute(
    db,
  );
  const byAccount = Map.groupBy(rows, ({ accountId }) => accountId);
  return new Map(
    [...byAccount].map(([accountId, found]) => [accountId, found.map(({ eventId }) => eventId)]),
  );
}
