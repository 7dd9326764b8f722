import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addHealthRoutes } from './health-routes.ts';

let app: FastifyInstance;
let database: 'up' | 'down';
let stopping: boolean;
beforeEach(() => {
  [database, stopping] = ['up', false];
  app = Fastify();
  addHealthRoutes(app, {
    askDatabase: async () => {
      if (database === 'down') throw new Error('connect ECONNREFUSED 10.1.2.3:5432');
    },
    isStopping: () => stopping,
  });
  app.register(async (api) => {
    api.get('/api/v1/accounts/:accountId', async () => ({}));
  });
});
afterEach(() => app.close());

test('a living process says so even without a database', async () => {
  database = 'down';
  expect((await app.inject('/healthz')).statusCode).toBe(200);
});

test('it is ready exactly while the database answers and nobody told it to stop', async () => {
  expect((await app.inject('/readyz')).json()).toEqual({ status: 'ready' });
  database = 'down';
  const away = await app.inject('/readyz');
  expect(away.statusCode).toBe(503);
  expect(away.headers['retry-after']).toBe('5');
  expect(away.body).not.toContain('10.1.2.3');
  database = 'up';
  expect((await app.inject('/readyz')).statusCode).toBe(200);
  stopping = true;
  const leaving = await app.inject('/readyz');
  expect(leaving.statusCode).toBe(503);
  expect(leaving.headers['retry-after']).toBe('5');
});

test('metrics count requests by route, without ids of accounts and without inventing labels', async () => {
  await app.inject('/api/v1/accounts/acme-1');
  await app.inject('/api/v1/accounts/acme-2');
  await app.inject('/no/such/acme-3');
  const { body, headers } = await app.inject('/metrics');
  expect(headers['content-type']).toContain('text/plain');
  expect(body).toContain(
    'estover_http_request_duration_seconds_count{method="GET",route="/api/v1/accounts/:accountId",status="200"} 2',
  );
  expect(body).toContain(
    'estover_http_request_duration_seconds_count{method="GET",route="none",status="404"} 1',
  );
  expect(body).toContain('process_resident_memory_bytes');
  expect(body).not.toContain('acme');
});
