import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import type { Ledger } from './ledger.ts';

/** Virtual accounts of one account that go to another account, with the ids they have. */
export interface Crossing {
  readonly fromAccountId: string;
  readonly intoAccountId: string;
  readonly virtualAccountIds: readonly string[];
}

/** How many units of a lot went. */
export interface CarriedLot {
  readonly lotId: string;
  readonly quantity: number;
}

/** Entries of one movement at most, apart from those of its last lot; numbers of entries end at 32,767. */
const entriesPerMovement = 16_000;

/**
 * Carries everything that lies in virtual accounts over into another account, in whatever state it is. The ledger of
 * neither is rewritten: a movement withdraws it in the one, another brings it into the other, where the lot goes on
 * under its own id with its own term. Pools go as they are, with since when they are short. The caller holds both
 * accounts and all their virtual accounts, so that nothing is on its way.
 *
 * @param back what went the other way before and comes back now: of that, the lots here take back what they gave
 * @returns how much went of each lot
 */
export async function carryLicenses(
  ledger: Ledger,
  crossing: Crossing,
  { reason, back }: { reason: string; back: readonly CarriedLot[] },
): Promise<CarriedLot[]> {
  const { trx } = ledger;
  await lockCarried(trx, crossing);
  const lots = await carriedLots(trx, crossing);
  if (lots.length > 0) {
    await saveLots(trx, crossing, back);
    const entries = lots.reduce((sum, { places }) => sum + places + 2, 0);
    const chunks = Math.floor(entries / entriesPerMovement) + 1;
    const ids = (): string[] => Array.from({ length: chunks }, () => ledger.newId());
    const { fromAccountId, intoAccountId } = crossing;
    await saveCarrying(
      ledger,
      crossing,
      { accountId: fromAccountId, kind: 'carry-out', ids: ids() },
      reason,
      [],
    );
    await saveCarrying(
      ledger,
      crossing,
      { accountId: intoAccountId, kind: 'carry-in', ids: ids() },
      reason,
      back,
    );
    await saveHoldings(trx, crossing);
  }
  await sql`
    update pools set account_id = ${crossing.intoAccountId}
     where account_id = ${crossing.fromAccountId} and virtual_account_id = any(${idsOf(crossing)}::uuid[])`.execute(
    trx,
  );
  return lots.map(({ lotId, quantity }) => ({ lotId, quantity }));
}

const idsOf = ({ virtualAccountIds }: Crossing): string[] => [...virtualAccountIds];

/** What is carried, as a table to select from: one row for each holding that is not empty. */
const carried = (crossing: Crossing) => sql`(
  select h.lot_id, h.license_id, h.virtual_account_id, h.state, h.quantity from holdings h
   where h.account_id = ${crossing.fromAccountId} and h.virtual_account_id = any(${idsOf(crossing)}::uuid[])
     and h.quantity > 0)`;

const backRows = (back: readonly CarriedLot[]) => sql`
  unnest(${back.map(({ lotId }) => lotId)}::uuid[], ${back.map(({ quantity }) => quantity)}::bigint[])
    as back (lot_id, quantity)`;

/** Lots, holdings and pools of both sides, in the order of all locks. */
async function lockCarried(trx: Trx, crossing: Crossing): Promise<void> {
  const accounts = sql`any(${[crossing.fromAccountId, crossing.intoAccountId]}::uuid[])`;
  const here = sql`any(${idsOf(crossing)}::uuid[])`;
  await sql`
    select from lots where account_id = ${accounts} and lot_id in (select lot_id from ${carried(crossing)} c)
     order by account_id, lot_id for update`.execute(trx);
  await sql`
    select from holdings where account_id = ${accounts} and virtual_account_id = ${here}
     order by account_id, virtual_account_id, lot_id, state for update`.execute(trx);
  await sql`
    select from pools where account_id = ${accounts} and virtual_account_id = ${here}
     order by account_id, virtual_account_id, license_id for update`.execute(trx);
}

async function carriedLots(trx: Trx, crossing: Crossing): Promise<(CarriedLot & { places: number })[]> {
  const { rows } = await sql<CarriedLot & { places: number }>`
    select lot_id as "lotId", sum(quantity)::bigint as quantity, count(*)::bigint as places
      from ${carried(crossing)} c group by lot_id order by lot_id`.execute(trx);
  return rows;
}

/**
 * The lots on the other side: new ones of where they came from, or grown by what they did not give before. Whichever
 * side's term turns first is looked at first.
 */
