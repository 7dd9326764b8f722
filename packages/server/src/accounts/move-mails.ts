import { administratorAddresses } from '../access/index.ts';
import { type MailContent, type QueueContext, queueMail } from '../notifications/index.ts';
import type { MoveRow } from './account-moves-store.ts';
import type { IntoAccount } from './move-survey.ts';

type AccountMoveMail = Extract<MailContent, { kind: 'account-move' }>;

/** An account with so many administrators tells only so many of them. */
const mostTold = 50;

/**
 * Tells the administrators of both accounts what has become of a merge or split, and whoever is to be the first
 * administrator of a new one. Each side reads the other's name as it may be known to it: the identifier alone, until both
 * have agreed.
 *
 * @param newcomerLink a link for choosing a password, for the first administrator
 */
export async function mailMove(
  context: QueueContext,
  told: { move: MoveRow; from: IntoAccount; into: IntoAccount; by: string; newcomerLink?: string | null },
): Promise<void> {
  const { move, from, into, by, newcomerLink = null } = told;
  const { trx, now, installation } = context;
  const link = `${installation.publicUrl}/account-moves/${move.moveId}`;
  const isKnown = move.kind === 'split' || move.state === 'done' || move.state === 'undone';
  const contentFor = (side: 'from' | 'into'): AccountMoveMail => {
    const isAsked = side !== move.proposedSide;
    const nameOf = (account: IntoAccount, own: boolean) =>
      own || isKnown || isAsked ? account.name : account.domainIdentifier;
    return {
      kind: 'account-move',
      what: move.kind,
      state: move.state,
      fromName: nameOf(from, side === 'from'),
      intoName: nameOf(into, side === 'into'),
      by,
      reason: (move.state === 'proposed' || move.state === 'done' ? move.reason : move.answer) ?? '',
      endsAt: move.endsAt?.toString() ?? null,
      link,
    };
  };
  const sent = new Set<string>();
  for (const [side, account] of [
    ['from', from],
    ['into', into],
  ] as const) {
    const mails = account.accountId === null ? [] : await administratorAddresses(trx, account.accountId, now);
    for (const to of mails.slice(0, mostTold)) {
      if (sent.has(to)) continue;
      sent.add(to);
      await queueMail(context, { to, accountId: account.accountId, content: contentFor(side) });
    }
  }
  const first = move.firstAdministratorEmail;
  if (first === null || into.accountId !== null || sent.has(first)) return;
  const content = { ...contentFor('into'), link: newcomerLink ?? link };
  await queueMail(context, { to: first, accountId: null, content });
}
