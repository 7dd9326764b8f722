import { setTimeout as wait } from 'node:timers/promises';
import type { AccountRole, GrantScope } from '@estover/domain/access';
import {
  type CallInput,
  createApiKey,
  createClient,
  createVirtualAccount,
  deleteVirtualAccount,
  grantRole,
  moveVirtualAccount,
  type Operation,
  operations,
  ProblemError,
  updateVirtualAccount,
} from '@estover/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBrowser, startTestServer, type TestServer } from '../testing/index.ts';
import { type MatrixPlace, setTheScene, signedInStranger } from './testing/matrix-places.ts';
import type { Sample, Samples } from './testing/matrix-samples.ts';
import { makeSamples, serverKeepingNothing } from './testing/matrix-world.ts';
import { password, signedInPerson } from './testing/signed-in-person.ts';

/** Stands in every name that a partner may not read, and nowhere else. */
const canary = /canary/i;

let server: TestServer;
let close: () => Promise<void>;
let keepsNothing: string;
let samples: Samples;
let scene: Awaited<ReturnType<typeof setTheScene>>;
let partners: Record<string, Asker>;
/** Of the account's own company, with the same role. */
let colleague: Asker;

/** Asks as somebody, and gives all that came back as it came. */
type Asker = (
  address: string,
  operation: Operation,
  sample: Sample & { dryRun?: boolean; idempotencyKey?: string },
) => Promise<string>;

function askerWith(headers: (address: string) => Promise<Record<string, string>>): Asker {
  const ask: Asker = async (address, operation, sample) => {
    let told = '';
    const more = await headers(address);
    const client = createClient({
      baseUrl: address,
      fetch: async (url, init) => {
        const response = await fetch(url, { ...init, headers: { ...init?.headers, ...more } as never });
        told = JSON.stringify([...response.headers]) + (await response.clone().text());
        return response;
      },
    });
    const code = await client.call(operation, sample as CallInput<Operation>).then(
      () => null,
      (error: unknown) => {
        if (!(error instanceof ProblemError)) throw error;
        return error.problem.code;
      },
    );
    if (code !== 'too-many-requests' || operation.fileMedia === undefined) return told;
    // Only so many files are sent at once.
    await wait(100);
    return ask(address, operation, sample);
  };
  return ask;
}

async function personWith(
  email: string,
  role: AccountRole,
  scope: GrantScope,
  soldBy?: string,
): Promise<Asker> {
  await signedInPerson(server, email);
  await scene.own.administrator.call(grantRole, {
    params: { accountId: scene.own.accountId },
    body: { email, role, scope, ...(soldBy === undefined ? {} : { soldBy }) },
  });
  const cookies = new Map<string, string>();
  return askerWith(async (address) => {
    if (!cookies.has(address)) {
      const browser = createBrowser(address);
      await browser.post('/auth/sign-in/email', { email, password });
      cookies.set(address, browser.cookies());
    }
    return { cookie: cookies.get(address) ?? '', origin: address };
  });
}

/** What went on in the account before: names above changed, came and went, and stand in events. */
async function makeHistory(): Promise<void> {
  const { own, places } = scene;
  const { administrator, accountId } = own;
  const params = { accountId };
  const { virtualAccountId } = places.own;
  const { virtualAccount: elsewhere } = await administrator.call(createVirtualAccount, {
    params,
    body: { name: 'Canary Elsewhere' },
  });
  const move = (parentId: string) =>
    administrator.call(moveVirtualAccount, { params: { accountId, virtualAccountId }, body: { parentId } });
  await move(elsewhere.virtualAccountId);
  await administrator.call(updateVirtualAccount, {
    params: { accountId, virtualAccountId: places.parent.virtualAccountId },
    body: { name: 'Canary Renamed' },
  });
  await move(places.parent.virtualAccountId);
  const { virtualAccount: doomed } = await administrator.call(createVirtualAccount, {
    params,
    body: { name: 'Doomed', parentId: virtualAccountId },
  });
  await administrator.call(deleteVirtualAccount, {
    params: { accountId, virtualAccountId: doomed.virtualAccountId },
    query: { licensesTo: virtualAccountId, tokensTo: elsewhere.virtualAccountId },
  });
}