async function saveLots(trx: Trx, crossing: Crossing, back: readonly CarriedLot[]): Promise<void> {
  await sql`
    insert into lots (account_id, lot_id, license_id, source_kind, order_id, order_number, line_number, sku,
                      subscription_id, billing, term_kind, starts_at, ends_at, delivered, turns_at, created_at)
    select ${crossing.intoAccountId}::uuid, l.lot_id, l.license_id, 'asset-transfer', null, l.order_number,
           l.line_number, l.sku, l.subscription_id, l.billing, l.term_kind, l.starts_at, l.ends_at,
           t.quantity - least(t.quantity, coalesce(back.quantity, 0)), l.turns_at, l.created_at
      from (select lot_id, sum(quantity)::bigint as quantity from ${carried(crossing)} c group by lot_id) t
      join lots l on l.account_id = ${crossing.fromAccountId} and l.lot_id = t.lot_id
      left join ${backRows(back)} on back.lot_id = t.lot_id
     order by l.lot_id
    on conflict (account_id, lot_id) do update
      set delivered = lots.delivered + excluded.delivered, turns_at = least(lots.turns_at, excluded.turns_at)`.execute(
    trx,
  );
}

/** One side's movements, each of whole lots, with entries that sum to zero for every lot. */
async function saveCarrying(
  ledger: Ledger,
  crossing: Crossing,
  side: { accountId: string; kind: 'carry-out' | 'carry-in'; ids: readonly string[] },
  reason: string,
  back: readonly CarriedLot[],
): Promise<void> {
  const { trx, now, actor, requestId } = ledger;
  const chunked = sql`(
    select lot_id, license_id, quantity,
           ((sum(places + 2) over (order by lot_id) - places - 2) / ${entriesPerMovement})::int as chunk
      from (select lot_id, license_id, sum(quantity)::bigint as quantity, count(*)::bigint as places
              from ${carried(crossing)} c group by lot_id, license_id) lots)`;
  await sql`
    insert into movements (account_id, movement_id, kind, at, reason, actor_kind, actor_id, actor_name, request_id)
    select ${side.accountId}::uuid, (${[...side.ids]}::uuid[])[chunk + 1], ${side.kind}, ${now}, ${reason},
           ${actor.kind}, ${actor.id}, ${actor.name}, ${requestId}
      from ${chunked} t group by chunk`.execute(trx);
  const sign = side.kind === 'carry-out' ? -1 : 1;
  const outside =
    side.kind === 'carry-out'
      ? sql`select t.chunk, t.lot_id, t.license_id, null::uuid as virtual_account_id, 'withdrawn' as state,
                   t.quantity as delta from ${chunked} t`
      : sql`select t.chunk, t.lot_id, t.license_id, null::uuid as virtual_account_id, side.state, side.delta
              from ${chunked} t
              left join ${backRows(back)} on back.lot_id = t.lot_id
             cross join lateral (
               values ('withdrawn', -least(t.quantity, coalesce(back.quantity, 0))),
                      ('delivered', least(t.quantity, coalesce(back.quantity, 0)) - t.quantity)) as side (state, delta)
             where side.delta <> 0`;
  await sql`
    insert into movement_entries (account_id, movement_id, entry_number, lot_id, license_id, virtual_account_id, state, delta)
    select ${side.accountId}::uuid, (${[...side.ids]}::uuid[])[chunk + 1],
           row_number() over (partition by chunk order by lot_id, virtual_account_id nulls first, state), lot_id, license_id,
           virtual_account_id, state, delta
      from (
        select t.chunk, c.lot_id, c.license_id, c.virtual_account_id, c.state, ${sign}::bigint * c.quantity as delta
          from ${carried(crossing)} c join ${chunked} t on t.lot_id = c.lot_id
        union all ${outside}) entries`.execute(trx);
}

/** Holdings of the same virtual accounts on the other side; those here are kept at zero, as everywhere. */
async function saveHoldings(trx: Trx, crossing: Crossing): Promise<void> {
  await sql`
    insert into holdings (account_id, virtual_account_id, lot_id, state, license_id, quantity)
    select ${crossing.intoAccountId}::uuid, c.virtual_account_id, c.lot_id, c.state, c.license_id, c.quantity
      from ${carried(crossing)} c order by c.virtual_account_id, c.lot_id, c.state
    on conflict (account_id, virtual_account_id, lot_id, state)
      do update set quantity = holdings.quantity + excluded.quantity`.execute(trx);
  await sql`
    update holdings set quantity = 0
     where account_id = ${crossing.fromAccountId} and virtual_account_id = any(${idsOf(crossing)}::uuid[])
       and quantity > 0`.execute(trx);
}
