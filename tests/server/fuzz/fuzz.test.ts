import { setTimeout } from 'node:timers/promises';
import { operations, refusalsOf } from '@estover/protocol';
import { type Random, randomFrom } from '@estover/protocol/testing';
import { examine, fingerprintOf, startTestServer, type TestServer } from '@estover/server/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aim, type Shot, type Way, ways } from './aim.ts';
import { type DocumentedOperation, readDocument } from './documented.ts';
import type { Schema } from './values.ts';
import { type Caller, makeWorld, secretOfOther, type World } from './world.ts';

/*
 * Every operation of the API in every way there is to ask for it: right, on the bounds, wrong, by nobody, with the
 * account, the ids and the cursors of others. Whatever comes in: no answer is a failure of the server, each is one that
 * the OpenAPI document declares, down to its body, and nothing of another account is in it. The seed is the same in
 * every run of the tests, so that a change is judged by what it changed, and a few requests are of one that nobody has
 * seen before; FUZZ_SEED, FUZZ_UNSEEN and FUZZ_REQUESTS look further.
 */

const seed = Number(process.env.FUZZ_SEED ?? 20_261_122);
const unseen = Number(process.env.FUZZ_UNSEEN ?? Math.floor(Math.random() * 1_000_000));
const requests = Number(process.env.FUZZ_REQUESTS ?? 20_000);
/** With each operation and way; all others are of the way `anything`. */
const shotsOfEach = 6;
const longEnough = 600_000;

let server: TestServer;
let world: World;
let documented: DocumentedOperation[];
/** Of lists of the other account and of other lists, and what never was one. */
let cursors: string[];

beforeAll(async () => {
  server = await startTestServer();
  world = await makeWorld(server);
  documented = readDocument();
  cursors = [
    '',
    'x',
    'e30',
    '0',
    '\u0000',
    'A'.repeat(2_000),
    ...(await cursorsOf(world.other.administrator)),
  ];
});
afterAll(() => server.close());

async function cursorsOf({ key }: Caller): Promise<string[]> {
  const lists = documented.filter(
    ({ operation, parameters }) =>
      operation.method === 'GET' &&
      operation.path.startsWith('/api/v1/accounts/{accountId}') &&
      parameters.some(({ name }) => name === 'cursor'),
  );
  const found = lists.map(async ({ operation }) => {
    const path = operation.path.replace('{accountId}', world.other.accountId);
    const answer = await fetch(`${server.address}${path}?limit=1`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { nextCursor } = (await answer.json()) as { nextCursor?: string | null };
    return nextCursor ?? [];
  });
  return (await Promise.all(found)).flat();
}

interface Told {
  answer: Response;
  text: string;
}

/**
 * A server that has too much to do says so, and when to come again; one that goes on saying so has failed, and one that
 * gave up on a request because it took too long or met others in its way.
 */
const mostTries = 5;
const gaveUp = /Too many changes at the same place|took longer than the server lets/;

/** Sends a request; a text when the connection broke, which is how a file that fails half-way ends. */
async function ask({ url, method, headers, body }: Shot): Promise<Told | string> {
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await fetch(`${server.address}${url}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      });
      const text = await answer.text();
      const retryAfterSeconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
      const isToComeAgain = answer.status === 503 && retryAfterSeconds > 0 && !gaveUp.test(text);
      if (!isToComeAgain || tries === mostTries) return { answer, text };
      await setTimeout(retryAfterSeconds * 1_000);
    } catch (error) {
      return `the connection broke: ${String(error)}`;
    }
  }
}

/** What is wrong with an answer; null when nothing is. */
function faultOf(
  target: DocumentedOperation,
  caller: Caller,
  { answer, text }: Told,
  shot: Shot,
): string | null {
  if (answer.status >= 500) return 'the server failed';
  // The HTTP parser refuses a head of more than 16 KiB before there is a request that could be answered.
  if (answer.status === 431 && shot.url.length > 8_000) return null;
  return leakOf(caller, text, shot) ?? undeclared(target, answer, text) ?? shot.statusFault(answer.status);
}

/** Whether an answer to anybody of one account tells of the other what they did not say themselves. */
function leakOf(caller: Caller, text: string, shot: Shot): string | null {
  if (caller === world.callers.operator) return null;
  const asked =
    decodeURIComponent(shot.url.replaceAll('+', ' ').replaceAll(/%(?![0-9a-fA-F]{2})/g, '')) +
    (shot.body ?? '');
  const secrets = [
    secretOfOther,
    ...Object.values(world.other.known)
      .flat()
      .filter((id) => /^[0-9a-f-]{36}$/.test(id)),
  ];
  const leaked = secrets.find((secret) => text.includes(secret) && !asked.includes(secret));
  return leaked === undefined ? null : `it tells of another account: ${leaked}`;
}

/** What of an answer the document does not declare: status, media type, a member or its value, the problem's code. */
function undeclared(
  { operation, answers }: DocumentedOperation,
  answer: Response,
  text: string,
): string | null {
  const status = operation.dryRun && answer.status === 200 ? operation.status : answer.status;
  const declared = answers.get(String(status));
  if (declared === undefined) return 'the status is not declared';
  const media = answer.headers.get('content-type')?.split(';')[0] ?? 'none';
  const check = declared.get(media);
  if (check === undefined) return `the media type ${media} is not declared`;
  const body: unknown = /[/+]json$/.test(media) ? JSON.parse(text) : text;
  const fault = check(body);
  if (fault !== null) return `the body is not as declared: ${fault}`;
  if (answer.status < 400) return null;
  const problem = body as { code: string; status: number };
  if (problem.status !== answer.status) return 'the problem names another status';
  return (refusalsOf(operation) as string[]).includes(problem.code)
    ? null
    : `the problem ${problem.code} is not declared`;
}

/** Shoots several at once until the shots are out or there are too many faults; returns the statuses of each way. */
async function shootAll(shots: Iterable<[DocumentedOperation, Caller, Shot]>): Promise<Map<number, number>> {
  const faults: string[] = [];
  const statuses = new Map<number, number>();
  const left = shots[Symbol.iterator]();
  const shooter = async () => {
    for (let next = left.next(); next.done !== true && faults.length < 20; next = left.next()) {
      const [target, caller, shot] = next.value;
      const told = await ask(shot);
      const fault = typeof told === 'string' ? told : faultOf(target, caller, told, shot);
      if (typeof told !== 'string')
        statuses.set(told.answer.status, (statuses.get(told.answer.status) ?? 0) + 1);
      if (fault === null) continue;
      const said = typeof told === 'string' ? '' : `\n  ${told.answer.status} ${told.text.slice(0, 300)}`;
      const what = `${shot.method} ${shot.url.slice(0, 300)}\n  ${shot.body?.slice(0, 300) ?? ''}`;
      faults.push(`${target.operation.name} as ${caller.name}: ${fault}\n  ${what}${said}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, shooter));
  expect(faults.join('\n\n')).toBe('');
  return statuses;
}

