import { type QueueContext, queueMail } from '../notifications/index.ts';
import { type AccessRequestRow, whoMayAnswer } from './access-requests-store.ts';
import { findPerson } from './people-store.ts';

type Brought = AccessRequestRow & { accountId: string };

/** Tells those who may answer a request of it. */
export async function mailApprovers(
  context: QueueContext,
  request: Brought,
  accountName: string,
): Promise<void> {
  const { trx, now, installation } = context;
  const person = await findPerson(trx, request.personId);
  if (person === undefined) return;
  for (const to of await whoMayAnswer(trx, request, now)) {
    const content = {
      kind: 'access-requested',
      accountName,
      requestedBy: `${person.name} (${person.email})`,
      role: request.role,
      place: request.place,
      reason: request.reason,
      link: `${installation.publicUrl}/accounts/${request.accountId}/requests?open=${request.requestId}`,
      until: request.endsAt.toString(),
    } as const;
    await queueMail(context, { to, accountId: request.accountId, content });
  }
}

/** How a request ended, for the person who asked. */
export type AccessOutcome =
  | { outcome: 'approved'; role: string; until: string | null; answeredBy: string }
  | { outcome: 'declined'; answeredBy: string }
  | { outcome: 'expired' };

/**
 * Tells the person who asked how it ended. One that expired says nothing of whether there is such an account, and is
 * kept under no account.
 */
export async function mailAsker(
  context: QueueContext,
  request: AccessRequestRow,
  ended: AccessOutcome,
): Promise<void> {
  const person = await findPerson(context.trx, request.personId);
  if (person === undefined) return;
  const { publicUrl } = context.installation;
  const isApproved = ended.outcome === 'approved';
  const content = {
    kind: 'access-request-closed',
    identifier: request.identifier,
    place: request.place,
    ended,
    answer: request.answer,
    link: isApproved ? `${publicUrl}/accounts/${request.accountId ?? ''}` : `${publicUrl}/request-access`,
  } as const;
  await queueMail(context, {
    to: person.email,
    accountId: ended.outcome === 'expired' ? null : request.accountId,
    content,
  });
}
