-- A data set at the schema of the first release: 20 accounts, each with a virtual account in another, an order of five
-- products, a transfer of 40 units of each license, and 30 product instances that use one unit of the first license.
-- Ids are hashes of names, so that every run makes the same rows.

create function id(name text) returns uuid language sql immutable as $$ select md5(name)::uuid $$;

insert into licenses
select id('license ' || l), 'regid.2026-01.example.estover.L' || l || ',1.0_' || id('tag ' || l), 'License ' || l, 'Text', 'Family',
       '1.0', 'unenforced', 'units', '{"kind":"none"}', '2026-01-01Z'
  from generate_series(1, 5) l;
insert into products select id('product ' || l), 'SKU-' || l, 'Product ' || l, '{"kind":"perpetual"}', 'prepaid', '2026-01-01Z'
  from generate_series(1, 5) l;
insert into product_grants select id('product ' || l), id('license ' || l), 1 from generate_series(1, 5) l;

insert into accounts (account_id, name, domain_identifier, status, export_category, created_at)
select id('account ' || a), 'Account ' || a, 'a' || a || '.example', 'active', 'A', '2026-01-02Z' from generate_series(1, 20) a;
insert into virtual_accounts (account_id, virtual_account_id, parent_id, name, is_default, depth, created_at)
select id('account ' || a), id('top ' || a), null, 'Default', true, 1, '2026-01-02Z'::timestamptz from generate_series(1, 20) a
union all
select id('account ' || a), id('inner ' || a), id('top ' || a), 'Lab', false, 2, '2026-01-02Z' from generate_series(1, 20) a;
insert into virtual_account_ancestry
select account_id, virtual_account_id, virtual_account_id, 0 from virtual_accounts
union all
select account_id, parent_id, virtual_account_id, 1 from virtual_accounts where parent_id is not null;

insert into orders select id('order ' || a), 'O-' || a, 'Buyer', '2026-01-03Z', '2026-01-03Z' from generate_series(1, 20) a;
insert into order_lines (order_id, line_number, product_id, quantity, account_id, virtual_account_id, state, booked_at, shipped_at, delivered_at)
select id('order ' || a), l, id('product ' || l), 100, id('account ' || a), id('top ' || a), 'delivered', '2026-01-03Z', '2026-01-03Z', '2026-01-03Z'
  from generate_series(1, 20) a, generate_series(1, 5) l;
insert into lots (account_id, lot_id, license_id, source_kind, order_id, order_number, line_number, sku, billing, term_kind, delivered, created_at)
select id('account ' || a), id(format('lot %s %s', a, l)), id('license ' || l), 'order', id('order ' || a), 'O-' || a, l, 'SKU-' || l, 'prepaid', 'perpetual', 100, '2026-01-03Z'
  from generate_series(1, 20) a, generate_series(1, 5) l;
insert into holdings
select id('account ' || a), id(place || ' ' || a), id(format('lot %s %s', a, l)), 'available', id('license ' || l), quantity
  from generate_series(1, 20) a, generate_series(1, 5) l, (values ('top', 60), ('inner', 40)) as p (place, quantity);
insert into movements (account_id, movement_id, kind, at, reason, actor_kind, actor_name)
select id('account ' || a), id(format('%s %s %s', kind, a, l)), kind, '2026-01-03Z', 'first', 'system', 'Estover'
  from generate_series(1, 20) a, generate_series(1, 5) l, (values ('deposit'), ('transfer')) as k (kind);
insert into movement_entries
select id('account ' || a), id(format('%s %s %s', kind, a, l)), number, id(format('lot %s %s', a, l)), id('license ' || l),
       case when state = 'delivered' then null else id(place || ' ' || a) end, state, delta
  from generate_series(1, 20) a, generate_series(1, 5) l,
       (values ('deposit', 0, 'top', 'delivered', -100), ('deposit', 1, 'top', 'available', 100),
               ('transfer', 0, 'top', 'available', -40), ('transfer', 1, 'inner', 'available', 40)) as e (kind, number, place, state, delta);
insert into pools (account_id, virtual_account_id, license_id, available, in_use)
select id('account ' || a), id(place || ' ' || a), id('license ' || l), quantity, case when place = 'inner' and l = 1 then 30 else 0 end
  from generate_series(1, 20) a, generate_series(1, 5) l, (values ('top', 60), ('inner', 40)) as p (place, quantity);

insert into registration_tokens (account_id, token_id, virtual_account_id, description, prefix, secret_hash, export_controlled_allowed,
                                 created_by, created_at, expires_at, maximum_uses, uses)
select id('account ' || a), id('token ' || a), id('inner ' || a), 'Token', 'esrt_', decode(md5('secret ' || a), 'hex'), false, 'Ana Ruiz',
       '2026-01-03Z', '2027-01-03Z', 50, 30
  from generate_series(1, 20) a;
insert into product_instances (account_id, instance_id, virtual_account_id, state, product_id, serial_number, display_name, token_id,
                               export_controlled_allowed, registered_at, certificate_serial, public_key, certificate_expires_at, renew_after)
select id('account ' || a), id(format('instance %s %s', a, i)), id('inner ' || a), 'registered', 'RT-100', 'SN' || i, 'edge-' || i, id('token ' || a),
       false, '2026-01-04Z', '4f' || i, '\x00', '2027-01-04Z', '2026-07-04Z'
  from generate_series(1, 20) a, generate_series(1, 30) i;
insert into instance_contacts
select account_id, instance_id, 2, '2026-01-05Z', '2026-02-04Z', '2026-04-05Z' from product_instances;
insert into instance_usage
select i.account_id, i.instance_id, l.tag, l.license_id, i.virtual_account_id, 1, '2026-01-05Z'
  from product_instances i join licenses l on l.license_id = id('license 1');
insert into usage_changes
select account_id, id('change ' || instance_id), '2026-01-05Z', instance_id, license_id, virtual_account_id, 0, 1, 'reported' from instance_usage;
insert into events (account_id, event_id, at, actor_kind, actor_name, operation, message, object_kind, object_id)
select id('account ' || a), id(format('event %s %s', a, e)), '2026-01-05Z'::timestamptz + e * interval '1 minute', 'system', 'Estover', 'transferLicenses',
       'moved ' || e, 'movement', e::text
  from generate_series(1, 20) a, generate_series(1, 500) e;

drop function id(text);
