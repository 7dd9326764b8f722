import { lockAccount } from '../access/scope.ts';
import type { QueueContext } from '../notifications/index.ts';
import { type BoundTo, bindOrderLines, type DeliveryContext, deliverWaitingLines } from '../orders/index.ts';
import { findAwaited } from './awaited-accounts-store.ts';
import { removePending } from './order-contacts-store.ts';
import { mailWithdrawn } from './request-mails.ts';
import { linkInvalid } from './requests-by-link.ts';
import { become, lockOpenRequestsOf, saveRequestState } from './requests-store.ts';

/** What it takes to deliver, and to write mails. */
export type BindingContext = DeliveryContext & QueueContext;

/**
 * Takes back what was asked for from a pending account and still waits; its approver's link has ended then. Requests are
 * taken before the account, as everywhere; whoever has taken the account as well looks again for one that came meanwhile.
 */
export async function withdrawRequests(context: QueueContext, pendingAccountId: string): Promise<void> {
  const { trx, now } = context;
  for (const request of await lockOpenRequestsOf(trx, pendingAccountId, now)) {
    await mailWithdrawn(context, request);
    await saveRequestState(trx, become(request, 'withdrawn', now));
  }
}

/**
 * Gives the orders of a pending account to the account they are for, which the caller holds, and delivers what has shipped;
 * the pending account is gone then, and no request that begins from it is open.
 *
 * @param operation the name that the events of deliveries carry
 */
export async function bindOrders(
  context: BindingContext,
  operation: string,
  pendingAccountId: string,
  to: BoundTo,
): Promise<{ lines: number; byRules: number; deliveredLines: number }> {
  const { trx } = context;
  // From here on no order is booked for it any more, and nothing is asked for from it.
  if (!(await lockAccount(trx, pendingAccountId, 'everything'))) throw linkInvalid();
  await withdrawRequests(context, pendingAccountId);
  const bound = await bindOrderLines(trx, pendingAccountId, to);
  await removePending(trx, pendingAccountId);
  return { ...bound, deliveredLines: await deliverWaitingLines(context, operation, to.accountId) };
}

/**
 * Gives the orders that were booked for an identifier, while nobody had it, to the account that has it now and that the
 * caller holds.
 *
 * @param operation the name that the events of deliveries carry
 * @returns how many lines were delivered
 */
export async function bindAwaited(
  context: BindingContext,
  operation: string,
  account: { accountId: string; domainIdentifier: string },
  virtualAccountId: string,
): Promise<number> {
  const pendingAccountId = await findAwaited(context.trx, account.domainIdentifier);
  if (pendingAccountId === undefined) return 0;
  const { accountId } = account;
  const to = { accountId, virtualAccountId, followsRules: true };
  return (await bindOrders(context, operation, pendingAccountId, to)).deliveredLines;
}
