import { randomUUIDv7 } from 'node:crypto';
import type { AccountRole, GrantScope } from '@estover/domain/access';
import {
  acceptInvitation,
  type BodyOf,
  type Client,
  createApiKey,
  createGroup,
  getMe,
  grantRole,
  limitToSeller,
  listEvents,
  listPeople,
  updateGrant,
} from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  createBrowser,
  refusal,
  type SeededAccount,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { mailsTo, type SignedInPerson, signedInPerson } from './testing/signed-in-person.ts';

let server: TestServer;
let account: SeededAccount;
let params: { accountId: string };
let ids: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  server.clock.advance({ hours: 1 });
  account = await server.account(`Changed ${randomUUIDv7()}`);
  params = { accountId: account.accountId };
  ids = await server.virtualAccounts(account, 'Europe / Berlin', 'Asia');
});

const whole: GrantScope = { kind: 'account' };
const at = (name: string, nested = true): GrantScope => ({
  kind: 'virtual-accounts',
  virtualAccounts: [{ virtualAccountId: ids[name] as string, nested }],
});
const inDays = (days: number) =>
  server.clock
    .now()
    .add({ hours: 24 * days })
    .toString();
async function give(
  email: string,
  role: AccountRole,
  scope: GrantScope,
  more: { until?: string; soldBy?: string } = {},
) {
  const given = await account.administrator.call(grantRole, {
    params,
    body: { email, role, scope, ...more },
  });
  return { ...given, grantId: given.grant.grantId };
}
const change = (grantId: string, body: BodyOf<typeof updateGrant>, by: Client = account.administrator) =>
  by.call(updateGrant, { params: { ...params, grantId }, body });
const codeOf = async (work: Promise<unknown>) => (await refusal(work)).code;
const heldBy = async (email: string) =>
  (await account.administrator.call(listPeople, { params, query: { search: email } })).items[0]?.grants ?? [];

it('changes end and scope of the one grant, tells the person, and writes one event with before and after', async () => {
  const who = await signedInPerson(server);
  const { grantId, grant, personId } = await give(who.email, 'viewer', at('Asia'), { until: inDays(10) });
  server.clock.advance({ hours: 1 });
  const until = inDays(90);
  const answer = await change(grantId, { until, scope: at('Europe') });
  const expected = {
    ...grant,
    until,
    scope: at('Europe'),
    grantedBy: 'account-administrator key',
    grantedAt: server.clock.now().toString(),
  };
  expect(answer).toEqual({
    personId,
    grant: expected,
    soldBy: null,
    apiKeysRevoked: [],
    invitationLink: null,
    mailed: false,
  });
  expect(await heldBy(who.email)).toEqual([{ ...expected, group: null, soldBy: null }]);
  expect(await mailsTo(server, who.email)).toHaveLength(2);
  expect((await who.browser.client.call(getMe, {})).accounts[0]?.roles).toEqual([
    { role: 'viewer', scope: at('Europe') },
  ]);
  const { items } = await account.administrator.call(listEvents, { params, query: { objectId: grantId } });
  expect(items.map(({ operation }) => operation)).toEqual(['updateGrant', 'grantRole']);
  expect(items[0]).toMatchObject({
    message: `changed the role viewer of ${who.email}, until ${until}, in other places`,
    before: { until: grant.until, scope: at('Asia'), email: who.email },
    after: { until, scope: at('Europe'), email: who.email },
  });
  expect((await change(grantId, { until: null })).grant.until).toBeNull();
  expect(await codeOf(change(grantId, { until: null, scope: at('Europe') }))).toBe('nothing-to-do');
  expect(await codeOf(change(grantId, {}))).toBe('nothing-to-do');
});

it('is never beyond what the caller holds, before and afterwards', async () => {
  const admin = server.client(
    await server.keyOf(account.accountId, 'virtual-account-administrator', at('Europe')),
  );
  const there = await give(`${randomUUIDv7()}@p.example`, 'viewer', at('Europe'));
  const elsewhere = await give(`${randomUUIDv7()}@p.example`, 'viewer', at('Asia'));
  const wider = await give(`${randomUUIDv7()}@p.example`, 'viewer', whole);
  expect((await change(there.grantId, { scope: at('Europe / Berlin') }, admin)).grant.scope).toEqual(
    at('Europe / Berlin'),
  );
  expect(await codeOf(change(there.grantId, { scope: whole }, admin))).toBe('grant-exceeds-own');
  expect(await codeOf(change(there.grantId, { scope: at('Asia') }, admin))).toBe('unknown-virtual-account');
  expect(await codeOf(change(elsewhere.grantId, { until: inDays(5) }, admin))).toBe('not-found');
  expect(await codeOf(change(wider.grantId, { until: inDays(5) }, admin))).toBe('not-found');
  const viewer = server.client(await server.keyOf(account.accountId, 'viewer'));
  expect(await codeOf(change(there.grantId, { until: inDays(5) }, viewer))).toBe('not-allowed');
  // Somebody whose own role ends gives nothing that lasts longer.
  const ending = await person('virtual-account-administrator', at('Europe'), { until: inDays(20) });
  const by = ending.browser.client;
  expect(await codeOf(change(there.grantId, { until: inDays(30) }, by))).toBe('grant-exceeds-own');
  expect(await codeOf(change(there.grantId, { scope: at('Europe') }, by))).toBe('grant-exceeds-own');
  const until = inDays(20);
  expect((await change(there.grantId, { until }, by)).grant.until).toBe(until);
});

