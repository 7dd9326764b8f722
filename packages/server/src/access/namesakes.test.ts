import {
  addToGroup,
  createAccount,
  createGroup,
  createOrder,
  deleteGroup,
  getMe,
  listAccounts,
  listEvents,
  listGroups,
  listInventory,
  proposeMerge,
  removeFromGroup,
  updateGroup,
} from '@estover/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { administratorOf } from '../accounts/testing/administrator.ts';
import {
  deliver,
  refusal,
  type SeededAccount,
  seedCatalog,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { patchOf, scimClient } from './testing/scim-client.ts';
import { type SignedInPerson, signedInPerson } from './testing/signed-in-person.ts';

/** Two accounts that are called alike, each with a group that is called alike: everything is found by its id. */

const name = 'Twin Rail';
const groupName = 'Night shift';
let server: TestServer;
let one: SeededAccount;
let other: SeededAccount;
beforeAll(async () => {
  server = await startTestServer();
  one = await namesake('one');
  other = await namesake('other');
});
afterAll(() => server.close());

async function namesake(where: string): Promise<SeededAccount> {
  const made = await server.operator.call(createAccount, {
    body: {
      name,
      domainIdentifier: `twin-${where}.example`,
      administrator: { name: 'Ana Ruiz', email: `ana@twin-${where}.example` },
    },
  });
  const { accountId } = made.account;
  const administrator = server.client(await server.keyOf(accountId, 'account-administrator'));
  return { accountId, defaultVirtualAccountId: made.defaultVirtualAccountId, administrator };
}

const whole = { kind: 'account' } as const;
const rolesOf = async ({ browser }: SignedInPerson) =>
  Object.fromEntries(
    (await browser.client.call(getMe, {})).accounts.map(({ accountId, roles }) => [
      accountId === one.accountId ? 'one' : 'other',
      roles.map(({ role }) => role),
    ]),
  );
const groupsOf = async ({ accountId, administrator }: SeededAccount) =>
  (await administrator.call(listGroups, { params: { accountId } })).items;

it('finds accounts of one name by id, and never by the name', async () => {
  const { items } = await server.operator.call(listAccounts, { query: { search: name } });
  expect(items.map(({ accountId }) => accountId).sort()).toEqual([one.accountId, other.accountId].sort());
  const { security: tag } = await seedCatalog(server);
  const { sku } = await deliver(server, one, { tag, quantity: 3 });
  const owned = async ({ accountId, administrator }: SeededAccount) =>
    (await administrator.call(listInventory, { params: { accountId }, query: {} })).items.length;
  expect([await owned(one), await owned(other)]).toEqual([1, 0]);
  const ordered = server.operator.call(createOrder, {
    body: { orderNumber: 'TWIN-1', buyer: 'B', lines: [{ sku, quantity: 1, account: name }] },
  });
  expect(await refusal(ordered)).toMatchObject({ status: 422 });
  const { client } = await administratorOf(server, [one.accountId, other.accountId]);
  const propose = (otherAccount: string) =>
    client.call(proposeMerge, {
      params: { accountId: one.accountId },
      body: { otherAccount, goes: 'this', reason: 'One company' },
      dryRun: true,
    });
  expect(await refusal(propose(name))).toMatchObject({ status: 422 });
  expect((await propose('twin-other.example')).move.into.accountId).toBe(other.accountId);
  const { items: events } = await other.administrator.call(listEvents, {
    params: { accountId: other.accountId },
    query: {},
  });
  expect(JSON.stringify(events)).not.toContain(one.accountId);
});

it('gives a person of one group nothing of the other, whatever becomes of either', async () => {
  const person = await signedInPerson(server);
  const make = async ({ accountId, administrator }: SeededAccount, role: 'viewer' | 'account-user') =>
    (
      await administrator.call(createGroup, {
        params: { accountId },
        body: { name: groupName, role, scope: whole },
      })
    ).group.groupId;
  const add = (at: SeededAccount, groupId: string) =>
    at.administrator.call(addToGroup, {
      params: { accountId: at.accountId, groupId },
      body: { people: [{ email: person.email }] },
    });
  const ofOne = await make(one, 'viewer');
  const ofOther = await make(other, 'account-user');
  await add(one, ofOne);
  expect(await rolesOf(person)).toEqual({ one: ['viewer'] });
  await add(other, ofOther);
  expect(await rolesOf(person)).toEqual({ one: ['viewer'], other: ['account-user'] });

  // The id of one is nothing in the other account, also for who manages both.
  const both = await administratorOf(server, [one.accountId, other.accountId]);
  const crossed = { accountId: one.accountId, groupId: ofOther };
  for (const work of [
    () => both.client.call(updateGroup, { params: crossed, body: { role: 'account-administrator' } }),
    () => both.client.call(removeFromGroup, { params: { ...crossed, personId: person.personId } }),
    () => both.client.call(deleteGroup, { params: crossed }),
    () => both.client.call(addToGroup, { params: crossed, body: { people: [{ email: 'x@one.example' }] } }),
  ]) {
    expect(await refusal(work())).toMatchObject({ code: 'not-found' });
  }
  await one.administrator.call(updateGroup, {
    params: { accountId: one.accountId, groupId: ofOne },
    body: { role: 'account-user' },
  });
  expect(await groupsOf(other)).toMatchObject([
    { groupId: ofOther, name: groupName, role: 'account-user', people: 1 },
  ]);
  await one.administrator.call(deleteGroup, { params: { accountId: one.accountId, groupId: ofOne } });
  expect(await groupsOf(one)).toEqual([]);
  expect(await rolesOf(person)).toEqual({ other: ['account-user'] });
});

it('has an identity provider find and change the group of its own account alone', async () => {
  const group = async ({ accountId, administrator }: SeededAccount): Promise<string> => {
    const params = { accountId };
    const body = { name: `${groupName} of SCIM`, role: 'viewer', scope: whole } as const;
    const { groupId } = (await administrator.call(createGroup, { params, body })).group;
    await administrator.call(updateGroup, { params: { ...params, groupId }, body: { provisioned: true } });
    return groupId;
  };
  const ofOne = await group(one);
  const ofOther = await group(other);
  const key = await server.keyOf(one.accountId, 'account-administrator');
  const scim = scimClient(server, one.accountId, key);
  const filter = encodeURIComponent(`displayName eq "${groupName} of SCIM"`);
  const found = await scim('GET', `/Groups?filter=${filter}`);
  expect(found.body.Resources.map(({ id }: { id: string }) => id)).toEqual([ofOne]);
  const rename = patchOf({ op: 'replace', path: 'displayName', value: 'Taken over' });
  for (const [method, body] of [
    ['GET', undefined],
    ['PATCH', rename],
    ['DELETE', undefined],
  ] as const) {
    expect((await scim(method, `/Groups/${ofOther}`, body)).status, method).toBe(404);
  }
  // The same client has no account but its own.
  expect((await scimClient(server, other.accountId, key)('GET', '/Groups')).status).toBe(404);
  expect((await groupsOf(other)).find(({ groupId }) => groupId === ofOther)).toMatchObject({
    name: `${groupName} of SCIM`,
  });
});
