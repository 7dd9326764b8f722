import { type EventRow, recordEvents } from '../audit/record-event.ts';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { type Context, systemActor } from '../edge/context.ts';
import type { QueueContext } from '../notifications/index.ts';
import { findAccountByDomain } from './accounts-store.ts';
import { mailExpired, mailTaken } from './request-mails.ts';
import { become, lockEnded, lockOvertaken, type RequestRow, saveRequestState } from './requests-store.ts';

type Dependencies = Pick<Context, 'installation' | 'mailer' | 'newId'> & {
  db: Database;
  now(): Temporal.Instant;
};

const requestsAtOnce = 100;

/**
 * Expires requests for accounts whose end has passed, and declines those whose identifier an account has got in the
 * meantime. Requesters hear of it by mail, except those who never confirmed their address. Returns how many of each;
 * several servers share the work.
 */
export async function settleAccountRequests(
  dependencies: Dependencies,
): Promise<{ expired: number; declined: number }> {
  const expired = await settleAll(dependencies, expireSome);
  const declined = await settleAll(dependencies, declineSome);
  if (expired + declined > 0) dependencies.mailer.wake();
  return { expired, declined };
}

async function settleAll(
  { db, now: clock, newId, installation, mailer }: Dependencies,
  some: (context: QueueContext) => Promise<EventRow[]>,
): Promise<number> {
  let settled = 0;
  for (;;) {
    const done = await inTransaction(db, async (trx) => {
      // The mailer is woken when all are done.
      const events = await some({ trx, now: clock(), newId, installation, mailer, afterCommit: () => {} });
      await recordEvents(trx, events);
      return events.length;
    });
    settled += done;
    if (done < requestsAtOnce) return settled;
  }
}

async function expireSome(context: QueueContext): Promise<EventRow[]> {
  const { trx, now } = context;
  const events: EventRow[] = [];
  for (const before of await lockEnded(trx, now, requestsAtOnce)) {
    const request = become(before, 'expired', now);
    await saveRequestState(trx, request);
    if (before.state !== 'requested') await mailExpired(context, request, before.state);
    const who =
      before.state === 'under-review'
        ? 'no operator answered'
        : `${before.state === 'requested' ? before.requesterEmail : before.approverEmail} did not answer`;
    const message = `ended the request for the account ${before.domainIdentifier}, which ${who} in time`;
    events.push(eventOf(context, 'expireAccountRequest', before, request, message));
  }
  return events;
}

async function declineSome(context: QueueContext): Promise<EventRow[]> {
  const { trx, now } = context;
  const events: EventRow[] = [];
  for (const before of await lockOvertaken(trx, requestsAtOnce)) {
    const account = await findAccountByDomain(trx, before.domainIdentifier);
    if (account === undefined) continue;
    const request = become(before, 'declined', now, { reason: `${account.name} has the identifier.` });
    await saveRequestState(trx, request);
    await mailTaken(context, request, account);
    const message = `declined the request for the account ${before.domainIdentifier}, because another account has the identifier by now`;
    events.push(eventOf(context, 'declineAccountRequest', before, request, message));
  }
  return events;
}

const eventOf = (
  { now, newId }: QueueContext,
  operation: string,
  before: RequestRow,
  after: RequestRow,
  message: string,
): EventRow => ({
  accountId: null,
  eventId: newId(),
  at: now,
  actor: systemActor,
  onBehalfOf: { kind: 'person', id: null, name: after.requesterName },
  operation,
  objectKind: 'account-request',
  objectId: after.requestId,
  message,
  before: { state: before.state },
  after: { state: after.state },
  from: null,
  requestId: null,
});
