import {
  type Entry,
  type HoldingPlace,
  type Lot,
  type Movement,
  type TermState,
  termEndsAt,
  termStartsAt,
} from '@estover/domain/licenses';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import type { Ledger } from './ledger.ts';
import {
  factsFrom,
  type HoldingRow,
  holdingColumns,
  type LotRow,
  lotColumns,
  type StoredSource,
} from './lot-rows.ts';
import { type ChangedPool, changePools, type PoolChange, previewPools } from './pools-store.ts';

/*
 * With pools-store.ts, usage-store.ts and terms-store.ts the only SQL that writes the ledger's tables. Locks are taken in one
 * order by everybody: virtual accounts, lots, holdings, pools, alerts; rows of each by their keys.
 */

/** A lot to be kept, with what the domain's lot does not carry. */
export interface NewLot {
  readonly accountId: string;
  readonly lot: Lot;
  readonly sourceKind: StoredSource;
  readonly order: { orderId: string; orderNumber: string; lineNumber: number; sku: string } | null;
  readonly delivered: number;
  /** The state its first units are in. */
  readonly state: TermState;
}

/** A decided movement to be kept under an id. */
export interface MovementToSave {
  readonly accountId: string;
  readonly movementId: string;
  readonly movement: Movement;
  readonly orderNumber: string | null;
}

/** Keeps new lots. Their units come by the deposits that are saved next. */
export async function insertLots(ledger: Ledger, lots: readonly NewLot[]): Promise<void> {
  if (lots.length === 0) return;
  const texts = (pick: (lot: NewLot) => string | null | undefined) => lots.map((lot) => pick(lot) ?? null);
  const turnsAt = ({ state, lot }: NewLot) =>
    state === 'expired' ? null : state === 'pending' ? termStartsAt(lot.term) : termEndsAt(lot.term);
  await sql`
    insert into lots (account_id, lot_id, license_id, source_kind, order_id, order_number, line_number, sku,
                      subscription_id, billing, term_kind, starts_at, ends_at, turns_at, delivered, created_at)
    select t.*, ${ledger.now}::timestamptz
      from unnest(${texts((lot) => lot.accountId)}::uuid[], ${texts(({ lot }) => lot.lotId)}::uuid[],
                  ${texts(({ lot }) => lot.licenseId)}::uuid[], ${texts((lot) => lot.sourceKind)}::text[],
                  ${texts(({ order }) => order?.orderId)}::uuid[], ${texts(({ order }) => order?.orderNumber)}::text[],
                  ${lots.map(({ order }) => order?.lineNumber ?? null)}::integer[],
                  ${texts(({ order }) => order?.sku)}::text[], ${texts(({ lot }) => lot.subscriptionId)}::text[],
                  ${texts(({ lot }) => lot.billing)}::text[], ${texts(({ lot }) => lot.term.kind)}::text[],
                  ${texts(({ lot }) => termStartsAt(lot.term)?.toString())}::timestamptz[],
                  ${texts(({ lot }) => termEndsAt(lot.term)?.toString())}::timestamptz[],
                  ${texts((lot) => turnsAt(lot)?.toString())}::timestamptz[],
                  ${lots.map((lot) => lot.delivered)}::bigint[]) as t`.execute(ledger.trx);
}

/**
 * Keeps decided movements: the movements, their entries, the holdings, and the pools with all that follows from them.
 *
 * @param licenseOf the license of every lot the entries name.
 * @param holdings whether the holdings the entries name were all locked before, so that each has its row.
 * @returns every pool that was looked at, before and after.
 */
export async function saveMovements(
  ledger: Ledger,
  movements: readonly MovementToSave[],
  licenseOf: (lotId: string) => string,
  holdings: 'locked' | 'perhaps-new',
): Promise<ChangedPool[]> {
  if (movements.length === 0) return [];
  await insertMovements(ledger, movements);
  const entries = movements.flatMap(({ accountId, movementId, movement }) =>
    movement.entries.map((entry, index) => ({ accountId, movementId, number: index, ...entry })),
  );
  await sql`
    insert into movement_entries (account_id, movement_id, entry_number, lot_id, license_id, virtual_account_id, state, delta)
    select * from unnest(${entries.map((entry) => entry.accountId)}::uuid[],
      ${entries.map((entry) => entry.movementId)}::uuid[], ${entries.map((entry) => entry.number)}::smallint[],
      ${entries.map(({ place }) => place.lotId)}::uuid[], ${entries.map(({ place }) => licenseOf(place.lotId))}::uuid[],
      ${entries.map(({ place }) => (place.kind === 'holding' ? place.virtualAccountId : null))}::uuid[],
      ${entries.map(({ place }) => (place.kind === 'holding' ? place.state : place.kind))}::text[],
      ${entries.map((entry) => entry.quantity)}::bigint[])`.execute(ledger.trx);
  await changeHoldings(ledger.trx, entries, holdings === 'perhaps-new' ? licenseOf : null);
  return changePools(
    ledger,
    entries.flatMap((entry) => poolChangeOf(entry, licenseOf)),
  );
}