/** Some shots of a way with every operation; the operations that it has nothing to try with are left out. */
function* everyOperation(way: Way, random: Random, tried = new Map<string, number>()) {
  for (const target of documented) {
    // A way may find no place in one made-up body and one in the next.
    for (let tries = 0, made = 0; tries < shotsOfEach * 3 && made < shotsOfEach; tries += 1) {
      const aimed = aim(target, way, world, cursors, random);
      if (aimed === undefined) continue;
      made += 1;
      tried.set(target.operation.name, made);
      yield [target, aimed.caller, aimed.shot] satisfies [DocumentedOperation, Caller, Shot];
    }
  }
}

/** How many operations each way must find something to try with. */
function expectedOf(way: Way): number {
  const all = documented.length;
  const withAccount = documented.filter(({ operation }) => operation.permission.at === 'account').length;
  const withJson = documented.filter(
    ({ body, operation }) => body !== null && operation.bodyMedia === undefined,
  );
  switch (way) {
    case 'foreign-account':
    case 'foreign-ids':
      return withAccount;
    case 'foreign-cursor':
      return documented.filter(({ parameters }) => parameters.some(({ name }) => name === 'cursor')).length;
    case 'wrong-type':
      return withJson.length;
    case 'extra-field':
      return withJson.filter(({ body }) => body !== null && isClosed(body.schema)).length;
    case 'missing-field':
      return withJson.filter(({ body }) => (body?.schema.required ?? []).length > 0).length;
    default:
      return all;
  }
}

/** Whether a schema takes no members but its own, and none of its alternatives does. */
const isClosed = ({ additionalProperties, anyOf, oneOf }: Schema): boolean =>
  additionalProperties === false || (anyOf ?? oneOf ?? []).some(isClosed);

/** Those that say the same whoever still has a key. */
const waysOfAll = ways.filter((one) => one !== 'not-signed-in' && one !== 'foreign-account');

/** What the use of a key notes with it, and nothing else, may change while nothing is allowed. */
const withoutKeys = ({ api_keys: _, ...tables }: Record<string, string>) => tables;

it.each(['not-signed-in', 'foreign-account'] as const)(
  `is told nothing and changes nothing: %s (FUZZ_SEED=${seed})`,
  async (way) => {
    const before = withoutKeys(await fingerprintOf(server));
    const tried = new Map<string, number>();
    await shootAll(everyOperation(way, randomFrom(seed), tried));
    expect(withoutKeys(await fingerprintOf(server))).toEqual(before);
    expect(tried.size).toBe(expectedOf(way));
  },
  longEnough,
);

