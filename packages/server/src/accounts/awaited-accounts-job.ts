import { lockAccount } from '../access/scope.ts';
import { recordEvents } from '../audit/record-event.ts';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { type Context, systemActor } from '../edge/context.ts';
import { findAccount } from './accounts-store.ts';
import { findArrived } from './awaited-accounts-store.ts';
import { bindAwaited, withdrawRequests } from './bind-orders.ts';
import { findDefaultVirtualAccount } from './virtual-accounts-store.ts';

type Dependencies = Pick<Context, 'installation' | 'mailer' | 'newId'> & {
  db: Database;
  now(): Temporal.Instant;
};

const operation = 'bindAwaitedOrders';
const accountsAtOnce = 100;

/**
 * Gives accounts the orders that were booked for their identifier before they had it, where that was not done with the step
 * that gave it to them: an upgrade, or an order that was booked at the same moment. Returns for how many accounts; several
 * servers share the work.
 */
export async function bindArrivedAccounts({
  db,
  now: clock,
  newId,
  installation,
  mailer,
}: Dependencies): Promise<{ bound: number }> {
  const now = clock();
  let bound = 0;
  const arrived = await inTransaction(db, (trx) => findArrived(trx, accountsAtOnce));
  for (const { pendingAccountId, accountId } of arrived) {
    const isBound = await inTransaction(db, async (trx) => {
      const context = {
        ...{ trx, now, newId, actor: systemActor, requestId: null, from: null },
        // The mailer is woken when all are done.
        ...{ installation, mailer, afterCommit: () => {} },
      };
      // Requests come before accounts, and accounts in the order of keys.
      await withdrawRequests(context, pendingAccountId);
      for (const id of [accountId, pendingAccountId].toSorted()) {
        if (!(await lockAccount(trx, id, 'everything'))) return false;
      }
      const account = await findAccount(trx, accountId);
      if (account?.status !== 'active') return false;
      const place = await findDefaultVirtualAccount(trx, accountId);
      const deliveredLines = await bindAwaited(context, operation, account, place);
      await recordEvents(trx, [
        {
          accountId,
          eventId: newId(),
          at: now,
          actor: systemActor,
          operation,
          objectKind: 'account',
          objectId: accountId,
          message: `got the order lines that waited for an account ${account.domainIdentifier}; ${deliveredLines} were delivered`,
          after: { pendingAccountId, deliveredLines },
          from: null,
          requestId: null,
        },
      ]);
      return true;
    });
    if (isBound) bound++;
  }
  if (bound > 0) mailer.wake();
  return { bound };
}
