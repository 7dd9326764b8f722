import { refuse } from '@estover/domain';
import {
  undoTransfer as decideUndo,
  type Entry,
  HOLDING_STATES,
  holdingPlace,
  type Recorded,
  type Transfer,
} from '@estover/domain/licenses';
import type { AnswerOf, undoTransfer } from '@estover/protocol';
import { sql } from 'kysely';
import { requireVirtualAccount, visibleScope } from '../access/scope.ts';
import { requireAgreements } from '../agreements/index.ts';
import type { Context, EventFacts } from '../edge/context.ts';
import { placeInWords } from '../edge/hidden-names.ts';
import type { Input } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { decideMovement } from './decide-locked.ts';
import { licenseRefused } from './license-refused.ts';
import { holdVirtualAccounts, loadHoldings } from './licenses-store.ts';
import { lockMovement, type TransferRow } from './movements-view.ts';
import { transferAnswer } from './transfer-answer.ts';

/** Takes a transfer back by a new, opposite movement; rights are asked at both ends, as for the transfer. */
export async function takeTransferBack(
  context: Context,
  { params: { accountId, movementId } }: Input<typeof undoTransfer>,
): Promise<{ answer: AnswerOf<typeof undoTransfer>; event: EventFacts }> {
  await requireAgreements(context, accountId, 'transfers');
  const row = await lockMovement(context.trx, accountId, movementId);
  if (row === undefined || !(await isVisible(context, accountId, row))) throw notFound('movement');
  if (row.kind !== 'transfer') {
    throw licenseRefused(refuse('not-a-transfer', { movementId, kind: row.kind }));
  }
  const movement = recorded(row);
  const giverId = endOf(movement, (entry) => entry.quantity < 0);
  const receiverId = endOf(movement, (entry) => entry.quantity > 0);
  const alive = await holdVirtualAccounts(context.trx, accountId, [giverId, receiverId]);
  if (!alive.has(giverId) || !alive.has(receiverId)) {
    throw new Refused(
      'undo-impossible',
      'One of the two virtual accounts of this transfer was deleted, so it cannot be taken back.',
    );
  }
  const receiver = await requireVirtualAccount(context, accountId, receiverId, 'move-inventory');
  const giver = await requireVirtualAccount(context, accountId, giverId, 'move-inventory');
  const lotIds = new Set(row.entries.map((entry) => entry.lotId));
  const licenseIds = row.entries.map((entry) => entry.licenseId);
  const { movement: undoing, licenseOf } = await decideMovement(
    context,
    accountId,
    () => loadHoldings(context.trx, accountId, receiverId, licenseIds, [...lotIds]),
    (facts) => decideUndo({ ...facts, movement, undoneBy: row.undoneBy }, {}, context.now),
    (refusal) =>
      licenseRefused(refusal, refusal.code === 'not-enough-available' ? 'undo-impossible' : undefined),
  );
  return transferAnswer(context, accountId, undoing, licenseOf, {
    virtualAccountId: receiverId,
    otherVirtualAccountId: giverId,
    message: `undid the transfer from ${placeInWords(giver)} to ${placeInWords(receiver)}`,
  });
}

async function isVisible(context: Context, accountId: string, { entries }: TransferRow): Promise<boolean> {
  const scope = visibleScope(context, accountId);
  const ids = entries.flatMap(({ virtualAccountId }) =>
    virtualAccountId === null ? [] : [virtualAccountId],
  );
  const { rows } = await sql`
    select 1 from unnest(${ids}::uuid[]) as place (id) where ${scope.includes(sql`place.id`)} limit 1`.execute(
    context.trx,
  );
  return rows.length > 0;
}

function recorded(row: TransferRow): Recorded<Transfer> {
  return {
    movementId: row.movementId,
    kind: 'transfer',
    at: row.at,
    reason: row.reason,
    undoes: row.undoOf,
    entries: row.entries.map(({ lotId, virtualAccountId, state, delta }): Entry => {
      const holdingState = HOLDING_STATES.find((each) => each === state);
      if (virtualAccountId === null || holdingState === undefined) {
        throw new Error(`Transfer ${row.movementId} has an entry outside of the account.`);
      }
      return { place: holdingPlace(virtualAccountId, lotId, holdingState), quantity: delta };
    }),
  };
}

function endOf({ movementId, entries }: Recorded<Transfer>, isEnd: (entry: Entry) => boolean): string {
  const place = entries.find(isEnd)?.place;
  if (place?.kind !== 'holding') throw new Error(`Transfer ${movementId} lacks one of its ends.`);
  return place.virtualAccountId;
}
