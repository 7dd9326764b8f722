import type { ScimUser } from '@estover/protocol/scim';
import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../../database/database.ts';

/** A person of an account as its identity provider sees them. */
export interface ProvisionedPerson extends ScimUser {
  personId: string;
  /** Whether the identity provider has said anything of them yet. */
  isKept: boolean;
  createdAt: Temporal.Instant;
  changedAt: Temporal.Instant;
}

/** What people are looked up by; all of it has to hold. */
export interface PeopleFilter {
  personIds?: readonly string[];
  userName?: string;
  externalId?: string;
  displayName?: string;
  active?: boolean;
}

/** The account whose people are meant, and the mail domains in which its identity provider may say anything. */
export interface ProvisionedAccount {
  accountId: string;
  domains: readonly string[];
}

/** The people of an account whom its identity provider may know of: those it made, and those who hold something. */
const peopleOf = (
  { accountId, domains }: ProvisionedAccount,
  filter: PeopleFilter,
  now: Temporal.Instant,
) => {
  const conditions: RawBuilder<boolean>[] = [
    sql`substring(p.email from '[^@]*$') = any(${[...domains]}::text[])`,
    sql`(s.person_id is not null or exists (
          select 1 from held_grants g
           where g.account_id = ${accountId} and g.person_id = p.id and (g.until is null or g.until > ${now})))`,
  ];
  const { personIds, userName, externalId, displayName, active } = filter;
  if (personIds !== undefined) conditions.push(sql`p.id = any(${[...personIds]}::text[])`);
  if (userName !== undefined) conditions.push(sql`p.email = ${userName}`);
  if (externalId !== undefined) conditions.push(sql`s.external_id = ${externalId}`);
  if (displayName !== undefined) conditions.push(sql`lower(${shownName}) = lower(${displayName})`);
  if (active !== undefined) conditions.push(sql`coalesce(s.active, true) = ${active}`);
  // Only people of this account are looked at, however many others there are.
  return sql`
    from (select person_id from provisioned_people where account_id = ${accountId}
          union select person_id from held_grants where account_id = ${accountId}) known
    join people p on p.id = known.person_id
    left join provisioned_people s on s.account_id = ${accountId} and s.person_id = p.id
   where ${sql.join(conditions, sql` and `)}`;
};

const shownName = sql`case when s.person_id is null then p.name else s.display_name end`;

/** People by the time they were made, which is the order of their ids. */
export async function listProvisionedPeople(
  trx: Trx,
  account: ProvisionedAccount,
  filter: PeopleFilter,
  page: { offset: number; limit: number; now: Temporal.Instant },
): Promise<ProvisionedPerson[]> {
  const { rows } = await sql<ProvisionedPerson>`
    select p.id as "personId", p.email as "userName", s.external_id as "externalId", coalesce(s.active, true) as active,
           s.given_name as "givenName", s.family_name as "familyName", s.formatted_name as formatted,
           ${shownName} as "displayName", s.person_id is not null as "isKept",
           coalesce(s.created_at, p.created_at) as "createdAt", coalesce(s.updated_at, p.created_at) as "changedAt"
           ${peopleOf(account, filter, page.now)}
     order by p.id limit ${page.limit} offset ${page.offset}`.execute(trx);
  return rows;
}

export async function countProvisionedPeople(
  trx: Trx,
  account: ProvisionedAccount,
  filter: PeopleFilter,
  now: Temporal.Instant,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) ${peopleOf(account, filter, now)}`.execute(
    trx,
  );
  return Number(rows[0]?.count ?? 0);
}

/** Keeps what an identity provider says of a person, in place of what it said before. */
export async function saveProvisionedPerson(
  trx: Trx,
  accountId: string,
  personId: string,
  user: Omit<ScimUser, 'userName'>,
  now: Temporal.Instant,
): Promise<void> {
  const said = {
    external_id: user.externalId,
    active: user.active,
    given_name: user.givenName,
    family_name: user.familyName,
    formatted_name: user.formatted,
    display_name: user.displayName,
    updated_at: now,
  };
  await trx
    .insertInto('provisioned_people')
    .values({ account_id: accountId, person_id: personId, ...said, created_at: now })
    .onConflict((conflict) => conflict.columns(['account_id', 'person_id']).doUpdateSet(said))
    .execute();
}

export async function deleteProvisionedPerson(trx: Trx, accountId: string, personId: string): Promise<void> {
  await trx
    .deleteFrom('provisioned_people')
    .where('account_id', '=', accountId)
    .where('person_id', '=', personId)
    .execute();
}

/** Whether an account's identity provider has deactivated a person. */
export async function isDeactivated(trx: Trx, accountId: string, personId: string): Promise<boolean> {
  const row = await trx
    .selectFrom('provisioned_people')
    .select('person_id')
    .where('account_id', '=', accountId)
    .where('person_id', '=', personId)
    .where('active', '=', false)
    .executeTakeFirst();
  return row !== undefined;
}
