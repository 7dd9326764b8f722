import { sql } from 'kysely';
import {
  purgeAccessRequests,
  purgeAccessReviews,
  purgeRoleEndMails,
  purgeSignIn,
  sendPasswordResets,
  settleAccessRequests,
  tellRoleEnds,
} from '../access/index.ts';
import {
  bindArrivedAccounts,
  expireAccountMoves,
  purgeAccountMoves,
  purgeAccountRequests,
  settleAccountRequests,
} from '../accounts/index.ts';
import { tellOfAgreements } from '../agreements/index.ts';
import { runTermAlerts } from '../alerts/index.ts';
import { sealEvents } from '../audit/index.ts';
import type { Database } from '../database/database.ts';
import { purgeIdempotencyKeys } from '../edge/idempotency.ts';
import type { Installation } from '../installation/index.ts';
import { runTermExpiries, runTermStarts } from '../licenses/index.ts';
import {
  type Mailer,
  noteEndingRights,
  purgeMails,
  purgeNotices,
  runDigests,
  runNotices,
} from '../notifications/index.ts';
import { finishRemovals } from '../privacy/index.ts';
import {
  mergeInstanceCounts,
  purgeDeviceMessages,
  runAuthorizationExpiries,
  runCertificateEnds,
  runOverdueAlerts,
  runRenewalAlerts,
} from '../product-instances/index.ts';
import { finishRecoveries, noteDesk, settleSupportAccesses } from '../support/index.ts';
import { ensureMeasurementPartitions } from '../usage-reports/index.ts';
import { purgeDeliveries, type WebhookSender } from '../webhooks/index.ts';

export interface JobDependencies {
  db: Database;
  installation: Installation;
  mailer: Mailer;
  webhooks: WebhookSender;
  now(): Temporal.Instant;
  newId(): string;
}

/** Something the server does by itself, again and again. Safe to run twice and on several servers at once. */
export interface Job {
  name: string;
  /** When, as a cron expression in UTC. */
  cron: string;
  run(dependencies: JobDependencies): Promise<unknown>;
}

const everyMinute = '* * * * *';
const hourly = '7 * * * *';
const daily = '23 2 * * *';

/** Every job, in the order in which they run when one instant makes several due: terms before what follows from them. */
export const jobs: readonly Job[] = [
  { name: 'term-starts', cron: everyMinute, run: ({ db, now, newId }) => runTermStarts(db, now(), newId) },
  {
    name: 'term-expiries',
    cron: everyMinute,
    run: ({ db, now, newId }) => runTermExpiries(db, now(), newId),
  },
  {
    name: 'authorization-expiries',
    cron: everyMinute,
    run: ({ db, now, newId }) => runAuthorizationExpiries(db, now(), newId),
  },
  {
    name: 'certificate-ends',
    cron: everyMinute,
    run: ({ db, now, newId }) => runCertificateEnds(db, now(), newId),
  },
  {
    name: 'overdue-alerts',
    cron: hourly,
    run: ({ db, now, newId }) => runOverdueAlerts(db, now(), newId),
  },
  {
    name: 'renewal-alerts',
    cron: hourly,
    run: ({ db, now, newId }) => runRenewalAlerts(db, now(), newId),
  },
  { name: 'term-alerts', cron: hourly, run: ({ db, now, newId }) => runTermAlerts(db, now(), newId) },
  { name: 'password-resets', cron: everyMinute, run: (dependencies) => sendPasswordResets(dependencies) },
  {
    name: 'account-requests',
    cron: everyMinute,
    run: (dependencies) => settleAccountRequests(dependencies),
  },
  // After what may have made accounts or let them be.
  {
    name: 'awaited-accounts',
    cron: everyMinute,
    run: bindArrivedAccounts,
  },
  { name: 'agreement-notices', cron: everyMinute, run: (dependencies) => tellOfAgreements(dependencies) },
  {
    name: 'support-accesses',
    cron: everyMinute,
    run: (dependencies) => settleSupportAccesses(dependencies),
  },
  { name: 'recoveries', cron: everyMinute, run: (dependencies) => finishRecoveries(dependencies) },
  { name: 'finish-removals', cron: everyMinute, run: (dependencies) => finishRemovals(dependencies) },
  {
    name: 'access-requests',
    cron: everyMinute,
    run: (dependencies) => settleAccessRequests(dependencies),
  },
  { name: 'role-ends', cron: everyMinute, run: (dependencies) => tellRoleEnds(dependencies) },
  { name: 'account-moves', cron: everyMinute, run: (dependencies) => expireAccountMoves(dependencies) },
  { name: 'ending-rights', cron: hourly, run: ({ db, now }) => noteEndingRights(db, now()) },
  { name: 'desk-notices', cron: everyMinute, run: ({ db, now }) => noteDesk(db, now()) },
  // After all that raises alerts: what is new first, then who is told of it now.
  { name: 'notices', cron: everyMinute, run: (dependencies) => runNotices(dependencies) },
  { name: 'digests', cron: everyMinute, run: (dependencies) => runDigests(dependencies) },
  // Woken and not waited for: a mail server that is slow must not hold up what comes after it.
  { name: 'send-mails', cron: everyMinute, run: async ({ mailer }) => mailer.wake() },
  { name: 'seal-events', cron: everyMinute, run: ({ db, now }) => sealEvents(db, now()) },
  // Woken and not waited for, as mails are.
  { name: 'send-webhooks', cron: everyMinute, run: async ({ webhooks }) => webhooks.wake() },
  { name: 'merge-instance-counts', cron: everyMinute, run: ({ db }) => mergeInstanceCounts(db) },
  { name: 'purge-device-messages', cron: daily, run: ({ db, now }) => purgeDeviceMessages(db, now()) },
  { name: 'purge-idempotency-keys', cron: daily, run: ({ db, now }) => purgeIdempotencyKeys(db, now()) },
  { name: 'purge-account-requests', cron: daily, run: ({ db, now }) => purgeAccountRequests(db, now()) },
  { name: 'purge-access-requests', cron: daily, run: ({ db, now }) => purgeAccessRequests(db, now()) },
  { name: 'purge-access-reviews', cron: daily, run: ({ db }) => purgeAccessReviews(db) },
  { name: 'purge-role-end-mails', cron: daily, run: ({ db, now }) => purgeRoleEndMails(db, now()) },
  { name: 'purge-account-moves', cron: daily, run: ({ db, now }) => purgeAccountMoves(db, now()) },
  { name: 'purge-sign-in', cron: hourly, run: ({ db, now }) => purgeSignIn(db, now()) },
  { name: 'purge-notices', cron: daily, run: ({ db, now }) => purgeNotices(db, now()) },
  { name: 'purge-mails', cron: daily, run: ({ db, now }) => purgeMails(db, now()) },
  { name: 'purge-webhook-deliveries', cron: daily, run: ({ db, now }) => purgeDeliveries(db, now()) },
  {
    name: 'event-partitions',
    cron: daily,
    run: ({ db, now }) => sql`select ensure_event_partitions(${now()}, 4)`.execute(db),
  },
  {
    name: 'usage-measurement-partitions',
    cron: daily,
    run: ({ db, now }) => ensureMeasurementPartitions(db, now()),
  },
];

/** Runs every job once, in order: at the start of a server, and in tests after the clock was moved. */
export async function runAllJobs(dependencies: JobDependencies): Promise<void> {
  for (const job of jobs) await job.run(dependencies);
}
