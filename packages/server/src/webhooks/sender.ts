import { hasFailedForLong, nextTry, readRetryAfter } from '@estover/domain/webhooks';
import type { Logger } from 'pino';
import { scopeOf } from '../access/scope.ts';
import { sealEvents } from '../audit/index.ts';
import type { Database } from '../database/database.ts';
import { logPutOff } from '../database/log-put-off.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Installation } from '../installation/index.ts';
import type { Mailer, QueueContext } from '../notifications/index.ts';
import { type OutboundAnswer, OutboundError, outboundFetch } from '../outbound/index.ts';
import {
  accountsWithWebhooks,
  type ClaimedDelivery,
  claimDueDeliveries,
  endDelivery,
  giveBackDelivery,
  queueSealedEvents,
  saveTry,
  webhooksBehind,
} from './deliveries-store.ts';
import { bodyOf, grantsOfWebhook, maySend } from './seen-events.ts';
import { signatureOf } from './signing.ts';
import { switchOff } from './switch-off.ts';
import { webhookPurpose } from './webhook-answer.ts';
import { findWebhook, noteTry, type WebhookRow } from './webhooks-store.ts';

/** Brings events to webhooks. */
export interface WebhookSender {
  /** There is something to send: sends it soon, in the background. */
  wake(): void;
  /** Sends what is due and waits for it. Returns how many deliveries were taken by their receivers. */
  sendDue(): Promise<number>;
  /** Ends what is under way; what was not sent is due again. */
  close(): Promise<void>;
}

/** Sends nothing: for a server beside another one that does. */
export const silentWebhooks: WebhookSender = {
  wake() {},
  sendDue: async () => 0,
  close: async () => {},
};

export interface WebhookSenderOptions {
  db: Database;
  installation: Installation;
  mailer: Mailer;
  now(): Temporal.Instant;
  newId(): string;
  log: Pick<Logger, 'warn' | 'error'>;
  /** From 0 to 1, for the jitter of pauses. */
  chance(): number;
  /** How long one try may take (the standard says 15 to 30 s). */
  timeoutMs?: number;
  /** Looks again by itself after so long while there are webhooks; never, if not given. */
  everyMs?: number;
}

const usualTimeoutMs = 15_000;
/** So many are sent at once by one server, and to one webhook: a slow receiver leaves room for all others. */
const atOnce = 32;
const perWebhook = 3;
/** How long what a server took stays its own: longer than a try may take. */
const claimSeconds = 60;
const mostAnswerBytes = 64 * 1024;
const keptAnswerBytes = 2 * 1024;

