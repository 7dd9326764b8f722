import { randomUUIDv7 } from 'node:crypto';
import {
  type AnswerOf,
  type BodyOf,
  type Client,
  createWebhook,
  listWebhookDeliveries,
  listWebhooks,
  updateAccount,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import {
  type SeededAccount,
  startTestServer,
  startWebhookReceiver,
  type TestServer,
  type WebhookReceiver,
} from '../../testing/index.ts';
import { createWebhookSender, type WebhookSenderOptions } from '../sender.ts';

export type Made = AnswerOf<typeof createWebhook>;

/** What a test of webhooks has: a server, and for each test a new account and a receiver on this machine. */
export interface WebhookTest {
  server: TestServer;
  receiver: WebhookReceiver;
  account: SeededAccount;
  params: { accountId: string };
  /** A webhook of the account to the receiver, of changes of the account alone. */
  make(body?: Partial<BodyOf<typeof createWebhook>>, client?: Client): Promise<Made>;
  /** A change that such a webhook tells of. */
  rename(name?: string): Promise<unknown>;
  /** Sends what is due, and says how much was taken. */
  send(): Promise<number>;
  of(made: Made): { params: { accountId: string; webhookId: string } };
  deliveries(made: Made): Promise<AnswerOf<typeof listWebhookDeliveries>['items']>;
  stateOf(made: Made): Promise<Made['webhook'] | undefined>;
  /** What the receiver answers from now on. */
  answering(status: number, headers?: Record<string, string>, body?: string): void;
  /** A sender of another server. */
  another(more?: Partial<WebhookSenderOptions>): ReturnType<typeof createWebhookSender>;
}

/** Registers what comes before and after the tests of a file, and gives what they use. */
export function webhookTest(): WebhookTest {
  const test = {} as WebhookTest;
  beforeAll(async () => {
    test.server = await startTestServer({ outboundAllow: '127.0.0.1' });
  });
  afterAll(() => test.server.close());
  beforeEach(async () => {
    test.receiver = await startWebhookReceiver();
    test.account = await test.server.account(`Northwind ${randomUUIDv7()}`);
    test.params = { accountId: test.account.accountId };
    test.server.clock.advance({ minutes: 1 });
  });
  afterEach(async () => {
    // What is left of one test is not sent in the next one.
    await sql`delete from webhooks`.execute(test.server.db);
    await test.receiver.close();
  });
  const webhookOf = ({ webhook: { webhookId } }: Made) => ({ params: { ...test.params, webhookId } });
  return Object.assign(test, {
    make: (body: Partial<BodyOf<typeof createWebhook>> = {}, client = test.account.administrator) =>
      client.call(createWebhook, {
        params: test.params,
        body: {
          description: 'SIEM',
          url: test.receiver.url,
          events: { operations: ['updateAccount'], objectKinds: [] },
          ...body,
        },
      }),
    rename: (name = `Name ${randomUUIDv7()}`) =>
      test.account.administrator.call(updateAccount, { params: test.params, body: { name } }),
    send: () => test.server.webhooks.sendDue(),
    of: webhookOf,
    deliveries: async (made: Made) =>
      (await test.account.administrator.call(listWebhookDeliveries, webhookOf(made))).items,
    stateOf: async ({ webhook: { webhookId } }: Made) =>
      (await test.account.administrator.call(listWebhooks, { params: test.params })).items.find(
        (one) => one.webhookId === webhookId,
      ),
    answering: (status: number, headers: Record<string, string> = {}, body = '') =>
      test.receiver.answer((_, response) => response.writeHead(status, headers).end(body)),
    another: (more: Partial<WebhookSenderOptions> = {}) =>
      createWebhookSender({
        db: test.server.db,
        installation: test.server.installation,
        mailer: test.server.mailer,
        now: test.server.clock.now,
        newId: () => randomUUIDv7(),
        log: { warn: () => {}, error: () => {} },
        chance: () => 0,
        ...more,
      }),
  });
}

/** How a test expects a refusal. */
export const refused = (code: string, facts: Record<string, unknown> = {}) => ({
  problem: { code, ...facts },
});
