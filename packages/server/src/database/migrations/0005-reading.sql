-- Sums of whole numbers as whole numbers. The database's own sum of bigint counts in numeric, which takes several times
-- as long over all pools of a large account; what passes the range of bigint is an error here too.
create aggregate total(bigint) (sfunc = int8pl, stype = bigint, initcond = '0', combinefunc = int8pl, parallel = safe);

-- How many product instances a virtual account has in each state, as changes that add up: a list of a million need not
-- be counted to say how long it is. Appended by triggers, so that nobody who writes an instance can forget it, and so
-- that registrations in one virtual account never wait for each other. A job adds the changes together.
create table product_instance_counts (
  account_id uuid not null,
  virtual_account_id uuid not null,
  state text not null,
  change_number bigint generated always as identity,
  change bigint not null check (change <> 0),
  primary key (account_id, virtual_account_id, state, change_number)
);

create function count_new_product_instances() returns trigger language plpgsql as $$
begin
  insert into product_instance_counts (account_id, virtual_account_id, state, change)
  select account_id, virtual_account_id, state, count(*) from new_rows group by 1, 2, 3;
  return null;
end $$;

create function count_gone_product_instances() returns trigger language plpgsql as $$
begin
  insert into product_instance_counts (account_id, virtual_account_id, state, change)
  select account_id, virtual_account_id, state, -count(*) from old_rows group by 1, 2, 3;
  return null;
end $$;

create function count_changed_product_instances() returns trigger language plpgsql as $$
begin
  insert into product_instance_counts (account_id, virtual_account_id, state, change)
  select account_id, virtual_account_id, state, sum(change)
    from (select account_id, virtual_account_id, state, 1 as change from new_rows
          union all
          select account_id, virtual_account_id, state, -1 from old_rows) changes
   group by 1, 2, 3 having sum(change) <> 0;
  return null;
end $$;

create trigger count_new after insert on product_instances
  referencing new table as new_rows for each statement execute function count_new_product_instances();
create trigger count_gone after delete on product_instances
  referencing old table as old_rows for each statement execute function count_gone_product_instances();
create trigger count_changed after update on product_instances
  referencing old table as old_rows new table as new_rows for each statement execute function count_changed_product_instances();

-- Counts everything anew, for data that came in beside the triggers.
create function recount_product_instances() returns void language sql as $$
  delete from product_instance_counts;
  insert into product_instance_counts (account_id, virtual_account_id, state, change)
  select account_id, virtual_account_id, state, count(*) from product_instances group by 1, 2, 3
$$;

select recount_product_instances();

-- Product instances in the order in which they registered.
create index product_instances_by_registration on product_instances (account_id, registered_at, instance_id);
