import { type Movement, UNDO_DAYS } from '@estover/domain/licenses';
import type { AnswerOf, listLicenseMovements, listMovements, movement } from '@estover/protocol';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import { chosenScope, type VirtualAccountScope } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { notFound } from '../edge/refused.ts';
import { licensesOfTags } from './licenses-of-tags.ts';
import { loadNames, readableScope } from './names.ts';

export type MovementAnswer = z.output<typeof movement>;

interface MovementRow extends Omit<MovementAnswer, 'at' | 'undoableUntil' | 'entries'> {
  readonly at: Temporal.Instant;
  readonly entries: {
    lotId: string;
    licenseId: string;
    virtualAccountId: string | null;
    state: string;
    delta: number;
  }[];
}

const columns = sql`
  m.movement_id as "movementId", m.kind, m.at, m.reason, m.actor_name as by, m.request_id as "requestId",
  m.order_number as "orderNumber", m.undo_of as "undoOf", m.undone_by as "undoneBy",
  (select json_agg(json_build_object(
            'lotId', e.lot_id, 'licenseId', e.license_id, 'virtualAccountId', e.virtual_account_id,
            'state', e.state, 'delta', e.delta) order by e.entry_number)
     from movement_entries e
    where e.account_id = m.account_id and e.movement_id = m.movement_id) as entries`;

/** A movement that was decided just now, as the API shows it when it has been kept. */
export async function decidedMovement(
  context: Context,
  accountId: string,
  { movementId, movement }: { movementId: string; movement: Movement },
  licenseOf: (lotId: string) => string,
): Promise<MovementAnswer> {
  const row: MovementRow = {
    movementId,
    kind: movement.kind,
    at: movement.at,
    reason: movement.reason ?? '',
    by: context.actor.name,
    requestId: context.requestId,
    orderNumber: null,
    undoOf: 'undoes' in movement ? movement.undoes : null,
    undoneBy: null,
    entries: movement.entries.map(({ place, quantity }) => ({
      lotId: place.lotId,
      licenseId: licenseOf(place.lotId),
      virtualAccountId: place.kind === 'holding' ? place.virtualAccountId : null,
      state: place.kind === 'holding' ? place.state : place.kind,
      delta: quantity,
    })),
  };
  const [answer] = await toAnswers(context, accountId, [row]);
  return answer as MovementAnswer;
}

/** All movements that touch what the caller may see, newest first. */
export async function movementsList(
  context: Context,
  { params, query }: Input<typeof listMovements>,
): Promise<AnswerOf<typeof listMovements>> {
  return listPage(context, params.accountId, query, 'movements', null);
}

/** Movements of one license. */
export async function licenseMovementsList(
  context: Context,
  { params, query }: Input<typeof listLicenseMovements>,
): Promise<AnswerOf<typeof listLicenseMovements>> {
  const license = (await licensesOfTags(context.trx, [params.tag])).get(params.tag);
  if (license === undefined) throw notFound('license');
  return listPage(context, params.accountId, query, `movements/${license.licenseId}`, license.licenseId);
}

async function listPage(
  context: Context,
  accountId: string,
  query: Input<typeof listMovements>['query'],
  list: string,
  licenseId: string | null,
): Promise<AnswerOf<typeof listMovements>> {
  const scope = await chosenScope(context, accountId, 'view-inventory', query);
  const after = decodeCursor(list, query.cursor, 2);
  const touches = (more: RawBuilder<unknown>) => sql`exists (
    select 1 from movement_entries e
     where e.account_id = m.account_id and e.movement_id = m.movement_id and ${more})`;
  const conditions = [
    sql`m.account_id = ${accountId}`,
    ...(scope.everything && licenseId === null ? [] : [touches(entryCondition(scope, licenseId))]),
    ...(query.kind === undefined ? [] : [sql`m.kind = ${query.kind}`]),
    ...(query.from === undefined ? [] : [sql`m.at >= ${query.from}::timestamptz`]),
    ...(query.until === undefined ? [] : [sql`m.at < ${query.until}::timestamptz`]),
    ...(after === null ? [] : [sql`(m.at, m.movement_id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`]),
  ];
  const { rows } = await sql<MovementRow>`
    select ${columns} from movements m where ${sql.join(conditions, sql` and `)}
     order by m.at desc, m.movement_id desc limit ${query.limit + 1}`.execute(context.trx);
  const answers = new Map(
    (await toAnswers(context, accountId, rows)).map((answer) => [answer.movementId, answer]),
  );
  return pageFrom(
    list,
    rows,
    query.limit,
    (row) => answers.get(row.movementId) as MovementAnswer,
    (row) => [row.at.toString(), row.movementId],
  );
}

function entryCondition(scope: VirtualAccountScope, licenseId: string | null): RawBuilder<unknown> {
  const inScope = scope.includes(sql`e.virtual_account_id`);
  return licenseId === null ? inScope : sql`${inScope} and e.license_id = ${licenseId}`;
}

/** Virtual accounts the reader may not see stay nameless: their entries have a state, but no id and no path. */
async function toAnswers(
  context: Context,
  accountId: string,
  rows: readonly MovementRow[],
): Promise<MovementAnswer[]> {
  const entries = rows.flatMap((row) => row.entries);
  const names = await loadNames(
    context.trx,
    accountId,
    readableScope(context, accountId),
    entries.map((entry) => entry.virtualAccountId),
    entries.map((entry) => entry.licenseId),
  );
  return rows.map((row) => ({
    ...row,
    at: row.at.toString(),
    undoableUntil: undoableUntil(row, context.now, names.isDeleted),
    entries: row.entries.map(({ lotId, licenseId, virtualAccountId, state, delta }) => {
      const { tag, name } = names.licenseOf(licenseId);
      const seen = virtualAccountId !== null && names.isVisible(virtualAccountId) ? virtualAccountId : null;
      return {
        lotId,
        tag,
        licenseName: name,
        virtualAccountId: seen,
        virtualAccountPath: seen === null ? [] : names.pathOf(seen),
        state,
        delta,
      };
    }),
  }));
}

/** Until when a transfer may still be undone; null for what cannot be, and when its time is over. */
function undoableUntil(
  row: MovementRow,
  now: Temporal.Instant,
  isDeleted: (virtualAccountId: string) => boolean,
): string | null {
  if (row.kind !== 'transfer' || row.undoOf !== null || row.undoneBy !== null) return null;
  if (row.entries.some(({ virtualAccountId }) => virtualAccountId !== null && isDeleted(virtualAccountId))) {
    return null;
  }
  const until = row.at.add({ hours: UNDO_DAYS * 24 });
  return Temporal.Instant.compare(now, until) > 0 ? null : until.toString();
}

/** A stored movement to undo, with who gave and who received. */
export interface TransferRow {
  readonly movementId: string;
  readonly kind: string;
  readonly at: Temporal.Instant;
  readonly reason: string;
  readonly undoOf: string | null;
  readonly undoneBy: string | null;
  readonly entries: MovementRow['entries'];
}

/** Reads a movement and locks it, so that two undoings wait for each other. */
export async function lockMovement(
  trx: Trx,
  accountId: string,
  movementId: string,
): Promise<TransferRow | undefined> {
  const { rows } = await sql<TransferRow>`
    select ${columns} from movements m
     where m.account_id = ${accountId} and m.movement_id = ${movementId} for update of m`.execute(trx);
  return rows[0];
}
