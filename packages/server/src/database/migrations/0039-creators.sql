-- Who created each account: its first approver, once and for all. Those of before are known by their first such role.
alter table accounts add column creator_id text;
update accounts a
   set creator_id = (select g.person_id from grants g
                      where g.account_id = a.account_id and g.role = 'approver'
                      order by g.granted_at, g.grant_id limit 1);
