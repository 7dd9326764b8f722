import { type AnswerOf, getAccountMove, listAccountMoves } from '@estover/protocol';
import { sql } from 'kysely';
import { requirePerson } from '../access/index.ts';
import { view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { type MoveRow, moveAsOf, moveColumns } from './account-moves-store.ts';
import { inSight, moveAnswer, requireMove, seesOf } from './move-sides.ts';
import { surveyMove } from './move-survey.ts';

const list = 'account-moves';

export const accountMoveViews = [
  view(listAccountMoves, async (context, { query }): Promise<AnswerOf<typeof listAccountMoves>> => {
    const { trx, now } = context;
    const person = requirePerson(context);
    const after = decodeCursor(list, query.cursor, 1);
    const administered = sql`(
      select account_id from held_grants
       where person_id = ${person.id} and role = 'account-administrator' and scope_kind = 'account'
         and (until is null or until > ${now}))`;
    const isOpen = sql`(m.state = 'proposed' and m.ends_at > ${now})`;
    const state =
      query.state === 'proposed'
        ? isOpen
        : query.state === 'expired'
          ? sql`(m.state = 'expired' or (m.state = 'proposed' and not ${isOpen}))`
          : query.state === undefined
            ? sql`true`
            : sql`m.state = ${query.state}`;
    const { accountId } = query;
    const { rows } = await sql<MoveRow>`
      select ${moveColumns} from account_moves m
       where (m.from_account_id in ${administered} or m.into_account_id in ${administered}
              or (m.into_account_id is null and m.first_administrator_email = ${person.email}))
         and ${accountId === undefined ? sql`true` : sql`(m.from_account_id = ${accountId} or m.into_account_id = ${accountId})`}
         and ${state} and ${after === null ? sql`true` : sql`m.move_id < ${after[0]}::uuid`}
       order by m.move_id desc limit ${query.limit + 1}`.execute(trx);
    const answers = new Map<string, ReturnType<typeof moveAnswer>>();
    for (const row of rows) {
      answers.set(row.moveId, moveAnswer(await inSight(context, moveAsOf(row, now)), now));
    }
    return pageFrom(
      list,
      rows,
      query.limit,
      (row) => answers.get(row.moveId) as ReturnType<typeof moveAnswer>,
      (row) => [row.moveId],
    );
  }),

  view(getAccountMove, async (context, { params }) => {
    const sight = await requireMove(context, params.moveId, 'read');
    const { move, from, into } = sight;
    const preview =
      move.state === 'proposed' ? (await surveyMove(context, move, from, into)).preview(seesOf(sight)) : null;
    return { move: moveAnswer(sight, context.now), preview };
  }),
];
