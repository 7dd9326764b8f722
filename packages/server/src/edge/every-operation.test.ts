import { type CallInput, type Client, getMe, type Operation, setUp } from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { keepingWhile } from '../access/testing/keeping-nothing.ts';
import type { MatrixCaller, MatrixPlace } from '../access/testing/matrix-places.ts';
import type { Sample } from '../access/testing/matrix-samples.ts';
import { makeOperator } from '../access/testing/matrix-support.ts';
import { type MatrixWorld, makeMatrixWorld } from '../access/testing/matrix-world.ts';
import { handlers } from '../app.ts';
import { platformAccountId } from '../audit/record-event.ts';
import type { Trx } from '../database/database.ts';
import { createLog } from '../process/log.ts';
import { fingerprintOf } from '../testing/index.ts';
import { makeFittingRequests, problemOf, type Sent, waysOf } from './testing/every-sample.ts';

/**
 * What holds for every operation of the server, with the samples of the access matrix: an operation cannot be forgotten,
 * because one whose samples nobody may send with success fails here.
 */

/** Commands that tell an account of its own part as well, each in its own trail, in an event beside the one of the command. */
const tellsAccountsToo: Record<string, string> = {
  createOrder: 'a delivery stands in the trail of the account that gets it',
  importOrders: 'a delivery stands in the trail of the account that gets it',
  shipOrder: 'a delivery stands in the trail of the account that gets it',
};

/** Commands of which the event has neither a before nor an after. */
const changesNothing: Record<string, string> = {
  exportPersonData: 'it reads what is stored, and the event says about whom',
  startSingleSignOnTest: 'it begins a way to a provider, which is over in minutes',
};

/** Names of commands that change or remove what is there. */
const changesWhatIsThere =
  /^(approve|cancel|change|close|correct|decline|delete|end|move|reactivate|remove|rename|revoke|suspend|transfer|undo|update|withdraw)[A-Z]/;

/** Those of them of which the event has no before. */
const tellsNoBefore: Record<string, string> = {
  removeMe: 'the name that was is what is taken out',
  removePerson: 'the name that was is what is taken out',
};

/** Commands of an account that stand in the trail of the platform alone. */
const toldToNobody: Record<string, string> = {
  markNewsSeen: 'what somebody reads is nobody else’s business',
};

/** Reads that are no GET. */
const readsWithBody: Record<string, string> = {
  checkAccountRequest: 'what somebody is about to ask for stands in no address',
  openAccountRequest: 'the secret of a link stands in no address',
  openOrderContact: 'the secret of a link stands in no address',
};

interface SeenEvent {
  eventId: string;
  accountId: string;
  actorKind: string;
  actorId: string | null;
  operation: string;
  message: string;
  objectKind: string;
  objectId: string;
  before: unknown;
  after: unknown;
  requestId: string | null;
}

let world: MatrixWorld;
let fitting: Record<string, Sent>;
const logged: string[] = [];
/** Whether the server keeps what it does, as servers do. */
let keeps = false;
let lastRequestId = '';
let lastEventId = '';
/** Of each transaction that went well: whether it wrote anything, and its events. */
let transactions: { wrote: boolean; events: SeenEvent[] }[] = [];
/** The requests that succeeded, by operation. */
const succeeded = new Map<Operation, { name: string; sent: Sent }[]>();

async function look(trx: Trx): Promise<void> {
  if (lastEventId === '') return;
  // A transaction has an id from its first write on, locks on rows included.
  const { rows: ids } = await sql<{ wrote: boolean }>`
    select pg_current_xact_id_if_assigned() is not null as wrote`.execute(trx);
  const { rows: events } = await sql<SeenEvent>`
    select event_id as "eventId", account_id as "accountId", actor_kind as "actorKind", actor_id as "actorId", operation,
           message, object_kind as "objectKind", object_id as "objectId", before, after, request_id as "requestId"
      from events where event_id > ${lastEventId} order by event_id`.execute(trx);
  transactions.push({ wrote: ids[0]?.wrote === true, events });
}