it('answers for the account of others as for one that is not there', async () => {
  const random = randomFrom(seed);
  const nowhere = '0193c5a0-0000-7000-8000-00000000dead';
  const different: string[] = [];
  for (const target of documented) {
    const aimed = aim(target, 'foreign-account', world, cursors, random);
    if (aimed === undefined) continue;
    const { shot } = aimed;
    const foreign = await ask(shot);
    const missing = await ask({ ...shot, url: shot.url.replace(world.other.accountId, nowhere) });
    if (typeof foreign === 'string' || typeof missing === 'string') throw new Error('no answer');
    const common = ({ answer, text }: Told) =>
      `${answer.status} ${text.replaceAll(/"requestId":"[^"]*"/g, '').replaceAll(world.other.accountId, nowhere)}`;
    if (common(foreign) !== common(missing)) different.push(`${target.operation.name}: ${common(foreign)}`);
  }
  expect(different).toEqual([]);
}, 120_000);

it(
  `answers ${requests} requests only as declared (FUZZ_SEED=${seed})`,
  async () => {
    const random = randomFrom(seed);
    const otherBefore = await fingerprintOf(server, world.other.accountId);
    const statuses = new Map<number, number>();
    let sent = 0;
    const shoot = async (shots: Iterable<[DocumentedOperation, Caller, Shot]>) => {
      for (const [status, count] of await shootAll(shots)) {
        statuses.set(status, (statuses.get(status) ?? 0) + count);
        sent += count;
      }
    };
    // Those two ran by themselves: what comes now also takes keys away from callers.
    for (const way of waysOfAll) {
      const tried = new Map<string, number>();
      await shoot(everyOperation(way, random, tried));
      expect(tried.size, way).toBe(expectedOf(way));
    }
    function* anything(): Generator<[DocumentedOperation, Caller, Shot]> {
      for (let left = requests - sent; left > 0; left -= 1) {
        const target = random.pick(documented);
        const aimed = aim(target, 'anything', world, cursors, random);
        if (aimed !== undefined) yield [target, aimed.caller, aimed.shot];
      }
    }
    await shoot(anything());
    expect(sent).toBeGreaterThanOrEqual(requests);
    // Nobody of one account could change a row of the other.
    expect(await fingerprintOf(server, world.other.accountId)).toEqual(otherBefore);
    // The shots must hit: without successes and refusals by rules the run would prove little.
    expect(statuses.get(200) ?? 0).toBeGreaterThan(requests / 20);
    expect([...statuses.keys()]).toEqual(
      expect.arrayContaining([200, 201, 400, 401, 403, 404, 409, 415, 422]),
    );
  },
  longEnough,
);

it(
  `answers 1000 requests that nobody has seen before (FUZZ_UNSEEN=${unseen})`,
  async () => {
    const random = randomFrom(unseen);
    function* anything(): Generator<[DocumentedOperation, Caller, Shot]> {
      for (let made = 0; made < 1_000; made += 1) {
        const target = random.pick(documented);
        const aimed = aim(target, random.pick(waysOfAll), world, cursors, random);
        if (aimed !== undefined) yield [target, aimed.caller, aimed.shot];
      }
    }
    expect((await shootAll(anything())).get(200) ?? 0).toBeGreaterThan(0);
  },
  longEnough,
);

it(
  `answers the operator of the platform only as declared (FUZZ_SEED=${seed})`,
  async () => {
    const random = randomFrom(seed);
    const { operator } = world.callers;
    function* shots(): Generator<[DocumentedOperation, Caller, Shot]> {
      const ofPlatform = documented.filter(({ operation }) => operation.permission.at !== 'account');
      for (let made = 0; made < requests / 10; made += 1) {
        const target = random.pick(ofPlatform);
        const aimed = aim(
          target,
          random.pick(['valid', 'valid', 'boundary', 'anything']),
          world,
          cursors,
          random,
        );
        if (aimed === undefined) continue;
        const headers = { ...aimed.shot.headers, authorization: `Bearer ${operator.key}` };
        yield [target, operator, { ...aimed.shot, headers }];
      }
    }
    const statuses = await shootAll(shots());
    expect(statuses.get(200) ?? 0).toBeGreaterThan(requests / 100);
    expect(statuses.get(201) ?? 0).toBeGreaterThan(0);
  },
  longEnough,
);

it('leaves everything as it has to be', async () => {
  expect(await examine(server.db)).toEqual([]);
}, 120_000);

it('leaves no trace in the objects of the program', () => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(operations.size).toBeGreaterThan(50);
});
