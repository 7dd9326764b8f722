-- Licenses never lie in a holding account: a line that has shipped is held there (specification, Orders). What orders brought
-- into one before is taken back where nothing but the clock has touched it since, line by line, and the line is held: its term
-- starts when it is delivered to a customer. What was moved, reserved, corrected or used is left, and the doctor names it.
create temporary table taken_lines on commit drop as
select line.order_id, line.line_number, line.account_id, line.virtual_account_id, o.order_number
  from order_lines line
  join accounts a on a.account_id = line.account_id and a.kind = 'holding'
  join orders o on o.order_id = line.order_id
 where line.state = 'delivered'
   and not exists (
     select from lots l
      where l.order_id = line.order_id and l.line_number = line.line_number
        and (l.account_id <> line.account_id
             or exists (select from movement_entries e
                          join movements m on m.account_id = e.account_id and m.movement_id = e.movement_id
                         where e.account_id = l.account_id and e.lot_id = l.lot_id
                           and (m.kind not in ('deposit', 'start', 'expire')
                                or e.virtual_account_id <> line.virtual_account_id))
             or exists (select from pools p
                         where p.account_id = l.account_id and p.virtual_account_id = line.virtual_account_id
                           and p.license_id = l.license_id and (p.in_use > 0 or p.lent > 0 or p.borrowed > 0))));

create temporary table taken_lots on commit drop as
select l.account_id, l.lot_id
  from lots l
  join taken_lines line on line.order_id = l.order_id and line.line_number = l.line_number;

update pools p
   set pending = p.pending - taken.pending, available = p.available - taken.available, expired = p.expired - taken.expired
  from (select h.account_id, h.virtual_account_id, h.license_id,
               coalesce(sum(h.quantity) filter (where h.state = 'pending'), 0) as pending,
               coalesce(sum(h.quantity) filter (where h.state = 'available'), 0) as available,
               coalesce(sum(h.quantity) filter (where h.state = 'expired'), 0) as expired
          from holdings h join taken_lots using (account_id, lot_id)
         group by 1, 2, 3) taken
 where p.account_id = taken.account_id and p.virtual_account_id = taken.virtual_account_id
   and p.license_id = taken.license_id;

create temporary table taken_movements on commit drop as
select distinct e.account_id, e.movement_id from movement_entries e join taken_lots using (account_id, lot_id);

delete from movement_entries e using taken_lots t where e.account_id = t.account_id and e.lot_id = t.lot_id;
delete from movements m using taken_movements t
 where m.account_id = t.account_id and m.movement_id = t.movement_id
   and not exists (select from movement_entries e where e.account_id = m.account_id and e.movement_id = m.movement_id);
delete from holdings h using taken_lots t where h.account_id = t.account_id and h.lot_id = t.lot_id;
delete from lots l using taken_lots t where l.account_id = t.account_id and l.lot_id = t.lot_id;
update alerts a set resolved_at = now()
  from taken_lots t
 where a.account_id = t.account_id and a.lot_id = t.lot_id and a.resolved_at is null;

update order_lines line set state = 'shipped', delivered_at = null
  from taken_lines t
 where line.order_id = t.order_id and line.line_number = t.line_number;

insert into events (account_id, event_id, at, actor_kind, actor_name, operation, message, object_kind, object_id,
                    virtual_account_id, after, salt)
select account_id, gen_random_uuid(), now(), 'system', 'Estover', 'holdOrderLines',
       format('took back the licenses of order %s, which nothing had used, and holds its lines for customers', order_number),
       'order', order_number, virtual_account_id,
       jsonb_build_object('lineNumbers', jsonb_agg(line_number order by line_number)), uuid_send(gen_random_uuid())
  from taken_lines group by account_id, order_number, virtual_account_id;
