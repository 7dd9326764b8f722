import { randomUUIDv7 } from 'node:crypto';
import type { AccountRole, GrantScope } from '@estover/domain/access';
import {
  beginViewAs,
  type Client,
  createVirtualAccount,
  endOtherSessions,
  endViewAs,
  getMe,
  grantRole,
  limitToSeller,
  listEvents,
  listPeople,
  listVirtualAccounts,
  operations,
  revokeGrant,
} from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { refusal, type SeededAccount, startTestServer, type TestServer } from '../testing/index.ts';
import { enterPassword, type SignedInPerson, signedInPerson } from './testing/signed-in-person.ts';

let server: TestServer;
let account: SeededAccount;
let params: { accountId: string };
let ids: Record<string, string>;
let admin: SignedInPerson;
let adminGrant: string;
let viewer: SignedInPerson;
let viewerGrant: string;

const whole: GrantScope = { kind: 'account' };
const at = (name: string): GrantScope => ({
  kind: 'virtual-accounts',
  virtualAccounts: [{ virtualAccountId: ids[name] as string, nested: true }],
});

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  server.clock.advance({ hours: 1 });
  account = await server.account(`Seen ${randomUUIDv7()}`);
  params = { accountId: account.accountId };
  ids = await server.virtualAccounts(account, 'Europe / Berlin', 'Asia');
  admin = await signedInPerson(server);
  viewer = await signedInPerson(server);
  adminGrant = await give(admin.email, 'account-administrator', whole);
  viewerGrant = await give(viewer.email, 'viewer', at('Asia'));
});

async function give(email: string, role: AccountRole, scope: GrantScope): Promise<string> {
  return (await account.administrator.call(grantRole, { params, body: { email, role, scope } })).grant
    .grantId;
}
const begin = (as: SignedInPerson, by: Client = admin.browser.client) =>
  by.call(beginViewAs, { params: { ...params, personId: as.personId } });
const end = (by: Client = admin.browser.client) => by.call(endViewAs, {});
const names = async (by: Client) =>
  (await by.call(listVirtualAccounts, { params })).items.map(({ name }) => name).toSorted();
const codeOf = async (work: Promise<unknown>) => (await refusal(work)).code;
const create = (by: Client) =>
  by.call(createVirtualAccount, { params, body: { name: randomUUIDv7(), parentId: null } });

it('shows the account as the person sees it, and as oneself again after the end', async () => {
  const { client } = admin.browser;
  const all = await names(client);
  const { viewingAs } = await begin(viewer);
  expect(viewingAs).toEqual({
    ...params,
    personId: viewer.personId,
    name: 'Ana Ruiz',
    email: viewer.email,
    until: server.clock.now().add({ minutes: 30 }).toString(),
  });
  expect(await names(client)).toEqual(await names(viewer.browser.client));
  expect(await names(client)).toEqual(['Asia']);
  const mine = (await client.call(getMe, {})).accounts.find(
    ({ accountId }) => accountId === params.accountId,
  );
  const theirs = (await viewer.browser.client.call(getMe, {})).accounts[0];
  expect(mine).toEqual(theirs);
  expect((await client.call(getMe, {})).viewingAs).toEqual(viewingAs);
  await end();
  expect(await names(client)).toEqual(all);
  expect((await client.call(getMe, {})).viewingAs).toBeNull();
  expect(await codeOf(end())).toBe('nothing-to-do');
});

