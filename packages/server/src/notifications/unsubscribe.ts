import { unsubscribe } from '@estover/protocol';
import type { FastifyInstance } from 'fastify';
import { platformAccountId, recordEvents } from '../audit/record-event.ts';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { createAttemptLimiter, networkOf, requireTry } from '../edge/attempt-limiter.ts';
import type { Context, EventFacts } from '../edge/context.ts';
import { command, type Handler } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import type { Installation } from '../installation/index.ts';
import { kindsInWords } from './kinds-in-words.ts';
import { saveChoices } from './readers-store.ts';
import { readUnsubscription, type Unsubscription, unsubscribePath } from './unsubscribe-link.ts';

/** A mail program asks once; one that guesses asks all the time. */
const bound = { burst: 60, refillSeconds: 10 } as const;

/** Whose mails a link ends; undefined when they are not here any more. */
async function findReader(
  { trx }: Pick<Context, 'trx'>,
  { accountId, readerId }: Unsubscription,
): Promise<{ email: string; isAddress: boolean; accountName: string | null } | undefined> {
  const account = await trx
    .selectFrom('accounts')
    .select('name')
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  if (account === undefined && accountId !== platformAccountId) return undefined;
  const accountName = account?.name ?? null;
  const person = await trx.selectFrom('people').select('email').where('id', '=', readerId).executeTakeFirst();
  if (person !== undefined) return { ...person, isAddress: false, accountName };
  const address = await trx
    .selectFrom('notification_addresses')
    .select('email')
    .where('account_id', '=', accountId)
    .where('address_id', '=', readerId)
    .executeTakeFirst();
  return address === undefined ? undefined : { ...address, isAddress: true, accountName };
}

/** Switches off what the token names. It may be used again and again: it can do nothing else. */
async function switchOff(
  context: Pick<Context, 'trx' | 'now' | 'installation'>,
  token: string,
): Promise<{ accountName: string | null; kinds: Unsubscription['kinds']; event: EventFacts }> {
  const named = readUnsubscription(context.installation, token);
  const reader = named === undefined ? undefined : await findReader(context, named);
  if (named === undefined || reader === undefined) {
    throw new Refused('link-invalid', 'The link is not whole, or nothing is sent to this reader any more.');
  }
  const { accountId, readerId, kinds } = named;
  const { email, isAddress, accountName } = reader;
  if (kinds.length > 0) {
    const choices = kinds.map((kind) => ({ kind, cadence: 'off' as const }));
    await saveChoices(context.trx, { accountId, readerId, isAddress }, choices, context.now);
  }
  return {
    accountName,
    kinds,
    event: {
      accountId: accountId === platformAccountId ? null : accountId,
      objectKind: isAddress ? 'notification-address' : 'person',
      objectId: readerId,
      // Who has the link reads the mails of that address.
      actor: { kind: 'anonymous', id: null, name: email },
      message: `switched off mails about ${kindsInWords(kinds)} to ${email}, with the link from one`,
      after: Object.fromEntries(kinds.map((kind) => [kind, 'off'])),
    },
  };
}

export const unsubscribeHandler: Handler = command(
  unsubscribe,
  async (context, { body: { token } }) => {
    const { accountName, kinds, event } = await switchOff(context, token);
    return { answer: { accountName, kinds }, event };
  },
  [{ ...bound, keysOf: (_, from) => [networkOf(from)] }],
);

/**
 * What mail programs do with one click (RFC 8058 §3.2): a form to the address of `List-Unsubscribe`, without cookies and
 * without a question. A plugin of its own, because forms are read nowhere else.
 */
export async function unsubscribeRoute(
  app: FastifyInstance,
  dependencies: { db: Database; installation: Installation; now(): Temporal.Instant; newId(): string },
): Promise<void> {
  const { db, installation, now: clock, newId } = dependencies;
  const limiter = createAttemptLimiter(bound);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/x-www-form-urlencoded', 'multipart/form-data'],
    { parseAs: 'string', bodyLimit: 4 * 1024 },
    (_request, body, done) => done(null, body),
  );
  app.post<{ Params: { token: string } }>(`${unsubscribePath}/:token`, async (request, reply) => {
    const now = clock();
    requireTry(limiter, networkOf(request.ip), now, reply);
    // A crawler that follows links with some form of its own has not clicked.
    if (!/List-Unsubscribe[\s\S]*One-Click/.test(String(request.body ?? ''))) {
      throw new Refused('invalid-request', 'The body must be List-Unsubscribe=One-Click.');
    }
    await inTransaction(db, async (trx) => {
      const { event } = await switchOff({ trx, now, installation }, request.params.token);
      const { actor = { kind: 'anonymous', id: null, name: 'a mail program' } as const } = event;
      const { name: operation } = unsubscribe;
      const common = { eventId: newId(), at: now, operation, from: request.ip, requestId: request.id };
      await recordEvents(trx, [{ ...event, actor, ...common }]);
    });
    return reply.type('text/plain; charset=utf-8').send('These mails are switched off.\n');
  });
}
