import type { AnswerOf, getMyData } from '@estover/protocol';
import { sql } from 'kysely';
import {
  hideRestrictedNames,
  listSessionsOf,
  loadGrants,
  partnersInParts,
  secondFactorAndKeysOf,
  showAllNames,
} from '../access/index.ts';
import { toldSentences } from '../audit/index.ts';
import { platformAccountId } from '../audit/record-event.ts';
import type { Context } from '../edge/context.ts';

export type PersonData = AnswerOf<typeof getMyData>;

/** So many events are told at once; how many older ones there are is told as well. */
const mostEvents = 10_000;

const text = (instant: Temporal.Instant | null): string | null => instant?.toString() ?? null;

/** All that is stored about a person; undefined when there is nobody with this id. Secrets and hashes stay inside. */
export async function readPersonData(context: Context, personId: string): Promise<PersonData | undefined> {
  const { trx, now } = context;
  const person = await trx
    .selectFrom('people')
    .select(['id', 'name', 'email', 'created_at as createdAt', 'updated_at as changedAt'])
    .where('id', '=', personId)
    .executeTakeFirst();
  if (person === undefined) return undefined;
  const { id, name, email, createdAt, changedAt } = person;
  const roles = await trx.selectFrom('platform_grants').select('role').where('person_id', '=', id).execute();
  const events = await readEvents(context, id);
  const { eventsLeftOut } = await countEvents(context, id, events.length);
  return {
    writtenAt: now.toString(),
    person: { personId: id, name, email, createdAt: createdAt.toString(), changedAt: changedAt.toString() },
    platformRoles: roles.map(({ role }) => role),
    grants: await readGrants(context, id),
    sessions: await listSessionsOf(context, id),
    signInMethods: await secondFactorAndKeysOf(context, id),
    apiKeys: await readKeys(context, id),
    webhooks: await readWebhooks(context, id),
    identityProviders: await readProvisioned(context, id),
    links: await readLinks(context, id),
    mails: await readMails(context, email),
    accountRequests: await readRequests(context, email),
    orderContacts: await readOrderContacts(context, email),
    agreements: await readAgreements(context, id),
    notifications: await readNotifications(context, id),
    events,
    eventsLeftOut,
  };
}

async function readGrants({ trx }: Context, personId: string): Promise<PersonData['grants']> {
  const rows = await trx
    .selectFrom('held_grants as g')
    .innerJoin('accounts as a', 'a.account_id', 'g.account_id')
    .select([
      'g.account_id as accountId',
      'a.name as accountName',
      'g.role',
      'g.group_name as group',
      'g.until',
      'g.granted_by as grantedBy',
      'g.granted_at as grantedAt',
    ])
    .where('g.person_id', '=', personId)
    .orderBy('g.granted_at')
    .execute();
  return rows.map((row) => ({ ...row, until: text(row.until), grantedAt: row.grantedAt.toString() }));
}

async function readKeys({ trx }: Context, personId: string): Promise<PersonData['apiKeys']> {
  const rows = await trx
    .selectFrom('api_keys as k')
    .leftJoin('accounts as a', 'a.account_id', 'k.account_id')
    .select([
      'k.api_key_id as apiKeyId',
      'a.name as accountName',
      'k.name',
      'k.created_at as createdAt',
      'k.revoked_at as revokedAt',
    ])
    .where('k.made_by_person', '=', personId)
    .orderBy('k.created_at')
    .execute();
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toString(), revokedAt: text(row.revokedAt) }));
}

async function readWebhooks({ trx }: Context, personId: string): Promise<PersonData['webhooks']> {
  const rows = await trx
    .selectFrom('webhooks as w')
    .innerJoin('accounts as a', 'a.account_id', 'w.account_id')
    .select(['a.name as accountName', 'w.description', 'w.created_at as createdAt'])
    .where('w.made_by_person', '=', personId)
    .orderBy('w.created_at')
    .execute();
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toString() }));
}

async function readProvisioned({ trx }: Context, personId: string): Promise<PersonData['identityProviders']> {
  const { rows } = await sql<
    Omit<PersonData['identityProviders'][number], 'createdAt' | 'changedAt'> & {
      createdAt: Temporal.Instant;
      changedAt: Temporal.Instant;
    }
  >`
    select a.name as "accountName", s.external_id as "externalId", s.active, s.display_name as "displayName",
           s.formatted_name as formatted, s.given_name as "givenName", s.family_name as "familyName",
           array(select g.name from deactivated_group_people m
                   join groups g on g.account_id = m.account_id and g.group_id = m.group_id
                  where m.account_id = s.account_id and m.person_id = s.person_id order by g.name_key) as groups,
           s.created_at as "createdAt", s.updated_at as "changedAt"
      from provisioned_people s join accounts a on a.account_id = s.account_id
     where s.person_id = ${personId} order by s.created_at, s.account_id`.execute(trx);
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toString(),
    changedAt: row.changedAt.toString(),
  }));
}

async function readLinks({ trx }: Context, personId: string): Promise<PersonData['links']> {
  const rows = await trx
    .selectFrom('one_time_links')
    .select(['kind', 'created_at as createdAt', 'expires_at as expiresAt', 'used_at as usedAt'])
    .where('person_id', '=', personId)
    .orderBy('created_at')
    .execute();
  return rows.map(({ kind, createdAt, expiresAt, usedAt }) => ({
    kind,
    createdAt: createdAt.toString(),
    expiresAt: expiresAt.toString(),
    usedAt: text(usedAt),
  }));
}

async function readMails({ trx }: Context, email: string): Promise<PersonData['mails']> {
  const rows = await trx
    .selectFrom('mails')
    .select(['kind', 'subject', 'state', 'created_at as createdAt'])
    .where('recipient', '=', email)
    .orderBy('created_at')
    .execute();
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toString() }));
}

