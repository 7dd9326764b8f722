import { sql } from 'kysely';
import { sqlLaw } from './law.ts';

/** Laws of product instances, what they use, and the tokens that let them in. */
export const useLaws = [
  sqlLaw(
    'What a product instance uses is where its changes of use lead.',
    // Changes need no order for this: 0 → a → b → c leaves c as the sum of differences, and c² as that of the squares,
    // so that neither a change that is missing nor one that was edited at both its ends passes.
    (only) => sql`
      select account_id, jsonb_build_object('instanceId', instance_id, 'licenseId', license_id,
                                            'virtualAccountId', virtual_account_id) as subject,
             to_jsonb(coalesce(changed, 0)) as expected, to_jsonb(coalesce(counted, 0)) as found
        from (
          select account_id, instance_id, license_id, virtual_account_id, sum(to_count - from_count) as changed,
                 sum(to_count::numeric * to_count - from_count::numeric * from_count) as squares
            from usage_changes where ${only('account_id')} group by 1, 2, 3, 4) c
        full join (
          select account_id, instance_id, license_id, virtual_account_id, sum(count) as counted
            from instance_usage where license_id is not null and ${only('account_id')} group by 1, 2, 3, 4) u
       using (account_id, instance_id, license_id, virtual_account_id)
       where coalesce(changed, 0) <> coalesce(counted, 0)
          or coalesce(squares, 0) <> coalesce(counted, 0)::numeric * coalesce(counted, 0)`,
  ),
  sqlLaw(
    'Use lies in the virtual account of its product instance.',
    (only) => sql`
      select u.account_id, jsonb_build_object('instanceId', u.instance_id, 'tag', u.tag) as subject,
             to_jsonb(i.virtual_account_id) as expected, to_jsonb(u.virtual_account_id) as found
        from instance_usage u left join product_instances i using (account_id, instance_id)
       where i.virtual_account_id is distinct from u.virtual_account_id and ${only('u.account_id')}`,
  ),
  sqlLaw(
    'Only registered product instances use licenses.',
    (only) => sql`
      select u.account_id, jsonb_build_object('instanceId', u.instance_id, 'tag', u.tag, 'instanceState', i.state) as subject,
             to_jsonb(0) as expected, to_jsonb(u.count) as found
        from instance_usage u join product_instances i using (account_id, instance_id)
       where u.count > 0 and i.state <> 'registered' and ${only('u.account_id')}`,
  ),
  sqlLaw(
    'Every product instance that lives has its sequence number and its deadline.',
    (only) => sql`
      select i.account_id, jsonb_build_object('instanceId', i.instance_id) as subject,
             '"a row of contacts"'::jsonb as expected, '"none"'::jsonb as found
        from product_instances i left join instance_contacts c using (account_id, instance_id)
       where c.instance_id is null and i.state in ('registered', 'authorization-expired') and ${only('i.account_id')}`,
  ),
  sqlLaw(
    'A token counts its registrations and no more than its maximum.',
    (only) => sql`
      select t.account_id, jsonb_build_object('tokenId', t.token_id, 'virtualAccountId', t.virtual_account_id) as subject,
             jsonb_build_object('at least', coalesce(i.registrations, 0), 'at most', t.maximum_uses) as expected,
             jsonb_build_object('uses', t.uses) as found
        from registration_tokens t
        left join (
          select account_id, token_id, count(*) as registrations from product_instances
           where token_id is not null and ${only('account_id')} group by 1, 2) i using (account_id, token_id)
       where (t.uses < coalesce(i.registrations, 0) or t.uses > t.maximum_uses) and ${only('t.account_id')}`,
  ),
  sqlLaw(
    'The numbers of product instances by state add up.',
    (only) => sql`
      select account_id, jsonb_build_object('virtualAccountId', virtual_account_id, 'instanceState', state) as subject,
             to_jsonb(coalesce(there, 0)) as expected, to_jsonb(coalesce(counted, 0)) as found
        from (select account_id, virtual_account_id, state, sum(change) as counted from product_instance_counts
               where ${only('account_id')} group by 1, 2, 3) c
        full join (
          select account_id, virtual_account_id, state, count(*) as there from product_instances
           where ${only('account_id')} group by 1, 2, 3) i using (account_id, virtual_account_id, state)
       where coalesce(counted, 0) <> coalesce(there, 0)`,
  ),
];
