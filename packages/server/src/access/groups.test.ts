import { randomUUIDv7 } from 'node:crypto';
import type { AccountRole, GrantScope } from '@estover/domain/access';
import {
  acceptInvitation,
  addToGroup,
  type BodyOf,
  type Client,
  createApiKey,
  createGroup,
  deleteGroup,
  deleteVirtualAccount,
  explainAccess,
  getMe,
  grantRole,
  listGroupPeople,
  listGroups,
  listPeople,
  listVirtualAccounts,
  moveVirtualAccount,
  removeFromGroup,
  revokeGrant,
  updateGroup,
} from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createBrowser, startTestServer, type TestServer } from '../testing/index.ts';

let server: TestServer;
let seeded: Awaited<ReturnType<TestServer['account']>>;
let accountId: string;
let administrator: Client;
/** Europe / Berlin / Mitte, Asia. */
let ids: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  seeded = await server.account(`Groups ${randomUUIDv7()}`);
  ({ accountId, administrator } = seeded);
  ids = await server.virtualAccounts(seeded, 'Europe / Berlin / Mitte', 'Asia');
});

const refusal = (code: string) => ({ problem: expect.objectContaining({ code }) });
const mail = () => `${randomUUIDv7()}@example.com`;
const password = 'correct horse battery';
const at = (...names: string[]): GrantScope => ({
  kind: 'virtual-accounts',
  virtualAccounts: names
    .map((name) => ({ virtualAccountId: ids[name] as string, nested: true }))
    .sort((a, b) => (a.virtualAccountId < b.virtualAccountId ? -1 : 1)),
});
const whole: GrantScope = { kind: 'account' };
const inHours = (hours: number) => server.clock.now().add({ hours }).toString();

async function group(
  role: AccountRole,
  scope: GrantScope,
  more: { name?: string; until?: string; by?: Client } = {},
): Promise<string> {
  const { name = `Group ${randomUUIDv7()}`, until, by = administrator } = more;
  const body = { name, role, scope, ...(until === undefined ? {} : { until }) };
  return (await by.call(createGroup, { params: { accountId }, body })).group.groupId;
}
const add = (groupId: string, email: string, by: Client = administrator) =>
  by.call(addToGroup, { params: { accountId, groupId }, body: { people: [{ email }] } });
const remove = (groupId: string, personId: string, by: Client = administrator) =>
  by.call(removeFromGroup, { params: { accountId, groupId, personId } });
const change = (groupId: string, body: BodyOf<typeof updateGroup>, by: Client = administrator) =>
  by.call(updateGroup, { params: { accountId, groupId }, body });
const drop = (groupId: string, by: Client = administrator) =>
  by.call(deleteGroup, { params: { accountId, groupId } });
const groups = async (by: Client = administrator, search?: string) =>
  (await by.call(listGroups, { params: { accountId }, query: { search } })).items;

/** Somebody new in a group, who chose a password and is signed in. */
async function member(groupId: string) {
  server.clock.advance({ minutes: 5 });
  const email = mail();
  const [added] = (await add(groupId, email)).people;
  await server.client().call(acceptInvitation, {
    body: { token: added?.invitationLink as string, name: `Person ${email}`, password },
  });
  const browser = createBrowser(server.address);
  await browser.post('/auth/sign-in/email', { email, password });
  return { email, personId: added?.personId as string, client: browser.client };
}
const actionsOf = async (client: Client) => (await client.call(getMe, {})).accounts[0]?.actions ?? [];
const eventsOf = async (objectId: string) =>
  server.db
    .selectFrom('events')
    .select(['operation', 'message'])
    .where('object_id', '=', objectId)
    .orderBy('event_id')
    .execute();

it('gives what it is to everybody in it, at once, until they are taken out', async () => {
  const groupId = await group('virtual-account-user', at('Europe'), { name: 'Night shift' });
  const { client, email, personId } = await member(groupId);
  expect((await client.call(getMe, {})).accounts[0]?.roles).toEqual([
    { role: 'virtual-account-user', scope: at('Europe') },
  ]);
  const { items } = await client.call(listVirtualAccounts, { params: { accountId } });
  expect(items.map(({ path }) => path.join(' / '))).toEqual([
    'Europe',
    'Europe / Berlin',
    'Europe / Berlin / Mitte',
  ]);
  await change(groupId, { role: 'viewer', scope: at('Asia') });
  expect((await client.call(getMe, {})).accounts[0]?.roles).toEqual([{ role: 'viewer', scope: at('Asia') }]);
  expect((await add(groupId, email)).people).toEqual([
    { personId, email, added: false, invitationLink: null, mailed: false },
  ]);
  await expect(remove(groupId, randomUUIDv7())).rejects.toMatchObject(refusal('not-found'));
  expect(await remove(groupId, personId)).toEqual({ groupId, personId, apiKeysRevoked: [] });
  expect((await client.call(getMe, {})).accounts).toEqual([]);
  expect((await eventsOf(groupId)).map(({ operation, message }) => `${operation}: ${message}`)).toEqual([
    'createGroup: made the group Night shift as virtual-account-user',
    `addToGroup: added ${email} to the group Night shift`,
    'updateGroup: changed the group Night shift',
    'addToGroup: invited people of the group Night shift again',
    `removeFromGroup: took ${email} out of the group Night shift`,
  ]);
});

