import { type AnswerOf, listDeskNews, listNews, markDeskNewsSeen, markNewsSeen } from '@estover/protocol';
import { sql } from 'kysely';
import { requirePerson } from '../access/index.ts';
import { platformAccountId } from '../audit/record-event.ts';
import type { Context } from '../edge/context.ts';
import { command, type Handler, view } from '../edge/operation.ts';
import { isSeenBy, kindsTable } from './readers.ts';
import { saveSeen } from './seen-store.ts';
import { tellNotices } from './tell-notices.ts';

/** The bell shows so many; the page of alerts shows all. */
const most = 20;
const mostCounted = 100;

type Item = AnswerOf<typeof listNews>['items'][number];

interface Row extends Omit<Item, 'message' | 'page' | 'at'> {
  accountId: string;
  alertId: string | null;
  virtualAccountId: string | null;
  message: string | null;
  page: string | null;
  at: Temporal.Instant;
}

/** What is new for the person who asks in an account, or under `platformAccountId` on the platform. */
async function newsOf(context: Context, accountId: string): Promise<AnswerOf<typeof listNews>> {
  const { trx, now } = context;
  const { id } = requirePerson(context);
  const from = sql`
    from notices n join k on k.kind = n.kind
    left join alerts a on a.account_id = n.account_id and a.alert_id = n.alert_id
   where n.account_id = ${accountId} and n.position is not null and (k.tells_end or a.resolved_at is null)
     and ${isSeenBy('n', sql`${id}::text`, now)}`;
  const { rows: heads } = await sql<{ position: number; seen: number | null }>`
    select h.position, s.position as seen from notices_head h
      left join notices_seen s on s.account_id = ${accountId} and s.person_id = ${id}`.execute(trx);
  const [{ position, seen } = { position: 0, seen: null }] = heads;
  const { rows } = await sql<Row>`
    with k as materialized ${kindsTable}
    select n.account_id as "accountId", n.cause, n.kind, n.state, n.alert_id as "alertId",
           n.virtual_account_id as "virtualAccountId", n.message, n.page, n.at,
           n.position > ${seen ?? 0} as "isNew"
    ${from} order by n.position desc, k.rank, n.cause limit ${most}`.execute(trx);
  const { rows: counts } = await sql<{ count: number }>`
    with k as materialized ${kindsTable}
    select count(*) as count
      from (select 1 ${from} and n.position > ${seen ?? 0} limit ${mostCounted}) new`.execute(trx);
  const tell = await tellNotices(trx, rows);
  return {
    items: rows.map((row) => {
      const { cause, kind, state, isNew, at } = row;
      const { message, page } = tell(row);
      return { cause, kind, state, isNew, message, page, at: at.toString() };
    }),
    newCount: counts[0]?.count ?? 0,
    position,
  };
}

export const newsHandlers: readonly Handler[] = [
  view(listNews, (context, { params: { accountId } }) => newsOf(context, accountId)),

  view(listDeskNews, (context) => newsOf(context, platformAccountId)),

  command(markDeskNewsSeen, async (context, { body }) => {
    const { id } = requirePerson(context);
    const accountId = platformAccountId;
    const position = await saveSeen(context.trx, { accountId, personId: id, position: body.position });
    return {
      answer: { position },
      event: {
        accountId: null,
        objectKind: 'person',
        objectId: id,
        message: 'looked at what is new on the platform',
        after: { position },
      },
    };
  }),

  command(markNewsSeen, async (context, { params: { accountId }, body }) => {
    const { id } = requirePerson(context);
    const position = await saveSeen(context.trx, { accountId, personId: id, position: body.position });
    return {
      answer: { position },
      // What somebody reads is nobody else's business: it is no event of the account.
      event: {
        accountId: null,
        objectKind: 'person',
        objectId: id,
        message: 'looked at what is new in an account',
        after: { accountId, position },
      },
    };
  }),
];
