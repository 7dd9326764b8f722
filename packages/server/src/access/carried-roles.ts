import { type AccountRole, groupNameKey } from '@estover/domain/access';
import { carriedRole, chooseNames } from '@estover/domain/accounts';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/** Virtual accounts that go to another account, and what becomes of roles in the whole account there. */
export interface RolesCrossing {
  readonly fromAccountId: string;
  readonly intoAccountId: string;
  readonly virtualAccountIds: readonly string[];
  /** Those of them that lie at the top of what moves. */
  readonly topIds: readonly string[];
  /** `keep`: the like role at the tops, with everything nested. */
  readonly accountRoles: 'drop' | 'keep';
}

/** A grant of a person's own, or a group, that gives a role in what moves. */
export interface GivingRoles {
  /** The id of the grant or group. */
  id: string;
  /** The name of the group; null for a grant. */
  groupName: string | null;
  /** In the account they leave. */
  role: AccountRole;
  /** In what moves, after it moved; null where nothing is left. */
  carried: AccountRole | null;
  scope: { virtualAccountId: string; nested: boolean }[];
  personIds: string[];
}

/** What was made of grants and groups in the account that gets them, by id; undoing takes them away. */
export interface CarriedRoles {
  grants: string[];
  groups: string[];
}

/** Grants and groups that reach into what moves, with what becomes of each. */
export async function rolesToCarry(
  trx: Trx,
  crossing: RolesCrossing,
  now: Temporal.Instant,
): Promise<GivingRoles[]> {
  const { rows } = await sql<Omit<GivingRoles, 'carried'> & { whole: boolean }>`
    with giving as (
      select grant_id as id, null as group_name, role, scope_kind, array[person_id] as person_ids
        from grants where account_id = ${crossing.fromAccountId} and (until is null or until > ${now})
      union all
      select g.group_id, g.name, g.role, g.scope_kind,
             array(select person_id from group_people p
                    where p.account_id = g.account_id and p.group_id = g.group_id order by person_id)
        from groups g where g.account_id = ${crossing.fromAccountId} and (g.until is null or g.until > ${now}))
    select g.id, g.group_name as "groupName", g.role, g.scope_kind = 'account' as whole, g.person_ids as "personIds",
           coalesce(reached.scope, '[]') as scope
      from giving g
     cross join lateral (
       select jsonb_agg(jsonb_build_object('virtualAccountId', v.virtual_account_id, 'nested', v.nested)
                        order by v.virtual_account_id) as scope
         from held_grant_virtual_accounts v
        where v.account_id = ${crossing.fromAccountId} and v.grant_id = g.id
          and v.virtual_account_id = any(${[...crossing.virtualAccountIds]}::uuid[])) reached
     where g.scope_kind = 'account' or reached.scope is not null
     order by g.id`.execute(trx);
  const tops = crossing.topIds.map((virtualAccountId) => ({ virtualAccountId, nested: true }));
  return rows.map(({ whole, scope, ...giving }) => ({
    ...giving,
    carried: !whole ? giving.role : crossing.accountRoles === 'keep' ? carriedRole(giving.role) : null,
    scope: whole ? tops : scope,
  }));
}

/** The groups that come, with the names they get beside those that are there. */
export async function carriedGroupNames(
  trx: Trx,
  crossing: RolesCrossing,
  roles: readonly GivingRoles[],
  suffix: string,
): Promise<Map<string, { name: string; newName: string }>> {
  const coming = roles.flatMap(({ id, groupName, carried }) =>
    groupName === null || carried === null ? [] : [{ id, name: groupName }],
  );
  const there = await trx
    .selectFrom('groups')
    .select('name')
    .where('account_id', '=', crossing.intoAccountId)
    .execute();
  const { chosen } = chooseNames(
    coming,
    there.map(({ name }) => name),
    new Map(),
    suffix,
  );
  return new Map(chosen.map(({ id, name, newName }) => [id, { name, newName }]));
}

