import { sql } from 'kysely';
import { openDatabase } from '../../packages/server/src/database/database.ts';
import { inTransaction } from '../../packages/server/src/database/transaction.ts';
import { systemActor } from '../../packages/server/src/edge/context.ts';
import { type PoolKey, rejudgePools } from '../../packages/server/src/licenses/index.ts';
import { type Filling, seedId } from './filling.ts';

/**
 * Makes orders, lots, movements, holdings and pools around what the instances use: most pools have some to spare, three
 * in a hundred too few; a quarter have a lot whose term is over or has not begun; every tenth lot was spread by a
 * transfer to the virtual account above. Every virtual account has a license nobody uses, and one has them all.
 */
export async function fillLedger(filling: Filling): Promise<void> {
  const { accountId, now, seed, licenses, run } = filling;
  await run(
    `create temporary table demand as
     select row_number() over (order by place, rank) as n, d.*
       from (select p.rank as place, p.virtual_account_id, p.parent_id, k.rank, k.license_id, sum(wanted)::bigint as wanted
               from (select virtual_account_id, license_id, last as wanted from uses where state <> 'removed'
                     union all
                     select p.virtual_account_id, k.license_id, 0
                       from places p join kinds k on k.rank = (p.rank * 13 + 7) % $1::int or p.rank = 1) u
               join places p using (virtual_account_id) join kinds k using (license_id)
              group by 1, 2, 3, 4, 5) d`,
    [licenses],
  );
  await run(
    `create temporary table delivered as
     select pg_temp.seed_id('lot/' || $2, number, created_at) as lot_id,
            pg_temp.seed_id('order/' || $2, (number - 1) / 10, $1::timestamptz - interval '398 days') as order_id,
            'SEED-' || substr(md5($2), 1, 6) || '-' || lpad(((number - 1) / 10)::text, 7, '0') as order_number,
            (number - 1) % 10 + 1 as line_number, drawn.*
       from (select row_number() over (order by kind, n) as number, lots.* from (
               select n, 'main' as kind, virtual_account_id, parent_id, rank, license_id,
                      case when pg_temp.chance('short', n) < case when rank % 10 in (5, 6) then 0.2 else 0.03 end
                           then greatest(1, floor(wanted * 0.8))
                           else wanted + 1 + floor(pg_temp.chance('spare', n) * 20) end::bigint as quantity,
                      pg_temp.chance('term', n) < 0.6 as is_term, $1::timestamptz - interval '390 days' as created_at,
                      $1::timestamptz - interval '390 days' as starts_at,
                      $1::timestamptz + interval '1 day' + floor(pg_temp.chance('end', n) * 700) * interval '1 day' as ends_at
                 from demand
               union all
               select n, case when pg_temp.chance('other', n) < 0.5 then 'over' else 'later' end, virtual_account_id, parent_id,
                      rank, license_id, 5, true, $1::timestamptz - interval '380 days',
                      $1::timestamptz + case when pg_temp.chance('other', n) < 0.5 then interval '-380 days' else interval '40 days' end,
                      $1::timestamptz + case when pg_temp.chance('other', n) < 0.5 then interval '-20 days' else interval '405 days' end
                 from demand where pg_temp.chance('second', n) < 0.25) lots) drawn`,
    [now.toString(), seed],
  );
  await run('analyze delivered');
  await fillOrders(filling);
  await run(
    `insert into lots (account_id, lot_id, license_id, source_kind, order_id, order_number, line_number, sku,
                       subscription_id, billing, term_kind, starts_at, ends_at, delivered, turns_at, created_at)
     select $1::uuid, lot_id, license_id, 'order', order_id, order_number, line_number,
            'SEED-' || lpad(rank::text, 4, '0') || case when is_term then '-T' else '-P' end,
            case when is_term then 'SUB-' || order_number || '-' || line_number end, 'prepaid',
            case when is_term then 'term' else 'perpetual' end, case when is_term then starts_at end,
            case when is_term then ends_at end, quantity,
            case when not is_term or kind = 'over' then null when kind = 'later' then starts_at else ends_at end, created_at
       from delivered`,
    [accountId],
  );
  await fillMovements(filling);
  await run(
    `insert into holdings (account_id, virtual_account_id, lot_id, state, license_id, quantity)
     select account_id, virtual_account_id, lot_id, state, license_id, sum(delta) from movement_entries
      where account_id = $1 and virtual_account_id is not null group by 1, 2, 3, 4, 5`,
    [accountId],
  );
  await run(
    `insert into pools (account_id, virtual_account_id, license_id, pending, available, reserved, held, expired, in_use)
     select $1::uuid, virtual_account_id, license_id, sum(pending), sum(available), 0, 0, sum(expired), sum(in_use)
       from (select virtual_account_id, license_id,
                    case state when 'pending' then quantity else 0 end as pending,
                    case state when 'available' then quantity else 0 end as available,
                    case state when 'expired' then quantity else 0 end as expired, 0 as in_use
               from holdings where account_id = $1
             union all
             select virtual_account_id, license_id, 0, 0, 0, count from instance_usage where account_id = $1) parts
      group by 2, 3`,
    [accountId],
  );
}

