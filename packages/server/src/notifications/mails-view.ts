import { searchedAddress } from '@estover/domain/accounts';
import { type AnswerOf, getMailDelivery, listMails, type mail } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Trx } from '../database/database.ts';
import { view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';

export type MailAnswer = z.output<typeof mail>;

interface MailRow extends Omit<MailAnswer, 'nextAttemptAt' | 'createdAt' | 'doneAt'> {
  nextAttemptAt: Temporal.Instant | null;
  createdAt: Temporal.Instant;
  doneAt: Temporal.Instant | null;
}

const columns = sql`m.mail_id as "mailId", m.kind, m.recipient, m.account_id as "accountId",
  (select a.name from accounts a where a.account_id = m.account_id) as "accountName", m.subject, m.state, m.attempts,
  m.next_attempt_at as "nextAttemptAt", m.problem, m.created_at as "createdAt", m.done_at as "doneAt"`;

const answerOf = (row: MailRow): MailAnswer => ({
  ...row,
  nextAttemptAt: row.nextAttemptAt?.toString() ?? null,
  createdAt: row.createdAt.toString(),
  doneAt: row.doneAt?.toString() ?? null,
});

export const mailViews = [
  view(listMails, async ({ trx }, { query }): Promise<AnswerOf<typeof listMails>> => {
    const after = decodeCursor('mails', query.cursor, 2);
    const search = query.search?.trim().toLowerCase() ?? '';
    const { rows } = await sql<MailRow>`
      select ${columns} from mails m
       where ${query.state === undefined ? sql`true` : sql`m.state = ${query.state}`}
         and ${search === '' ? sql`true` : sql`(strpos(lower(m.recipient || ' ' || m.subject), ${search}) > 0 or strpos(m.recipient, ${searchedAddress(search)}) > 0)`}
         and ${after === null ? sql`true` : sql`(m.created_at, m.mail_id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`}
       order by m.created_at desc, m.mail_id desc
       limit ${query.limit + 1}`.execute(trx);
    return pageFrom('mails', rows, query.limit, answerOf, ({ createdAt, mailId }) => [
      createdAt.toString(),
      mailId,
    ]);
  }),

  view(getMailDelivery, async ({ trx, mailer }) => {
    const { rows } = await sql<{ state: string; count: number }>`
      select state, count(*) as count from mails where state <> 'sent' group by state`.execute(trx);
    const countOf = (state: string) => rows.find((row) => row.state === state)?.count ?? 0;
    return {
      configured: mailer.isConfigured,
      from: mailer.from,
      waiting: countOf('waiting'),
      kept: countOf('kept'),
      failed: countOf('failed'),
    };
  }),
];

/** The accounts in which whoever has this mail address holds a role, their own or by a group. */
export async function accountsOfRecipient(trx: Trx, recipient: string): Promise<string[]> {
  const { rows } = await sql<{ accountId: string }>`
    select distinct g.account_id as "accountId" from held_grants g join people p on p.id = g.person_id
     where p.email = ${recipient} order by 1`.execute(trx);
  return rows.map(({ accountId }) => accountId);
}

/** A mail with what it says, its row taken for the rest of the transaction; undefined when there is none. */
export async function lockMail(
  trx: Trx,
  mailId: string,
): Promise<{ mail: MailAnswer; contentSealed: string | null } | undefined> {
  const { rows } = await sql<MailRow & { contentSealed: string | null }>`
    select ${columns}, m.content_sealed as "contentSealed"
      from mails m where m.mail_id = ${mailId} for update of m`.execute(trx);
  const [found] = rows;
  if (found === undefined) return undefined;
  const { contentSealed, ...row } = found;
  return { mail: answerOf(row), contentSealed };
}