beforeAll(async () => {
  world = await makeMatrixWorld(
    keepingWhile(() => keeps, look),
    {
      log: createLog(
        { logLevel: 'debug', logFormat: 'json' },
        { write: (line: string) => void logged.push(line) },
      ),
      prepare: (app) =>
        app.addHook('onRequest', async (request) => {
          lastRequestId = request.id;
        }),
    },
  );
  fitting = await makeFittingRequests(world);
  const { rows } = await sql<{ id: string }>`select max(event_id::text) as id from events`.execute(
    world.server.db,
  );
  lastEventId = rows[0]?.id ?? '';
}, 120_000);
afterAll(() => world.close());

/** Sends a sample by whom it succeeds, and answers what its transactions did. */
async function succeed(operation: Operation, variant: string, sample: (place: MatrixPlace) => Sample) {
  const name = `${operation.name} ${variant}`.trim();
  const given = fitting[operation.name];
  const told: string[] = [];
  for (const sent of given === undefined ? waysOf(world, operation, sample) : [given]) {
    transactions = [];
    const problem = await problemOf(operation, sent);
    if (problem === null) {
      // A file is read to its end before its transaction is over.
      await vi.waitFor(() => expect(transactions).not.toEqual([]), { interval: 5, timeout: 10_000 });
      succeeded.set(operation, [...(succeeded.get(operation) ?? []), { name, sent }]);
      return { name, sent, transactions };
    }
    told.push(`${sent.caller}: ${problem.code}`);
  }
  throw new Error(`nobody succeeds with ${name}: ${told.join(', ')}`);
}

/** What is wrong with what a command wrote, in words; nothing is. */
async function faultsOf(
  operation: Operation,
  { name, sent, transactions: done }: Awaited<ReturnType<typeof succeed>>,
): Promise<string[]> {
  const faults: string[] = [];
  const law = (holds: boolean, what: string) => void (holds || faults.push(`${name}: ${what}`));
  const writing = done.filter(({ wrote }) => wrote);
  law(writing.length === 1, `${writing.length} transactions wrote`);
  const events = done.flatMap((each) => each.events);
  const eventIds = new Set(events.map(({ eventId }) => eventId));
  const [event] = events.slice(-1);
  if (event === undefined) return [...faults, `${name}: no event`];
  if (tellsAccountsToo[operation.name] === undefined) law(eventIds.size === 1, `${eventIds.size} events`);
  else law(eventIds.size === 2 && event.accountId === platformAccountId, 'is not one event for each trail');
  // The same event stands in two trails where it is about two accounts.
  const trails = new Set(events.map(({ accountId }) => accountId));
  law(trails.size === events.length && trails.size <= 2, 'an event stands twice in one trail');
  for (const each of events) {
    law(each.operation === operation.name, `the event says ${each.operation}`);
    law(each.requestId === lastRequestId, 'the event has another request id');
    law(each.objectKind !== '' && each.objectId !== '' && each.message !== '', 'the event says nothing');
  }
  const { accountId } = sent.sample.params ?? {};
  if (accountId !== undefined) {
    law(
      trails.has(accountId) === (toldToNobody[operation.name] === undefined),
      'is not in the account’s trail',
    );
  }
  if (operation.permission.at !== 'public') {
    const { kind, id } = (await sent.client.call(getMe, {})) as { kind: string; id: string };
    law(event.actorKind === kind && event.actorId === id, `the actor is ${event.actorKind} ${event.actorId}`);
  }
  const has = { before: event.before !== null, after: event.after !== null };
  if (changesNothing[operation.name] !== undefined)
    law(!has.before && !has.after, 'has a before or an after');
  else law(has.before || has.after, 'has neither before nor after');
  if (changesWhatIsThere.test(operation.name)) {
    law(has.before === (tellsNoBefore[operation.name] === undefined), 'says nothing of what was before');
  }
  return faults;
}

/** One test here makes hundreds of requests, which a busy machine answers slowly. */
const withinMs = 180_000;