/** Gives the roles that go along, as grants and groups of their own. Those here stay for whoever calls to take away. */
export async function carryRoles(
  context: { trx: Trx; now: Temporal.Instant; newId(): string },
  crossing: RolesCrossing,
  suffix: string,
): Promise<CarriedRoles> {
  const { trx, now, newId } = context;
  const roles = await rolesToCarry(trx, crossing, now);
  const names = await carriedGroupNames(trx, crossing, roles, suffix);
  const made: CarriedRoles = { grants: [], groups: [] };
  for (const { id, groupName, carried, scope } of roles) {
    if (carried === null) continue;
    const own = newId();
    const virtualAccounts = sql`jsonb_to_recordset(${JSON.stringify(scope)}::jsonb)
      as v ("virtualAccountId" uuid, nested boolean)`;
    if (groupName === null) {
      made.grants.push(own);
      await sql`
        insert into grants (account_id, grant_id, person_id, role, scope_kind, until, granted_by, granted_at)
        select ${crossing.intoAccountId}::uuid, ${own}::uuid, person_id, ${carried}, 'virtual-accounts', until, granted_by,
               granted_at
          from grants where account_id = ${crossing.fromAccountId} and grant_id = ${id}`.execute(trx);
      await sql`
        insert into grant_virtual_accounts (account_id, grant_id, virtual_account_id, nested)
        select ${crossing.intoAccountId}::uuid, ${own}::uuid, v."virtualAccountId", v.nested from ${virtualAccounts}`.execute(
        trx,
      );
      continue;
    }
    made.groups.push(own);
    const name = names.get(id)?.newName ?? groupName;
    await sql`
      insert into groups (account_id, group_id, name, name_key, role, scope_kind, until, made_by, made_at)
      select ${crossing.intoAccountId}::uuid, ${own}::uuid, ${name}, ${groupNameKey(name)}, ${carried},
             'virtual-accounts', until, made_by, made_at
        from groups where account_id = ${crossing.fromAccountId} and group_id = ${id}`.execute(trx);
    await sql`
      insert into group_virtual_accounts (account_id, group_id, virtual_account_id, nested)
      select ${crossing.intoAccountId}::uuid, ${own}::uuid, v."virtualAccountId", v.nested from ${virtualAccounts}`.execute(
      trx,
    );
    await sql`
      insert into group_people (account_id, group_id, person_id, added_by, added_at)
      select ${crossing.intoAccountId}::uuid, ${own}::uuid, person_id, added_by, added_at
        from group_people where account_id = ${crossing.fromAccountId} and group_id = ${id}`.execute(trx);
  }
  return made;
}

/** Takes away what was made by {@link carryRoles}, as far as it is there yet. */
export async function takeCarriedRoles(trx: Trx, accountId: string, made: CarriedRoles): Promise<void> {
  await sql`
    delete from grants where account_id = ${accountId} and grant_id = any(${made.grants}::uuid[])`.execute(
    trx,
  );
  await sql`
    delete from groups where account_id = ${accountId} and group_id = any(${made.groups}::uuid[])`.execute(
    trx,
  );
}

/** Rows of grants and groups as they were, kept so that they can be given again. */
export interface KeptRoles {
  grants: unknown[];
  grantPlaces: unknown[];
  groups: unknown[];
  groupPlaces: unknown[];
  groupPeople: unknown[];
}

