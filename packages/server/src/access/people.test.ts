import { randomUUIDv7 } from 'node:crypto';
import type { AccountRole, GrantScope } from '@estover/domain/access';
import {
  acceptInvitation,
  type Client,
  createApiKey,
  createVirtualAccount,
  deleteVirtualAccount,
  getMe,
  grantRole,
  listApiKeys,
  listMails,
  listPeople,
  listVirtualAccounts,
  moveVirtualAccount,
  openMail,
  revokeApiKey,
  revokeGrant,
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
  seeded = await server.account(`People ${randomUUIDv7()}`);
  ({ accountId, administrator } = seeded);
  ids = await server.virtualAccounts(seeded, 'Europe / Berlin / Mitte', 'Asia');
});

const refusal = (code: string) => ({ problem: expect.objectContaining({ code }) });
const password = 'correct horse battery';
const mail = () => `${randomUUIDv7()}@example.com`;
const at = (name: string, nested = true): GrantScope => ({
  kind: 'virtual-accounts',
  virtualAccounts: [{ virtualAccountId: ids[name] as string, nested }],
});
const whole: GrantScope = { kind: 'account' };

const grant = (
  client: Client,
  role: AccountRole,
  scope: GrantScope,
  extra: { email?: string; until?: string } = {},
) => client.call(grantRole, { params: { accountId }, body: { email: mail(), role, scope, ...extra } });
const keyClient = async (role: AccountRole, scope: GrantScope) =>
  server.client(await server.keyOf(accountId, role, scope));

/** A signed-in person who accepted an invitation with a role. */
async function person(role: AccountRole, scope: GrantScope) {
  server.clock.advance({ minutes: 5 });
  const email = mail();
  const given = await grant(administrator, role, scope, { email });
  await server.client().call(acceptInvitation, {
    body: { token: given.invitationLink as string, name: `Person ${email}`, password },
  });
  const browser = createBrowser(server.address);
  await browser.post('/auth/sign-in/email', { email, password });
  return { client: browser.client, email, personId: given.personId, grantId: given.grant.grantId };
}

it('an invited person becomes active with the pasted link and has the role at once', async () => {
  const { client, email } = await person('virtual-account-user', at('Europe'));
  const me = await client.call(getMe, {});
  expect(me.accounts[0]?.roles).toEqual([{ role: 'virtual-account-user', scope: at('Europe') }]);
  const { items } = await client.call(listVirtualAccounts, { params: { accountId } });
  expect(items.map(({ path }) => path.join(' / '))).toEqual([
    'Europe',
    'Europe / Berlin',
    'Europe / Berlin / Mitte',
  ]);
  const people = await administrator.call(listPeople, {
    params: { accountId },
    query: { search: email.toUpperCase() },
  });
  expect(people.items).toMatchObject([
    { email, status: 'active', grants: [{ role: 'virtual-account-user' }] },
  ]);
});

it('shows only virtual accounts that are reached, and names above them in paths only', async () => {
  const client = await keyClient('viewer', at('Europe / Berlin', false));
  const { items } = await client.call(listVirtualAccounts, {
    params: { accountId },
    query: { rollUp: true },
  });
  expect(items).toMatchObject([{ path: ['Europe', 'Berlin'], children: 0 }]);
});

it.each<[AccountRole, GrantScope['kind']]>([
  ['approver', 'virtual-accounts'],
  ['account-administrator', 'virtual-accounts'],
  ['account-user', 'virtual-accounts'],
  ['virtual-account-administrator', 'account'],
  ['virtual-account-user', 'account'],
])('refuses the role %s at the scope %s', async (role, kind) => {
  const scope = kind === 'account' ? whole : at('Asia');
  await expect(grant(administrator, role, scope)).rejects.toMatchObject(refusal('scope-not-for-role'));
});

it('a virtual account administrator gives roles inside their reach and nowhere else', async () => {
  const { client } = await person('virtual-account-administrator', at('Europe / Berlin'));
  const role = 'virtual-account-administrator';
  await expect(grant(client, role, at('Europe / Berlin'))).resolves.toBeDefined();
  await expect(grant(client, 'viewer', at('Europe / Berlin / Mitte', false))).resolves.toBeDefined();
  await expect(grant(client, role, at('Europe'))).rejects.toMatchObject(refusal('unknown-virtual-account'));
  await expect(grant(client, 'viewer', at('Asia'))).rejects.toMatchObject(refusal('unknown-virtual-account'));
  await expect(grant(client, 'viewer', whole)).rejects.toMatchObject(refusal('grant-exceeds-own'));
  await expect(grant(client, 'account-administrator', whole)).rejects.toMatchObject(
    refusal('grant-exceeds-own'),
  );
});