/** What `saveMovements` would answer for one movement, for a dry run: the pools before and after, and nothing kept. */
export function previewMovement(
  ledger: Ledger,
  { accountId, movement }: Pick<MovementToSave, 'accountId' | 'movement'>,
  licenseOf: (lotId: string) => string,
): Promise<ChangedPool[]> {
  return previewPools(
    ledger,
    movement.entries.flatMap((entry) => poolChangeOf({ ...entry, accountId }, licenseOf)),
  );
}

async function insertMovements(ledger: Ledger, movements: readonly MovementToSave[]): Promise<void> {
  const texts = (pick: (saved: MovementToSave) => string | null) => movements.map(pick);
  const holdOf = ({ movement }: MovementToSave) => ('hold' in movement ? movement.hold : null);
  await sql`
    insert into movements (account_id, movement_id, kind, at, reason, actor_kind, actor_id, actor_name, request_id,
                           order_number, hold_id, hold_purpose, undo_of)
    select a, id, kind, at, reason, ${ledger.actor.kind}::text, ${ledger.actor.id}::text, ${ledger.actor.name}::text,
           ${ledger.requestId}::text, order_number, hold_id, purpose, undo_of
      from unnest(${texts((saved) => saved.accountId)}::uuid[], ${texts((saved) => saved.movementId)}::uuid[],
                  ${texts(({ movement }) => movement.kind)}::text[],
                  ${texts(({ movement }) => movement.at.toString())}::timestamptz[],
                  ${texts(({ movement }) => movement.reason ?? '')}::text[],
                  ${texts((saved) => saved.orderNumber)}::text[],
                  ${texts((saved) => holdOf(saved)?.holdId ?? null)}::uuid[],
                  ${texts((saved) => holdOf(saved)?.purpose ?? null)}::text[],
                  ${texts(({ movement }) => ('undoes' in movement ? movement.undoes : null))}::uuid[])
        as t (a, id, kind, at, reason, order_number, hold_id, purpose, undo_of)`.execute(ledger.trx);
  if (!movements.some(({ movement }) => 'undoes' in movement && movement.undoes !== null)) return;
  await sql`
    update movements undone set undone_by = t.id
      from unnest(${texts((saved) => saved.accountId)}::uuid[], ${texts((saved) => saved.movementId)}::uuid[],
                  ${texts(({ movement }) => ('undoes' in movement ? movement.undoes : null))}::uuid[]) as t (a, id, undoes)
     where undone.account_id = t.a and undone.movement_id = t.undoes`.execute(ledger.trx);
}

type PlacedEntry = Entry & { readonly accountId: string };

async function changeHoldings(
  trx: Trx,
  entries: readonly PlacedEntry[],
  newRows: ((lotId: string) => string) | null,
): Promise<void> {
  const sums = new Map<string, { accountId: string; place: HoldingPlace; quantity: number }>();
  for (const { accountId, place, quantity } of entries) {
    if (place.kind !== 'holding') continue;
    const key = `${accountId}/${place.virtualAccountId}/${place.lotId}/${place.state}`;
    sums.set(key, { accountId, place, quantity: (sums.get(key)?.quantity ?? 0) + quantity });
  }
  const changes = [...sums.values()];
  if (newRows !== null) await ensureHoldings(trx, changes, newRows);
  await sql`
    update holdings h set quantity = h.quantity + t.delta
      from unnest(${placeArrays(changes)}, ${changes.map(({ quantity }) => quantity)}::bigint[])
        as t (a, v, lot, state, delta)
     where h.account_id = t.a and h.virtual_account_id = t.v and h.lot_id = t.lot and h.state = t.state`.execute(
    trx,
  );
}

/** A place of holdings in an account. */
export interface AccountPlace {
  readonly accountId: string;
  readonly place: Omit<HoldingPlace, 'kind'>;
}

const placeArrays = (places: readonly AccountPlace[]) => sql`
  ${places.map(({ accountId }) => accountId)}::uuid[], ${places.map(({ place }) => place.virtualAccountId)}::uuid[],
  ${places.map(({ place }) => place.lotId)}::uuid[], ${places.map(({ place }) => place.state)}::text[]`;

async function ensureHoldings(
  trx: Trx,
  places: readonly AccountPlace[],
  licenseOf: (lotId: string) => string,
): Promise<void> {
  await sql`
    insert into holdings (account_id, virtual_account_id, lot_id, state, license_id, quantity)
    select a, v, lot, state, license, 0
      from unnest(${placeArrays(places)}, ${places.map(({ place }) => licenseOf(place.lotId))}::uuid[])
        as t (a, v, lot, state, license)
     order by a, v, lot, state
    on conflict do nothing`.execute(trx);
}