/** What reaches virtual accounts that leave, in full: these rows are about to be dropped. */
export async function rolesAt(
  trx: Trx,
  accountId: string,
  virtualAccountIds: readonly string[],
): Promise<KeptRoles> {
  const here = sql`account_id = ${accountId} and virtual_account_id = any(${[...virtualAccountIds]}::uuid[])`;
  const grants = sql`(select grant_id from grant_virtual_accounts where ${here})`;
  const groups = sql`(select group_id from group_virtual_accounts where ${here})`;
  const { rows } = await sql<KeptRoles>`select
    (select coalesce(jsonb_agg(g), '[]') from grants g
      where account_id = ${accountId} and grant_id in ${grants}) as grants,
    (select coalesce(jsonb_agg(v), '[]') from grant_virtual_accounts v where ${here}) as "grantPlaces",
    (select coalesce(jsonb_agg(g), '[]') from groups g
      where account_id = ${accountId} and group_id in ${groups}) as groups,
    (select coalesce(jsonb_agg(v), '[]') from group_virtual_accounts v where ${here}) as "groupPlaces",
    (select coalesce(jsonb_agg(p), '[]') from group_people p
      where account_id = ${accountId} and group_id in ${groups}) as "groupPeople"`.execute(trx);
  return rows[0] as KeptRoles;
}

/**
 * Gives again what was dropped because its virtual accounts left. What reached other places as well, and was taken back
 * meanwhile, stays taken back.
 *
 * @param dropped ids of the grants and groups that reached nothing else
 */
export async function giveRolesAgain(
  trx: Trx,
  kept: KeptRoles,
  dropped: { grants: readonly string[]; groups: readonly string[] },
): Promise<void> {
  const rowsOf = (table: string, rows: readonly unknown[]) =>
    sql`jsonb_populate_recordset(null::${sql.ref(table)}, ${JSON.stringify(rows)}::jsonb)`;
  await sql`
    insert into grants select * from ${rowsOf('grants', kept.grants)} r
     where grant_id = any(${[...dropped.grants]}::uuid[]) on conflict do nothing`.execute(trx);
  await sql`
    insert into grant_virtual_accounts select r.* from ${rowsOf('grant_virtual_accounts', kept.grantPlaces)} r
      join grants using (account_id, grant_id) on conflict do nothing`.execute(trx);
  await sql`
    insert into groups select * from ${rowsOf('groups', kept.groups)} r
     where group_id = any(${[...dropped.groups]}::uuid[]) on conflict do nothing`.execute(trx);
  await sql`
    insert into group_virtual_accounts select r.* from ${rowsOf('group_virtual_accounts', kept.groupPlaces)} r
      join groups using (account_id, group_id) on conflict do nothing`.execute(trx);
  await sql`
    insert into group_people select r.* from ${rowsOf('group_people', kept.groupPeople)} r
      join groups g using (account_id, group_id)
     where g.group_id = any(${[...dropped.groups]}::uuid[]) on conflict do nothing`.execute(trx);
}

/** Which of these grants and groups are not there any more. */
export async function missingRoles(
  trx: Trx,
  accountId: string,
  kept: KeptRoles,
): Promise<{ grants: string[]; groups: string[] }> {
  const idsIn = (rows: readonly unknown[], field: string): string[] =>
    rows.map((row) => (row as Record<string, string>)[field] as string);
  const { rows } = await sql<{ grants: string[]; groups: string[] }>`select
    array(select id from unnest(${idsIn(kept.grants, 'grant_id')}::uuid[]) id
           where not exists (select from grants where account_id = ${accountId} and grant_id = id)) as grants,
    array(select id from unnest(${idsIn(kept.groups, 'group_id')}::uuid[]) id
           where not exists (select from groups where account_id = ${accountId} and group_id = id)) as groups`.execute(
    trx,
  );
  return rows[0] as { grants: string[]; groups: string[] };
}

/** API keys of the account that reach into virtual accounts, or, with `all`, every one that lives. */
export async function countApiKeys(
  trx: Trx,
  accountId: string,
  virtualAccountIds: readonly string[],
  which: 'all' | 'at these',
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from api_keys k
     where k.account_id = ${accountId} and k.revoked_at is null
       and ${
         which === 'all'
           ? sql`true`
           : sql`exists (select from jsonb_array_elements(k.scope -> 'virtualAccounts') each
                          where (each ->> 'virtualAccountId')::uuid = any(${[...virtualAccountIds]}::uuid[]))`
       }`.execute(trx);
  return rows[0]?.count ?? 0;
}
