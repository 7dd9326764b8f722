import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordEvents } from '../audit/index.ts';
import { createSeal, loadInstallation } from '../installation/index.ts';
import { keepingMailer } from '../notifications/index.ts';
import { openTestDatabase, type TestDatabase } from '../testing/index.ts';
import { silentWebhooks } from '../webhooks/index.ts';
import { startJobs } from './start-jobs.ts';

let database: TestDatabase;
const now = () => Temporal.Instant.from('2026-11-22T12:00:00Z');

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

it('catches up on start, on two servers at once, and stops', async () => {
  const accountId = randomUUIDv7();
  await database.db.transaction().execute((trx) =>
    recordEvents(trx, [
      {
        accountId,
        eventId: randomUUIDv7(),
        at: now(),
        actor: { kind: 'system', id: null, name: 'Estover' },
        operation: 'test',
        message: 'x',
        objectKind: 'x',
        objectId: 'x',
        from: null,
        requestId: null,
      },
    ]),
  );
  const problems: unknown[] = [];
  const log = {
    error: (problem: unknown) => problems.push(problem),
    warn: (problem: unknown) => problems.push(problem),
  };
  const installation = await loadInstallation(database.db, {
    seal: createSeal(randomBytes(32)),
    version: '0.0.0-test',
    publicUrl: () => 'http://estover.test',
    now: now(),
  });
  const dependencies = {
    db: database.db,
    installation,
    mailer: keepingMailer,
    webhooks: silentWebhooks,
    now,
    newId: () => randomUUIDv7(),
  };
  const running = await Promise.all([
    startJobs(database.connectionString, dependencies, log),
    startJobs(database.connectionString, dependencies, log),
  ]);
  await Promise.all(running.map((one) => one.stop()));
  const sealed = await database.db
    .selectFrom('event_batches')
    .selectAll()
    .where('account_id', '=', accountId)
    .execute();
  expect(sealed.map((batch) => batch.events)).toEqual([1]);
  expect(problems).toEqual([]);
});
