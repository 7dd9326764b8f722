import type { FastifyInstance, FastifyReply } from 'fastify';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { reasonOf } from './start-error.ts';

export type HealthDependencies = {
  /** Rejects when there is no answer within so many milliseconds. */
  askDatabase(withinMs: number): Promise<unknown>;
  /** True from the moment the server was told to stop: load balancers then send nothing new. */
  isStopping(): boolean;
  /** False where the metrics are served elsewhere or nowhere. */
  servesMetrics?: boolean;
};

/** The metrics of this moment, as Prometheus reads them. */
export type ReadMetrics = () => Promise<{ contentType: string; text: string }>;

/** How long `/readyz` waits for the database before it calls the server not ready. */
const DATABASE_ANSWER_MS = 2_000;

/** What a server that is not ready tells in `Retry-After`; as other answers while the database is away. */
const RETRY_AFTER_SECONDS = 5;

/** Upper bounds in seconds, fine around the times that authorizations should take. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Adds `/healthz` (the process lives), `/readyz` (it can serve: 200 or 503) and `/metrics` (Prometheus text) and
 * measures every request, which it also logs at level debug. Call it before other routes are registered, because hooks reach only what comes after.
 * Labels name routes, never addresses, so that no account's id gets into the metrics and their number stays bounded.
 *
 * @returns what `/metrics` says, for whoever serves it elsewhere
 */
export function addHealthRoutes(
  app: FastifyInstance,
  { askDatabase, isStopping, servesMetrics = true }: HealthDependencies,
): ReadMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'estover_http_request_duration_seconds',
    help: 'Time from receiving a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    durations.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    const milliseconds = Math.round(reply.elapsedTime);
    request.log.debug(
      { requestId: request.id, method: request.method, route, status: reply.statusCode, milliseconds },
      'Request',
    );
    done();
  });
  app.addHook('onClose', (_app, done) => {
    registry.clear();
    done();
  });

  app.get('/healthz', async () => ({ status: 'alive' }));

  app.get('/readyz', async (request, reply) => {
    if (isStopping()) return notReady(reply, 'The server is stopping.');
    try {
      await within(DATABASE_ANSWER_MS, askDatabase(DATABASE_ANSWER_MS));
      return { status: 'ready' };
    } catch (thrown) {
      // The reason is for the log: it may name hosts, which strangers who may ask this need not know.
      request.log.warn(
        { reason: reasonOf(thrown), requestId: request.id },
        'Not ready: the database does not answer',
      );
      return notReady(reply, 'The database does not answer.');
    }
  });

  const read: ReadMetrics = async () => ({
    contentType: registry.contentType,
    text: await registry.metrics(),
  });
  if (servesMetrics) {
    app.get('/metrics', async (_request, reply) => {
      const { contentType, text } = await read();
      return reply.type(contentType).send(text);
    });
  }
  return read;
}

/** Not now: 503, and when to ask again. */
function notReady(reply: FastifyReply, reason: string): FastifyReply {
  return reply.code(503).header('retry-after', RETRY_AFTER_SECONDS).send({ status: 'not-ready', reason });
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