async function readRequests({ trx }: Context, email: string): Promise<PersonData['accountRequests']> {
  const { rows } = await sql<
    Omit<PersonData['accountRequests'][number], 'requestedAt'> & { requestedAt: Temporal.Instant }
  >`
    select company_name as "companyName", domain_identifier as "domainIdentifier", state, requested_at as "requestedAt",
           case when lower(requester_email) <> ${email} then 'approver' when lower(approver_email) <> ${email} then 'requester'
                else 'both' end as "as"
      from account_requests where lower(requester_email) = ${email} or lower(approver_email) = ${email}
     order by requested_at`.execute(trx);
  return rows.map((row) => ({ ...row, requestedAt: row.requestedAt.toString() }));
}

async function readOrderContacts({ trx }: Context, email: string): Promise<PersonData['orderContacts']> {
  const { rows } = await sql<{ companyName: string; askedAt: Temporal.Instant; until: Temporal.Instant }>`
    select a.name as "companyName", c.invited_at as "askedAt", c.ends_at as until
      from order_contacts c join accounts a using (account_id)
     where lower(c.contact_email) = ${email} order by c.invited_at`.execute(trx);
  return rows.map(({ companyName, askedAt, until }) => ({
    companyName,
    askedAt: askedAt.toString(),
    until: until.toString(),
  }));
}

async function readAgreements({ trx }: Context, personId: string): Promise<PersonData['agreements']> {
  const { rows } = await sql<
    Omit<PersonData['agreements'][number], 'acceptedAt'> & { acceptedAt: Temporal.Instant }
  >`
    select a.name as "accountName", v.title, c.version, c.accepted_at as "acceptedAt", c.from_address as "from"
      from agreement_acceptances c
      join accounts a on a.account_id = c.account_id
      join agreement_versions v on v.agreement = c.agreement and v.version = c.version
     where c.person_id = ${personId} order by c.accepted_at`.execute(trx);
  return rows.map((row) => ({ ...row, acceptedAt: row.acceptedAt.toString() }));
}

async function readNotifications({ trx }: Context, personId: string): Promise<PersonData['notifications']> {
  const hours = await trx
    .selectFrom('notification_hours')
    .select(['time_zone as timeZone', 'hour', 'weekday'])
    .where('person_id', '=', personId)
    .executeTakeFirst();
  const choices = await trx
    .selectFrom('notification_choices as c')
    .leftJoin('accounts as a', 'a.account_id', 'c.account_id')
    // What the publisher's staff hears of the platform belongs to no account.
    .select([sql<string>`coalesce(a.name, 'Platform')`.as('accountName'), 'c.kind', 'c.cadence'])
    .where('c.reader_id', '=', personId)
    .orderBy('accountName')
    .orderBy('c.kind')
    .execute();
  return { hours: hours ?? null, choices };
}

/** Events of which somebody is the actor or the object, or on whose behalf they were. */
const eventsOf = (personId: string) => sql`
  select event_id, at, account_id, 'actor' as "as", operation, message, from_address from events
   where actor_kind = 'person' and actor_id = ${personId}
  union all
  select event_id, at, account_id, 'object' as "as", operation, message, null from events
   where object_kind = 'person' and object_id = ${personId} and actor_id is distinct from ${personId}
  union all
  select event_id, at, account_id, 'on-behalf', operation, message, null from events
   where behalf_kind = 'person' and behalf_id = ${personId} and actor_id is distinct from ${personId}
     and (object_kind <> 'person' or object_id <> ${personId})`;

async function readEvents(context: Context, personId: string): Promise<PersonData['events']> {
  const { rows } = await sql<
    Omit<PersonData['events'][number], 'at'> & { at: Temporal.Instant; eventId: string }
  >`
    select event_id as "eventId", at, nullif(account_id, ${platformAccountId}::uuid) as "accountId", "as", operation, message,
           from_address as "from"
      from (${eventsOf(personId)}) e order by at desc, event_id desc limit ${mostEvents}`.execute(
    context.trx,
  );
  const told = await sentencesForPartner(context, personId, rows);
  return rows.map(({ eventId, ...row }) => ({
    ...row,
    message: told.get(eventId) ?? row.message,
    at: row.at.toString(),
  }));
}

/**
 * What a person is told of events in accounts where they are a partner: whoever hands them their data hands them no
 * restricted names. By event, for those accounts alone.
 */
async function sentencesForPartner(
  { trx, now }: Context,
  personId: string,
  events: readonly { eventId: string; accountId: string | null }[],
): Promise<Map<string, string>> {
  const byAccount = Map.groupBy(events, ({ accountId }) => accountId);
  const accounts = [...byAccount.keys()].filter((accountId) => accountId !== null);
  const told = new Map<string, string>();
  for (const { accountId, email } of await partnersInParts(
    trx,
    accounts.map((id) => ({ accountId: id, personId })),
    now,
  )) {
    await hideRestrictedNames(trx, accountId, email, await loadGrants(trx, accountId, personId, now));
    const ids = (byAccount.get(accountId) ?? []).map(({ eventId }) => eventId);
    for (const { eventId, sentence } of await toldSentences(trx, accountId, ids)) told.set(eventId, sentence);
    await showAllNames(trx);
  }
  return told;
}

async function countEvents(
  { trx }: Context,
  personId: string,
  told: number,
): Promise<{ eventsLeftOut: number }> {
  if (told < mostEvents) return { eventsLeftOut: 0 };
  const { rows } = await sql<{
    count: number;
  }>`select count(*) as count from (${eventsOf(personId)}) e`.execute(trx);
  return { eventsLeftOut: (rows[0]?.count ?? told) - told };
}
