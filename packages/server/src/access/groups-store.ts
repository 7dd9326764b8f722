import { type AccountRole, type GroupProperties, groupNameKey } from '@estover/domain/access';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { scopeAsJson, seenScope } from './grants-store.ts';
import type { VirtualAccountScope } from './scope.ts';

/** A group as it is kept, with who made it and how many people are in it. */
export interface StoredGroup extends GroupProperties {
  accountId: string;
  groupId: string;
  people: number;
  madeBy: string;
  madeAt: Temporal.Instant;
}

/** Groups as `g`, under the names that scopes of grants are read with. */
export const groupsAsGrants = sql`(select groups.*, group_id as grant_id from groups) g`;

const columns = sql`
  g.account_id as "accountId", g.group_id as "groupId", g.name, g.role, g.until, g.made_by as "madeBy", g.made_at as "madeAt", g.provisioned,
  (select count(*) from group_people p where p.account_id = g.account_id and p.group_id = g.group_id) as people`;

/** One group, if it reaches into the scope: those for the whole account only where the scope is everything. */
export async function findGroup(
  trx: Trx,
  accountId: string,
  groupId: string,
  scope: VirtualAccountScope,
): Promise<StoredGroup | undefined> {
  const { rows } = await sql<StoredGroup>`
    select ${columns}, ${scopeAsJson} as scope from ${groupsAsGrants}
     where g.account_id = ${accountId} and g.group_id = ${groupId} and ${seenScope(scope)} is not null`.execute(
    trx,
  );
  return rows[0];
}

/** Groups that reach into a scope, by name, with their scopes cut to it. */
export async function listedGroups(
  trx: Trx,
  accountId: string,
  scope: VirtualAccountScope,
  which: { like: string | null; after: string | null; limit: number },
): Promise<(StoredGroup & { key: string })[]> {
  const { like, after, limit } = which;
  const { rows } = await sql<StoredGroup & { key: string }>`
    select * from (
      select ${columns}, g.name_key as key, ${seenScope(scope)} as scope from ${groupsAsGrants}
       where g.account_id = ${accountId}
         and ${like === null ? sql`true` : sql`g.name ilike ${like}`}
         and ${after === null ? sql`true` : sql`g.name_key > ${after}`}) seen
     where seen.scope is not null
     order by seen.key
     limit ${limit}`.execute(trx);
  return rows;
}

/** The names that are this one without regard to case, of other groups than `except`; at most one. */
export async function groupNamesLike(
  trx: Trx,
  accountId: string,
  name: string,
  except: string | null,
): Promise<string[]> {
  const rows = await trx
    .selectFrom('groups')
    .select('name')
    .where('account_id', '=', accountId)
    .where('name_key', '=', groupNameKey(name))
    .where(sql<boolean>`group_id is distinct from ${except}::uuid`)
    .execute();
  return rows.map((row) => row.name);
}

type Written = Pick<
  StoredGroup,
  'accountId' | 'groupId' | 'name' | 'role' | 'scope' | 'until' | 'provisioned'
>;

const written = ({ name, role, scope, until, provisioned }: Written) => ({
  name,
  name_key: groupNameKey(name),
  role: role satisfies AccountRole,
  scope_kind: scope.kind,
  until,
  provisioned,
});

export async function insertGroup(
  trx: Trx,
  group: Written & Pick<StoredGroup, 'madeBy' | 'madeAt'>,
): Promise<void> {
  await trx
    .insertInto('groups')
    .values({
      account_id: group.accountId,
      group_id: group.groupId,
      ...written(group),
      made_by: group.madeBy,
      made_at: group.madeAt,
    })
    .execute();
  await insertScope(trx, group);
}

export async function saveGroup(trx: Trx, group: Written): Promise<void> {
  await trx
    .updateTable('groups')
    .set(written(group))
    .where('account_id', '=', group.accountId)
    .where('group_id', '=', group.groupId)
    .execute();
  await trx
    .deleteFrom('group_virtual_accounts')
    .where('account_id', '=', group.accountId)
    .where('group_id', '=', group.groupId)
    .execute();
  await insertScope(trx, group);
}

async function insertScope(trx: Trx, { accountId, groupId, scope }: Written): Promise<void> {
  if (scope.kind === 'account') return;
  await trx
    .insertInto('group_virtual_accounts')
    .values(
      scope.virtualAccounts.map(({ virtualAccountId, nested }) => ({
        account_id: accountId,
        group_id: groupId,
        virtual_account_id: virtualAccountId,
        nested,
      })),
    )
    .execute();
}

/** Deletes a group; who was in it goes with it. */
export async function dropGroup(trx: Trx, accountId: string, groupId: string): Promise<void> {
  await trx
    .deleteFrom('groups')
    .where('account_id', '=', accountId)
    .where('group_id', '=', groupId)
    .execute();
}

/** The ids of the people in a group. */
export async function peopleIn(trx: Trx, accountId: string, groupId: string): Promise<string[]> {
  const rows = await trx
    .selectFrom('group_people')
    .select('person_id as personId')
    .where('account_id', '=', accountId)
    .where('group_id', '=', groupId)
    .orderBy('person_id')
    .execute();
  return rows.map((row) => row.personId);
}

/** People in a group with an open invitation, who have not come yet. */
export async function invitedIn(
  trx: Trx,
  group: { accountId: string; groupId: string },
  now: Temporal.Instant,
): Promise<{ personId: string; name: string; email: string }[]> {
  const { rows } = await sql<{ personId: string; name: string; email: string }>`
    select p.id as "personId", p.name, p.email
      from group_people m join people p on p.id = m.person_id
     where m.account_id = ${group.accountId} and m.group_id = ${group.groupId}
       and exists (select 1 from one_time_links l
                    where l.person_id = p.id and l.kind = 'invitation' and l.used_at is null and l.expires_at > ${now})
     order by p.id`.execute(trx);
  return rows;
}

export async function insertGroupPeople(
  trx: Trx,
  group: { accountId: string; groupId: string },
  added: { personIds: readonly string[]; by: string; at: Temporal.Instant },
): Promise<void> {
  if (added.personIds.length === 0) return;
  await trx
    .insertInto('group_people')
    .values(
      added.personIds.map((personId) => ({
        account_id: group.accountId,
        group_id: group.groupId,
        person_id: personId,
        added_by: added.by,
        added_at: added.at,
      })),
    )
    .execute();
}

/** Takes a person out of a group; their mail address, or undefined when they were not in it. */
export async function deleteGroupPerson(
  trx: Trx,
  group: { accountId: string; groupId: string },
  personId: string,
): Promise<{ email: string } | undefined> {
  const { rows } = await sql<{ email: string }>`
    delete from group_people g using people p
     where g.account_id = ${group.accountId} and g.group_id = ${group.groupId} and g.person_id = ${personId}
       and p.id = g.person_id
    returning p.email`.execute(trx);
  return rows[0];
}

/** Takes a deleted virtual account out of all groups; one that reaches nowhere any more is deleted. */
export async function dropFromGroups(trx: Trx, accountId: string, virtualAccountId: string): Promise<void> {
  await trx
    .deleteFrom('group_virtual_accounts')
    .where('account_id', '=', accountId)
    .where('virtual_account_id', '=', virtualAccountId)
    .execute();
  await sql`
    delete from groups g
     where g.account_id = ${accountId} and g.scope_kind = 'virtual-accounts'
       and not exists (select 1 from group_virtual_accounts v
                        where v.account_id = g.account_id and v.group_id = g.group_id)`.execute(trx);
}