it('a virtual account administrator of one alone gives nothing nested', async () => {
  const { client } = await person('virtual-account-administrator', at('Europe / Berlin', false));
  await expect(grant(client, 'virtual-account-user', at('Europe / Berlin', false))).resolves.toBeDefined();
  await expect(grant(client, 'virtual-account-user', at('Europe / Berlin', true))).rejects.toMatchObject(
    refusal('grant-exceeds-own'),
  );
  await expect(
    client.call(createApiKey, {
      params: { accountId },
      body: { name: 'K', role: 'viewer', scope: at('Europe / Berlin', true) },
    }),
  ).rejects.toMatchObject(refusal('grant-exceeds-own'));
});

it('nobody grants for longer than they hold', async () => {
  const until = server.clock.now().add({ hours: 240 }).toString();
  const later = server.clock.now().add({ hours: 241 }).toString();
  const role = 'virtual-account-administrator';
  const email = mail();
  const given = await grant(administrator, role, at('Asia'), { email, until });
  await server.client().call(acceptInvitation, {
    body: { token: given.invitationLink as string, name: 'Temp', password: 'correct horse battery' },
  });
  const browser = createBrowser(server.address);
  await browser.post('/auth/sign-in/email', { email, password: 'correct horse battery' });
  await expect(grant(browser.client, role, at('Asia'))).rejects.toMatchObject(refusal('grant-exceeds-own'));
  await expect(grant(browser.client, role, at('Asia'), { until: later })).rejects.toMatchObject(
    refusal('grant-exceeds-own'),
  );
  await expect(grant(browser.client, role, at('Asia'), { until })).resolves.toBeDefined();
  await expect(
    grant(administrator, role, at('Asia'), { until: '2020-01-01T00:00:00Z' }),
  ).rejects.toMatchObject(refusal('invalid-request'));
});

it('a grant with an end ends by itself', async () => {
  const until = server.clock.now().add({ hours: 1 }).toString();
  const key = await person('viewer', at('Asia'));
  await grant(administrator, 'virtual-account-user', at('Europe'), { email: key.email, until });
  expect((await key.client.call(getMe, {})).accounts[0]?.roles).toHaveLength(2);
  server.clock.advance({ hours: 1 });
  expect((await key.client.call(getMe, {})).accounts[0]?.roles).toHaveLength(1);
  const { items } = await administrator.call(listPeople, {
    params: { accountId },
    query: { search: key.email },
  });
  expect(items[0]?.grants).toHaveLength(1);
});

it('a role taken away is gone at once, and never beyond the reach of who takes it', async () => {
  const user = await person('virtual-account-user', at('Europe / Berlin'));
  const wide = await person('virtual-account-user', at('Europe'));
  const berlin = await person('virtual-account-administrator', at('Europe / Berlin'));
  const revoke = (client: Client, grantId: string) =>
    client.call(revokeGrant, { params: { accountId, grantId } });
  await expect(revoke(berlin.client, wide.grantId)).rejects.toMatchObject(refusal('not-found'));
  const asia = await person('virtual-account-administrator', at('Asia'));
  await expect(revoke(asia.client, user.grantId)).rejects.toMatchObject(refusal('not-found'));
  const both = await grant(administrator, 'viewer', {
    kind: 'virtual-accounts',
    virtualAccounts: [
      { virtualAccountId: ids['Asia'] as string, nested: true },
      { virtualAccountId: ids['Europe / Berlin'] as string, nested: false },
    ],
  });
  await expect(revoke(asia.client, both.grant.grantId)).rejects.toMatchObject(refusal('grant-exceeds-own'));
  await revoke(berlin.client, user.grantId);
  expect((await user.client.call(getMe, {})).accounts).toEqual([]);
  await expect(user.client.call(listVirtualAccounts, { params: { accountId } })).rejects.toMatchObject(
    refusal('not-found'),
  );
  await expect(revoke(administrator, user.grantId)).rejects.toMatchObject(refusal('not-found'));
});

