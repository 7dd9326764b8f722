import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { type OpenDatabase, openDatabase } from '../database/database.ts';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../database/embedded/index.ts';
import { migrate, schemaState } from '../database/migrate.ts';
import type { ServerConfig } from './config.ts';
import { loadEncryptionKey } from './encryption-key.ts';
import { checkExternalDatabase } from './external-database.ts';
import { addHealthRoutes, type ReadMetrics } from './health-routes.ts';
import { listenForMetrics } from './metrics-listener.ts';
import { reasonOf, StartError, systemCodeOf } from './start-error.ts';

/** What the process gives to whoever puts the application together. The schema is up to date by then. */
export type ServerParts = {
  readonly config: ServerConfig;
  readonly log: Logger;
  readonly database: OpenDatabase;
  /** Secret: for what keeps connections of its own. */
  readonly connectionString: string;
  /** 32 bytes under which private keys lie encrypted in the database. */
  readonly encryptionKey: Uint8Array;
  readonly https: { readonly cert: string; readonly key: string } | undefined;
  /** The address people and devices use, without a slash at the end. Known once the server listens. */
  publicUrl(): string;
  /** Adds health and metrics. Call it on the new application before any route is registered. */
  prepare(app: FastifyInstance): void;
};

export type Assembled = {
  readonly app: FastifyInstance;
  /** Runs once the server listens: starts jobs, prints a set-up link. */
  started?(): Promise<void>;
  /** Runs after the last request: ends jobs that are under way. */
  stopped?(): Promise<void>;
};

export type ServerProcess = {
  /** What the server listens on, such as `http://127.0.0.1:8080`. */
  readonly address: string;
  readonly publicUrl: string;
  /** Where metrics are served by themselves, such as `http://127.0.0.1:9464`; null where they are not. */
  readonly metricsAddress: string | null;
  /** Finishes what is under way, then ends everything in order. Calling it again waits for the same end. */
  stop(): Promise<void>;
  /** Tells the database to stop by itself, for a process that ends this very moment. */
  abandon(): void;
};

/** How long the database may leave a statement unanswered: its own limit of a statement, and time for the line. */
const ANSWER_WITHIN_MS = 65_000;

/** Asks the database for a sign of life; the driver knows the limit, its types do not. */
function askWithin({ pool }: OpenDatabase, withinMs: number): Promise<unknown> {
  const question = { text: 'select 1', query_timeout: withinMs };
  return pool.query(question);
}

/** How long requests and jobs that are under way may take after the server was told to stop. */
const DRAIN_MS = 10_000;

/**
 * Starts a whole server: the embedded database or that of `DATABASE_URL`, the schema, the application, the port.
 * When a step fails, what was started before it is ended again.
 *
 * @throws StartError with one sentence on what was found and what to do.
 */
export async function startServerProcess(
  config: ServerConfig,
  log: Logger,
  assemble: (parts: ServerParts) => Promise<Assembled>,
): Promise<ServerProcess> {
  const ending: Ending = [];
  let stopping: Promise<void> | undefined;
  let address: string | undefined;
  let readMetrics: ReadMetrics | undefined;
  try {
    const https = await readTls(config);
    const { connectionString, embedded } = await provideDatabase(config, log);
    if (embedded !== undefined) ending.push(['the embedded database', () => embedded.stop()]);
    const database = openDatabase(connectionString, {
      answerWithinMs: ANSWER_WITHIN_MS,
      onError: (error) => log.warn({ reason: error.message }, 'A connection to the database broke'),
    });
    ending.push(['the connections', () => database.close()]);
    const applied = await bringUpToDate(database, connectionString);
    if (applied.length > 0) log.info({ applied }, 'The schema is up to date');

    const { app, started, stopped } = await assemble({
      config,
      log,
      database,
      connectionString,
      encryptionKey: await loadEncryptionKey(config),
      https,
      publicUrl() {
        const url = config.publicUrl ?? address;
        if (url === undefined) throw new Error('The public address is not known before the server listens.');
        return url;
      },
      prepare(app) {
        readMetrics = addHealthRoutes(app, {
          // A connection that does not answer this is given up, so that no probe holds on to one.
          askDatabase: (withinMs) => askWithin(database, withinMs),
          isStopping: () => stopping !== undefined,
          servesMetrics: config.metrics === 'here',
        });
      },
    });
    if (stopped !== undefined) ending.push(['the jobs', () => bounded(stopped(), () => undefined)]);
    ending.push(['the requests', () => closeApp(app)]);
    const metrics = await serveMetrics(config, readMetrics);
    if (metrics !== null) ending.push(['the metrics', () => metrics.close()]);
    address = await listen(app, config);
    await started?.();
    return {
      address,
      publicUrl: config.publicUrl ?? address,
      metricsAddress: metrics?.address ?? null,
      stop() {
        stopping ??= endAll(ending, log);
        return stopping;
      },
      abandon() {
        embedded?.abandon();
      },
    };
  } catch (thrown) {
    await endAll(ending, log);
    throw thrown;
  }
}