const commands = handlers.filter(({ kind }) => kind === 'command').map(({ operation }) => operation);
const reads = handlers.filter(({ kind }) => kind !== 'command').map(({ operation }) => operation);

it(
  'writes exactly one event, in its transaction, that says who, what, where and by which request',
  async () => {
    const faults: string[] = [];
    let isSetUp = false;
    for (const operation of commands.toSorted(
      (one, other) => Number(other === setUp) - Number(one === setUp),
    )) {
      if (operation !== setUp && !isSetUp) {
        await makeOperator(world.server);
        isSetUp = true;
      }
      const variants = Object.entries(world.samples[operation.name] ?? {});
      expect(variants.length, operation.name).toBeGreaterThan(0);
      for (const [variant, sample] of variants) {
        faults.push(...(await faultsOf(operation, await succeed(operation, variant, sample))));
      }
    }
    expect(faults).toEqual([]);
    expect(succeeded.size).toBe(commands.length);
  },
  withinMs,
);

it(
  'writes nothing when it reads',
  async () => {
    const faults: string[] = [];
    for (const operation of reads) {
      const asksInItsBody = readsWithBody[operation.name] !== undefined;
      if ((operation.method === 'GET') === asksInItsBody)
        faults.push(`${operation.name}: ${operation.method}`);
      for (const [variant, sample] of Object.entries(world.samples[operation.name] ?? {})) {
        const { name, transactions: done } = await succeed(operation, variant, sample);
        if (done.some(({ wrote, events }) => wrote || events.length > 0))
          faults.push(`${name} wrote something`);
      }
    }
    expect(faults).toEqual([]);
  },
  withinMs,
);

it(
  'keeps nothing of a change of which the event cannot be written',
  async () => {
    const { db } = world.server;
    await sql`create function refuse_events() returns trigger language plpgsql as
    $$ begin raise exception 'no event is written today'; end $$`.execute(db);
    await sql`create trigger no_events before insert on events for each row execute function refuse_events()`.execute(
      db,
    );
    const others: string[] = [];
    const sendAll = async (of: readonly Operation[]) => {
      const before = await fingerprintOf(world.server);
      for (const operation of of) {
        for (const { name, sent } of succeeded.get(operation) ?? []) {
          logged.length = 0;
          const problem = await problemOf(operation, sent);
          const isThat = logged.some((line) => line.includes('no event is written today'));
          if (problem?.code !== 'internal-error' || !isThat) others.push(`${name}: ${problem?.code}`);
        }
      }
      expect(await fingerprintOf(world.server)).toEqual(before);
    };
    keeps = true;
    try {
      await sendAll(commands.filter((operation) => operation !== setUp));
      // There is nothing to set up while there is an operator.
      await db
        .updateTable('platform_grants')
        .set({ role: 'support' })
        .where('role', '=', 'operator')
        .execute();
      await sendAll([setUp]);
    } finally {
      keeps = false;
      await sql`drop trigger no_events on events`.execute(db);
    }
    expect(others).toEqual([]);
  },
  withinMs,
);

it(
  'is refused for want of a right as a dry run exactly as the real thing',
  async () => {
    const withDryRun = commands.filter(({ dryRun }) => dryRun);
    const names = ['approver', 'account user', 'VA user, nested', 'order-desk', 'stranger', 'nobody'];
    const callers = world.callers.filter(({ name }) => names.includes(name));
    expect(callers).toHaveLength(names.length);
    const faults: string[] = [];
    const refused = new Set<string>();
    for (const operation of withDryRun) {
      for (const [variant, sample] of Object.entries(world.samples[operation.name] ?? {})) {
        for (const place of ['own', 'sibling', 'foreign'] as const) {
          await Promise.all(
            callers.map(async ({ name, client }) => {
              const sent = { client, sample: sample(world.scene.places[place]) };
              const real = await problemOf(operation, sent);
              const dry = await problemOf(operation, sent, { dryRun: true });
              if (real !== null) refused.add(operation.name);
              const said = [real, dry].map((problem) => JSON.stringify({ ...problem, requestId: '' }));
              if (said[0] !== said[1])
                faults.push(`${operation.name} ${variant}, ${name}, ${place}: ${said}`);
            }),
          );
        }
      }
    }
    expect(faults).toEqual([]);
    expect([...refused].sort()).toEqual(withDryRun.map(({ name }) => name).sort());
  },
  withinMs,
);