it('shows a virtual account administrator the people of their part, with those parts of grants', async () => {
  const berlin = await keyClient('virtual-account-administrator', at('Europe / Berlin'));
  const email = mail();
  await grant(
    administrator,
    'viewer',
    {
      kind: 'virtual-accounts',
      virtualAccounts: [
        { virtualAccountId: ids['Asia'] as string, nested: true },
        { virtualAccountId: ids['Europe / Berlin / Mitte'] as string, nested: false },
      ],
    },
    { email },
  );
  await grant(administrator, 'account-user', whole);
  const { items } = await berlin.call(listPeople, { params: { accountId } });
  expect(items).toMatchObject([{ email, grants: [{ scope: at('Europe / Berlin / Mitte', false) }] }]);
  const all = await administrator.call(listPeople, { params: { accountId }, query: { limit: 1 } });
  expect(all.nextCursor).not.toBeNull();
  const rest = await administrator.call(listPeople, {
    params: { accountId },
    query: { cursor: all.nextCursor as string },
  });
  expect(new Set([...all.items, ...rest.items].map((each) => each.email)).size).toBe(3);
  const user = await keyClient('virtual-account-user', at('Asia'));
  await expect(user.call(listPeople, { params: { accountId } })).rejects.toMatchObject(
    refusal('not-allowed'),
  );
});

