import { groupNameKey } from '@estover/domain/access';
import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../../database/database.ts';
import type { ProvisionedAccount } from './provisioned-people-store.ts';

/** A group as an account's identity provider sees it. */
export interface ProvisionedGroup {
  groupId: string;
  displayName: string;
  externalId: string | null;
  madeAt: Temporal.Instant;
}

/** What groups are looked up by; all of it has to hold. */
export interface GroupsFilter {
  groupId?: string;
  displayName?: string;
  externalId?: string;
  memberId?: string;
}

const groupsOf = (accountId: string, { groupId, displayName, externalId, memberId }: GroupsFilter) => {
  const conditions: RawBuilder<boolean>[] = [sql`g.account_id = ${accountId}`, sql`g.provisioned`];
  if (groupId !== undefined) conditions.push(sql`g.group_id = ${groupId}`);
  if (displayName !== undefined) conditions.push(sql`g.name_key = ${groupNameKey(displayName)}`);
  if (externalId !== undefined) conditions.push(sql`g.external_id = ${externalId}`);
  if (memberId !== undefined) {
    conditions.push(sql`exists (select 1 from (${everybodyIn(accountId)}) m
                                 where m.group_id = g.group_id and m.person_id = ${memberId})`);
  }
  return sql`from groups g where ${sql.join(conditions, sql` and `)}`;
};

/** Who is in groups of an account, also those who are deactivated and hold nothing by it. */
const everybodyIn = (accountId: string) => sql`
  select group_id, person_id from group_people where account_id = ${accountId}
  union all
  select group_id, person_id from deactivated_group_people where account_id = ${accountId}`;

/** Provisioned groups, by name. */
export async function listProvisionedGroups(
  trx: Trx,
  accountId: string,
  filter: GroupsFilter,
  page: { offset: number; limit: number },
): Promise<ProvisionedGroup[]> {
  const { rows } = await sql<ProvisionedGroup>`
    select g.group_id as "groupId", g.name as "displayName", g.external_id as "externalId", g.made_at as "madeAt"
           ${groupsOf(accountId, filter)}
     order by g.name_key limit ${page.limit} offset ${page.offset}`.execute(trx);
  return rows;
}

export async function countProvisionedGroups(
  trx: Trx,
  accountId: string,
  filter: GroupsFilter,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) ${groupsOf(accountId, filter)}`.execute(trx);
  return Number(rows[0]?.count ?? 0);
}

/** Who is in groups, as far as the identity provider may know of them; by person. */
export async function membersOf(
  trx: Trx,
  { accountId, domains }: ProvisionedAccount,
  groupIds: readonly string[],
): Promise<{ groupId: string; personId: string; email: string }[]> {
  const { rows } = await sql<{ groupId: string; personId: string; email: string }>`
    select m.group_id as "groupId", p.id as "personId", p.email
      from (${everybodyIn(accountId)}) m join people p on p.id = m.person_id
     where m.group_id = any(${[...groupIds]}::uuid[])
       and substring(p.email from '[^@]*$') = any(${[...domains]}::text[])
     order by p.id`.execute(trx);
  return rows;
}

export async function saveExternalId(
  trx: Trx,
  accountId: string,
  groupId: string,
  externalId: string | null,
): Promise<void> {
  await trx
    .updateTable('groups')
    .set({ external_id: externalId })
    .where('account_id', '=', accountId)
    .where('group_id', '=', groupId)
    .execute();
}

/** Puts people into a group, those who are deactivated so that they hold nothing by it yet. */
export async function addMembers(
  trx: Trx,
  group: { accountId: string; groupId: string },
  added: { personIds: readonly string[]; by: string; at: Temporal.Instant },
): Promise<void> {
  const { accountId, groupId } = group;
  const people = sql`unnest(${[...added.personIds]}::text[]) as added (person_id)
    left join provisioned_people s on s.account_id = ${accountId} and s.person_id = added.person_id`;
  await sql`
    insert into group_people (account_id, group_id, person_id, added_by, added_at)
    select ${accountId}, ${groupId}, added.person_id, ${added.by}, ${added.at}
      from ${people} where coalesce(s.active, true)`.execute(trx);
  await sql`
    insert into deactivated_group_people (account_id, group_id, person_id)
    select ${accountId}, ${groupId}, added.person_id from ${people} where not s.active`.execute(trx);
}

/** Takes people out of a group. */
export async function removeMembers(
  trx: Trx,
  { accountId, groupId }: { accountId: string; groupId: string },
  personIds: readonly string[],
): Promise<void> {
  for (const table of ['group_people', 'deactivated_group_people'] as const) {
    await trx
      .deleteFrom(table)
      .where('account_id', '=', accountId)
      .where('group_id', '=', groupId)
      .where(sql<boolean>`person_id = any(${[...personIds]}::text[])`)
      .execute();
  }
}

/** Ends the rights of a person in an account: their own grants, and their places in groups. What they were. */
export async function endRights(
  trx: Trx,
  accountId: string,
  personId: string,
): Promise<{ roles: string[]; groups: string[] }> {
  // A provisioned group is the identity provider's: who is deactivated is in it again when they are activated.
  await sql`
    insert into deactivated_group_people (account_id, group_id, person_id)
    select m.account_id, m.group_id, m.person_id
      from group_people m
      join groups g on g.account_id = m.account_id and g.group_id = m.group_id and g.provisioned
      join provisioned_people s on s.account_id = m.account_id and s.person_id = m.person_id
     where m.account_id = ${accountId} and m.person_id = ${personId}`.execute(trx);
  const groups = await sql<{ name: string }>`
    delete from group_people m using groups g
     where m.account_id = ${accountId} and m.person_id = ${personId}
       and g.account_id = m.account_id and g.group_id = m.group_id
    returning g.name`.execute(trx);
  const grants = await trx
    .deleteFrom('grants')
    .where('account_id', '=', accountId)
    .where('person_id', '=', personId)
    .returning('role')
    .execute();
  return {
    roles: grants.map(({ role }) => role).sort(),
    groups: groups.rows.map(({ name }) => name).sort(),
  };
}

/** The provisioned groups in which somebody will be again, by name. */
export async function waitingGroups(trx: Trx, accountId: string, personId: string): Promise<string[]> {
  const rows = await trx
    .selectFrom('deactivated_group_people as m')
    .innerJoin('groups as g', (join) =>
      join.onRef('g.account_id', '=', 'm.account_id').onRef('g.group_id', '=', 'm.group_id'),
    )
    .select('g.group_id as groupId')
    .where('m.account_id', '=', accountId)
    .where('m.person_id', '=', personId)
    .where('g.provisioned', '=', true)
    .orderBy('g.name_key')
    .execute();
  return rows.map(({ groupId }) => groupId);
}

/** Forgets the groups in which somebody would have been again. */
export async function dropWaitingGroups(trx: Trx, accountId: string, personId: string): Promise<void> {
  await trx
    .deleteFrom('deactivated_group_people')
    .where('account_id', '=', accountId)
    .where('person_id', '=', personId)
    .execute();
}
