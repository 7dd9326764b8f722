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

/** A grant whose virtual accounts are all gone reaches nothing, and never the whole account. */
export function scopeFrom(kind: string, virtualAccounts: GrantedVirtualAccount[]): GrantScope {
  return kind === 'account' ? { kind: 'account' } : { kind: 'virtual-accounts', virtualAccounts };
}
