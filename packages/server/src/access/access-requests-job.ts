import { isPartner } from '@estover/domain/access';
import { type EventRow, recordEvents } from '../audit/record-event.ts';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { type Context, type OnBehalfOf, systemActor } from '../edge/context.ts';
import type { QueueContext } from '../notifications/index.ts';
import { mailApprovers, mailAsker } from './access-request-mails.ts';
import {
  type AccessRequestRow,
  lockEndedRequests,
  lockUnbrought,
  saveAccessRequest,
} from './access-requests-store.ts';
import { findPlacesIn } from './find-named-places.ts';
import { findPerson } from './people-store.ts';
import { requestInWords } from './request-access.ts';
import { scopeOfSystem } from './scope.ts';

type Dependencies = Pick<Context, 'installation' | 'mailer' | 'newId'> & {
  db: Database;
  now(): Temporal.Instant;
};

const requestsAtOnce = 100;

/**
 * Brings requests for access to the accounts that have their identifiers, with mails to those who may answer, and expires
 * those that nobody answered in time, with a mail to whoever asked. Returns how many of each; several servers share the
 * work.
 */
export async function settleAccessRequests(
  dependencies: Dependencies,
): Promise<{ brought: number; expired: number }> {
  const expired = await settleAll(dependencies, expireSome);
  const brought = await settleAll(dependencies, bringSome);
  if (expired + brought > 0) dependencies.mailer.wake();
  return { brought, expired };
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

async function bringSome(context: QueueContext): Promise<EventRow[]> {
  const { trx, now } = context;
  const events: EventRow[] = [];
  for (const { accountName, ...asked } of await lockUnbrought(trx, now, requestsAtOnce)) {
    const { accountId, place, personId } = asked;
    const found = place === '' ? null : await findPlacesIn(trx, accountId, [place], scopeOfSystem);
    const request = { ...asked, virtualAccountId: found?.get(place) ?? null };
    await saveAccessRequest(trx, request);
    await mailApprovers(context, request, accountName);
    const person = await findPerson(trx, personId);
    const email = person?.email ?? personId;
    const from = isPartner(request.identifier, email) ? ', who is of another company,' : '';
    events.push({
      ...eventOf(context, 'receiveAccessRequest', request),
      onBehalfOf: behalfOfAsker(person, personId),
      message: `got a request of ${email}${from} for ${requestInWords(request)}: ${request.reason}`,
      after: { email, role: request.role, place, reason: request.reason },
    });
  }
  return events;
}

async function expireSome(context: QueueContext): Promise<EventRow[]> {
  const { trx, now } = context;
  const events: EventRow[] = [];
  for (const before of await lockEndedRequests(trx, now, requestsAtOnce)) {
    const request: AccessRequestRow = { ...before, state: 'expired', stateSince: now };
    await saveAccessRequest(trx, request);
    await mailAsker(context, request, { outcome: 'expired' });
    events.push({
      ...eventOf(context, 'expireAccessRequest', request),
      onBehalfOf: behalfOfAsker(await findPerson(trx, request.personId), request.personId),
      message: `ended the request for ${requestInWords(request)}, which nobody answered in time`,
      before: { state: before.state },
      after: { state: request.state },
    });
  }
  return events;
}

/** Whose asking the system follows. */
const behalfOfAsker = (person: { name: string } | undefined, personId: string): OnBehalfOf | null =>
  person === undefined ? null : { kind: 'person', id: personId, name: person.name };

const eventOf = ({ now, newId }: QueueContext, operation: string, request: AccessRequestRow) => ({
  accountId: request.accountId,
  eventId: newId(),
  at: now,
  actor: systemActor,
  operation,
  objectKind: 'access-request',
  objectId: request.requestId,
  virtualAccountId: request.virtualAccountId,
  from: null,
  requestId: null,
});