async function fillOrders({ accountId, run }: Filling): Promise<void> {
  await run(
    `insert into orders (order_id, order_number, buyer, ordered_at, created_at)
     select order_id, order_number, 'Buyer ' || min(number) % 50, min(created_at), min(created_at)
       from delivered group by 1, 2`,
  );
  await run(
    `insert into order_lines (order_id, line_number, product_id, quantity, account_id, virtual_account_id, state, booked_at,
                              shipped_at, delivered_at)
     select order_id, line_number, p.product_id, quantity, $1::uuid, virtual_account_id, 'delivered', d.created_at,
            d.created_at, d.created_at
       from delivered d
       join products p on p.sku = 'SEED-' || lpad(rank::text, 4, '0') || case when is_term then '-T' else '-P' end`,
    [accountId],
  );
}

/** Deposits; the ends of the terms that are over; and transfers of a tenth of every tenth lot. */
async function fillMovements({ accountId, now, seed, run }: Filling): Promise<void> {
  const movement = `insert into movements (account_id, movement_id, kind, at, reason, actor_kind, actor_id, actor_name, order_number)`;
  const entries = `insert into movement_entries (account_id, movement_id, entry_number, lot_id, license_id, virtual_account_id, state, delta)`;
  const id = (kind: string, at: string) => `pg_temp.seed_id('${kind}/' || $2, number, ${at})`;
  const facts = [accountId, seed];
  const deposit = id('deposit', 'created_at');
  await run(
    `${movement} select $1::uuid, ${deposit}, 'deposit', created_at, '', 'system', null, 'Estover', order_number from delivered`,
    facts,
  );
  await run(
    `${entries}
     select $1::uuid, ${deposit}, side, lot_id, license_id, case side when 1 then virtual_account_id end,
            case when side = 0 then 'delivered' when kind = 'later' then 'pending' else 'available' end,
            case side when 0 then -quantity else quantity end
       from delivered cross join generate_series(0, 1) as side`,
    facts,
  );
  const expiry = id('expiry', 'ends_at');
  await run(
    `${movement} select $1::uuid, ${expiry}, 'expire', ends_at, '', 'system', null, 'Estover', null from delivered where kind = 'over'`,
    facts,
  );
  await run(
    `${entries}
     select $1::uuid, ${expiry}, side, lot_id, license_id, virtual_account_id, case side when 0 then 'available' else 'expired' end,
            case side when 0 then -quantity else quantity end
       from delivered cross join generate_series(0, 1) as side where kind = 'over'`,
    facts,
  );
  const spread = `kind = 'main' and number % 10 = 0 and quantity >= 10 and parent_id is not null`;
  const at = `($3::timestamptz - (number % 300) * interval '1 day')`;
  const transfer = id('transfer', at);
  await run(
    `${movement} select $1::uuid, ${transfer}, 'transfer', ${at}, 'spread', 'person', 'seed', 'Ana Ruiz', null from delivered where ${spread}`,
    [...facts, now.toString()],
  );
  await run(
    `${entries}
     select $1::uuid, ${transfer}, side, lot_id, license_id, case side when 0 then virtual_account_id else parent_id end, 'available',
            case side when 0 then -(quantity / 10) else quantity / 10 end
       from delivered cross join generate_series(0, 1) as side where ${spread}`,
    [...facts, now.toString()],
  );
}

const poolsAtOnce = 2_000;

/** Has the server judge every pool of the account: substitution, compliance, and the alerts that follow. */
export async function judgeFilled(
  connectionString: string,
  { accountId, seed, now }: Filling,
  say: (line: string) => void,
): Promise<void> {
  const database = openDatabase(connectionString, { connections: 1 });
  try {
    const { rows } = await sql<PoolKey>`
      select account_id as "accountId", virtual_account_id as "virtualAccountId", license_id as "licenseId"
        from pools
       where account_id = ${accountId}
         and (available < in_use or license_id in (
               select upper_license_id from substitutions union all select lower_license_id from substitutions))
       order by 2, 3`.execute(database.db);
    let made = 0;
    const newId = () => seedId(`judged/${seed}/${made++}`, now.subtract({ hours: 24 }));
    for (let first = 0; first < rows.length; first += poolsAtOnce) {
      await inTransaction(database.db, async (trx) => {
        const ledger = { trx, now: now.subtract({ hours: 24 }), newId, actor: systemActor, requestId: null };
        await rejudgePools(ledger, rows.slice(first, first + poolsAtOnce));
      });
    }
    say(`${rows.length} pools judged`);
  } finally {
    await database.close();
  }
}
