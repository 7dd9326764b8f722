import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { systemActor } from '../edge/context.ts';
import type { Installation } from '../installation/index.ts';
import { type AuthorizeMessage, authorizeInstances } from './authorize-instances.ts';
import { decideSplitting } from './decide-splitting.ts';
import { type DeviceOutcome, tooBusy } from './device-outcome.ts';
import { createGatherer } from './gather.ts';

/** What device commands outside of an operation's wrapper need. */
export interface DeviceDependencies {
  db: Database;
  now(): Temporal.Instant;
  newId(): string;
  /** Its epoch tells instances that were last answered before a restore. */
  installation: Pick<Installation, 'epoch'>;
}

type Outcome = DeviceOutcome<'authorize'>;

/** Most messages, and most tags in them, that one transaction decides. */
const mostMessages = 500;
const mostTags = 20_000;

/**
 * While one transaction waits for the database, another can be decided. Both lock in the same order, and what they share
 * is locked late and briefly.
 */
const roundsAtOnce = { atOnce: 2, enough: 32 };

/** Messages that may wait for the next transaction; more are told to come later. */
const mostWaiting = 5_000;

export interface AuthorizationBatches {
  /** Decides a message with all others that wait; rejects only when the server itself failed. */
  submit(message: AuthorizeMessage): Promise<Outcome>;
  /** Resolves once nothing waits any more. */
  drained(): Promise<void>;
}

/**
 * Gathers reports of use: those that arrive while a transaction runs make up the next one, so that one commit serves
 * them all and an idle server answers at once (architecture, "Device messages: decide in batches").
 */
export function createAuthorizationBatches(dependencies: DeviceDependencies): AuthorizationBatches {
  const gatherer = createGatherer<AuthorizeMessage, Outcome>(
    (messages) => decideSplitting((part) => decide(dependencies, part), messages),
    howMany,
    roundsAtOnce,
  );
  return {
    submit: async (message) =>
      gatherer.waiting() < mostWaiting ? gatherer.submit(message) : tooBusy(gatherer.waiting()),
    drained: gatherer.drained,
  };
}

function howMany(waiting: readonly AuthorizeMessage[]): number {
  let tags = 0;
  let count = 0;
  for (const { request } of waiting) {
    tags += request.usage.length;
    if (count === mostMessages || (count > 0 && tags > mostTags)) break;
    count += 1;
  }
  return count;
}

function decide(
  { db, now, newId, installation }: DeviceDependencies,
  messages: readonly AuthorizeMessage[],
): Promise<Outcome[]> {
  return inTransaction(db, (trx) =>
    authorizeInstances(
      { trx, now: now(), newId, actor: systemActor, requestId: null },
      messages,
      installation.epoch,
    ),
  );
}
