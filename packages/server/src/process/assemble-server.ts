import { randomUUIDv7 } from 'node:crypto';
import packageJson from '../../package.json' with { type: 'json' };
import { breachedPasswordsIn, createSetupLink, ensureOperatorKey } from '../access/index.ts';
import { createApp } from '../app.ts';
import { createSeal, loadInstallation } from '../installation/index.ts';
import { type RunningJobs, startJobs } from '../jobs/index.ts';
import { createMailer, keepingMailer, keepWaitingMails } from '../notifications/index.ts';
import { createWebhookSender } from '../webhooks/index.ts';
import type { Assembled, ServerParts } from './server-process.ts';

export type AssemblyOptions = {
  /** Folder of the built console; null serves the API alone. */
  readonly consoleFolder: string | null;
  /** Shows the one-time link with which the first operator is made; called at every start until there is one. */
  announceSetUp?(link: string): void;
};

/** How long an event waits at most before it is on its way to webhooks. */
const webhooksEveryMs = 5_000;

/** Puts the application of a whole server together, with the real clock, real ids and its jobs. */
export async function assembleServer(
  parts: ServerParts,
  { consoleFolder, announceSetUp }: AssemblyOptions,
): Promise<Assembled> {
  const { database, config, log, encryptionKey, https, prepare } = parts;
  const installation = await loadInstallation(database.db, {
    seal: createSeal(encryptionKey),
    version: packageJson.version,
    publicUrl: () => parts.publicUrl(),
    now: Temporal.Now.instant(),
    ...(config.publicMailDomains === undefined ? {} : { publicMailDomains: config.publicMailDomains }),
    outboundAllow: config.outboundAllow,
    saml: config.saml,
  });
  const now = () => Temporal.Now.instant();
  const newId = () => randomUUIDv7();
  const mailer =
    config.mail === undefined
      ? keepingMailer
      : createMailer({ db: database.db, seal: installation, now, log, ...config.mail });
  const webhooks = createWebhookSender({
    db: database.db,
    installation,
    mailer,
    now,
    newId,
    log,
    chance: Math.random,
    everyMs: webhooksEveryMs,
  });
  const app = await createApp({
    db: database.db,
    installation,
    now,
    newId,
    log,
    mailer,
    webhooks,
    ...(config.breachedPasswordsFile !== undefined && {
      breachedPasswords: breachedPasswordsIn(config.breachedPasswordsFile),
    }),
    trustProxy: config.trustProxy,
    limits: config.limits,
    servesReference: config.reference,
    ...(consoleFolder !== null && { consoleFolder }),
    ...(https !== undefined && { https }),
    prepare,
  });
  if (config.operatorKey !== undefined && (await ensureOperatorKey(database.db, config.operatorKey, now()))) {
    log.info({}, 'ESTOVER_OPERATOR_KEY is now an API key of an operator');
  }
  let jobs: RunningJobs | undefined;
  return {
    app,
    async started() {
      const link = await createSetupLink(database.db, { now: now(), newId, publicUrl: parts.publicUrl() });
      if (link !== null) announceSetUp?.(link);
      // What waited for a mail server that was taken away is for an operator to open.
      if (!mailer.isConfigured) await keepWaitingMails(database.db);
      jobs = await startJobs(
        parts.connectionString,
        { db: database.db, installation, mailer, webhooks, now, newId },
        log,
      );
    },
    async stopped() {
      // Together: a job may wait for a mail that is under way.
      await Promise.all([mailer.close(), webhooks.close(), jobs?.stop()]);
    },
  };
}
