import { randomUUIDv7 } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type CallInput, type Operation, operations, ProblemError, setUp } from '@estover/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { handlers } from '../app.ts';
import { refusal } from '../testing/index.ts';
import { type MatrixCaller, type MatrixPlace, places } from './testing/matrix-places.ts';
import type { Sample } from './testing/matrix-samples.ts';
import { makeOperator } from './testing/matrix-support.ts';
import { type MatrixWorld, makeMatrixWorld } from './testing/matrix-world.ts';

let world: MatrixWorld;
let callers: MatrixWorld['callers'];
let samples: MatrixWorld['samples'];
let scene: MatrixWorld['scene'];

beforeAll(async () => {
  world = await makeMatrixWorld();
  ({ callers, samples, scene } = world);
}, 120_000);
afterAll(() => world.close());

/** What is refused only to those who have the right: the scene's account is a full, active customer account. */
const refusedAfterTheRight: ReadonlySet<string> = new Set([
  'account-not-empty',
  'account-not-holding',
  'account-status',
  'notification-kind',
  'time-zone-known',
  'no-upgrade-waits',
  'upgrade-not-needed',
]);

const signs = { allowed: '+', forbidden: 'x', hidden: '?', anonymous: '!' } as const;

/** What somebody is told, in one sign. Any other refusal means that the sample, not the right, is wrong. */
async function outcomeOf(operation: Operation, caller: MatrixCaller, sample: Sample): Promise<string> {
  try {
    await caller.client.call(operation, sample as CallInput<Operation>);
    return signs.allowed;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { status, detail, errors } = error.problem;
    // A file is refused as a whole, with what is wrong with its rows.
    const code = error.problem.code === 'import-refused' ? errors?.[0]?.code : error.problem.code;
    if (refusedAfterTheRight.has(error.problem.code)) return signs.allowed;
    // The mail address that is typed in a sample is that of one of them.
    const isOfAnother = code === 'confirmation-wrong';
    if (status === 403 || code === 'grant-exceeds-own' || isOfAnother) return signs.forbidden;
    if (status === 404 || code === 'unknown-virtual-account') return signs.hidden;
    if (code === 'sign-in-required') return signs.anonymous;
    // No caller looks through another one's eyes here, so who may end that is told that there is nothing to end.
    if (operation.endsView && code === 'nothing-to-do') return signs.allowed;
    // A call is counted once its caller may make it.
    if (code === 'too-many-requests' && operation.fileMedia === undefined) return signs.allowed;
    if (code === 'too-many-requests') {
      // Only so many files are sent at once; the right is asked for again when there is a place.
      await wait(200);
      return outcomeOf(operation, caller, sample);
    }
    throw new Error(`${operation.name} for ${caller.name}: ${code}: ${detail}`, { cause: error });
  }
}

/** Whether a sample points at something inside the account, so that places make a difference. */
function pointsInside(sample: (place: MatrixPlace) => Sample): { inside: boolean; account: boolean } {
  const used = new Set<PropertyKey>();
  sample(
    new Proxy(scene.places.own, {
      get(target, name) {
        used.add(name);
        return Reflect.get(target, name);
      },
    }),
  );
  const account = used.delete('accountId');
  return { inside: used.size > 0, account };
}

/** One line of the matrix: for every caller a sign for each place. */
async function lineOf(operation: Operation, sample: (place: MatrixPlace) => Sample): Promise<string[]> {
  const { inside, account } = pointsInside(sample);
  return Promise.all(
    callers.map(async (caller) => {
      let cell = '';
      for (const place of places) {
        const asked = inside || place === 'own' || (account && place === 'foreign');
        cell += asked ? await outcomeOf(operation, caller, sample(scene.places[place])) : '.';
      }
      return cell.replace(/\.+$/, '');
    }),
  );
}