const serveMetrics = async ({ metrics }: ServerConfig, read: ReadMetrics | undefined) =>
  typeof metrics === 'string' || read === undefined ? null : listenForMetrics(metrics, read);

type Ending = (readonly [what: string, end: () => Promise<unknown>])[];

/** Ends in the opposite order of the start. A step that fails is reported and does not keep the others from theirs. */
async function endAll(ending: Ending, log: Logger): Promise<void> {
  for (const [what, end] of ending.toReversed()) {
    try {
      await end();
    } catch (thrown) {
      log.error({ err: thrown }, `Stopping ${what} failed`);
    }
  }
}

async function bounded(work: Promise<unknown>, late: () => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    late();
    resolve();
  }, DRAIN_MS);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Stops accepting, waits for the answers that are under way, and cuts off what takes too long. */
async function closeApp(app: FastifyInstance): Promise<void> {
  const closed = app.close();
  // A connection that was kept alive and falls idle only now would otherwise hold the server until it times out.
  const idle = setInterval(() => app.server.closeIdleConnections(), 50);
  try {
    await bounded(closed, () => {
      app.log.warn({ seconds: DRAIN_MS / 1000 }, 'Requests took too long to finish; cutting them off');
      app.server.closeAllConnections();
    });
  } finally {
    clearInterval(idle);
  }
}

async function provideDatabase(
  { databaseUrl, dataFolder }: ServerConfig,
  log: Logger,
): Promise<{ connectionString: string; embedded?: EmbeddedDatabase }> {
  if (databaseUrl === undefined) {
    const embedded = await startEmbeddedDatabase({ dataFolder, log });
    return { connectionString: embedded.connectionString, embedded };
  }
  await checkExternalDatabase(databaseUrl, log);
  return { connectionString: databaseUrl };
}

/** The database is known to answer; only what there is to migrate may take longer than an answer usually may. */
async function bringUpToDate({ db }: OpenDatabase, connectionString: string): Promise<string[]> {
  const { pending } = await schemaState(db);
  if (pending.length === 0) return migrate(db, Temporal.Now.instant());
  const patient = openDatabase(connectionString, { connections: 1 });
  try {
    return await migrate(patient.db, Temporal.Now.instant());
  } finally {
    await patient.close();
  }
}

async function readTls({ tls }: ServerConfig): Promise<{ cert: string; key: string } | undefined> {
  if (tls === undefined) return undefined;
  try {
    const pair = {
      cert: await readFile(tls.certificateFile, 'utf8'),
      key: await readFile(tls.keyFile, 'utf8'),
    };
    createSecureContext(pair);
    return pair;
  } catch (thrown) {
    throw new StartError(
      `The certificate ${tls.certificateFile} with the key ${tls.keyFile} cannot be used: ${reasonOf(thrown)}. ` +
        'Both must be PEM files, and the key must be that of the certificate.',
    );
  }
}

async function listen(app: FastifyInstance, { host, port }: ServerConfig): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (thrown) {
    const code = systemCodeOf(thrown);
    if (code === 'EADDRINUSE') {
      throw new StartError(
        `The port ${port} on ${host} is taken by another program. Stop it, or set ESTOVER_PORT to another port.`,
      );
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new StartError(
        `The server may not listen on ${host} port ${port} (${code}). Set ESTOVER_HOST and ESTOVER_PORT to an address ` +
          'of this machine and a port above 1023.',
      );
    }
    throw thrown;
  }
}
