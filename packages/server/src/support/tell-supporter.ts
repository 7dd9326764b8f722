import { sql } from 'kysely';
import { type QueueContext, queueMail } from '../notifications/index.ts';
import type { SupportAccessRow } from './support-accesses-store.ts';

/** Lets whoever asked know of the answer. */
export async function tellSupporter(
  context: QueueContext,
  access: SupportAccessRow,
  answer: 'approved' | 'declined' | 'expired',
): Promise<void> {
  const { rows } = await sql<{ email: string }>`
    select email from people where id = ${access.personId}`.execute(context.trx);
  const [person] = rows;
  if (person === undefined) return;
  const { accountName, caseNumber } = access;
  const end = access.endsAt?.toString() ?? null;
  const link = `${context.installation.publicUrl}/platform/support-accesses`;
  const content = { kind: 'support-answered', accountName, caseNumber, answer, end, link } as const;
  // Not the account's mail: what staff reads is no business of its outbox.
  await queueMail(context, { to: person.email, accountId: null, content });
}
