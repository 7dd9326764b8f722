import { randomBytes, randomUUIDv7 } from 'node:crypto';
import type { AccountRole, GrantScope } from '@estover/domain/access';
import { type Client, createAccount, createClient, createVirtualAccount } from '@estover/protocol';
import type { FastifyInstance } from 'fastify';
import { insertApiKey, newApiKeySecret } from '../access/api-keys-store.ts';
import { createApp } from '../app.ts';
import type { Database } from '../database/database.ts';
import { type ConnectionLimits, defaultConnectionLimits } from '../edge/connection-limits.ts';
import {
  createSeal,
  type Installation,
  loadInstallation,
  type PublicMailDomains,
} from '../installation/index.ts';
import type { JobDependencies } from '../jobs/index.ts';
import { createMailer, keepingMailer, type Mailer } from '../notifications/index.ts';
import { readNetworks } from '../outbound/index.ts';
import { createWebhookSender, type WebhookSender } from '../webhooks/index.ts';
import { openTestDatabase } from './test-database.ts';

/** A clock that stands still until it is moved. */
export interface TestClock {
  now(): Temporal.Instant;
  advance(duration: Temporal.DurationLike): void;
  set(instant: string): void;
}

export interface TestServerOptions {
  /** Where the clock stands at first. */
  at?: string;
  /** Folder of a built console to serve. */
  consoleFolder?: string;
  /** The server says that it is reached at `http://localhost:<port>`, where a browser knows passkeys. */
  atLocalhost?: boolean;
  /** Passwords that nobody may choose. */
  breachedPasswords?: readonly string[];
  /** Address of a mail server; without one mails are kept in the outbox. */
  smtpUrl?: string;
  /** Networks that webhooks may go to beside the public Internet, such as 127.0.0.1. */
  outboundAllow?: string;
  /** What the configuration adds to the list of public mail domains, and takes out of it. */
  publicMailDomains?: PublicMailDomains;
  /** What name servers say: the texts of TXT records by name, which the test may change. */
  txtRecords?: Map<string, string[]>;
  /** Accounts may set up single sign-on by SAML. */
  saml?: boolean;
  /** What lines to the server may take, other than by default. */
  limits?: Partial<ConnectionLimits>;
  /** False serves no reference of the API. */
  servesReference?: boolean;
  /** Whoever asks says in `X-Forwarded-For` where from, as if a proxy stood before the server. */
  trustProxy?: boolean;
  /** Told of every route, with its method, before the server listens. */
  onRoute?(method: string, path: string): void;
}

export interface SeededAccount {
  accountId: string;
  defaultVirtualAccountId: string;
  /** A client with the account administrator's role. */
  administrator: Client;
}

export interface TestServer {
  app: FastifyInstance;
  db: Database;
  connectionString: string;
  address: string;
  clock: TestClock;
  installation: Installation;
  mailer: Mailer;
  webhooks: WebhookSender;
  /** For running jobs, by the test's clock. */
  jobDependencies: JobDependencies;
  /** A client of the platform's operator. */
  operator: Client;
  /** The API key of that client. */
  operatorKey: string;
  client(apiKey?: string): Client;
  /** An API key of an account with a role, made without the API. */
  keyOf(accountId: string, role: AccountRole, scope?: GrantScope): Promise<string>;
  /** A customer account with an administrator. */
  account(name?: string): Promise<SeededAccount>;
  /** Virtual accounts from names joined by ` / `; each parent is made if it is missing. Ids by full name. */
  virtualAccounts(seeded: SeededAccount, ...paths: string[]): Promise<Record<string, string>>;
  close(): Promise<void>;
}

