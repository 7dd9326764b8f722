import { sql } from 'kysely';
import type { VirtualAccountScope } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';

/** So many movements of an order's lots are told, the newest ones; and so many users of a pool. */
const mostMovements = 1_000;
const mostUsers = 20;

/** What happened to one lot of an order in one movement. */
export interface MovedLot {
  movementId: string;
  kind: 'deposit' | 'transfer' | 'correct' | 'start' | 'expire';
  at: Temporal.Instant;
  reason: string;
  by: string;
  lineNumber: number;
  tag: string;
  licenseName: string;
  quantity: number;
  /** Where units left from and came to; null for the outside and for what the caller may not see. */
  fromPath: string[] | null;
  toPath: string[] | null;
}

/** Whether a virtual account may be named to the caller. */
const named = (scope: VirtualAccountScope | null, column: string) =>
  scope === null || scope.everything ? sql`true` : scope.includes(sql.ref(column));

/**
 * The movements of the lots of some lines, one row for each lot in each movement (for starts and ends of terms also for
 * each virtual account). With a scope, only movements that
 * touch a virtual account inside of it.
 */
export async function movedLots(
  trx: Trx,
  orderId: string,
  lineNumbers: readonly number[],
  scope: VirtualAccountScope | null,
  kinds: readonly MovedLot['kind'][] = ['deposit', 'transfer', 'correct', 'start', 'expire'],
): Promise<MovedLot[]> {
  const { rows } = await sql<MovedLot>`
    select moved.movement_id as "movementId", moved.kind, moved.at, moved.reason, moved.actor_name as by,
           moved.line_number as "lineNumber", license.tag, license.name as "licenseName", moved.quantity,
           case when moved.left_seen then virtual_account_path(moved.account_id, moved.left_id) end as "fromPath",
           case when moved.came_seen then virtual_account_path(moved.account_id, moved.came_id) end as "toPath"
      from (
        select m.account_id, m.movement_id, m.kind, m.at, m.reason, m.actor_name, e.lot_id, lot.license_id,
               lot.line_number,
               sum(e.delta) filter (where e.delta > 0) as quantity,
               (array_agg(e.virtual_account_id) filter (where e.delta < 0))[1] as left_id,
               (array_agg(e.virtual_account_id) filter (where e.delta > 0))[1] as came_id,
               coalesce(bool_and(${named(scope, 'e.virtual_account_id')}) filter (where e.delta < 0), false) as left_seen,
               coalesce(bool_and(${named(scope, 'e.virtual_account_id')}) filter (where e.delta > 0), false) as came_seen
          from lots lot
          join movement_entries e on e.account_id = lot.account_id and e.lot_id = lot.lot_id
          join movements m on m.account_id = e.account_id and m.movement_id = e.movement_id
         where lot.order_id = ${orderId} and lot.line_number = any(${lineNumbers}::integer[])
           and m.kind = any(${kinds}::text[])
         -- A term starts and ends in every virtual account that has some of the lot, by one movement.
         group by m.account_id, m.movement_id, e.lot_id, lot.license_id, lot.line_number,
                  case when m.kind in ('start', 'expire') then e.virtual_account_id end
      ) moved
      join licenses license on license.license_id = moved.license_id
     where moved.left_seen or moved.came_seen
     order by moved.at desc, moved.movement_id desc, moved.lot_id, "toPath"
     limit ${mostMovements}`.execute(trx);
  return rows.reverse();
}

/** Units of an order's lot in one virtual account and state, and what is in use of the pool they lie in. */
export interface LotNow {
  lineNumber: number;
  lotId: string;
  tag: string;
  licenseName: string;
  virtualAccountId: string;
  virtualAccountPath: string[];
  state: 'pending' | 'available' | 'reserved' | 'held' | 'expired';
  quantity: number;
  poolInUse: number;
  usedBy: { instanceId: string; displayName: string; count: number }[];
}

/** Where the lots of some lines lie now, as far as the scope reaches, with the largest users of their pools. */
export async function lotsNow(
  trx: Trx,
  orderId: string,
  lineNumbers: readonly number[],
  scope: VirtualAccountScope | null,
): Promise<LotNow[]> {
  const { rows } = await sql<LotNow>`
    select lot.line_number as "lineNumber", lot.lot_id as "lotId", license.tag, license.name as "licenseName",
           h.virtual_account_id as "virtualAccountId",
           virtual_account_path(h.account_id, h.virtual_account_id) as "virtualAccountPath",
           h.state, h.quantity, coalesce(pool.in_use, 0) as "poolInUse", coalesce(users.list, '[]') as "usedBy"
      from lots lot
      join holdings h on h.account_id = lot.account_id and h.lot_id = lot.lot_id and h.quantity > 0
      join licenses license on license.license_id = lot.license_id
      left join pools pool on pool.account_id = h.account_id and pool.virtual_account_id = h.virtual_account_id
                          and pool.license_id = h.license_id
      left join lateral (
        select jsonb_agg(jsonb_build_object('instanceId', u.instance_id, 'displayName', u.display_name,
                                            'count', u.count) order by u.count desc, u.display_name) as list
          from (select i.instance_id, i.display_name, usage.count
                  from instance_usage usage
                  join product_instances i on i.account_id = usage.account_id and i.instance_id = usage.instance_id
                 where usage.account_id = h.account_id and usage.license_id = h.license_id
                   and usage.virtual_account_id = h.virtual_account_id and usage.count > 0
                 order by usage.count desc, i.display_name limit ${mostUsers}) u) users on true
     where lot.order_id = ${orderId} and lot.line_number = any(${lineNumbers}::integer[])
       and ${named(scope, 'h.virtual_account_id')}
     order by lot.line_number, license.name, lot.lot_id, "virtualAccountPath", h.state`.execute(trx);
  return rows;
}

/** A lot of an order as it was delivered, and whether units of it were transferred since. */
export interface DeliveredLot {
  lineNumber: number;
  lotId: string;
  tag: string;
  licenseName: string;
  quantity: number;
  deliveredAt: Temporal.Instant;
  virtualAccountId: string;
  movedSince: boolean;
}

/** The lots that an order brought to its accounts; those that a later movement took along to another account are not its. */
export async function deliveredLots(trx: Trx, orderId: string): Promise<DeliveredLot[]> {
  const { rows } = await sql<DeliveredLot>`
    select lot.line_number as "lineNumber", lot.lot_id as "lotId", license.tag, license.name as "licenseName",
           e.delta as quantity, m.at as "deliveredAt", e.virtual_account_id as "virtualAccountId",
           exists (select from movement_entries later
                     join movements moved on moved.account_id = later.account_id and moved.movement_id = later.movement_id
                    where later.account_id = lot.account_id and later.lot_id = lot.lot_id and moved.kind = 'transfer')
             as "movedSince"
      from lots lot
      join movement_entries e on e.account_id = lot.account_id and e.lot_id = lot.lot_id and e.delta > 0
      join movements m on m.account_id = e.account_id and m.movement_id = e.movement_id and m.kind = 'deposit'
      join licenses license on license.license_id = lot.license_id
     where lot.order_id = ${orderId}
     order by lot.line_number, license.name, lot.lot_id`.execute(trx);
  return rows;
}
