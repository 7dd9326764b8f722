import { confirmedState, declinesTaken } from '@estover/domain/accounts';
import type { Context } from '../edge/context.ts';
import { findAccountByDomain, isBelowAccount } from './accounts-store.ts';
import { mailApprover, mailExists, mailTaken } from './request-mails.ts';
import { become, type RequestRow, saveRequestState } from './requests-store.ts';

/**
 * Lets a request go on whose requester is known to have their address, because they confirmed it, signed in, or came with a
 * link that was sent to it. Whoever is next gets a mail.
 */
export async function proceed(context: Context, before: RequestRow): Promise<RequestRow> {
  const { trx, now } = context;
  const taken = await findAccountByDomain(trx, before.domainIdentifier);
  const isDeclined = taken !== undefined && declinesTaken(before);
  const needsReview = before.hasPrefix || (await isBelowAccount(trx, before.domainIdentifier));
  const state = confirmedState({ isTaken: isDeclined, needsReview });
  const reason = isDeclined ? `${taken.name} has the identifier.` : null;
  const request = become(before, state, now, { reason });
  await saveRequestState(trx, request);
  if (isDeclined) await mailTaken(context, request, taken);
  else if (state === 'awaiting-acceptance') {
    if (taken === undefined) await mailApprover(context, request);
    else await mailExists(context, request, taken);
  }
  return request;
}