/**
 * Locks holdings in the order (account, virtual account, lot, state) and answers them as they are then. Rows that are
 * missing are made at zero before anything is locked, so that crossing movements wait for each other in one direction.
 *
 * @param perhaps places to lock as well where they have a row already; none is made.
 */
export async function lockHoldings(
  trx: Trx,
  places: readonly AccountPlace[],
  licenseOf: (lotId: string) => string,
  perhaps: readonly AccountPlace[] = [],
): Promise<HoldingRow[]> {
  if (places.length === 0) return [];
  await ensureHoldings(trx, places, licenseOf);
  const { rows } = await sql<HoldingRow>`
    select ${holdingColumns}
      from (select distinct * from unnest(${placeArrays([...places, ...perhaps])})) as key (a, v, lot, state)
      join holdings h on h.account_id = key.a and h.virtual_account_id = key.v and h.lot_id = key.lot
                     and h.state = key.state
      join lots l on l.account_id = h.account_id and l.lot_id = h.lot_id
     order by h.account_id, h.virtual_account_id, h.lot_id, h.state
       for update of h`.execute(trx);
  return rows;
}

/**
 * What lies in a virtual account, of some licenses or of all, without locking it. Lots that are named are answered also
 * where nothing of them is left.
 */
export async function loadHoldings(
  trx: Trx,
  accountId: string,
  virtualAccountId: string,
  licenseIds: readonly string[] | 'all',
  lotIds: readonly string[] | 'all' = 'all',
): Promise<HoldingRow[]> {
  const { rows } = await sql<HoldingRow>`
    select ${holdingColumns}
      from holdings h join lots l on l.account_id = h.account_id and l.lot_id = h.lot_id
     where h.account_id = ${accountId} and h.virtual_account_id = ${virtualAccountId}
       and ${licenseIds === 'all' ? sql`true` : sql`h.license_id = any(${[...new Set(licenseIds)]}::uuid[])`}
       and ${lotIds === 'all' ? sql`h.quantity > 0` : sql`h.lot_id = any(${[...lotIds]}::uuid[])`}
     order by h.lot_id, h.state`.execute(trx);
  return rows;
}

/** One lot of an account. */
export async function findLot(trx: Trx, accountId: string, lotId: string): Promise<LotRow | undefined> {
  const { rows } = await sql<LotRow>`
    select ${lotColumns} from lots l where l.account_id = ${accountId} and l.lot_id = ${lotId}`.execute(trx);
  return rows[0];
}

/** The same rows as facts for the domain. */
export const holdingFacts = factsFrom;

/** A virtual account of any account. */
export interface PlaceOfAccount {
  readonly accountId: string;
  readonly virtualAccountId: string;
}

export const placeText = ({ accountId, virtualAccountId }: PlaceOfAccount): string =>
  `${accountId}/${virtualAccountId}`;

/**
 * Keeps virtual accounts from being deleted until the transaction ends, without keeping others from using them; in the
 * order of accounts and virtual accounts.
 *
 * @returns those of them that are there, by `placeText`.
 */
export async function holdPlaces(trx: Trx, places: readonly PlaceOfAccount[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<PlaceOfAccount>`
    select v.account_id as "accountId", v.virtual_account_id as "virtualAccountId"
      from (select distinct * from unnest(${places.map((place) => place.accountId)}::uuid[],
                                          ${places.map((place) => place.virtualAccountId)}::uuid[])) as wanted (a, id)
      join virtual_accounts v on v.account_id = wanted.a and v.virtual_account_id = wanted.id
     where v.deleted_at is null
     order by v.account_id, v.virtual_account_id for share of v`.execute(trx);
  return new Set(rows.map(placeText));
}

/** The same for virtual accounts of one account; answers the ids of those that are there. */
export async function holdVirtualAccounts(
  trx: Trx,
  accountId: string,
  virtualAccountIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const alive = await holdPlaces(
    trx,
    virtualAccountIds.map((virtualAccountId) => ({ accountId, virtualAccountId })),
  );
  return new Set(
    virtualAccountIds.filter((virtualAccountId) => alive.has(placeText({ accountId, virtualAccountId }))),
  );
}

function poolChangeOf(
  { accountId, place, quantity }: PlacedEntry,
  licenseOf: (lotId: string) => string,
): PoolChange[] {
  if (place.kind !== 'holding') return [];
  const { virtualAccountId, lotId, state } = place;
  return [{ accountId, virtualAccountId, licenseId: licenseOf(lotId), [state]: quantity }];
}