it(
  'tells nothing of another account by its cursors and its sort orders',
  async () => {
    const { callers, scene, samples } = world;
    const own = callers.find(({ name }) => name === 'account administrator') as MatrixCaller;
    const stranger = callers.find(({ name }) => name === 'stranger') as MatrixCaller;
    const faults: string[] = [];
    let compared = 0;
    for (const operation of reads) {
      const { cursor, sort } = queryOf(operation);
      const [sample] = Object.values(samples[operation.name] ?? {});
      if (operation.permission.at !== 'account' || cursor === undefined || sample === undefined) continue;
      const sent = (place: MatrixPlace, query: Record<string, unknown>): Sample => {
        const { query: asked, ...rest } = sample(place);
        return { ...rest, query: { ...asked, ...query } };
      };
      const page = async (client: Client, given: Sample) =>
        (await client.call(operation, given as CallInput<Operation>)) as {
          items: unknown[];
          nextCursor: string | null;
        };
      for (const order of sort === undefined ? [{}] : sort.options.map((each) => ({ sort: each }))) {
        const name = `${operation.name} ${JSON.stringify(order)}`;
        const { nextCursor } = await page(own.client, sent(scene.places.own, { ...order, limit: 1 }));
        const all = await page(stranger.client, sent(scene.places.foreign, { ...order, limit: 200 }));
        const theirs = new Set(all.items.map((item) => JSON.stringify(item)));
        // Not one row more or other than the list of the one who asks, wherever in it a foreign cursor begins.
        if (nextCursor !== null) {
          const after = sent(scene.places.foreign, { ...order, limit: 200, cursor: nextCursor });
          const problem = await problemOf(operation, { client: stranger.client, sample: after });
          if (problem !== null && problem.code !== 'cursor-invalid') faults.push(`${name}: ${problem.code}`);
          const rows = problem === null ? (await page(stranger.client, after)).items : [];
          if (rows.some((row) => !theirs.has(JSON.stringify(row)))) faults.push(`${name}: foreign rows`);
          compared++;
        }
        // Whoever has no role there is told the same with any cursor and in any order.
        const ofThem = (query: Record<string, unknown>) =>
          problemOf(operation, { client: own.client, sample: sent(scene.places.foreign, query) });
        const { nextCursor: theirCursor } = await page(
          stranger.client,
          sent(scene.places.foreign, { ...order, limit: 1 }),
        );
        const told = await Promise.all([
          ofThem({}),
          ofThem(order),
          ofThem({ ...order, cursor: nextCursor ?? undefined }),
          ofThem({ ...order, cursor: theirCursor ?? undefined }),
          ofThem({ ...order, cursor: 'bm90aGluZw' }),
        ]);
        const said = new Set(told.map((problem) => JSON.stringify({ ...problem, requestId: '' })));
        if (said.size !== 1 || told[0]?.code !== 'not-found') faults.push(`${name}: ${[...said]}`);
      }
    }
    expect(faults).toEqual([]);
    expect(compared).toBeGreaterThan(15);
  },
  withinMs,
);

/** The members of an operation's query that make pages. */
function queryOf({ query }: Operation): { cursor?: unknown; sort?: { options: readonly string[] } } {
  const shape = { ...(query as unknown as { shape?: Record<string, z.ZodType> }).shape };
  const sort = shape['sort'] instanceof z.ZodDefault ? shape['sort'].unwrap() : shape['sort'];
  return {
    ...('cursor' in shape ? { cursor: shape['cursor'] } : {}),
    ...(sort instanceof z.ZodEnum ? { sort: { options: sort.options.map(String) } } : {}),
  };
}