/** A real server on a free port, on a database of its own, with a clock the test moves. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const database = await openTestDatabase();
  let current = Temporal.Instant.from(options.at ?? '2026-11-22T12:00:00Z');
  const clock: TestClock = {
    now: () => current,
    advance: (duration) => {
      // Days are 24 hours here: all instants are in UTC.
      current = current.toZonedDateTimeISO('UTC').add(duration).toInstant();
    },
    set: (instant) => {
      current = Temporal.Instant.from(instant);
    },
  };
  let publicUrl = 'http://estover.test';
  const installation = await loadInstallation(database.db, {
    seal: createSeal(randomBytes(32)),
    version: '0.0.0-test',
    publicUrl: () => publicUrl,
    now: current,
    outboundAllow: options.outboundAllow === undefined ? [] : (readNetworks(options.outboundAllow) ?? []),
    ...(options.publicMailDomains === undefined ? {} : { publicMailDomains: options.publicMailDomains }),
    saml: options.saml ?? false,
    async resolveTxt(name) {
      const texts = options.txtRecords?.get(name);
      if (texts === undefined) throw Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND' });
      return texts.map((text) => [text]);
    },
  });
  const mailer =
    options.smtpUrl === undefined
      ? keepingMailer
      : createMailer({
          db: database.db,
          seal: installation,
          now: clock.now,
          smtpUrl: options.smtpUrl,
          from: { name: 'Estover', address: 'licenses@vendor.example' },
          withinMs: 3_000,
          log: { warn: () => {}, error: () => {} },
        });
  const newId = () => randomUUIDv7();
  const webhooks = createWebhookSender({
    db: database.db,
    installation,
    mailer,
    now: clock.now,
    newId,
    log: { warn: () => {}, error: () => {} },
    // Pauses are as long as their list says.
    chance: () => 0,
    timeoutMs: 2_000,
  });
  const app = await createApp({
    db: database.db,
    installation,
    now: clock.now,
    newId,
    log: false,
    mailer,
    webhooks,
    breachedPasswords: { has: async (password) => options.breachedPasswords?.includes(password) ?? false },
    checkAnswers: true,
    limits: { ...defaultConnectionLimits, ...options.limits },
    servesReference: options.servesReference ?? true,
    trustProxy: options.trustProxy ?? false,
    prepare(made) {
      made.addHook('onRoute', ({ method, url }) => {
        for (const each of [method].flat()) options.onRoute?.(each, url);
      });
    },
    ...(options.consoleFolder === undefined ? {} : { consoleFolder: options.consoleFolder }),
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  if (options.atLocalhost === true) publicUrl = `http://localhost:${new URL(address).port}`;
  const client = (apiKey?: string) =>
    createClient({ baseUrl: address, ...(apiKey === undefined ? {} : { apiKey }) });

  const insertKey = async (
    accountId: string | null,
    role: string,
    scope: GrantScope | null,
  ): Promise<string> => {
    const secret = newApiKeySecret(accountId);
    await database.db.transaction().execute((trx) =>
      insertApiKey(trx, {
        apiKeyId: randomUUIDv7(),
        accountId,
        name: `${role} key`,
        role,
        scope,
        secret,
        createdBy: 'test',
        createdAt: current,
        expiresAt: null,
      }),
    );
    return secret;
  };
  const operatorKey = await insertKey(null, 'operator', null);
  const operator = client(operatorKey);

  return {
    app,
    db: database.db,
    connectionString: database.connectionString,
    address,
    clock,
    installation,
    mailer,
    webhooks,
    jobDependencies: { db: database.db, installation, mailer, webhooks, now: clock.now, newId },
    operator,
    operatorKey,
    client,
    keyOf: (accountId, role, scope = { kind: 'account' }) => insertKey(accountId, role, scope),
    async account(name = 'Northwind Rail') {
      const made = await operator.call(createAccount, {
        body: {
          name,
          domainIdentifier: `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.example`,
          administrator: { name: 'Ana Ruiz', email: `ana@${randomUUIDv7()}.example` },
          overrideReason: 'Nobody else has an address like this',
        },
      });
      const accountId = made.account.accountId;
      const administrator = client(await insertKey(accountId, 'account-administrator', { kind: 'account' }));
      return { accountId, defaultVirtualAccountId: made.defaultVirtualAccountId, administrator };
    },
    async virtualAccounts({ accountId, administrator }, ...paths) {
      const ids: Record<string, string> = {};
      for (const path of paths) {
        const names = path.split(' / ');
        for (let depth = 1; depth <= names.length; depth++) {
          const full = names.slice(0, depth).join(' / ');
          if (ids[full] !== undefined) continue;
          const parent = names.slice(0, depth - 1).join(' / ');
          const { virtualAccount } = await administrator.call(createVirtualAccount, {
            params: { accountId },
            body: { name: names[depth - 1] as string, parentId: ids[parent] ?? null },
          });
          ids[full] = virtualAccount.virtualAccountId;
        }
      }
      return ids;
    },
    async close() {
      await app.close();
      await mailer.close();
      await webhooks.close();
      await database.close();
    },
  };
}