async function person(role: AccountRole, scope: GrantScope, more: { until?: string } = {}) {
  const who: SignedInPerson = await signedInPerson(server);
  return { ...who, ...(await give(who.email, role, scope, more)) };
}

it('refuses what does not fit, and changes nothing', async () => {
  const { grantId, grant, email } = await person('account-user', whole);
  expect(await codeOf(change(grantId, { scope: at('Asia') }))).toBe('scope-not-for-role');
  expect(await codeOf(change(grantId, { until: inDays(-1) }))).toBe('invalid-request');
  expect(await codeOf(change(randomUUIDv7(), { until: null }))).toBe('not-found');
  const { group } = await account.administrator.call(createGroup, {
    params,
    body: { name: 'Readers', role: 'viewer', scope: whole },
  });
  expect(await codeOf(change(group.groupId, { until: inDays(1) }))).toBe('not-found');
  expect(await heldBy(email)).toEqual([{ ...grant, group: null, soldBy: null }]);
  const ended = await give(`${randomUUIDv7()}@p.example`, 'viewer', whole, { until: inDays(1) });
  server.clock.advance({ days: 2 });
  expect(await codeOf(change(ended.grantId, { until: null }))).toBe('not-found');
});

it('leaves the account its last administrator without an end', async () => {
  const first = await person('account-administrator', whole);
  expect(await codeOf(change(first.grantId, { until: inDays(30) }))).toBe('last-administrator');
  await person('account-administrator', whole);
  const until = inDays(30);
  expect((await change(first.grantId, { until })).grant.until).toBe(until);
  const later = inDays(60);
  expect((await change(first.grantId, { until: later })).grant.until).toBe(later);
});

it('asks for a recent proof before an administrator’s role lasts longer', async () => {
  const admin = await person('account-administrator', whole);
  const other = await person('account-administrator', whole, { until: inDays(30) });
  server.clock.advance({ hours: 2 });
  expect(await codeOf(change(other.grantId, { until: null }, admin.browser.client))).toBe('step-up-required');
});

it('ends API keys that the person could not make any more', async () => {
  const who = await person('virtual-account-administrator', at('Europe'));
  const { apiKey } = await who.browser.client.call(createApiKey, {
    params,
    body: { name: 'Bridge', role: 'viewer', scope: at('Europe') },
  });
  expect((await change(who.grantId, { scope: at('Asia') })).apiKeysRevoked).toEqual([
    { apiKeyId: apiKey.apiKeyId, name: 'Bridge' },
  ]);
});

it('limits the only role to a seller and lifts it, of a partner, and of nobody with other roles', async () => {
  const email = `${randomUUIDv7()}@partner.example`;
  const { grantId, personId } = await give(email, 'viewer', whole);
  expect(await change(grantId, { soldBy: 'Nordlicht' })).toMatchObject({
    soldBy: 'Nordlicht',
    mailed: false,
  });
  expect((await heldBy(email)).map(({ soldBy }) => soldBy)).toEqual(['Nordlicht']);
  expect((await change(grantId, { soldBy: null, until: inDays(5) })).soldBy).toBeNull();
  await give(email, 'account-user', whole);
  expect(await codeOf(change(grantId, { soldBy: 'Nordlicht' }))).toBe('seller-limit-differs');
  await account.administrator.call(limitToSeller, {
    params: { ...params, personId },
    body: { soldBy: 'Nordlicht' },
  });
  expect((await change(grantId, { until: inDays(6) })).soldBy).toBe('Nordlicht');
  const domain = (await account.administrator.call(getMe, {})).accounts[0]?.domainIdentifier;
  const own = await give(`own@${domain}`, 'viewer', whole);
  expect(await codeOf(change(own.grantId, { soldBy: 'Nordlicht' }))).toBe('not-a-partner');
});

it('invites whoever has not come yet anew: the link of before was for the role of before', async () => {
  const email = `${randomUUIDv7()}@p.example`;
  const { grantId, invitationLink: old } = await give(email, 'viewer', at('Asia'));
  const { invitationLink } = await change(grantId, { scope: whole });
  expect(invitationLink).toMatch(/#esin_/);
  const accept = (token: string) =>
    server
      .client()
      .call(acceptInvitation, { body: { token, name: 'Pia Lund', password: 'correct horse battery' } });
  expect(await codeOf(accept(old ?? ''))).toBe('link-invalid');
  await accept(invitationLink ?? '');
  const browser = createBrowser(server.address);
  await browser.post('/auth/sign-in/email', { email, password: 'correct horse battery' });
  expect((await browser.client.call(getMe, {})).accounts[0]?.roles).toEqual([
    { role: 'viewer', scope: whole },
  ]);
});
