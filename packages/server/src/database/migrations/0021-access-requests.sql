-- Requests for access: a person asks, by an account's identifier, for a role there. Written without looking for the
-- account, so that neither the answer nor its time tells which accounts there are; a job brings it to the account, or to
-- none until it expires. They hold what people wrote: rows of requests that were answered, expired or taken back are
-- removed after 90 days; what came of them stays in the events.
create table access_requests (
  request_id uuid primary key,
  person_id text not null references people (id) on delete cascade,
  identifier text not null,
  role text not null,
  -- The path of a virtual account as it was typed; empty for the whole account.
  place text not null,
  reason text not null,
  state text not null check (state in ('waiting', 'approved', 'declined', 'expired', 'withdrawn')),
  asked_at timestamptz not null,
  ends_at timestamptz not null,
  state_since timestamptz not null,
  -- Where it was brought; null as long as no account has the identifier.
  account_id uuid,
  virtual_account_id uuid,
  answered_by text,
  answer text,
  grant_id uuid
);
create index access_requests_by_person on access_requests (person_id, asked_at);
create index access_requests_by_account on access_requests (account_id, asked_at);
create index access_requests_ending on access_requests (ends_at) where state = 'waiting';
create index access_requests_to_bring on access_requests (identifier) where state = 'waiting' and account_id is null;

-- A person in an account may be limited to the lots that one seller sold: the buyer of their orders. The limit is of the
-- person and not of one role, so that no second role, of their own or of a group, opens what the first one closes. Kept
-- until it is lifted.
create table seller_limits (
  account_id uuid not null,
  person_id text not null references people (id) on delete cascade,
  sold_by text not null,
  set_by text not null,
  set_at timestamptz not null,
  primary key (account_id, person_id)
);

-- The tables as somebody with such a limit sees them: the views of this schema have the names of the tables, and a
-- transaction that looks in it first reads nothing else. What cannot be told apart by lots is empty in it.
create schema if not exists sold_lots;

-- Made anew whenever migrations were applied, so that the views have the columns of their tables.
create function make_sold_lots_views() returns void language plpgsql as $$
declare
  base text := current_schema();
  pool_columns text;
  named text;
