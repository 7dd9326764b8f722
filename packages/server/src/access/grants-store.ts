import type { AccountRole, Grant, GrantedVirtualAccount, GrantScope } from '@estover/domain/access';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/** The grants of a person in an account that hold now; with a person of `null`, nothing. */
export async function loadGrants(
  trx: Trx,
  accountId: string,
  personId: string,
  now: Temporal.Instant,
): Promise<Grant[]> {
  const rows = await trx
    .selectFrom('grants as g')
    .select([
      'g.grant_id as grantId',
      sql<AccountRole>`g.role`.as('role'),
      'g.scope_kind as scopeKind',
      sql<GrantedVirtualAccount[]>`coalesce((
        select jsonb_agg(jsonb_build_object('virtualAccountId', v.virtual_account_id, 'nested', v.nested)
                         order by v.virtual_account_id)
          from grant_virtual_accounts v where v.account_id = g.account_id and v.grant_id = g.grant_id), '[]')`.as(
        'virtualAccounts',
      ),
    ])
    .where('g.account_id', '=', accountId)
    .where('g.person_id', '=', personId)
    .where((where) => where.or([where('g.until', 'is', null), where('g.until', '>', now)]))
    .orderBy('g.grant_id')
    .execute();
  return rows.map((row) => ({
    grantId: row.grantId,
    role: row.role,
    scope: scopeFrom(row.scopeKind, row.virtualAccounts),
  }));
}

/** Every account somebody belongs to, by name, with the grants that hold now. */
export async function grantsByAccountOf(
  trx: Trx,
  actor: { kind: 'person' | 'api-key'; id: string },
  now: Temporal.Instant,
): Promise<{ accountId: string; name: string; domainIdentifier: string; grants: Grant[] }[]> {
  const held =
    actor.kind === 'person'
      ? sql`select g.account_id, g.grant_id, g.role,
                   case when g.scope_kind = 'account' then '{"kind":"account"}'::jsonb else (
                     select jsonb_build_object('kind', 'virtual-accounts', 'virtualAccounts', coalesce(
                       jsonb_agg(jsonb_build_object('virtualAccountId', v.virtual_account_id, 'nested', v.nested)
                                 order by v.virtual_account_id), '[]'))
                       from grant_virtual_accounts v where v.account_id = g.account_id and v.grant_id = g.grant_id)
                   end as scope
              from grants g where g.person_id = ${actor.id} and (g.until is null or g.until > ${now})`
      : sql`select k.account_id, k.api_key_id as grant_id, k.role, k.scope
              from api_keys k where k.api_key_id = ${actor.id} and k.account_id is not null and k.revoked_at is null`;
  const rows = await sql<{ accountId: string; name: string; domainIdentifier: string; grants: Grant[] }>`
    select a.account_id as "accountId", a.name, a.domain_identifier as "domainIdentifier",
           jsonb_agg(jsonb_build_object('grantId', held.grant_id, 'role', held.role, 'scope', held.scope)
                     order by held.grant_id) as grants
      from (${held}) held join accounts a on a.account_id = held.account_id
     group by a.account_id order by lower(a.name), a.account_id`.execute(trx);
  return rows.rows;
}

/** A grant whose virtual accounts are all gone reaches nothing, and never the whole account. */
export function scopeFrom(kind: string, virtualAccounts: GrantedVirtualAccount[]): GrantScope {
  return kind === 'account' ? { kind: 'account' } : { kind: 'virtual-accounts', virtualAccounts };
}

/** A grant as it is kept, with who gave it. */
export interface StoredGrant extends Grant {
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