it('has an answer and a sample for every operation, and none for what does not exist', () => {
  const names = [...operations.keys()].sort();
  expect(handlers.map(({ operation }) => operation.name).sort()).toEqual(names);
  expect(Object.keys(samples).sort()).toEqual(names);
});

it('tells nothing of other accounts: what is there and what is nowhere are the same', async () => {
  const administrator = callers.find(({ name }) => name === 'account administrator') as MatrixCaller;
  const nowhere = Object.fromEntries(
    Object.keys(scene.places.own).map((field) => [field, randomUUIDv7()]),
  ) as unknown as MatrixPlace;
  const asked = [
    [scene.places.foreign, nowhere],
    [scene.places.smuggled, { ...nowhere, accountId: scene.own.accountId }],
  ] as const;
  const withoutIds = (problem: unknown): string =>
    JSON.stringify(problem)
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'id')
      .replaceAll(/T-id/g, 'id');
  let compared = 0;
  for (const [name, operation] of operations) {
    if (operation.permission.at !== 'account') continue;
    for (const [variant, sample] of Object.entries(samples[name] ?? {})) {
      for (const [there, notThere] of asked) {
        if (there === scene.places.smuggled && !pointsInside(sample).inside) continue;
        const told = await Promise.all(
          [there, notThere].map(async (place) =>
            withoutIds(
              await refusal(administrator.client.call(operation, sample(place) as CallInput<Operation>)),
            ),
          ),
        );
        expect(told[0], `${name} ${variant}`).toBe(told[1]);
        compared++;
      }
    }
  }
  expect(compared).toBeGreaterThan(60);
});

it('answers every caller as the table of roles says', async () => {
  const width = Math.max(...callers.map(({ name }) => name.length));
  const blocks: string[] = [];
  const linesOf = (name: string, operation: Operation) =>
    Promise.all(Object.values(samples[name] ?? {}).map((sample) => lineOf(operation, sample)));
  const ofSetUp = await linesOf(setUp.name, setUp);
  await makeOperator(world.server);
  for (const [name, operation] of operations) {
    const { permission } = operation;
    const needs =
      permission.at === 'account' || permission.at === 'platform'
        ? `${permission.at}: ${permission.action}`
        : permission.at;
    const variants = Object.entries(samples[name] ?? {});
    const lines = name === setUp.name ? ofSetUp : await linesOf(name, operation);
    for (const [index, line] of lines.entries()) {
      // A sample that nobody may send would prove nothing about anybody.
      expect(
        line.some((cell) => cell.includes(signs.allowed)),
        `${name} ${variants[index]?.[0]}`,
      ).toBe(true);
    }
    const header = `${name}  (${needs})`;
    const titles = variants.map(([variant]) => variant);
    const column = (text: string) => text.padEnd(Math.max(6, ...titles.map(({ length }) => length)) + 2);
    const rows = callers.map(
      (caller, index) =>
        `  ${caller.name.padEnd(width)}  ${lines.map((line) => column(line[index] ?? '')).join('')}`,
    );
    const head = titles.some((title) => title !== '')
      ? [`  ${''.padEnd(width)}  ${titles.map(column).join('')}`]
      : [];
    blocks.push([header, ...head, ...rows].map((line) => line.trimEnd()).join('\n'));
  }
  const legend = `Who may do what, as the server answers. Six signs for six places a request points at, in this order:

  own       a virtual account the caller was granted (for roles of virtual accounts)
  nested    one nested in it
  parent    the one it is nested in
  sibling   another one beside it
  foreign   one of another account
  smuggled  the caller's own account in the path, with ids of another account

  ${signs.allowed} allowed   ${signs.forbidden} 403 not allowed   ${signs.hidden} unknown to the caller (404, or 422 for an id in the body)   ${signs.anonymous} 401 sign in first   . not asked, for it would be the same

`;
  await expect(`${legend}${blocks.join('\n\n')}\n`).toMatchFileSnapshot('./access-matrix.txt');
}, 300_000);