begin
  -- Without a seller this fails, and so does whatever reads through it.
  execute format($view$create or replace view sold_lots.orders as select o.* from %I.orders o
    where lower(btrim(o.buyer)) = lower(btrim(current_setting('estover.sold_by')))$view$, base);
  execute format($view$create or replace view sold_lots.order_lines as select l.* from %I.order_lines l
    where l.order_id in (select order_id from sold_lots.orders)$view$, base);
  execute format($view$create or replace view sold_lots.lots as select l.* from %I.lots l
    where l.order_id in (select order_id from sold_lots.orders)$view$, base);
  execute format($view$create or replace view sold_lots.holdings as select h.* from %I.holdings h
    where exists (select from sold_lots.lots l where l.account_id = h.account_id and l.lot_id = h.lot_id)$view$, base);
  execute format($view$create or replace view sold_lots.movement_entries as select e.* from %I.movement_entries e
    where exists (select from sold_lots.lots l where l.account_id = e.account_id and l.lot_id = e.lot_id)$view$, base);
  execute format($view$create or replace view sold_lots.movements as select m.* from %I.movements m
    where exists (select from sold_lots.movement_entries e
                   where e.account_id = m.account_id and e.movement_id = m.movement_id)$view$, base);
  execute format($view$create or replace view sold_lots.alerts as select a.* from %I.alerts a
    where exists (select from sold_lots.lots l where l.account_id = a.account_id and l.lot_id = a.lot_id)$view$, base);
  -- An event is one sentence with all its figures, so it is told only where it is about these lots and no others.
  execute format($view$create or replace view sold_lots.events as select e.* from %1$I.events e
    where e.object_kind = 'order' and e.object_id in (select order_number from sold_lots.orders)
       or e.object_kind = 'movement'
          and exists (select from sold_lots.movements m
                       where m.account_id = e.account_id and m.movement_id::text = e.object_id)
          and not exists (select from %1$I.movement_entries other
                           where other.account_id = e.account_id and other.movement_id::text = e.object_id
                             and not exists (select from sold_lots.lots l
                                              where l.account_id = other.account_id and l.lot_id = other.lot_id))$view$, base);
  -- Use is of pools and not of lots: nobody knows whose units an instance uses, so none is told.
  select string_agg(format(case
           when a.attname in ('account_id', 'virtual_account_id', 'license_id') then 'h.%1$I'
           when a.attname in ('pending', 'available', 'reserved', 'held', 'expired')
             then 'coalesce(sum(h.quantity) filter (where h.state = %2$L), 0)::%3$s as %1$I'
           when a.attname = 'state' then '''in-compliance''::%3$s as %1$I'
           when t.typcategory = 'N' then '0::%3$s as %1$I'
           else 'null::%3$s as %1$I' end,
           a.attname, a.attname, format_type(a.atttypid, a.atttypmod)), ', ' order by a.attnum)
    into pool_columns
    from pg_attribute a join pg_type t on t.oid = a.atttypid
   where a.attrelid = format('%I.pools', base)::regclass and a.attnum > 0 and not a.attisdropped;
  execute format('create or replace view sold_lots.pools as select %s from sold_lots.holdings h group by 1, 2, 3', pool_columns);
  foreach named in array array['instance_usage', 'usage_changes', 'usage_measurements', 'product_instances',
                               'instance_contacts', 'product_instance_counts', 'registration_tokens', 'device_messages']
  loop
    execute format('create or replace view sold_lots.%1$I as select * from %2$I.%1$I where false', named, base);
  end loop;
end
$$;
select make_sold_lots_views();

-- Cuts what the rest of the transaction reads to the lots of a seller.
create function cut_to_sold_lots(seller text) returns void language plpgsql as $$
begin
  if to_regclass('sold_lots.pools') is null then
    raise exception 'the views of sold lots are missing';
  end if;
  perform set_config('estover.sold_by', seller, true),
          set_config('search_path', 'sold_lots, ' || current_setting('search_path'), true);
end
$$;

-- The name of a virtual account as it is told in the path of another one. A transaction that hides restricted names from
-- a person of another company says which virtual accounts they were granted; every other restricted one is a mark.
create function told_name(account uuid, virtual_account uuid, name text, access_level text) returns text language sql stable as $$
  select case
    when coalesce(current_setting('estover.hides_restricted', true), '') <> 'on' or access_level <> 'restricted'
      or virtual_account = any (string_to_array(current_setting('estover.granted_alone', true), ',')::uuid[])
      or exists (select from virtual_account_ancestry over
                  where over.account_id = account and over.descendant_id = virtual_account
                    and over.ancestor_id = any (string_to_array(current_setting('estover.granted_nested', true), ',')::uuid[]))
    then name else '…' end
$$;

-- A path that was kept when a virtual account was deleted, as it is told: whoever does not see all names sees the last.
create function told_path(path text[]) returns text[] language sql stable as $$
  select case when coalesce(current_setting('estover.hides_restricted', true), '') <> 'on' or path is null or cardinality(path) < 2
              then path else array['…', path[cardinality(path)]] end
$$;

-- Names from the top down to the virtual account.
create or replace function virtual_account_path(account uuid, virtual_account uuid) returns text[] language sql stable as $$
  select coalesce(
    told_path(v.deleted_path),
    (select array_agg(told_name(account, up.virtual_account_id, up.name, up.access_level) order by a.distance desc)
       from virtual_account_ancestry a
       join virtual_accounts up on up.account_id = a.account_id and up.virtual_account_id = a.ancestor_id
      where a.account_id = account and a.descendant_id = virtual_account))
  from virtual_accounts v where v.account_id = account and v.virtual_account_id = virtual_account
$$;

-- Which mails about the end of a role went out, so that each goes once. Rows are removed 90 days after the role ended.
create table role_end_mails (
  account_id uuid not null,
  grant_id uuid not null,
  person_id text not null,
  until timestamptz not null,
  notice text not null check (notice in ('14-days', '3-days', 'ended')),
  noticed_at timestamptz not null,
  primary key (account_id, grant_id, person_id, until, notice)
);
create index role_end_mails_old on role_end_mails (until);
create index groups_ending on groups (until) where until is not null;

-- That somebody looked at a role and kept it: the last time for each role of a person. Rows of roles that are gone are
-- removed by a job.
create table access_reviews (
  account_id uuid not null,
  grant_id uuid not null,
  person_id text not null,
  kept_by text not null,
  kept_at timestamptz not null,
  primary key (account_id, grant_id, person_id)
);

-- When somebody last signed in, in whatever way: their sessions are gone with their ends.
alter table people add column last_signed_in_at timestamptz;
update people p set last_signed_in_at = s.at
  from (select person_id, max(created_at) as at from sessions group by person_id) s where s.person_id = p.id;
