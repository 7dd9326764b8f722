import type { AccountRole, AdministratorGrant, Grant, GrantScope, OwnGrant } from '@estover/domain/access';
import type { AccountKind, AccountStatus } from '@estover/domain/accounts';
import { type SqlBool, sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { canSignIn } from './people-store.ts';
import type { VirtualAccountScope } from './scope.ts';

/**
 * A role is given to a mail address. Until a mail has proved that the address is theirs, nobody has what was given to it;
 * `personId` is the column of whoever holds it.
 */
const hasProvedMail = (personId: string) => sql<SqlBool>`exists (
  select 1 from people proved where proved.id = ${sql.ref(personId)} and proved.email_verified)`;

/**
 * The grants of a person in an account that hold now: their own and those of their groups, which have the group's id.
 * Every right comes from `held_grants`, so that no place forgets groups.
 */
export async function loadGrants(
  trx: Trx,
  accountId: string,
  personId: string,
  now: Temporal.Instant,
): Promise<Grant[]> {
  return trx
    .selectFrom('held_grants as g')
    .select([
      'g.grant_id as grantId',
      sql<AccountRole>`g.role`.as('role'),
      scopeAsJson.as('scope'),
      soldBy.as('soldBy'),
    ])
    .where('g.account_id', '=', accountId)
    .where('g.person_id', '=', personId)
    .where(hasProvedMail('g.person_id'))
    .where((where) => where.or([where('g.until', 'is', null), where('g.until', '>', now)]))
    .orderBy('g.grant_id')
    .execute();
}

/** The seller that the holder of the grant `g` is limited to in its account; null without a limit. */
export const soldBy = sql<string | null>`(
  select s.sold_by from seller_limits s where s.account_id = g.account_id and s.person_id = g.person_id)`;

/** An account as somebody who belongs to it sees it from outside. */
export interface AccountOfMember {
  accountId: string;
  name: string;
  domainIdentifier: string;
  kind: AccountKind;
  status: AccountStatus;
  statusReason: string | null;
  grants: OwnGrant[];
}

/** SQL: the grants that somebody holds now, of every account. */
export const heldBy = (actor: { kind: 'person' | 'api-key'; id: string }, now: Temporal.Instant) =>
  actor.kind === 'person'
    ? sql`select g.account_id, g.grant_id, g.role, ${scopeAsJson} as scope, ${soldBy} as sold_by
            from held_grants g where g.person_id = ${actor.id} and (g.until is null or g.until > ${now})
             and ${hasProvedMail('g.person_id')}`
    : sql`select k.account_id, k.api_key_id as grant_id, k.role, k.scope, null::text as sold_by
            from api_keys k where k.api_key_id = ${actor.id} and k.account_id is not null and k.revoked_at is null`;

/** Every account somebody belongs to, by name, with the grants that hold now. */
export async function grantsByAccountOf(
  trx: Trx,
  actor: { kind: 'person' | 'api-key'; id: string },
  now: Temporal.Instant,
): Promise<AccountOfMember[]> {
  const rows = await sql<AccountOfMember>`
    select a.account_id as "accountId", a.name, a.domain_identifier as "domainIdentifier", a.kind, a.status,
           a.status_reason as "statusReason",
           jsonb_agg(jsonb_build_object('grantId', held.grant_id, 'role', held.role, 'scope', held.scope,
                                        'soldBy', held.sold_by)
                     order by held.grant_id) as grants
      from (${heldBy(actor, now)}) held join accounts a on a.account_id = held.account_id
     group by a.account_id order by lower(a.name), a.account_id`.execute(trx);
  return rows.rows;
}

/** A grant as it is kept, with who gave it. */
export interface StoredGrant extends Grant {
  role: AccountRole;
  accountId: string;
  personId: string;
  until: Temporal.Instant | null;
  grantedBy: string;
  grantedAt: Temporal.Instant;
}

export async function insertGrant(trx: Trx, grant: StoredGrant): Promise<void> {
  await trx
    .insertInto('grants')
    .values({
      account_id: grant.accountId,
      grant_id: grant.grantId,
      person_id: grant.personId,
      role: grant.role,
      scope_kind: grant.scope.kind,
      until: grant.until,
      granted_by: grant.grantedBy,
      granted_at: grant.grantedAt,
    })
    .execute();
  await insertGrantScope(trx, grant);
}

async function insertGrantScope(trx: Trx, grant: StoredGrant): Promise<void> {
  if (grant.scope.kind === 'account') return;
  await trx
    .insertInto('grant_virtual_accounts')
    .values(
      grant.scope.virtualAccounts.map(({ virtualAccountId, nested }) => ({
        account_id: grant.accountId,
        grant_id: grant.grantId,
        virtual_account_id: virtualAccountId,
        nested,
      })),
    )
    .execute();
}

/** What people hold, by groups as well. */
const storedGrants = (trx: Trx) =>
  trx
    .selectFrom('held_grants as g')
    .innerJoin('people as p', 'p.id', 'g.person_id')
    .select([
      'g.account_id as accountId',
      'g.grant_id as grantId',
      'g.person_id as personId',
      'p.email',
      sql<AccountRole>`g.role`.as('role'),
      'g.until',
      'g.granted_by as grantedBy',
      'g.granted_at as grantedAt',
      'g.group_id as groupId',
      scopeAsJson.as('scope'),
    ]);

/**
 * The scope of a grant or a group as the contract writes it; `g` is the grant. One whose virtual accounts are all gone
 * reaches nothing, and never the whole account.
 */
export const scopeAsJson = sql<GrantScope>`case when g.scope_kind = 'account' then '{"kind":"account"}'::jsonb else (
  select jsonb_build_object('kind', 'virtual-accounts', 'virtualAccounts', coalesce(
    jsonb_agg(jsonb_build_object('virtualAccountId', v.virtual_account_id, 'nested', v.nested)
              order by v.virtual_account_id), '[]'))
    from held_grant_virtual_accounts v where v.account_id = g.account_id and v.grant_id = g.grant_id) end`;

/** The part of a scope (`g` as above) that somebody sees, as the contract writes it; null where they see nothing of it. */
export const seenScope = (scope: VirtualAccountScope) => sql<GrantScope | null>`
  case when g.scope_kind = 'account' then case when ${scope.everything}::boolean then '{"kind":"account"}'::jsonb end else (
    select jsonb_build_object('kind', 'virtual-accounts', 'virtualAccounts',
             jsonb_agg(jsonb_build_object('virtualAccountId', v.virtual_account_id, 'nested', v.nested)
                       order by v.virtual_account_id))
      from held_grant_virtual_accounts v
     where v.account_id = g.account_id and v.grant_id = g.grant_id and ${scope.includes(sql`v.virtual_account_id`)}
    having count(*) > 0) end`;

/** Every grant of a person that holds now, their own and those by groups, in all accounts. */
export const grantsAnywhereOf = (
  trx: Trx,
  personId: string,
  now: Temporal.Instant,
): Promise<(StoredGrant & { groupId: string | null })[]> =>
  storedGrants(trx)
    .where('g.person_id', '=', personId)
    .where((where) => where.or([where('g.until', 'is', null), where('g.until', '>', now)]))
    .execute();

/** The kind of an account, and how many people have a role in it now, their own or by a group. */
export async function holdersOf(
  trx: Trx,
  accountId: string,
  now: Temporal.Instant,
): Promise<{ kind: AccountKind; people: number }> {
  const { rows } = await sql<{ kind: AccountKind; people: number }>`
    select kind, (select count(distinct g.person_id) from held_grants g
                   where g.account_id = a.account_id and (g.until is null or g.until > ${now})) as people
      from accounts a where a.account_id = ${accountId}`.execute(trx);
  const [row] = rows;
  if (row === undefined) throw new Error('the account is locked, so it is there');
  return row;
}

/** One grant of a person's own, if it reaches into the scope: those for the whole account only where the scope is everything. */
export const findGrant = (
  trx: Trx,
  accountId: string,
  grantId: string,
  scope: VirtualAccountScope,
): Promise<(StoredGrant & { email: string }) | undefined> =>
  storedGrants(trx)
    .where('g.group_id', 'is', null)
    .where('g.account_id', '=', accountId)
    .where('g.grant_id', '=', grantId)
    .where(
      sql<boolean>`case when g.scope_kind = 'account' then ${scope.everything}::boolean else exists (
        select 1 from grant_virtual_accounts v
         where v.account_id = g.account_id and v.grant_id = g.grant_id
           and ${scope.includes(sql`v.virtual_account_id`)}) end`,
    )
    .executeTakeFirst();

/** People who reach what is nested in one of these virtual accounts, by a grant of their own or by a group. */
export async function peopleNestedAt(
  trx: Trx,
  accountId: string,
  virtualAccountIds: readonly string[],
): Promise<string[]> {
  if (virtualAccountIds.length === 0) return [];
  const rows = await trx
    .selectFrom('held_grants as g')
    .innerJoin('held_grant_virtual_accounts as v', (join) =>
      join.onRef('v.account_id', '=', 'g.account_id').onRef('v.grant_id', '=', 'g.grant_id'),
    )
    .select('g.person_id as personId')
    .distinct()
    .where('g.account_id', '=', accountId)
    .where('v.nested', '=', true)
    .where('v.virtual_account_id', 'in', [...virtualAccountIds])
    .orderBy('g.person_id')
    .execute();
  return rows.map(({ personId }) => personId);
}

/** Writes what of a grant has changed: its end, its scope, and who gave it like this. */
export async function saveGrant(trx: Trx, grant: StoredGrant): Promise<void> {
  await trx
    .updateTable('grants')
    .set({
      scope_kind: grant.scope.kind,
      until: grant.until,
      granted_by: grant.grantedBy,
      granted_at: grant.grantedAt,
    })
    .where('account_id', '=', grant.accountId)
    .where('grant_id', '=', grant.grantId)
    .execute();
  await trx
    .deleteFrom('grant_virtual_accounts')
    .where('account_id', '=', grant.accountId)
    .where('grant_id', '=', grant.grantId)
    .execute();
  await insertGrantScope(trx, grant);
}

export async function deleteGrant(trx: Trx, accountId: string, grantId: string): Promise<void> {
  await trx
    .deleteFrom('grants')
    .where('account_id', '=', accountId)
    .where('grant_id', '=', grantId)
    .execute();
}

/** Grants of account administrators that hold now, their own and those by groups. */
export async function administratorsOf(
  trx: Trx,
  accountId: string,
  now: Temporal.Instant,
): Promise<AdministratorGrant[]> {
  return (
    trx
      .selectFrom('held_grants as g')
      .select([
        'g.grant_id as grantId',
        'g.person_id as personId',
        sql<boolean>`g.until is not null`.as('expires'),
        canSignIn('g.person_id').as('canSignIn'),
      ])
      .where('g.account_id', '=', accountId)
      .where('g.role', '=', 'account-administrator')
      // Who is limited to the lots of a seller administers nothing.
      .where(sql<boolean>`${soldBy} is null`)
      .where((where) => where.or([where('g.until', 'is', null), where('g.until', '>', now)]))
      .execute()
  );
}

/** Mail addresses of an account's administrators, their role by a group as well. */
export async function administratorAddresses(
  trx: Trx,
  accountId: string,
  now: Temporal.Instant,
): Promise<string[]> {
  const rows = await trx
    .selectFrom('held_grants as g')
    .innerJoin('people as p', 'p.id', 'g.person_id')
    .select('p.email')
    .distinct()
    .where('g.account_id', '=', accountId)
    .where('g.role', '=', 'account-administrator')
    .where(sql<boolean>`${soldBy} is null`)
    .where((where) => where.or([where('g.until', 'is', null), where('g.until', '>', now)]))
    .orderBy('p.email')
    .execute();
  return rows.map(({ email }) => email);
}

/**
 * Takes a deleted virtual account out of all grants of people's own and all API keys. What reaches nowhere any more ends: a
 * grant is deleted, a key revoked. Never does a scope become wider by it.
 */
export async function dropFromGrantsAndKeys(
  trx: Trx,
  accountId: string,
  virtualAccountId: string,
  now: Temporal.Instant,
): Promise<void> {
  await trx
    .deleteFrom('grant_virtual_accounts')
    .where('account_id', '=', accountId)
    .where('virtual_account_id', '=', virtualAccountId)
    .execute();
  await sql`
    delete from grants g
     where g.account_id = ${accountId} and g.scope_kind = 'virtual-accounts'
       and not exists (select 1 from grant_virtual_accounts v
                        where v.account_id = g.account_id and v.grant_id = g.grant_id)`.execute(trx);
  await sql`
    with kept as (
      select k.api_key_id, coalesce(jsonb_agg(each) filter (where each ->> 'virtualAccountId' <> ${virtualAccountId}), '[]') as left
        from api_keys k, jsonb_array_elements(k.scope -> 'virtualAccounts') each
       where k.account_id = ${accountId} and k.scope ->> 'kind' = 'virtual-accounts'
         and k.scope @> jsonb_build_object('virtualAccounts', jsonb_build_array(
               jsonb_build_object('virtualAccountId', ${virtualAccountId}::text)))
       group by k.api_key_id
    )
    update api_keys k
       set scope = case when kept.left = '[]' then k.scope else jsonb_set(k.scope, '{virtualAccounts}', kept.left) end,
           revoked_at = case when kept.left = '[]' then coalesce(k.revoked_at, ${now}::timestamptz) else k.revoked_at end
      from kept where kept.api_key_id = k.api_key_id`.execute(trx);
}