it('refuses every change meanwhile, wherever it would be, but the end', async () => {
  const { client } = admin.browser;
  const other = await server.account(`Other ${randomUUIDv7()}`);
  await begin(viewer);
  expect(await codeOf(create(client))).toBe('viewing-as');
  expect(await codeOf(begin(viewer))).toBe('viewing-as');
  expect(await codeOf(client.call(endOtherSessions, {}))).toBe('viewing-as');
  const tried = await admin.browser.request(
    'POST',
    `/api/v1/accounts/${params.accountId}/virtual-accounts?dryRun=true`,
    { name: 'X', parentId: null },
    { origin: server.address },
  );
  expect(tried.status).toBe(403);
  // Every operation that changes something is refused like this, so none that is added can be forgotten.
  const changing = [...operations.values()].filter(
    ({ method, permission, endsView, repeats }) =>
      method !== 'GET' && permission.at !== 'public' && !endsView && !repeats,
  );
  expect(changing.length).toBeGreaterThan(40);
  const nowhere = randomUUIDv7();
  for (const { name, method, path } of changing) {
    const url = path.replace('{accountId}', other.accountId).replaceAll(/\{\w+\}/g, nowhere);
    const answer = await admin.browser.request(method, url, undefined, { origin: server.address });
    const { code } = (await answer.json()) as { code: string };
    expect([name, code]).toEqual([name, 'viewing-as']);
  }
  await end();
  await create(client);
});

it('ends by itself after 30 minutes, and with the session', async () => {
  const { client } = admin.browser;
  const all = await names(client);
  await begin(viewer);
  server.clock.advance({ minutes: 29 });
  expect(await names(client)).toEqual(['Asia']);
  // In another session of the same person nothing is different.
  const second = await enterPassword(server, admin.email);
  expect(await names(second.client)).toEqual(all);
  server.clock.advance({ minutes: 1 });
  expect(await names(client)).toEqual(all);
  await create(client);
  await begin(viewer);
  await second.client.call(endOtherSessions, {});
  expect(await server.db.selectFrom('account_views').selectAll().execute()).toEqual([]);
});

it('takes an administrator of the whole account, with a session, and somebody who has a role there', async () => {
  const partly = await signedInPerson(server);
  await give(partly.email, 'virtual-account-administrator', at('Asia'));
  expect(await codeOf(begin(viewer, partly.browser.client))).toBe('not-allowed');
  expect(await codeOf(begin(viewer, viewer.browser.client))).toBe('not-allowed');
  expect(await codeOf(begin(viewer, account.administrator))).toBe('person-required');
  expect(await codeOf(begin(admin))).toBe('nothing-to-do');
  const stranger = await signedInPerson(server);
  expect(await codeOf(begin(stranger))).toBe('not-found');
});

it('never shows more than the administrator may see: whoever loses the role sees what they have left', async () => {
  const { client } = admin.browser;
  await begin(viewer);
  await give(admin.email, 'viewer', at('Europe'));
  await give((await signedInPerson(server)).email, 'account-administrator', whole);
  await account.administrator.call(revokeGrant, { params: { ...params, grantId: adminGrant } });
  expect(await names(client)).toEqual(['Berlin', 'Europe']);
  // And whoever is looked at and loses everything shows nothing.
  await give(admin.email, 'account-administrator', whole);
  expect(await names(client)).toEqual(['Asia']);
  await account.administrator.call(revokeGrant, { params: { ...params, grantId: viewerGrant } });
  expect(await codeOf(names(client))).toBe('not-found');
});

it('has the limits of the person: to lots of a seller, and what roles do not include', async () => {
  await account.administrator.call(limitToSeller, {
    params: { ...params, personId: viewer.personId },
    body: { soldBy: 'Partner' },
  });
  await begin(viewer);
  expect(await codeOf(admin.browser.client.call(listPeople, { params }))).toBe('limited-to-lots');
});

it('is told in events of the account with both identities', async () => {
  await begin(viewer);
  server.clock.advance({ minutes: 5 });
  await end();
  const { items } = await account.administrator.call(listEvents, {
    params,
    query: { objectId: viewer.personId },
  });
  expect(
    items.map(({ operation, actor, message }) => [operation, actor.id, message.includes(viewer.email)]),
  ).toEqual([
    ['endViewAs', admin.personId, true],
    ['beginViewAs', admin.personId, true],
  ]);
  expect(items[1]?.after).toMatchObject({ viewer: admin.personId, personId: viewer.personId });
});
