import type { Decision } from '@estover/domain';
import {
  hold as decideHold,
  post as decidePost,
  voidHold as decideVoid,
  type Hold,
  type HoldEnded,
  type HoldPurpose,
  type Post,
  type PostDestination,
  type TakeLine,
  type Void,
} from '@estover/domain/licenses';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { decideLocked } from './decide-locked.ts';
import type { Ledger } from './ledger.ts';
import { holdVirtualAccounts, loadHoldings, saveMovements } from './licenses-store.ts';
import { turnAgain } from './terms-store.ts';

/** Assets in transfer stay usable while they are held, which the pools do not count yet; so they are not held here. */
export type StoredPurpose = Exclude<HoldPurpose, 'asset-transfer'>;

/** What to hold. The id is made by the caller and kept before asking, so that a repeat is recognised. */
export interface HoldWanted {
  readonly holdId: string;
  readonly purpose: StoredPurpose;
  readonly virtualAccountId: string;
  readonly lines: readonly TakeLine[];
  readonly reason?: string;
}

/** How a hold ends. */
export type HoldEnd = { readonly kind: 'post'; readonly to: PostDestination } | { readonly kind: 'void' };

/**
 * Holds available units, all lines or none. The same hold id again holds nothing more and answers the first movement.
 *
 * @returns the movement that holds them.
 */
export async function holdLicenses(
  ledger: Ledger,
  accountId: string,
  wanted: HoldWanted,
): Promise<{ movementId: string; repeated: boolean }> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${accountId}/${wanted.holdId}`}, 0))`.execute(
    ledger.trx,
  );
  const existing = await findHold(ledger.trx, accountId, wanted.holdId);
  if (existing !== undefined) return { movementId: existing.movementId, repeated: true };
  await requireAlive(ledger.trx, accountId, wanted.virtualAccountId);
  const licenseIds = wanted.lines.map((line) => line.licenseId);
  const read = () => loadHoldings(ledger.trx, accountId, wanted.virtualAccountId, licenseIds);
  const { movement, licenseOf } = await decideLocked(ledger, accountId, read, (facts) =>
    decideHold(facts, wanted, ledger.now),
  );
  const movementId = ledger.newId();
  await saveMovements(ledger, [{ accountId, movementId, movement, orderNumber: null }], licenseOf, 'locked');
  return { movementId, repeated: false };
}

/**
 * Ends a hold: carries out what its units were held for, or gives them back. A hold ends once; a second end is refused.
 *
 * @returns the movement that ended it.
 */
export async function endHold(
  ledger: Ledger,
  accountId: string,
  holdId: string,
  end: HoldEnd,
  reason?: string,
): Promise<{ movementId: string }> {
  const found = await findHold(ledger.trx, accountId, holdId);
  if (found === undefined) throw notFound('hold');
  const { hold, endedBy } = found;
  const request = { reason };
  if (end.kind === 'post' && end.to.kind === 'virtual-account') {
    await requireAlive(ledger.trx, accountId, end.to.virtualAccountId);
  }
  const lotIds = hold.parts.map((part) => part.lotId);
  const { movement, licenseOf } = await decideLocked(
    ledger,
    accountId,
    () => loadHoldings(ledger.trx, accountId, hold.virtualAccountId, 'all', lotIds),
    ({ lots }): Decision<Post | Void, HoldEnded> => {
      const facts = { hold, lots, endedBy };
      return end.kind === 'post'
        ? decidePost(facts, { ...request, to: end.to }, ledger.now)
        : decideVoid(facts, request, ledger.now);
    },
  );
  const movementId = ledger.newId();
  await saveMovements(ledger, [{ accountId, movementId, movement, orderNumber: null }], licenseOf, 'locked');
  await turnAgain(ledger.trx, accountId, lotIds);
  return { movementId };
}

async function requireAlive(trx: Trx, accountId: string, virtualAccountId: string): Promise<void> {
  const alive = await holdVirtualAccounts(trx, accountId, [virtualAccountId]);
  if (!alive.has(virtualAccountId)) {
    throw new Refused('unknown-virtual-account', `There is no virtual account ${virtualAccountId}.`);
  }
}

interface HoldRow {
  movementId: string;
  purpose: StoredPurpose;
  endedBy: 'post' | 'void' | null;
  parts: { lotId: string; virtualAccountId: string; quantity: number }[];
}

/** Reads a hold and locks its movement, so that two ends wait for each other. */
async function findHold(
  trx: Trx,
  accountId: string,
  holdId: string,
): Promise<{ movementId: string; hold: Hold; endedBy: HoldRow['endedBy'] } | undefined> {
  const locked = await sql<{ movementId: string }>`
    select movement_id as "movementId" from movements
     where account_id = ${accountId} and hold_id = ${holdId} and kind = 'hold' for update`.execute(trx);
  if (locked.rows.length === 0) return undefined;
  // Read after the lock, so that an end that was waited for is seen.
  const { rows } = await sql<HoldRow>`
    select m.movement_id as "movementId", m.hold_purpose as purpose,
           (select ended.kind from movements ended
             where ended.account_id = m.account_id and ended.hold_id = m.hold_id and ended.kind in ('post', 'void'))
             as "endedBy",
           (select json_agg(json_build_object(
                     'lotId', e.lot_id, 'virtualAccountId', e.virtual_account_id, 'quantity', e.delta)
                     order by e.entry_number)
              from movement_entries e
             where e.account_id = m.account_id and e.movement_id = m.movement_id and e.state = 'held') as parts
      from movements m where m.account_id = ${accountId} and m.hold_id = ${holdId} and m.kind = 'hold'`.execute(
    trx,
  );
  const [row] = rows;
  const virtualAccountId = row?.parts[0]?.virtualAccountId;
  if (row === undefined || virtualAccountId === undefined) throw new Error(`Hold ${holdId} has no parts.`);
  const { movementId, purpose, endedBy, parts } = row;
  return {
    movementId,
    endedBy,
    hold: {
      holdId,
      purpose,
      virtualAccountId,
      parts: parts.map(({ lotId, quantity }) => ({ lotId, quantity })),
    },
  };
}