it('adds to what somebody holds themselves, and people show where each right comes from', async () => {
  const groupId = await group('virtual-account-user', at('Europe'), { name: 'Night shift' });
  const { client, email, personId } = await member(groupId);
  expect(await actionsOf(client)).not.toContain('view-people');
  const own = await administrator.call(grantRole, {
    params: { accountId },
    body: { email, role: 'viewer', scope: whole },
  });
  expect(await actionsOf(client)).toEqual(
    expect.arrayContaining(['view-people', 'view-inventory', 'manage-tokens', 'move-inventory']),
  );
  const listed = await administrator.call(listPeople, { params: { accountId }, query: { search: email } });
  expect(listed.items[0]?.grants.map(({ grantId, role, group }) => ({ grantId, role, group }))).toEqual([
    { grantId: groupId, role: 'virtual-account-user', group: { groupId, name: 'Night shift' } },
    { grantId: own.grant.grantId, role: 'viewer', group: null },
  ]);
  // What a group gives does not stand in for a grant of their own, which stays when the group goes.
  const twice = { email, role: 'virtual-account-user', scope: at('Europe') } as const;
  const second = await administrator.call(grantRole, { params: { accountId }, body: twice });
  expect(second.grant.grantId).not.toBe(groupId);
  await administrator.call(revokeGrant, { params: { accountId, grantId: second.grant.grantId } });
  // A group's grant is taken away by the group, never by its id alone.
  await expect(
    administrator.call(revokeGrant, { params: { accountId, grantId: groupId } }),
  ).rejects.toMatchObject(refusal('not-found'));

  const why = (action: 'move-inventory' | 'view-inventory' | 'manage-people', name?: string) =>
    administrator.call(explainAccess, {
      params: { accountId, personId },
      query: { action, virtualAccountId: name === undefined ? undefined : ids[name] },
    });
  const through = async (...asked: Parameters<typeof why>) => {
    const { allowed, through } = await why(...asked);
    return [allowed, ...through.map(({ role, group }) => `${role} by ${group?.name ?? 'own grant'}`)];
  };
  expect(await through('move-inventory', 'Europe / Berlin')).toEqual([
    true,
    'virtual-account-user by Night shift',
  ]);
  expect(await through('view-inventory', 'Europe / Berlin')).toEqual([
    true,
    'virtual-account-user by Night shift',
    'viewer by own grant',
  ]);
  expect(await through('move-inventory', 'Asia')).toEqual([false]);
  expect(await through('view-inventory')).toEqual([true, 'viewer by own grant']);
  expect(await through('manage-people')).toEqual([false]);
  expect((await why('move-inventory', 'Asia')).everythingSeen).toBe(true);
});

it('explains nothing of what the asker does not see', async () => {
  const groupId = await group('virtual-account-user', at('Europe / Berlin / Mitte', 'Asia'));
  const { personId, email } = await member(groupId);
  await administrator.call(grantRole, {
    params: { accountId },
    body: { email, role: 'account-user', scope: whole },
  });
  const berlin = server.client(
    await server.keyOf(accountId, 'virtual-account-administrator', at('Europe / Berlin')),
  );
  const why = (name: string | undefined, person = personId) =>
    berlin.call(explainAccess, {
      params: { accountId, personId: person },
      query: { action: 'move-inventory', virtualAccountId: name === undefined ? undefined : ids[name] },
    });
  expect(await why('Europe / Berlin / Mitte')).toMatchObject({
    allowed: true,
    through: [{ grantId: groupId, scope: at('Europe / Berlin / Mitte') }],
    everythingSeen: false,
    soldBy: null,
  });
  // They may do it there as account user, of which the asker sees nothing: the answer says that there may be more.
  const nothingSeen = {
    allowed: false,
    through: [],
    everythingSeen: false,
    soldBy: null,
    mailProved: true,
  };
  expect(await why('Europe / Berlin')).toEqual(nothingSeen);
  expect(await why(undefined)).toEqual(nothingSeen);
  await expect(why('Asia')).rejects.toMatchObject(refusal('unknown-virtual-account'));
  await expect(why('Europe')).rejects.toMatchObject(refusal('unknown-virtual-account'));
  const { personId: unseen } = await member(await group('viewer', at('Asia')));
  await expect(why('Europe / Berlin', unseen)).rejects.toMatchObject(refusal('not-found'));
  await expect(why('Europe / Berlin', randomUUIDv7())).rejects.toMatchObject(refusal('not-found'));
  // Their list shows the group with the part they see, and who is in it.
  expect(await groups(berlin)).toMatchObject([{ groupId, scope: at('Europe / Berlin / Mitte'), people: 1 }]);
  const { items } = await berlin.call(listGroupPeople, { params: { accountId, groupId } });
  expect(items).toMatchObject([{ email, status: 'active' }]);
});