it('the last administrator cannot leave, not even two at once', async () => {
  const { items } = await administrator.call(listPeople, { params: { accountId } });
  const first = items[0]?.grants.find(({ role }) => role === 'account-administrator')?.grantId as string;
  const revoke = (client: Client, grantId: string) =>
    client.call(revokeGrant, { params: { accountId, grantId } });
  await expect(revoke(administrator, first)).rejects.toMatchObject(refusal('last-administrator'));
  // Somebody whose role ends, or who never came, does not count for one who can sign in.
  await grant(administrator, 'account-administrator', whole, {
    until: server.clock.now().add({ hours: 24 }).toString(),
  });
  await expect(revoke(administrator, first)).rejects.toMatchObject(refusal('last-administrator'));
  const ana = await person('account-administrator', whole);
  await revoke(administrator, first);
  await grant(administrator, 'account-administrator', whole);
  await expect(revoke(ana.client, ana.grantId)).rejects.toMatchObject(refusal('last-administrator'));
  const bo = await person('account-administrator', whole);
  // While both grants are held, neither can go before the other request has looked who else there is.
  const { revoking } = await server.db.transaction().execute(async (trx) => {
    const both = [ana.grantId, bo.grantId];
    await trx.selectFrom('grants').select('grant_id').where('grant_id', 'in', both).forUpdate().execute();
    const revoking = Promise.allSettled([revoke(ana.client, bo.grantId), revoke(bo.client, ana.grantId)]);
    await Promise.race([revoking, new Promise((resolve) => setTimeout(resolve, 300))]);
    return { revoking };
  });
  const results = await revoking;
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

it('gives an invitation link only to who could give all the person has already', async () => {
  const email = mail();
  const other = await server.account(`Other ${randomUUIDv7()}`);
  const first = await grant(administrator, 'account-administrator', whole, { email });
  expect(first.invitationLink).toMatch(/#esin_/);
  const elsewhere = await other.administrator.call(grantRole, {
    params: { accountId: other.accountId },
    body: { email, role: 'viewer', scope: whole },
  });
  expect(elsewhere.invitationLink).toBeNull();
  const berlin = await keyClient('virtual-account-administrator', at('Europe / Berlin'));
  const inside = await grant(berlin, 'viewer', at('Europe / Berlin'), { email });
  expect(inside.invitationLink).toBeNull();
  // Nor is the first link good for what was given since: an operator has the newest among the kept mails.
  const accept = { body: { token: first.invitationLink as string, name: 'Bo', password } };
  await expect(server.client().call(acceptInvitation, accept)).rejects.toMatchObject(refusal('link-invalid'));
  const { items } = await server.operator.call(listMails, { query: { search: email } });
  const newest = { params: { mailId: items[0]?.mailId as string } };
  const { text } = await server.operator.call(openMail, newest);
  const token = /\S+#esin_\S+/.exec(text)?.[0] as string;
  const body = { token, name: 'Bo', password };
  await expect(server.client().call(acceptInvitation, { body })).resolves.toMatchObject({ email });
});

it('lets no delegated administrator become, with a link of before, what another one made of the person', async () => {
  const role = 'virtual-account-administrator';
  const asia = await keyClient(role, at('Asia'));
  const berlin = await keyClient(role, at('Europe / Berlin'));
  const accept = (link: string | null) =>
    server.client().call(acceptInvitation, { body: { token: link as string, name: 'Bo', password } });
  const email = mail();
  const { invitationLink } = await grant(asia, 'viewer', at('Asia'), { email });
  await grant(berlin, role, at('Europe / Berlin'), { email });
  await expect(accept(invitationLink)).rejects.toMatchObject(refusal('link-invalid'));

  // Where nothing more is given, whoever could not hand a new link on does not end the one there is.
  const other = mail();
  await grant(asia, 'viewer', at('Asia'), { email: other });
  const { invitationLink: wider } = await grant(administrator, 'viewer', whole, { email: other });
  expect((await grant(asia, 'viewer', at('Asia'), { email: other })).invitationLink).toBeNull();
  await expect(accept(wider)).resolves.toMatchObject({ email: other });
});

it('inviting again makes a new link and no second grant', async () => {
  const email = mail();
  const first = await grant(administrator, 'viewer', at('Asia'), { email });
  const again = await grant(administrator, 'viewer', at('Asia'), { email });
  expect(again.grant).toEqual(first.grant);
  expect(again.invitationLink).not.toBe(first.invitationLink);
  const accept = (token: string | null) =>
    server.client().call(acceptInvitation, {
      body: { token: token as string, name: 'A', password: 'correct horse battery' },
    });
  await expect(accept(first.invitationLink)).rejects.toMatchObject(refusal('link-invalid'));
  await expect(accept(again.invitationLink)).resolves.toMatchObject({ email });
});

it('shows the secret of an API key once, notes its use, and a revoked key is nobody’s', async () => {
  const key = 'idempotent';
  const make = () =>
    administrator.call(createApiKey, {
      params: { accountId },
      body: { name: 'Sync', role: 'viewer', scope: at('Asia'), expiresInDays: 30 },
      idempotencyKey: key,
    });
  const made = await make();
  expect((await make()).secret).toBe(made.secret);
  const client = server.client(made.secret);
  expect(await client.call(getMe, {})).toMatchObject({ kind: 'api-key', name: 'Sync' });
  const listed = await administrator.call(listApiKeys, { params: { accountId } });
  expect(listed.items[0]).toMatchObject({
    name: 'Sync',
    prefix: `${made.secret.slice(0, 9)}…${made.secret.slice(-4)}`,
    lastUsedAt: server.clock.now().toString(),
    scope: at('Asia'),
  });
  expect(JSON.stringify(listed)).not.toContain(made.secret);
  const stored = await server.db
    .selectFrom('idempotency_keys')
    .select('answer')
    .where('key', '=', key)
    .execute();
  const events = await server.db.selectFrom('events').select(['before', 'after']).execute();
  expect(JSON.stringify([stored, events])).not.toContain(made.secret);

  const asia = await keyClient('virtual-account-administrator', at('Asia'));
  const berlin = await keyClient('virtual-account-administrator', at('Europe / Berlin'));
  const params = { accountId, apiKeyId: made.apiKey.apiKeyId };
  await expect(berlin.call(revokeApiKey, { params })).rejects.toMatchObject(refusal('not-found'));
  const revoked = await asia.call(revokeApiKey, { params });
  expect(revoked.apiKey.revokedAt).toBe(server.clock.now().toString());
  await expect(client.call(getMe, {})).rejects.toMatchObject(refusal('sign-in-failed'));
  expect((await asia.call(revokeApiKey, { params })).apiKey.revokedAt).toBe(revoked.apiKey.revokedAt);
});

it('lists to a virtual account administrator only the keys of their part', async () => {
  const make = (name: string, scope: GrantScope) =>
    administrator.call(createApiKey, { params: { accountId }, body: { name, role: 'viewer', scope } });
  await make('Whole', whole);
  const asia = await make('Asia', at('Asia'));
  const both = await make('Both', {
    kind: 'virtual-accounts',
    virtualAccounts: [
      { virtualAccountId: ids['Asia'] as string, nested: true },
      { virtualAccountId: ids['Europe'] as string, nested: true },
    ],
  });
  const client = await keyClient('virtual-account-administrator', at('Asia'));
  const { items } = await client.call(listApiKeys, { params: { accountId } });
  expect(items.filter(({ name }) => !name.endsWith(' key'))).toMatchObject([
    { apiKeyId: both.apiKey.apiKeyId, scope: at('Asia') },
    { apiKeyId: asia.apiKey.apiKeyId, scope: at('Asia') },
  ]);
  await expect(
    client.call(revokeApiKey, { params: { accountId, apiKeyId: both.apiKey.apiKeyId } }),
  ).rejects.toMatchObject(refusal('grant-exceeds-own'));
});

it('an expired key is nobody’s, and a key acts in its own account only', async () => {
  const made = await administrator.call(createApiKey, {
    params: { accountId },
    body: { name: 'Short', role: 'account-administrator', scope: whole, expiresInDays: 1 },
  });
  const client = server.client(made.secret);
  const other = await server.account(`Foreign ${randomUUIDv7()}`);
  await expect(
    client.call(createVirtualAccount, { params: { accountId: other.accountId }, body: { name: 'X' } }),
  ).rejects.toMatchObject(refusal('not-found'));
  await expect(
    client.call(createApiKey, {
      params: { accountId },
      body: { name: 'For ever', role: 'viewer', scope: whole },
    }),
  ).rejects.toMatchObject(refusal('grant-exceeds-own'));
  server.clock.advance({ days: 1 });
  await expect(client.call(getMe, {})).rejects.toMatchObject(refusal('sign-in-failed'));
});

it('an API key ends with the role of the person who made it, unless what they have left allows it', async () => {
  await person('account-administrator', whole);
  const { client, grantId, personId, email } = await person('account-administrator', whole);
  const second = await grant(administrator, 'virtual-account-administrator', at('Europe'), { email });
  expect(second.personId).toBe(personId);
  const make = (maker: Client, name: string, role: AccountRole, scope: GrantScope) =>
    maker.call(createApiKey, { params: { accountId }, body: { name, role, scope } });
  const wide = await make(client, 'whole account', 'account-administrator', whole);
  const within = await make(client, 'Berlin', 'viewer', at('Europe / Berlin'));
  const outside = await make(client, 'Asia', 'viewer', at('Asia'));
  const byKey = await make(server.client(wide.secret), 'made by a key', 'viewer', whole);
  const others = await make(administrator, 'of somebody else', 'viewer', whole);

  const answer = await administrator.call(revokeGrant, { params: { accountId, grantId } });
  expect(answer.apiKeysRevoked.map(({ name }) => name)).toEqual(['whole account', 'Asia', 'made by a key']);
  const works = ({ secret }: { secret: string }) =>
    server
      .client(secret)
      .call(getMe, {})
      .then(
        () => true,
        () => false,
      );
  expect(await Promise.all([wide, within, outside, byKey, others].map(works))).toEqual([
    false,
    true,
    false,
    false,
    true,
  ]);
});

it('an API key ends with what its maker loses because virtual accounts go elsewhere', async () => {
  let parentId = ids['Europe'] as string;
  for (const name of ['Rome', 'Nord']) {
    const body = { name, parentId };
    const made = await administrator.call(createVirtualAccount, { params: { accountId }, body });
    parentId = ids[name] = made.virtualAccount.virtualAccountId;
  }
  const { client } = await person('virtual-account-administrator', at('Europe'));
  const make = async (name: string) => {
    const body = { name, role: 'viewer' as const, scope: at(name) };
    const { apiKey, secret } = await client.call(createApiKey, { params: { accountId }, body });
    return { apiKeyId: apiKey.apiKeyId, name: apiKey.name, secret };
  };
  const europe = await make('Europe');
  const mitte = await make('Europe / Berlin / Mitte');
  const nord = await make('Nord');
  const working = async () => {
    const found = await Promise.all(
      [europe, mitte, nord].map(({ secret }) =>
        server
          .client(secret)
          .call(getMe, {})
          .catch(() => null),
      ),
    );
    return found.flatMap((each) => each?.name ?? []);
  };
  const told = ({ apiKeyId, name }: { apiKeyId: string; name: string }) => [{ apiKeyId, name }];
  const move = (dryRun: boolean) =>
    administrator.call(moveVirtualAccount, {
      params: { accountId, virtualAccountId: ids['Europe / Berlin'] as string },
      body: { parentId: ids['Asia'] as string },
      dryRun,
    });
  expect((await move(true)).apiKeysRevoked).toEqual(told(mitte));
  expect(await working()).toEqual([europe.name, mitte.name, nord.name]);
  expect((await move(false)).apiKeysRevoked).toEqual(told(mitte));
  expect(await working()).toEqual([europe.name, nord.name]);
  const deleted = await administrator.call(deleteVirtualAccount, {
    params: { accountId, virtualAccountId: ids['Rome'] as string },
    query: { contentsTo: ids['Asia'] as string },
  });
  expect(deleted.apiKeysRevoked).toEqual(told(nord));
  expect(await working()).toEqual([europe.name]);
});
