import { randomUUIDv7 } from 'node:crypto';
import {
  createLicense,
  createVirtualAccount,
  defineOperation,
  listInventory,
  listOrders,
  listPeople,
  listVirtualAccounts,
  transferLicenses,
} from '@estover/protocol';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { noBreachedPasswords } from '../access/breached-passwords.ts';
import { keepingMailer } from '../notifications/index.ts';
import { type SeededAccount, startTestServer, type TestServer, tagOf } from '../testing/index.ts';
import { silentWebhooks } from '../webhooks/index.ts';
import { fileView } from './operation.ts';
import { problemFrom, serve } from './serve.ts';

let server: TestServer;
let seeded: SeededAccount;
let operatorKey: string;

beforeAll(async () => {
  server = await startTestServer();
  seeded = await server.account('Edge Lines');
  operatorKey = server.operatorKey;
});
afterAll(() => server.close());

const virtualAccounts = `/accounts/`;
const post = (
  body: unknown,
  headers: Record<string, string> = {},
  path = `/api/v1${virtualAccounts}${seeded.accountId}/virtual-accounts`,
) =>
  fetch(`${server.address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('idempotency', () => {
  const create = (name: string, idempotencyKey: string) =>
    seeded.administrator.call(createVirtualAccount, {
      params: { accountId: seeded.accountId },
      body: { name },
      idempotencyKey,
    });

  it('gives the same answer to the same request, also when it comes many times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => create('Lyon', 'same')));
    expect(new Set(answers.map((answer) => answer.virtualAccount.virtualAccountId)).size).toBe(1);
    const { items } = await seeded.administrator.call(listVirtualAccounts, {
      params: { accountId: seeded.accountId },
    });
    expect(items.filter((item) => item.name === 'Lyon')).toHaveLength(1);
    const events = await server.db
      .selectFrom('events')
      .select('message')
      .where('account_id', '=', seeded.accountId)
      .where('operation', '=', 'createVirtualAccount')
      .execute();
    expect(events).toHaveLength(1);
  });

  it('refuses the same key for something else, and keeps nothing of it', async () => {
    await create('Madrid', 'other');
    await expect(create('Berlin', 'other')).rejects.toMatchObject({
      problem: { code: 'idempotency-key-reused', status: 422 },
    });
    const { items } = await seeded.administrator.call(listVirtualAccounts, {
      params: { accountId: seeded.accountId },
    });
    expect(items.map((item) => item.name)).not.toContain('Berlin');
  });

  it('lets another caller use the same key', async () => {
    const other = await server.account('Other Lines');
    await create('Oslo', 'shared');
    const made = await other.administrator.call(createVirtualAccount, {
      params: { accountId: other.accountId },
      body: { name: 'Pune' },
      idempotencyKey: 'shared',
    });
    expect(made.virtualAccount.name).toBe('Pune');
  });

  it('says that an answer is a repeat, and forgets a key whose request was refused', async () => {
    const key = await server.keyOf(seeded.accountId, 'account-administrator');
    const headers = { authorization: `Bearer ${key}`, 'idempotency-key': 'raw' };
    expect((await post({ name: 'Milan' }, headers)).headers.get('idempotent-replayed')).toBeNull();
    const again = await post({ name: 'Milan' }, headers);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    const refused = { ...headers, 'idempotency-key': 'refused' };
    expect((await post({ name: 'Milan' }, refused)).status).toBe(409);
    expect((await post({ name: 'Turin' }, refused)).status).toBe(201);
  });
});

describe('what comes in', () => {
  it('is checked at once, and the problem names everything that is wrong', async () => {
    const answer = await post(
      { name: '', parentId: 'x', quantity: 7 },
      { authorization: `Bearer ${await server.keyOf(seeded.accountId, 'account-administrator')}` },
    );
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const problem = (await answer.json()) as {
      code: string;
      errors: { pointer: string }[];
      requestId: string;
      next: string;
    };
    expect(problem.code).toBe('invalid-request');
    expect(problem.errors.map((error) => error.pointer)).toEqual(
      expect.arrayContaining(['body/name', 'body/parentId', 'body/']),
    );
    expect(problem.next).not.toBe('');
    expect(answer.headers.get('x-request-id')).toBe(problem.requestId);
  });

  it.each([
    ['broken JSON', '{"name":', {}, 400],
    ['a file where none is taken', 'name\nx\n', { 'content-type': 'text/csv' }, 415],
    ['another media type', 'name=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['a body that is too large', `{"name":"${'x'.repeat(1_100_000)}"}`, {}, 413],
    ['an Idempotency-Key with blanks', '{"name":"x"}', { 'idempotency-key': 'a b' }, 422],
    ['a key that is no key', '{"name":"x"}', { authorization: 'Bearer nonsense' }, 401],
    ['no key at all', '{"name":"x"}', { authorization: '' }, 401],
  ])('refuses %s', async (_name, body, headers, status) => {
    const key = await server.keyOf(seeded.accountId, 'account-administrator');
    const answer = await post(body, { authorization: `Bearer ${key}`, ...headers });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ status });
  });

  it('refuses unknown filters, foreign cursors and text that no database holds', async () => {
    const get = async (query: string) => {
      const answer = await fetch(`${server.address}/api/v1/orders?${query}`, {
        headers: { authorization: `Bearer ${operatorKey}` },
      });
      return { status: answer.status, code: ((await answer.json()) as { code?: string }).code };
    };
    expect(await get('color=red')).toEqual({ status: 422, code: 'invalid-request' });
    expect(await get('limit=201')).toEqual({ status: 422, code: 'invalid-request' });
    expect(await get('search=%00')).toEqual({ status: 422, code: 'invalid-request' });
    expect(await get('cursor=nonsense')).toEqual({ status: 422, code: 'cursor-invalid' });
    const forged = Buffer.from(JSON.stringify(['orders', 'yesterday', 'nobody'])).toString('base64url');
    expect(await get(`cursor=${forged}`)).toEqual({ status: 422, code: 'cursor-invalid' });
    expect(await get('limit=1')).toMatchObject({ status: 200 });
  });

  it.each([
    [
      'an instant finer than a nanosecond',
      { orderedAt: '2026-11-22T12:00:00.1234567891Z' },
      'body/orderedAt',
    ],
    ['an instant of the year 0', { orderedAt: '0000-01-01T00:00:00Z' }, 'body/orderedAt'],
    ['a first day of the year 0', { startDate: '0000-01-01' }, 'body/lines/0/startDate'],
    ['a first day whose term could have no end', { startDate: '9999-12-31' }, 'body/lines/0/startDate'],
  ])(
    'names %s as what is wrong',
    async (_name, given: { orderedAt?: string; startDate?: string }, pointer) => {
      const { startDate, ...order } = given;
      const line = { sku: 'S-1', quantity: 1, account: 'a.example', ...(startDate && { startDate }) };
      const answer = await post(
        { orderNumber: 'E-1', buyer: 'Edge Lines', lines: [line], ...order },
        { authorization: `Bearer ${operatorKey}` },
        '/api/v1/orders',
      );
      expect([answer.status, await answer.json()]).toMatchObject([
        422,
        { code: 'invalid-request', errors: [{ pointer }] },
      ]);
    },
  );
});

describe('rights', () => {
  it('hides a foreign account like one that is not there', async () => {
    const stranger = await server.account('Stranger Lines');
    const problemOf = async (accountId: string) =>
      seeded.administrator.call(listPeople, { params: { accountId } }).then(
        () => null,
        (error) => ({ ...error.problem, requestId: '' }),
      );
    const foreign = await problemOf(stranger.accountId);
    expect(foreign).toMatchObject({ status: 404, code: 'not-found' });
    expect(await problemOf('0193c5a0-0000-7000-8000-00000000dead')).toEqual(foreign);
  });

  it('opens nothing inside an account to the platform’s staff', async () => {
    const params = { accountId: seeded.accountId };
    await expect(server.operator.call(listInventory, { params })).rejects.toMatchObject({
      problem: { status: 404 },
    });
    expect((await server.operator.call(listVirtualAccounts, { params })).items).toEqual([]);
    expect((await server.operator.call(listOrders, {})).items).toEqual([]);
  });

  it('ends a revoked key at once', async () => {
    const key = await server.keyOf(seeded.accountId, 'viewer');
    const client = server.client(key);
    await client.call(listInventory, { params: { accountId: seeded.accountId } });
    await server.db
      .updateTable('api_keys')
      .set({ revoked_at: server.clock.now() })
      .where('role', '=', 'viewer')
      .execute();
    await expect(
      client.call(listInventory, { params: { accountId: seeded.accountId } }),
    ).rejects.toMatchObject({
      problem: { status: 401 },
    });
  });
});

describe('a dry run', () => {
  it('answers as the real thing would, and keeps nothing, not even the event or the key', async () => {
    const tag = tagOf('Dry Run');
    await server.operator.call(createLicense, { body: { tag, name: 'Dry Run', version: '1.0' } });
    const ids = await server.virtualAccounts(seeded, 'Dry', 'Wet');
    const transfer = (quantity: number) =>
      seeded.administrator.call(transferLicenses, {
        params: { accountId: seeded.accountId },
        body: {
          fromVirtualAccountId: ids.Dry ?? '',
          toVirtualAccountId: ids.Wet ?? '',
          lines: [{ tag, quantity }],
        },
        dryRun: true,
        idempotencyKey: 'dry',
      });
    const before = await server.db
      .selectFrom('events')
      .select((e) => e.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    await expect(transfer(1)).rejects.toMatchObject({ problem: { code: 'insufficient-licenses' } });
    await expect(transfer(2)).rejects.toMatchObject({ problem: { code: 'insufficient-licenses' } });
    const after = await server.db
      .selectFrom('events')
      .select((e) => e.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    expect(after).toEqual(before);
  });
});

describe('files', () => {
  it('are sent only so many at once, so that slow readers leave the database to everybody else', async () => {
    const gate = Promise.withResolvers<void>();
    let [running, mostRunning] = [0, 0];
    const operation = defineOperation({
      name: 'downloadSlowly',
      capability: 'reports',
      summary: 'A file that waits',
      method: 'GET',
      path: '/slow',
      permission: { at: 'public' },
      answer: z.string(),
      fileAnswer: true,
    });
    const slow = fileView(operation, async () => ({
      contentType: 'text/plain',
      fileName: 'slow.txt',
      stream: (async function* () {
        running++;
        mostRunning = Math.max(mostRunning, running);
        yield 'first ';
        await gate.promise;
        running--;
        yield 'last';
      })(),
    }));
    const { db, installation, clock } = server;
    const app = Fastify();
    app.setErrorHandler((error, request, reply) => {
      const problem = problemFrom(error, request).refused.problem(request.id);
      return reply.code(problem.status).send(problem);
    });
    serve(app, [slow], {
      db,
      installation,
      mailer: keepingMailer,
      webhooks: silentWebhooks,
      breachedPasswords: noBreachedPasswords,
      authentication: {
        authenticate: async () => ({ kind: 'anonymous', id: null, name: 'Nobody' }),
        cutFor: async () => {},
        grantsOf: async () => [],
        enter: async (_, actor) => ({ actor, grants: [] }),
      },
      now: clock.now,
      newId: () => randomUUIDv7(),
      checkAnswers: true,
    });
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const answers = Array.from({ length: 10 }, () => fetch(`${address}/slow`));
    await expect.poll(() => running).toBe(4);
    gate.resolve();
    const texts = await Promise.all(answers.map(async (answer) => (await answer).text()));
    expect(texts).toEqual(Array(10).fill('first last'));
    expect(mostRunning).toBe(4);
    await app.close();
  });
});