beforeAll(async () => {
  const txtRecords = new Map<string, string[]>();
  server = await startTestServer({ txtRecords });
  scene = await setTheScene(server, txtRecords, {
    parent: 'Canary Top / Canary Parent',
    sibling: 'Canary Sibling',
  });
  const { app, baseUrl } = await serverKeepingNothing(server);
  keepsNothing = baseUrl;
  close = () => app.close();
  await signedInStranger(server, server.address, scene.foreign);
  samples = await makeSamples(server, scene);
  await makeHistory();
  const { scopes, own } = scene;
  colleague = await personWith('ana@own-company.example', 'virtual-account-administrator', scopes.nested);
  partners = {
    administrator: await personWith('pia@partner.example', 'virtual-account-administrator', scopes.nested),
    viewer: await personWith('vic@partner.example', 'viewer', scopes.alone),
    limited: await personWith('lim@partner.example', 'virtual-account-user', scopes.nested, 'Test buyer'),
  };
  const madeKey = await partners['administrator']?.(server.address, createApiKey, {
    params: { accountId: own.accountId },
    body: { name: 'Theirs', role: 'virtual-account-user', scope: scopes.nested },
  });
  const secret = /esak_\w+/.exec(madeKey ?? '')?.[0] ?? '';
  partners['key'] = askerWith(async () => ({ authorization: `Bearer ${secret}` }));
}, 120_000);
afterAll(async () => {
  await close();
  await server.close();
});

/** The requests that the samples make of an operation at a place, and a dry run of each that has one. */
function requestsOf(operation: Operation, place: MatrixPlace): (Sample & { dryRun?: boolean })[] {
  const hasPages = operation.query.safeParse({ limit: 1 }).success;
  return Object.values(samples[operation.name] ?? {}).flatMap((make) => {
    const sample = make(place);
    return [
      sample,
      ...(operation.dryRun ? [{ ...sample, dryRun: true }] : []),
      // Whoever goes on from a page is told where.
      ...(hasPages ? [{ ...sample, query: { ...sample.query, limit: 1 } }] : []),
    ];
  });
}

/** Whether a name stands in an answer, or in what of it only looks like chance: cursors and their like. */
const tells = (text: string): boolean =>
  canary.test(text) ||
  [...text.matchAll(/[\w-]{16,}/g)].some(([word]) => canary.test(Buffer.from(word, 'base64url').toString()));

it('stand in no answer, preview, refusal, event or file that a partner gets, of any operation', async () => {
  const toColleague = new Set<string>();
  const leaks: string[] = [];
  const { own, nested, parent, sibling } = scene.places;
  const everybody = { colleague, ...partners };
  const asked: [MatrixPlace, Record<string, Asker>][] = [
    [own, everybody],
    // What is refused there is refused in words.
    [nested, { administrator: partners['administrator'] as Asker, viewer: partners['viewer'] as Asker }],
    [parent, { administrator: partners['administrator'] as Asker }],
    [sibling, { administrator: partners['administrator'] as Asker }],
  ];
  for (const operation of operations.values()) {
    const said = new Set<string>();
    for (const [place, askers] of asked) {
      for (const request of requestsOf(operation, place)) {
        // Where a sample names no place, it asks the same everywhere.
        const words = JSON.stringify(request);
        if (said.has(words)) continue;
        said.add(words);
        await Promise.all(
          Object.entries(askers).map(async ([name, ask]) => {
            const told = await ask(keepsNothing, operation, request);
            if (!tells(told)) return;
            if (name === 'colleague') toColleague.add(operation.name);
            else leaks.push(`${operation.name} to ${name}: ${words}: ${told}`);
          }),
        );
      }
    }
  }
  expect(leaks).toEqual([]);
  // What they are not told is told to a colleague with the same role, so there was something to hide.
  expect([...toColleague]).toEqual(
    expect.arrayContaining([
      'createToken',
      'createVirtualAccount',
      'downloadEvents',
      'getProductInstance',
      'listEvents',
      'listInventory',
      'listVirtualAccounts',
      'moveVirtualAccount',
      'removeProductInstance',
      'transferLicenses',
      'transferProductInstance',
      'undoTransfer',
      'updateVirtualAccount',
    ]),
  );
}, 180_000);
