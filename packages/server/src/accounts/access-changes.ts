import type { accessChange } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Trx } from '../database/database.ts';

type AccessChange = z.output<typeof accessChange>;

/**
 * Who gains and who loses roles in a virtual account because what lies above it changes. A role somebody has there by
 * another grant as well, of the virtual account itself or of the whole account, is neither gained nor lost; what a group
 * gives counts like any other grant.
 *
 * @param moved `before` and `after` are the ids above it, without itself
 */
export async function accessChanges(
  trx: Trx,
  accountId: string,
  moved: {
    virtualAccountId: string;
    before: readonly string[];
    after: readonly string[];
    now: Temporal.Instant;
  },
): Promise<{ gain: AccessChange[]; lose: AccessChange[] }> {
  const rows = await sql<AccessChange & { change: 'gain' | 'lose' }>`
    with held as (
      select g.person_id, g.role,
             bool_or(always or (v.nested and v.virtual_account_id = any(${moved.before}::uuid[]))) as before,
             bool_or(always or (v.nested and v.virtual_account_id = any(${moved.after}::uuid[]))) as after
        from held_grants g
        left join held_grant_virtual_accounts v on v.account_id = g.account_id and v.grant_id = g.grant_id
       cross join lateral (
         select g.scope_kind = 'account' or coalesce(v.virtual_account_id = ${moved.virtualAccountId}::uuid, false)) as own (always)
       where g.account_id = ${accountId} and (g.until is null or g.until > ${moved.now})
       group by g.person_id, g.role
    )
    select case when held.after then 'gain' else 'lose' end as change,
           p.id as "personId", p.name, p.email, jsonb_agg(held.role order by held.role) as roles
      from held join people p on p.id = held.person_id
     where coalesce(held.before, false) <> coalesce(held.after, false)
     group by 1, p.id
     order by lower(p.name), p.id`.execute(trx);
  const of = (wanted: 'gain' | 'lose'): AccessChange[] =>
    rows.rows
      .filter(({ change }) => change === wanted)
      .map(({ personId, name, email, roles }) => ({ personId, name, email, roles }));
  return { gain: of('gain'), lose: of('lose') };
}
