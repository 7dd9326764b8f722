import { mostDigestLines, type SubscribedKindName, subscribedKind } from '@estover/domain/notifications';
import type { ToldAlert } from '../alerts/index.ts';
import { platformAccountId } from '../audit/record-event.ts';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Context } from '../edge/context.ts';
import type { MailContent } from './mail-texts.ts';
import {
  type DigestRow,
  type DueKind,
  digestRows,
  lockHead,
  noteAlerts,
  orderNotices,
  takeDue,
} from './notices-store.ts';
import { type MailToQueue, type QueueContext, queueMails } from './queue-mail.ts';
import { tellReaders } from './tell-notices.ts';
import { unsubscribeLink } from './unsubscribe-link.ts';

type Dependencies = Pick<Context, 'installation' | 'mailer' | 'newId'> & {
  db: Database;
  now(): Temporal.Instant;
};

/** So many notices are put into the order, and so many readers told, in one transaction. */
export const noticesAtOnce = 5_000;
export const readersAtOnce = 500;

/**
 * Puts what is new into the order and lets those wait for it who hear of it. May be broken off anywhere and be run by two
 * servers: each part is one transaction that has the head of the order.
 */
export async function runNotices(dependencies: Dependencies): Promise<{ noticed: number }> {
  let noticed = 0;
  for (;;) {
    const part = await inTransaction(dependencies.db, async (trx) => {
      const head = await lockHead(trx);
      const now = dependencies.now();
      const alerts = await noteAlerts(trx, now, noticesAtOnce);
      const ordered = await orderNotices(trx, head + 1, now, noticesAtOnce);
      return { ordered, isDone: alerts < noticesAtOnce && ordered < noticesAtOnce };
    });
    noticed += part.ordered;
    if (part.isDone) return { noticed };
  }
}

/**
 * Writes the mails that are due: one for each reader and account, of what changed since the last one. Who waits for a mail
 * leaves the queue in the transaction that writes it, so that a run that dies anywhere sends nothing twice and loses
 * nothing. Returns how many mails were written.
 */
export async function runDigests(dependencies: Dependencies): Promise<{ written: number }> {
  const { db, now: clock, newId, installation, mailer } = dependencies;
  let written = 0;
  for (;;) {
    const part = await inTransaction(db, async (trx) => {
      await lockHead(trx);
      const now = clock();
      const context: QueueContext = { trx, now, newId, installation, mailer, afterCommit: () => {} };
      const due = await takeDue(trx, now, readersAtOnce);
      const mails = due.length === 0 ? [] : await digestsOf(context, due);
      await queueMails(context, mails);
      return { readers: new Set(due.map(keyOf)).size, mails: mails.length };
    });
    written += part.mails;
    if (part.readers < readersAtOnce) break;
  }
  if (written > 0) mailer.wake();
  return { written };
}

const keyOf = ({ accountId, readerId }: { accountId: string; readerId: string }) =>
  `${accountId}/${readerId}`;

/** Nothing that is still so, or that they may not see, means no mail. */
async function digestsOf(context: QueueContext, due: readonly DueKind[]): Promise<MailToQueue[]> {
  const rows = await digestRows(context.trx, due, context.now, mostDigestLines);
  const tell = await tellReaders(context.trx, rows, context.now);
  return [...Map.groupBy(rows, keyOf).values()].flatMap((lines) => {
    const [first] = lines;
    if (first === undefined) return [];
    const content = digestOf(context, first, lines, tell);
    return [
      { to: first.email, accountId: first.accountId === platformAccountId ? null : first.accountId, content },
    ];
  });
}

function digestOf(
  { installation }: QueueContext,
  { accountId, accountName, readerId, isAddress, lines: all }: DigestRow,
  rows: readonly DigestRow[],
  tell: (row: DigestRow) => ToldAlert,
): MailContent {
  const { publicUrl } = installation;
  const isOfPlatform = accountId === platformAccountId;
  const below = isOfPlatform ? publicUrl : `${publicUrl}/accounts/${accountId}`;
  const kinds = Map.groupBy(rows, ({ kind }) => kind);
  return {
    kind: 'digest',
    accountName,
    groups: [...kinds].map(([kind, ofKind]) => ({
      title: subscribedKind(kind).name,
      lines: ofKind.map((row) => {
        const { message, detail, page } = tell(row);
        return {
          text: `${beginnings[row.state]}${message}${elsewhere(row)}`,
          detail: row.state === 'new' ? detail : '',
          link: `${below}${page}`,
        };
      }),
    })),
    more: all - rows.length,
    link: isOfPlatform ? `${publicUrl}/platform/desk` : below,
    settingsLink: isAddress ? null : `${isOfPlatform ? publicUrl : below}/notifications`,
    unsubscribeLink: unsubscribeLink(
      { publicUrl, seal: installation.seal },
      { accountId, readerId, kinds: [...kinds.keys()] as SubscribedKindName[] },
    ),
  };
}

const beginnings: Record<DigestRow['state'], string> = {
  new: '',
  ended: 'Over: ',
  'began-and-ended': 'Began and over: ',
};

const elsewhere = ({ places }: DigestRow): string => {
  if (places < 2) return '';
  return places === 2 ? ', and in 1 more place' : `, and in ${places - 1} more places`;
};
