import { randomUUIDv7 } from 'node:crypto';
import packageJson from '../../package.json' with { type: 'json' };
import { insertApiKey } from '../access/api-keys-store.ts';
import { createApp } from '../app.ts';
import { inTransaction } from '../database/transaction.ts';
import { createSeal, loadInstallation } from '../installation/index.ts';
import { type RunningJobs, startJobs } from '../jobs/index.ts';
import type { Assembled, ServerParts } from './server-process.ts';

export type AssemblyOptions = {
  /** Folder of the built console; null serves the API alone. */
  readonly consoleFolder: string | null;
};

/** Puts the application of a whole server together, with the real clock, real ids and its jobs. */
export async function assembleServer(
  parts: ServerParts,
  { consoleFolder }: AssemblyOptions,
): Promise<Assembled> {
  const { database, config, log, encryptionKey, https, prepare } = parts;
  await openInstallation(parts);
  const installation = await loadInstallation(database.db, {
    seal: createSeal(encryptionKey),
    version: packageJson.version,
    publicUrl: () => parts.publicUrl(),
    now: Temporal.Now.instant(),
  });
  const now = () => Temporal.Now.instant();
  const newId = () => randomUUIDv7();
  const app = await createApp({
    db: database.db,
    installation,
    now,
    newId,
    log,
    trustProxy: config.trustProxy,
    ...(consoleFolder !== null && { consoleFolder }),
    ...(https !== undefined && { https }),
    prepare,
  });
  let jobs: RunningJobs | undefined;
  return {
    app,
    async started() {
      jobs = await startJobs(parts.connectionString, { db: database.db, now, newId }, log);
    },
    async stopped() {
      await jobs?.stop();
    },
  };
}

/**
 * The very first start makes the installation, and with it the operator's API key from the configuration; later starts
 * leave keys alone, so that a key that was revoked stays revoked.
 */
async function openInstallation({ database, config, log }: ServerParts): Promise<void> {
  const now = Temporal.Now.instant();
  await inTransaction(database.db, async (trx) => {
    const made = await trx
      .insertInto('installation')
      .values({ installation_id: randomUUIDv7(), created_at: now })
      .onConflict((conflict) => conflict.doNothing())
      .returning('installation_id')
      .executeTakeFirst();
    if (made !== undefined && config.operatorKey !== undefined) {
      await insertApiKey(trx, {
        apiKeyId: randomUUIDv7(),
        accountId: null,
        name: 'Operator (from ESTOVER_OPERATOR_KEY)',
        role: 'operator',
        scope: null,
        secret: config.operatorKey,
        createdBy: 'Estover',
        createdAt: now,
        expiresAt: null,
      });
      log.info({}, 'ESTOVER_OPERATOR_KEY is now an API key of an operator');
    }
  });
}
