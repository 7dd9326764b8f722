import { accountRoles, rolesThatInclude } from '@estover/domain/access';
import { type RawBuilder, sql } from 'kysely';

const pairs = accountRoles.flatMap((role) => rolesThatInclude(role).map((wider) => [role, wider] as const));

/** SQL: whether one grant gives all that another gives, wherever that reaches; both are names of `held_grants`. */
function includes(wider: RawBuilder<unknown>, grant: RawBuilder<unknown>): RawBuilder<boolean> {
  const roles = pairs.map(([role, other]) => sql`(${sql.lit(role)}, ${sql.lit(other)})`);
  return sql<boolean>`((${grant}.role, ${wider}.role) in (${sql.join(roles)})
    and (${wider}.scope_kind = 'account' or (${grant}.scope_kind <> 'account' and not exists (
      select from held_grant_virtual_accounts v
       where v.account_id = ${grant}.account_id and v.grant_id = ${grant}.grant_id and not exists (
         select from held_grant_virtual_accounts w
           join virtual_account_ancestry a on a.account_id = w.account_id and a.ancestor_id = w.virtual_account_id
            and a.descendant_id = v.virtual_account_id
          where w.account_id = ${wider}.account_id and w.grant_id = ${wider}.grant_id
            and (w.nested or (a.distance = 0 and not v.nested)))))))`;
}

/**
 * SQL: whether whoever has the grant `g`, which ends, has all that it gives at least as long by another one, their own or of a
 * group: then its end takes nothing from them, and nobody need hear of it. Of two that are the same and end together one counts.
 */
export const staysByAnother = sql<boolean>`exists (
  select from held_grants o
   where o.account_id = g.account_id and o.person_id = g.person_id and o.grant_id <> g.grant_id
     and ${includes(sql`o`, sql`g`)}
     and (o.until is null or o.until > g.until
          or (o.until = g.until and (o.grant_id > g.grant_id or not ${includes(sql`g`, sql`o`)}))))`;
