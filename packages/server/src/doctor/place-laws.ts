import { sql } from 'kysely';
import { sqlLaw } from './law.ts';

/** Laws of the trees of virtual accounts. */
export const placeLaws = [
  sqlLaw(
    'The lines of ancestors follow the parents of virtual accounts.',
    // A circle ends at twelve steps: the eleventh ancestor is already one too many.
    (only) => sql`
      with recursive drawn as (
        select account_id, virtual_account_id as ancestor_id, virtual_account_id as descendant_id, 0 as distance
          from virtual_accounts where deleted_at is null and ${only('account_id')}
        union all
        select d.account_id, v.parent_id, d.descendant_id, d.distance + 1
          from drawn d join virtual_accounts v on v.account_id = d.account_id and v.virtual_account_id = d.ancestor_id
         where v.parent_id is not null and d.distance < 12)
      select account_id, jsonb_build_object('virtualAccountId', descendant_id, 'ancestorId', ancestor_id) as subject,
             to_jsonb(drawn.distance) as expected, to_jsonb(kept.distance) as found
        from drawn
        full join (
          select account_id, ancestor_id, descendant_id, distance from virtual_account_ancestry where ${only('account_id')}) kept
       using (account_id, ancestor_id, descendant_id)
       where drawn.distance is distinct from kept.distance`,
  ),
  sqlLaw(
    'The depth of a virtual account is the length of its line, 10 at most.',
    (only) => sql`
      select v.account_id, jsonb_build_object('virtualAccountId', v.virtual_account_id) as subject,
             to_jsonb(coalesce(a.length, 0)) as expected, to_jsonb(v.depth) as found
        from virtual_accounts v
        left join (
          select account_id, descendant_id, count(*) as length from virtual_account_ancestry
           where ${only('account_id')} group by 1, 2) a
          on a.account_id = v.account_id and a.descendant_id = v.virtual_account_id
       where v.deleted_at is null and (v.depth <> coalesce(a.length, 0) or v.depth > 10) and ${only('v.account_id')}`,
  ),
  sqlLaw(
    'Licenses and product instances lie in virtual accounts that are there.',
    (only) => sql`
      select lying.account_id, jsonb_build_object('virtualAccountId', lying.virtual_account_id, 'what', lying.what) as subject,
             to_jsonb(0) as expected, to_jsonb(lying.number) as found
        from (
          select account_id, virtual_account_id, 'licenses' as what, sum(quantity) as number
            from holdings where quantity > 0 and ${only('account_id')} group by 1, 2
          union all
          select account_id, virtual_account_id, 'product instances', count(*) from product_instances
           where state in ('registered', 'authorization-expired') and ${only('account_id')} group by 1, 2) lying
        left join virtual_accounts v
          on v.account_id = lying.account_id and v.virtual_account_id = lying.virtual_account_id and v.deleted_at is null
       where v.virtual_account_id is null`,
  ),
];