it('is managed only by who could give all of it', async () => {
  const role = 'virtual-account-administrator';
  const berlin = server.client(await server.keyOf(accountId, role, at('Europe / Berlin')));
  const inside = await group('viewer', at('Europe / Berlin / Mitte'), { by: berlin });
  const partly = await group('viewer', at('Europe / Berlin', 'Asia'));
  const outside = await group('viewer', at('Asia'));
  await expect(group('viewer', at('Asia'), { by: berlin })).rejects.toMatchObject(
    refusal('unknown-virtual-account'),
  );
  await expect(group('viewer', whole, { by: berlin })).rejects.toMatchObject(refusal('grant-exceeds-own'));
  for (const [groupId, code] of [
    [partly, 'grant-exceeds-own'],
    [outside, 'not-found'],
  ] as const) {
    await expect(add(groupId, mail(), berlin)).rejects.toMatchObject(refusal(code));
    await expect(change(groupId, { name: 'Mine' }, berlin)).rejects.toMatchObject(refusal(code));
    await expect(drop(groupId, berlin)).rejects.toMatchObject(refusal(code));
    await expect(remove(groupId, randomUUIDv7(), berlin)).rejects.toMatchObject(refusal(code));
  }
  // Making a group wider is granting what it becomes.
  await expect(change(inside, { scope: at('Europe') }, berlin)).rejects.toMatchObject(
    refusal('unknown-virtual-account'),
  );
  await expect(change(inside, { role: 'account-user', scope: whole }, berlin)).rejects.toMatchObject(
    refusal('grant-exceeds-own'),
  );
  const changed = await change(inside, { role, scope: at('Europe / Berlin') }, berlin);
  expect(changed.group).toMatchObject({ role, scope: at('Europe / Berlin') });
  expect((await groups(administrator)).map(({ groupId }) => groupId).sort()).toEqual(
    [inside, partly, outside].sort(),
  );
});

it('nobody puts others into a group for longer than they hold it themselves', async () => {
  const role = 'virtual-account-administrator';
  const lead = await group(role, at('Asia'), { until: inHours(1000), name: 'Leads' });
  const { client } = await member(lead);
  const forEver = await group('viewer', at('Asia'));
  await expect(add(forEver, mail(), client)).rejects.toMatchObject(refusal('grant-exceeds-own'));
  await expect(group('viewer', at('Asia'), { by: client })).rejects.toMatchObject(
    refusal('grant-exceeds-own'),
  );
  await expect(change(lead, { until: null }, client)).rejects.toMatchObject(refusal('grant-exceeds-own'));
  const short = await group('viewer', at('Asia'), { by: client, until: inHours(500) });
  expect((await add(short, mail(), client)).people).toMatchObject([{ added: true }]);
  // A new password's link would make its holder everything the person is by their groups.
  const email = mail();
  await add(await group('viewer', at('Europe')), email);
  expect((await add(short, email, client)).people).toMatchObject([{ added: true, invitationLink: null }]);
});