/** Any number of servers send what each gets hold of first; a delivery may come twice, and none is lost. */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { db, installation, mailer, now, newId, log, everyMs } = options;
  let underWay: Promise<number> | undefined;
  let closed = false;
  /** Whether somebody asked to look again, and what tells whoever waits. */
  let asked = false;
  let ring = () => {};
  let timer: NodeJS.Timeout | undefined;

  /** A transaction in which mails can be queued. */
  const change = async <T>(work: (context: QueueContext) => Promise<T>): Promise<T> => {
    const afterCommit: (() => void)[] = [];
    const result = await inTransaction(db, (trx) => {
      afterCommit.length = 0;
      const at = now();
      return work({
        trx,
        now: at,
        newId,
        installation,
        mailer,
        afterCommit: (next) => void afterCommit.push(next),
      });
    });
    for (const next of afterCommit) next();
    return result;
  };

  /** Makes deliveries of what happened since. */
  const queueEvents = async (): Promise<void> => {
    for (const { accountId, webhookId } of await webhooksBehind(db)) {
      let more = true;
      while (more && !closed) {
        more = await change(async (context) => {
          const webhook = await findWebhook(context.trx, accountId, webhookId, 'if-free');
          if (webhook === undefined || webhook.offReason !== null) return false;
          if (!(await maySend(context.trx, webhook, context.now))) {
            await switchOff(context, webhook, 'rights');
            return false;
          }
          const scope = scopeOf({ grants: grantsOfWebhook(webhook) }, accountId, 'view-events');
          return queueSealedEvents(context.trx, webhook, scope, context.now);
        });
      }
    }
  };

  /** What is to be sent, read at the last moment; null where it is not sent after all. */
  const prepare = (claim: ClaimedDelivery): Promise<{ webhook: WebhookRow; body: string } | null> =>
    change(async (context) => {
      const { trx } = context;
      const webhook = await findWebhook(trx, claim.accountId, claim.webhookId, 'to-read');
      if (webhook === undefined) return null;
      if (webhook.offReason === null && !(await maySend(trx, webhook, context.now))) {
        const held = await findWebhook(trx, claim.accountId, claim.webhookId, 'to-change');
        if (held?.offReason === null) await switchOff(context, held, 'rights');
        await giveBackDelivery(trx, claim, context.now);
        return null;
      }
      if (webhook.offReason !== null) {
        await giveBackDelivery(trx, claim, context.now);
        return null;
      }
      const body = await bodyOf(trx, webhook, claim);
      if (body !== null) return { webhook, body };
      await endDelivery(trx, claim, 'The event is not one that the webhook may see any more.');
      return null;
    });

  const send = async (claim: ClaimedDelivery): Promise<boolean> => {
    const prepared = await prepare(claim);
    if (prepared === null) return false;
    const { webhook, body } = prepared;
    const at = now();
    const begun = performance.now();
    const { answer, problem } = await attempt(webhook, claim.messageId, body, at);
    const milliseconds = Math.round(performance.now() - begun);
    const status = answer?.status ?? null;
    return change(async (context) => {
      const { trx } = context;
      const retryAfterSeconds = readRetryAfter(answer?.headers['retry-after'], context.now);
      const next = nextTry({ status, retryAfterSeconds }, claim.tries - claim.triesBefore, options.chance());
      const delivered = next.kind === 'delivered';
      const nextTryAt = next.kind === 'again' ? context.now.add({ seconds: next.inSeconds }) : null;
      const held = await findWebhook(trx, claim.accountId, claim.webhookId, 'to-change');
      if (held === undefined) return delivered;
      await saveTry(
        trx,
        claim,
        {
          at,
          milliseconds,
          status,
          answer: readable(answer),
          problem: delivered ? null : (problem ?? `The answer was ${status}.`),
        },
        { state: delivered ? 'delivered' : nextTryAt === null ? 'failed' : 'waiting', nextTryAt },
      );
      if (held.offReason !== null) return delivered;
      await noteTry(trx, held, delivered ? null : context.now);
      if (next.kind === 'gone') await switchOff(context, held, 'gone');
      else if (!delivered && held.failingSince !== null && hasFailedForLong(held.failingSince, context.now))
        await switchOff(context, held, 'failing');
      return delivered;
    });
  };

  const attempt = async (
    webhook: WebhookRow,
    messageId: string,
    body: string,
    at: Temporal.Instant,
  ): Promise<{ answer: OutboundAnswer | null; problem: string | null }> => {
    const timestamp = Math.floor(at.epochMilliseconds / 1000);
    const signatures = secretsOf(installation, webhook, at).map((secret) =>
      signatureOf(secret, { messageId, timestamp, body }),
    );
    try {
      const answer = await outboundFetch(webhook.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': `Estover/${installation.version}`,
          'webhook-id': messageId,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signatures.join(' '),
        },
        body,
        timeoutMs: options.timeoutMs ?? usualTimeoutMs,
        maxBytes: mostAnswerBytes,
        allow: installation.outboundAllow,
      });
      return { answer, problem: null };
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      return { answer: null, problem: error.message };
    }
  };

  /** Looks for what has happened since, and says when to look again. False without a webhook. */
  const look = async (): Promise<boolean> => {
    const accounts = await accountsWithWebhooks(db);
    if (accounts.length === 0) return false;
    if (everyMs !== undefined && !closed) {
      clearTimeout(timer);
      timer = setTimeout(wake, everyMs).unref();
    }
    // What is sealed stands in one place of the chain and is never overtaken: that is how far a webhook has come.
    await sealEvents(db, now(), accounts);
    await queueEvents();
    return true;
  };

  const run = async (): Promise<number> => {
    let delivered = 0;
    const sending = new Set<Promise<void>>();
    const busy = new Map<string, number>();
    const count = (webhookId: string, change: 1 | -1) => {
      const left = (busy.get(webhookId) ?? 0) + change;
      if (left === 0) busy.delete(webhookId);
      else busy.set(webhookId, left);
    };
    asked = true;
    for (;;) {
      const bell = new Promise<void>((resolve) => {
        ring = resolve;
      });
      // Also while a slow receiver is waited for, so that what happens meanwhile goes out to the others.
      if (asked && !closed) {
        asked = false;
        if (!(await look()) && sending.size === 0) return delivered;
      }
      const room = closed ? 0 : atOnce - sending.size;
      const until = now().add({ seconds: claimSeconds });
      const claimed =
        room === 0
          ? []
          : await claimDueDeliveries(db, { now: now(), until, most: room, perWebhook, underWay: busy });
      for (const claim of claimed) {
        count(claim.webhookId, 1);
        const one = send(claim)
          .then((taken) => {
            if (taken) delivered += 1;
          })
          // Its claim ends by itself, and somebody tries again.
          .catch((error: unknown) =>
            logPutOff(log, error, 'a delivery of a webhook broke off', { webhookId: claim.webhookId }),
          )
          .finally(() => {
            count(claim.webhookId, -1);
            sending.delete(one);
          });
        sending.add(one);
      }
      if (sending.size === 0 && (!asked || closed)) return delivered;
      await Promise.race([...sending, bell]);
    }
  };

  const start = (): Promise<number> => {
    if (underWay !== undefined) {
      asked = true;
      ring();
      return underWay;
    }
    underWay = run().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
  const wake = () => {
    if (closed) return;
    // The schedule comes back to what fails here.
    start().catch((error: unknown) => logPutOff(log, error, 'webhooks could not be served'));
  };

  return {
    wake,
    sendDue: async () => (closed ? 0 : start()),
    async close() {
      closed = true;
      clearTimeout(timer);
      ring();
      await underWay?.catch(() => undefined);
    },
  };
}

/** What signs now: the secret or key, and the one before while it still does. */
function secretsOf(installation: Installation, webhook: WebhookRow, at: Temporal.Instant): string[] {
  const { secretSealed, previousSecretSealed, previousUntil } = webhook;
  const previous =
    previousSecretSealed !== null && previousUntil !== null && Temporal.Instant.compare(previousUntil, at) > 0
      ? [previousSecretSealed]
      : [];
  return [secretSealed, ...previous].map((sealed) => installation.open(webhookPurpose, sealed));
}

/** The beginning of an answer for the log: what no screen and no database can show is left out. */
function readable(answer: OutboundAnswer | null): string {
  if (answer === null) return '';
  return answer.body
    .subarray(0, keptAnswerBytes)
    .toString('utf8')
    .replaceAll(/[^\P{Cc}\n]/gu, '')
    .replaceAll(/[\u202a-\u202e\u2066-\u2069\ufffd]/gu, '');
}
