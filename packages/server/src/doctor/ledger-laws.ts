import { sql } from 'kysely';
import { sqlLaw } from './law.ts';

/** Laws of lots, holdings, movements and the counters of pools (docs/architecture.md, "Data"). */
export const ledgerLaws = [
  sqlLaw(
    'Entries of a movement sum to zero for each lot.',
    (only) => sql`
      select account_id, jsonb_build_object('movementId', movement_id, 'lotId', lot_id) as subject,
             to_jsonb(0) as expected, to_jsonb(sum(delta)) as found
        from movement_entries where ${only('account_id')}
       group by account_id, movement_id, lot_id having sum(delta) <> 0`,
  ),
  sqlLaw(
    'No holding is below zero.',
    (only) => sql`
      select account_id, jsonb_build_object('virtualAccountId', virtual_account_id, 'licenseId', license_id,
                                            'lotId', lot_id, 'state', state) as subject,
             '"0 or more"'::jsonb as expected, to_jsonb(quantity) as found
        from holdings where ${only('account_id')} and quantity < 0`,
  ),
  sqlLaw(
    'A holding is the sum of its entries.',
    (only) => sql`
      select account_id, jsonb_build_object('virtualAccountId', virtual_account_id, 'lotId', lot_id, 'state', state) as subject,
             to_jsonb(coalesce(entered, 0)) as expected, to_jsonb(coalesce(quantity, 0)) as found
        from (select account_id, virtual_account_id, lot_id, state, quantity from holdings where ${only('account_id')}) h
        full join (
          select account_id, virtual_account_id, lot_id, state, sum(delta) as entered from movement_entries
           where virtual_account_id is not null and ${only('account_id')} group by 1, 2, 3, 4) e
       using (account_id, virtual_account_id, lot_id, state)
       where coalesce(quantity, 0) <> coalesce(entered, 0)`,
  ),
  sqlLaw(
    'What was delivered of a lot is there or withdrawn.',
    (only) => sql`
      select account_id, jsonb_build_object('lotId', lot_id) as subject,
             jsonb_build_object('delivered', delivered) as expected,
             jsonb_build_object('delivered by movements', coalesce(came, 0),
               'pending', coalesce(pending, 0), 'available', coalesce(available, 0), 'reserved', coalesce(reserved, 0),
               'held', coalesce(held, 0), 'expired', coalesce(expired, 0), 'withdrawn', coalesce(withdrawn, 0)) as found
        from (select account_id, lot_id, delivered from lots where ${only('account_id')}) l
        full join (
          select account_id, lot_id, sum(quantity) as there,
                 sum(quantity) filter (where state = 'pending') as pending,
                 sum(quantity) filter (where state = 'available') as available,
                 sum(quantity) filter (where state = 'reserved') as reserved,
                 sum(quantity) filter (where state = 'held') as held,
                 sum(quantity) filter (where state = 'expired') as expired
            from holdings where ${only('account_id')} group by 1, 2) h using (account_id, lot_id)
        full join (
          select account_id, lot_id, sum(delta) filter (where state = 'withdrawn') as withdrawn,
                 -sum(delta) filter (where state = 'delivered') as came
            from movement_entries where virtual_account_id is null and ${only('account_id')} group by 1, 2) e
       using (account_id, lot_id)
       where delivered is null or delivered <> coalesce(there, 0) + coalesce(withdrawn, 0) or delivered <> coalesce(came, 0)`,
  ),
  sqlLaw(
    'Holdings and entries are of the license of their lot.',
    (only) => sql`
      select account_id, jsonb_build_object('lotId', lot_id, 'in', place) as subject,
             to_jsonb(lot_license) as expected, to_jsonb(license_id) as found
        from (
          select h.account_id, h.lot_id, h.license_id, l.license_id as lot_license, 'holdings' as place
            from holdings h join lots l using (account_id, lot_id) where ${only('h.account_id')}
          union
          select e.account_id, e.lot_id, e.license_id, l.license_id, 'entries'
            from movement_entries e join lots l using (account_id, lot_id) where ${only('e.account_id')}) named
       where license_id <> lot_license`,
  ),
  sqlLaw(
    'A pool is the sum of its holdings.',
    (only) => sql`
      select account_id, jsonb_build_object('virtualAccountId', virtual_account_id, 'licenseId', license_id, 'state', state) as subject,
             to_jsonb(summed) as expected, to_jsonb(counted) as found
        from (
          select account_id, virtual_account_id, license_id, state,
                 coalesce(counted, 0) as counted, coalesce(summed, 0) as summed
            from (
              select account_id, virtual_account_id, license_id, c.state, counted from pools,
                     lateral (values ('pending', pending), ('available', available), ('reserved', reserved),
                                     ('held', held), ('expired', expired)) as c (state, counted)
               where ${only('account_id')} and counted <> 0) p
            full join (
              select account_id, virtual_account_id, license_id, state, sum(quantity) as summed
                from holdings where quantity <> 0 and ${only('account_id')} group by 1, 2, 3, 4) h
           using (account_id, virtual_account_id, license_id, state)) compared
       where counted <> summed`,
  ),
  sqlLaw(
    'In use is the sum of what product instances report.',
    (only) => sql`
      select account_id, jsonb_build_object('virtualAccountId', virtual_account_id, 'licenseId', license_id) as subject,
             to_jsonb(coalesce(counted, 0)) as expected, to_jsonb(coalesce(in_use, 0)) as found
        from (select account_id, virtual_account_id, license_id, in_use from pools where ${only('account_id')}) p
        full join (
          select account_id, virtual_account_id, license_id, sum(count) as counted from instance_usage
           where license_id is not null and ${only('account_id')} group by 1, 2, 3) u
       using (account_id, virtual_account_id, license_id)
       where coalesce(in_use, 0) <> coalesce(counted, 0)`,
  ),
  sqlLaw(
    'Delivered order lines have their lots, and no other line has any.',
    (only) => sql`
      select account_id, jsonb_build_object('orderNumber', order_number, 'lineNumber', line_number, 'licenseId', license_id) as subject,
             to_jsonb(coalesce(ordered, 0)) as expected, to_jsonb(coalesce(deposited, 0)) as found
        from (
          select o.order_number, line.account_id, line.order_id, line.line_number, g.license_id,
                 line.quantity::bigint * g.quantity_per_unit as ordered
            from order_lines line join orders o using (order_id) join product_grants g using (product_id)
           where line.state in ('delivered', 'returned') and ${only('line.account_id')}) wanted
        full join (
          select l.order_number, l.account_id, l.order_id, l.line_number, l.license_id, -sum(e.delta) as deposited
            from lots l
            join movement_entries e on e.account_id = l.account_id and e.lot_id = l.lot_id and e.state = 'delivered'
            join movements m on m.account_id = e.account_id and m.movement_id = e.movement_id and m.kind = 'deposit'
           where l.source_kind = 'order' and ${only('l.account_id')} group by 1, 2, 3, 4, 5) came
       using (order_number, account_id, order_id, line_number, license_id)
       where coalesce(ordered, 0) <> coalesce(deposited, 0)`,
  ),
  sqlLaw(
    'No licenses of orders lie in a holding account.',
    (only) => sql`
      select h.account_id, jsonb_build_object('orderNumber', l.order_number, 'lineNumber', l.line_number,
                                              'lotId', h.lot_id, 'virtualAccountId', h.virtual_account_id) as subject,
             to_jsonb(0) as expected, to_jsonb(sum(h.quantity)) as found
        from holdings h
        join lots l using (account_id, lot_id)
        join accounts a using (account_id)
       where a.kind = 'holding' and l.source_kind = 'order' and ${only('h.account_id')}
       group by h.account_id, l.order_number, l.line_number, h.lot_id, h.virtual_account_id
      having sum(h.quantity) > 0`,
  ),
];