it('lets no link of before in to what it gives afterwards', async () => {
  const role = 'virtual-account-administrator';
  const berlin = server.client(await server.keyOf(accountId, role, at('Europe / Berlin')));
  const groupId = await group(role, at('Europe / Berlin'), { by: berlin });
  const email = mail();
  const [added] = (await add(groupId, email, berlin)).people;
  const accept = (token: string | null | undefined) =>
    server.client().call(acceptInvitation, { body: { token: token as string, name: 'New', password } });
  expect((await change(groupId, { name: 'Berlin' })).invitedAgain).toEqual([]);
  const { invitedAgain } = await change(groupId, { role: 'account-administrator', scope: whole });
  expect(invitedAgain).toEqual([
    {
      personId: added?.personId,
      email,
      invitationLink: expect.stringMatching(/#esin_/),
      mailed: false,
    },
  ]);
  await expect(accept(added?.invitationLink)).rejects.toMatchObject(refusal('link-invalid'));
  await expect(accept(invitedAgain[0]?.invitationLink)).resolves.toMatchObject({ email });

  // Somebody who changes the group and could not give all that a person has does not see the new link.
  const second = await group('viewer', at('Europe / Berlin'), { by: berlin });
  const other = mail();
  const [wider] = (await add(second, other, berlin)).people;
  await administrator.call(grantRole, {
    params: { accountId },
    body: { email: other, role: 'viewer', scope: at('Asia') },
  });
  expect((await change(second, { role }, berlin)).invitedAgain).toEqual([
    { personId: wider?.personId, email: other, invitationLink: null, mailed: false },
  ]);
  await expect(accept(wider?.invitationLink)).rejects.toMatchObject(refusal('link-invalid'));
});

it('ends with its end for everybody in it, and can be given a later one', async () => {
  const groupId = await group('viewer', at('Asia'), { until: inHours(2) });
  const { client, email } = await member(groupId);
  expect((await client.call(getMe, {})).accounts).toHaveLength(1);
  server.clock.advance({ hours: 2 });
  expect((await client.call(getMe, {})).accounts).toEqual([]);
  const found = await administrator.call(listPeople, { params: { accountId }, query: { search: email } });
  expect(found.items).toEqual([]);
  await expect(add(groupId, mail())).rejects.toMatchObject(refusal('group-ended'));
  await expect(change(groupId, { until: '2020-01-01T00:00:00Z' })).rejects.toMatchObject(
    refusal('invalid-request'),
  );
  await expect(group('viewer', whole, { until: '2020-01-01T00:00:00Z' })).rejects.toMatchObject(
    refusal('invalid-request'),
  );
  await change(groupId, { until: null });
  expect((await client.call(getMe, {})).accounts).toHaveLength(1);
});

it('has a name of its own in the account, whatever its case', async () => {
  const groupId = await group('viewer', whole, { name: 'Nachtschicht Köln' });
  const other = await group('viewer', whole, { name: 'Day' });
  const same = 'NACHTSCHICHT KO\u0308LN';
  await expect(group('viewer', whole, { name: same })).rejects.toMatchObject(refusal('name-taken'));
  await expect(change(other, { name: same })).rejects.toMatchObject(refusal('name-taken'));
  await expect(change(other, { name: 'Day' })).rejects.toMatchObject(refusal('nothing-to-do'));
  await expect(change(other, {})).rejects.toMatchObject(refusal('nothing-to-do'));
  await expect(change(other, { role: 'virtual-account-user' })).rejects.toMatchObject(
    refusal('scope-not-for-role'),
  );
  expect((await change(groupId, { name: same })).group.name).toBe(same);
  const elsewhere = await server.account(`Other ${randomUUIDv7()}`);
  const made = await elsewhere.administrator.call(createGroup, {
    params: { accountId: elsewhere.accountId },
    body: { name: same, role: 'viewer', scope: whole },
  });
  expect(made.group.name).toBe(same);
  const first = await administrator.call(listGroups, { params: { accountId }, query: { limit: 1 } });
  const rest = await administrator.call(listGroups, {
    params: { accountId },
    query: { limit: 1, cursor: first.nextCursor as string },
  });
  expect([...first.items, ...rest.items].map(({ name }) => name)).toEqual(['Day', same]);
  expect(rest.nextCursor).toBeNull();
  expect((await groups(administrator, 'schicht')).map(({ name }) => name)).toEqual([same]);
});

it('the last administrator stays, whether by grant or by group', async () => {
  const listed = await administrator.call(listPeople, { params: { accountId } });
  const first = listed.items[0]?.grants.find(({ role }) => role === 'account-administrator')
    ?.grantId as string;
  const revoke = () => administrator.call(revokeGrant, { params: { accountId, grantId: first } });
  const groupId = await group('account-administrator', whole);
  await expect(revoke()).rejects.toMatchObject(refusal('last-administrator'));
  const ana = await member(groupId);
  const bo = await member(groupId);
  await revoke();
  await expect(drop(groupId, ana.client)).rejects.toMatchObject(refusal('last-administrator'));
  await expect(change(groupId, { role: 'account-user' }, ana.client)).rejects.toMatchObject(
    refusal('last-administrator'),
  );
  await expect(change(groupId, { until: inHours(9) }, ana.client)).rejects.toMatchObject(
    refusal('last-administrator'),
  );
  expect((await change(groupId, { name: 'Board' }, ana.client)).group.name).toBe('Board');
  await remove(groupId, bo.personId, ana.client);
  await expect(remove(groupId, ana.personId, ana.client)).rejects.toMatchObject(
    refusal('last-administrator'),
  );
  await add(groupId, bo.email, ana.client);
  // Each would leave the other as the last one: of two at once, one is refused.
  const both = await Promise.allSettled([
    remove(groupId, ana.personId, bo.client),
    remove(groupId, bo.personId, ana.client),
  ]);
  expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

it('ends API keys with what their makers lose', async () => {
  const role = 'virtual-account-administrator';
  const groupId = await group(role, at('Europe', 'Asia'));
  const { client, personId, email } = await member(groupId);
  await member(groupId);
  await administrator.call(grantRole, { params: { accountId }, body: { email, role, scope: at('Europe') } });
  const make = (name: string, scope: GrantScope) =>
    client.call(createApiKey, { params: { accountId }, body: { name, role: 'viewer', scope } });
  await make('Berlin', at('Europe / Berlin'));
  await make('Asia', at('Asia'));
  const names = ({ apiKeysRevoked }: { apiKeysRevoked: { name: string }[] }) =>
    apiKeysRevoked.map(({ name }) => name);
  expect(names(await change(groupId, { name: 'Renamed' }))).toEqual([]);
  expect(names(await change(groupId, { scope: at('Europe') }))).toEqual(['Asia']);
  await change(groupId, { scope: at('Europe', 'Asia') });
  await make('Asia again', at('Asia'));
  expect(names(await remove(groupId, personId))).toEqual(['Asia again']);
  await add(groupId, email);
  await make('Asia at last', at('Asia'));
  expect(names(await drop(groupId))).toEqual(['Asia at last']);
  expect((await eventsOf(groupId)).at(-1)?.message).toBe(
    'deleted the group Renamed, and revoked an API key they made with it',
  );
  expect(await groups()).toEqual([]);
});

it('counts in previews of moves and loses a virtual account that is deleted', async () => {
  const groupId = await group('virtual-account-user', at('Asia', 'Europe / Berlin / Mitte'));
  const { email, client } = await member(groupId);
  const only = await group('viewer', at('Europe / Berlin / Mitte'));
  await add(only, email);
  const preview = await administrator.call(moveVirtualAccount, {
    params: { accountId, virtualAccountId: ids['Europe / Berlin'] as string },
    body: { parentId: ids['Asia'] as string },
    dryRun: true,
  });
  expect(preview.gain).toMatchObject([{ email, roles: ['virtual-account-user'] }]);
  expect(preview.lose).toEqual([]);
  await administrator.call(deleteVirtualAccount, {
    params: { accountId, virtualAccountId: ids['Europe / Berlin / Mitte'] as string },
  });
  expect(await groups()).toMatchObject([{ groupId, scope: at('Asia') }]);
  expect((await client.call(getMe, {})).accounts[0]?.roles).toEqual([
    { role: 'virtual-account-user', scope: at('Asia') },
  ]);
});

it('takes several people at once, all or none', async () => {
  const groupId = await group('viewer', at('Asia'));
  const both = [mail(), mail()];
  const body = (...emails: string[]) => ({ people: emails.map((email) => ({ email, name: 'Sam' })) });
  const params = { accountId, groupId };
  await expect(
    administrator.call(addToGroup, { params, body: body(both[0] as string, String(both[0]).toUpperCase()) }),
  ).rejects.toMatchObject({
    problem: {
      code: 'invalid-request',
      errors: [{ pointer: 'body/people/1/email', detail: `${both[0]} is named twice`, code: 'repeated' }],
    },
  });
  expect((await groups())[0]?.people).toBe(0);
  const answer = await administrator.call(addToGroup, { params, body: body(...both) });
  expect(answer.group.people).toBe(2);
  expect(answer.people.map(({ email, added }) => [email, added])).toEqual(both.map((email) => [email, true]));
  const links = answer.people.map(({ invitationLink }) => invitationLink);
  expect(links).toEqual([expect.stringMatching(/#esin_/), expect.stringMatching(/#esin_/)]);
  const page = await administrator.call(listGroupPeople, { params, query: { limit: 1 } });
  const next = await administrator.call(listGroupPeople, {
    params,
    query: { limit: 1, cursor: page.nextCursor as string },
  });
  expect([...page.items, ...next.items].map(({ email }) => email).sort()).toEqual([...both].sort());
});
