import { randomUUIDv7 } from 'node:crypto';
import type { AccountRole, GrantScope } from '@estover/domain/access';
import {
  approveAccessRequest,
  type BodyOf,
  type Client,
  createAccount,
  createApiKey,
  declineAccessRequest,
  deleteVirtualAccount,
  getMe,
  grantRole,
  listAccessRequests,
  listEvents,
  listMails,
  listMyAccessRequests,
  listVirtualAccounts,
  openMail,
  requestAccess,
  revokeGrant,
  withdrawAccessRequest,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { refusal, type SeededAccount, startTestServer, type TestServer } from '../testing/index.ts';
import { purgeAccessRequests, settleAccessRequests } from './index.ts';
import { invitedPerson, personOfCompany, personWithPasskey } from './testing/other-sign-ins.ts';
import { mailsTo, type SignedInPerson, signedInPerson } from './testing/signed-in-person.ts';

let server: TestServer;
let account: SeededAccount;
let identifier: string;
let accountId: string;
let params: { accountId: string };
let ids: Record<string, string>;
/** Who asks, and an administrator who is a person. */
let asker: SignedInPerson;
let admin: SignedInPerson;
let adminGrant: string;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  // Every try of a network counts, and all tests are one network.
  server.clock.advance({ hours: 1 });
  const name = `Asked ${randomUUIDv7()}`;
  account = await server.account(name);
  ({ accountId } = account);
  params = { accountId };
  identifier = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.example`;
  ids = await server.virtualAccounts(account, 'Europe / Berlin / Mitte', 'Asia');
  asker = await signedInPerson(server);
  admin = await signedInPerson(server);
  adminGrant = await give(admin.email, 'account-administrator', whole);
});

const whole: GrantScope = { kind: 'account' };
const at = (name: string, nested = true): GrantScope => ({
  kind: 'virtual-accounts',
  virtualAccounts: [{ virtualAccountId: ids[name] as string, nested }],
});
async function give(email: string, role: AccountRole, scope: GrantScope): Promise<string> {
  const given = await account.administrator.call(grantRole, { params, body: { email, role, scope } });
  return given.grant.grantId;
}
const settle = () => settleAccessRequests(server.jobDependencies);
type Asked = Partial<BodyOf<typeof requestAccess>>;
async function ask(given: Asked = {}, who = asker): Promise<string> {
  const body = { identifier, role: 'viewer', reason: 'Audit', ...given } as const;
  return (await who.browser.client.call(requestAccess, { body })).request.requestId;
}
/** Asks, and the request is brought to the account. */
async function brought(given: Asked = {}, who = asker): Promise<string> {
  const requestId = await ask(given, who);
  await settle();
  return requestId;
}
const approve = (
  client: Client,
  requestId: string,
  body: { role: AccountRole; scope: GrantScope; until?: string; answer?: string },
) => client.call(approveAccessRequest, { params: { accountId, requestId }, body });
const codeOf = async (work: Promise<unknown>) => (await refusal(work)).code;
const own = async () => (await asker.browser.client.call(listMyAccessRequests, {})).items;
const inbox = async (client: Client) => (await client.call(listAccessRequests, { params })).items;

it('is asked for, heard of by mail on both sides, approved, and opens the account', async () => {
  const requestId = await brought({
    identifier: ` @${identifier.toUpperCase()}. `,
    role: 'virtual-account-user',
    place: 'europe/BERLIN',
  });
  expect(await mailsTo(server, admin.email)).toContain(
    `Ana Ruiz (${asker.email}) asks for access to ${(await accountName()) as string}`,
  );
  const [listed] = await inbox(admin.browser.client);
  expect(listed).toMatchObject({
    requestId,
    state: 'waiting',
    role: 'virtual-account-user',
    place: 'europe/BERLIN',
    virtualAccountId: ids['Europe / Berlin'],
    virtualAccountPath: ['Europe', 'Berlin'],
    person: { email: asker.email, partner: true },
    given: null,
    endsAt: server.clock
      .now()
      .add({ hours: 24 * 30 })
      .toString(),
  });
  const until = server.clock.now().add({ hours: 48 }).toString();
  const { grant, request } = await approve(admin.browser.client, requestId, {
    role: 'viewer',
    scope: at('Europe / Berlin', false),
    until,
    answer: 'To look at first.',
  });
  expect(grant).toMatchObject({ role: 'viewer', scope: at('Europe / Berlin', false), until });
  expect(request).toMatchObject({
    state: 'approved',
    given: { role: 'viewer', until },
    answeredBy: 'Ana Ruiz',
  });
  expect(await mailsTo(server, asker.email)).toEqual([`You have access to ${identifier}`]);
  expect(await own()).toMatchObject([
    { requestId, state: 'approved', accountId, answer: 'To look at first.' },
  ]);
  const seen = await asker.browser.client.call(listVirtualAccounts, { params });
  expect(seen.items.map(({ path }) => path.join(' / '))).toEqual(['… / Berlin']);
  const events = await admin.browser.client.call(listEvents, { params, query: { search: asker.email } });
  expect(events.items.map(({ operation, actor }) => [operation, actor.kind])).toEqual([
    ['approveAccessRequest', 'person'],
    ['receiveAccessRequest', 'system'],
  ]);
  expect(
    await codeOf(approve(admin.browser.client, requestId, { role: 'viewer', scope: at('Europe') })),
  ).toBe('access-request-state');
});

const accountName = async () =>
  (
    await server.db
      .selectFrom('accounts')
      .select('name')
      .where('account_id', '=', accountId)
      .executeTakeFirst()
  )?.name;

it('is heard of by all who may answer however they sign in, and by none who cannot', async () => {
  const withPasskey = await personWithPasskey(server);
  const ofCompany = await personOfCompany(server, account);
  const invited = await invitedPerson(server);
  await give(withPasskey.email, 'virtual-account-administrator', at('Europe'));
  for (const { email } of [ofCompany, invited]) await give(email, 'account-administrator', whole);
  await brought({ place: 'Europe / Berlin', role: 'viewer' });
  const asked = `Ana Ruiz (${asker.email}) asks for access to ${(await accountName()) as string}`;
  expect(await mailsTo(server, withPasskey.email)).toContain(asked);
  expect(await mailsTo(server, ofCompany.email)).toContain(asked);
  expect(await mailsTo(server, invited.email)).not.toContain(asked);
});

it('tells nothing of whether there is an account: same answer, same list, no mail', async () => {
  const suspended = `${randomUUIDv7()}.example`;
  const closed = await server.operator.call(createAccount, {
    body: {
      name: 'Suspended',
      domainIdentifier: suspended,
      administrator: { name: 'A', email: `a@${suspended}` },
    },
  });
  await server.db
    .updateTable('accounts')
    .set({ status: 'suspended' })
    .where('account_id', '=', closed.account.accountId)
    .execute();
  const names = [identifier, closed.account.domainIdentifier, `${randomUUIDv7()}.example`];
  for (const name of names) await ask({ identifier: name, place: 'Europe / Berlin' });
  await settle();
  const without = (await own()).map(({ requestId: _, identifier: __, ...rest }) => JSON.stringify(rest));
  expect(without).toHaveLength(3);
  expect(new Set(without).size).toBe(1);
  expect(await mailsTo(server, asker.email)).toEqual([]);
  // Nor do they differ when nobody answers, or when they are taken back.
  server.clock.advance({ hours: 24 * 30 });
  await settle();
  const after = (await own()).map(({ requestId: _, identifier: __, ...rest }) => JSON.stringify(rest));
  expect(new Set(after).size).toBe(1);
  expect(JSON.parse(after[0] ?? '')).toMatchObject({ state: 'expired', accountId: null });
  expect((await mailsTo(server, asker.email)).sort()).toEqual(
    names.map((name) => `Your request for access to ${name} has expired`).sort(),
  );
  const mails = await server.operator.call(listMails, { query: { search: asker.email } });
  const texts = await Promise.all(
    mails.items
      .filter(({ kind }) => kind === 'access-request-closed')
      .map(async ({ mailId, accountName: about }) => {
        const { text } = await server.operator.call(openMail, { params: { mailId } });
        return `${names.reduce((whole_, name) => whole_.replaceAll(name, 'X'), text)} ${String(about)}`;
      }),
  );
  expect(texts).toHaveLength(3);
  expect(new Set(texts).size).toBe(1);
});

it('waits for an account that does not exist yet, and comes to it as soon as it does', async () => {
  const later = `${randomUUIDv7()}.example`;
  const requestId = await brought({ identifier: later });
  const made = await server.operator.call(createAccount, {
    body: { name: 'Later', domainIdentifier: later, administrator: { name: 'A', email: `a@${later}` } },
  });
  expect(await settle()).toEqual({ brought: 1, expired: 0 });
  expect(await settle()).toEqual({ brought: 0, expired: 0 });
  const key = server.client(await server.keyOf(made.account.accountId, 'account-administrator'));
  const { items, waiting } = await key.call(listAccessRequests, {
    params: { accountId: made.account.accountId },
  });
  expect([items.map((item) => item.requestId), waiting]).toEqual([[requestId], 1]);
});

it('refuses what is no request: identifier, role at a wrong level, an API key, the same again', async () => {
  expect(await codeOf(ask({ identifier: 'not a domain' }))).toBe('domain-identifier-invalid');
  expect(await codeOf(ask({ role: 'account-user', place: 'Europe' }))).toBe('scope-not-for-role');
  expect(await codeOf(ask({ role: 'virtual-account-user' }))).toBe('scope-not-for-role');
  expect(
    await codeOf(
      account.administrator.call(requestAccess, { body: { identifier, role: 'viewer', reason: 'R' } }),
    ),
  ).toBe('person-required');
  await ask();
  expect(await codeOf(ask())).toBe('access-requested-already');
  expect(await own()).toHaveLength(1);
});

it('bounds how many of one person wait, and how many they make in a day', async () => {
  const made: string[] = [];
  for (let count = 0; count < 10; count++) made.push(await ask({ place: `P${count}` }));
  expect(await codeOf(ask({ place: 'One more' }))).toBe('access-requests-waiting');
  server.clock.advance({ minutes: 30 });
  for (const requestId of made) {
    await asker.browser.client.call(withdrawAccessRequest, { params: { requestId } });
  }
  for (let count = 0; count < 10; count++) {
    const requestId = await ask({ place: `Q${count}` });
    await asker.browser.client.call(withdrawAccessRequest, { params: { requestId } });
  }
  server.clock.advance({ minutes: 30 });
  expect(await codeOf(ask({ place: 'Again' }))).toBe('too-many-requests');
  server.clock.advance({ hours: 24 });
  await ask({ place: 'Again' });
});

it('is taken back by whoever asked, and by nobody else', async () => {
  const requestId = await brought();
  const take = (who: SignedInPerson) =>
    who.browser.client.call(withdrawAccessRequest, { params: { requestId } });
  expect(await codeOf(take(admin))).toBe('not-found');
  expect((await take(asker)).request.state).toBe('withdrawn');
  expect(await codeOf(take(asker))).toBe('access-request-state');
  expect(await codeOf(approve(admin.browser.client, requestId, { role: 'viewer', scope: whole }))).toBe(
    'access-request-state',
  );
  expect((await admin.browser.client.call(listAccessRequests, { params })).waiting).toBe(0);
});

it('is answered by those in whose virtual accounts it lies, and seen by nobody else', async () => {
  const berlin = server.client(
    await server.keyOf(accountId, 'virtual-account-administrator', at('Europe / Berlin')),
  );
  const asia = server.client(await server.keyOf(accountId, 'virtual-account-administrator', at('Asia')));
  const here = await brought({ place: 'Europe / Berlin / Mitte' });
  const all = await brought({});
  const unknown = await brought({ place: 'Mars' });
  expect((await inbox(berlin)).map((item) => item.requestId)).toEqual([here]);
  expect(await inbox(asia)).toEqual([]);
  expect((await inbox(admin.browser.client)).map((item) => item.requestId).sort()).toEqual(
    [here, all, unknown].sort(),
  );
  for (const requestId of [all, unknown]) {
    expect(await codeOf(approve(berlin, requestId, { role: 'viewer', scope: at('Europe / Berlin') }))).toBe(
      'not-found',
    );
  }
  expect(
    await codeOf(
      asia.call(declineAccessRequest, { params: { accountId, requestId: here }, body: { reason: 'R' } }),
    ),
  ).toBe('not-found');
  const scope = at('Europe / Berlin / Mitte');
  expect((await approve(berlin, here, { role: 'viewer', scope })).grant.scope).toEqual(scope);
  // A path that nobody has is read by the approver, who says what is meant.
  expect(await codeOf(approve(admin.browser.client, unknown, { role: 'viewer', scope: whole }))).toBe(
    'more-than-asked',
  );
  await approve(admin.browser.client, unknown, { role: 'viewer', scope: at('Asia') });
});

it('gives no more than was asked for, and no more than the approver holds', async () => {
  const berlin = server.client(
    await server.keyOf(accountId, 'virtual-account-administrator', at('Europe / Berlin', false)),
  );
  const requestId = await brought({ role: 'virtual-account-user', place: 'Europe / Berlin' });
  const { client } = admin.browser;
  const refused = async (by: Client, role: AccountRole, scope: GrantScope, until?: string) =>
    codeOf(approve(by, requestId, { role, scope, ...(until === undefined ? {} : { until }) }));
  expect(await refused(client, 'virtual-account-administrator', at('Europe / Berlin'))).toBe(
    'more-than-asked',
  );
  expect(await refused(client, 'viewer', at('Europe'))).toBe('more-than-asked');
  expect(await refused(client, 'viewer', whole)).toBe('more-than-asked');
  expect(await refused(client, 'virtual-account-user', whole)).toBe('scope-not-for-role');
  expect(await refused(client, 'viewer', at('Europe / Berlin'), '2020-01-01T00:00:00Z')).toBe(
    'invalid-request',
  );
  // This one administers Berlin alone, and nothing nested in it.
  expect(await refused(berlin, 'viewer', at('Europe / Berlin'))).toBe('grant-exceeds-own');
  expect((await own())[0]?.state).toBe('waiting');
});

it('is not answered by whoever asked: not in another role, not with an API key they made', async () => {
  const grantId = await give(asker.email, 'virtual-account-administrator', at('Europe'));
  const requestId = await brought({ role: 'viewer', place: 'Europe / Berlin' });
  const scope = at('Europe / Berlin');
  const decline = (client: Client) =>
    client.call(declineAccessRequest, { params: { accountId, requestId }, body: { reason: 'R' } });
  expect(await codeOf(approve(asker.browser.client, requestId, { role: 'viewer', scope }))).toBe(
    'own-access-request',
  );
  expect(await codeOf(decline(asker.browser.client))).toBe('own-access-request');
  const { secret } = await asker.browser.client.call(createApiKey, {
    params,
    body: { name: 'Mine', role: 'virtual-account-administrator', scope: at('Europe') },
  });
  expect(await codeOf(approve(server.client(secret), requestId, { role: 'viewer', scope }))).toBe(
    'own-access-request',
  );
  expect(grantId).not.toBe('');
});

it('is not answered by somebody who lost the role meanwhile, nor after 30 days', async () => {
  const requestId = await brought();
  await give((await signedInPerson(server)).email, 'account-administrator', whole);
  await account.administrator.call(revokeGrant, { params: { accountId, grantId: adminGrant } });
  expect(await codeOf(approve(admin.browser.client, requestId, { role: 'viewer', scope: whole }))).toBe(
    'not-found',
  );
  server.clock.advance({ hours: 24 * 30 });
  // Also before the job has said so.
  expect(await codeOf(approve(account.administrator, requestId, { role: 'viewer', scope: whole }))).toBe(
    'access-request-state',
  );
  const { items } = await account.administrator.call(listAccessRequests, {
    params,
    query: { state: 'expired' },
  });
  expect(items.map((item) => item.requestId)).toEqual([requestId]);
});

it('a role that is taken while the answer waits for the account gives nothing any more', async () => {
  const requestId = await brought();
  const answered = await server.db.transaction().execute(async (trx) => {
    await trx.selectFrom('accounts').select('name').where('account_id', '=', accountId).forUpdate().execute();
    const waiting = codeOf(approve(admin.browser.client, requestId, { role: 'viewer', scope: whole }));
    // It has read its caller's roles by the time it waits for the account.
    for (;;) {
      const { rows } = await sql<{ waits: boolean }>`
        select exists (select 1 from pg_locks where not granted) as waits`.execute(server.db);
      if (rows[0]?.waits) break;
    }
    await trx.deleteFrom('grants').where('grant_id', '=', adminGrant).execute();
    return { waiting };
  });
  expect(await answered.waiting).toBe('not-found');
  expect((await own())[0]?.state).toBe('waiting');
});

it('asks for a new proof before the strongest role is given', async () => {
  const requestId = await brought({ role: 'account-administrator' });
  server.clock.advance({ minutes: 16 });
  expect(
    await codeOf(approve(admin.browser.client, requestId, { role: 'account-administrator', scope: whole })),
  ).toBe('step-up-required');
  const lower = await approve(admin.browser.client, requestId, { role: 'account-user', scope: whole });
  expect(lower.grant.role).toBe('account-user');
});

it('is declined with a reason that the person reads', async () => {
  const requestId = await brought();
  const { request } = await admin.browser.client.call(declineAccessRequest, {
    params: { accountId, requestId },
    body: { reason: 'Ask in January.' },
  });
  expect(request).toMatchObject({ state: 'declined', answer: 'Ask in January.' });
  expect(await own()).toMatchObject([{ state: 'declined', answer: 'Ask in January.', accountId: null }]);
  expect((await asker.browser.client.call(getMe, {})).accounts).toEqual([]);
  const mails = await server.operator.call(listMails, { query: { search: asker.email } });
  const { text } = await server.operator.call(openMail, { params: { mailId: mails.items[0]?.mailId ?? '' } });
  expect(text).toContain('Ask in January.');
});

it('comes to whoever administers the account when its virtual account is deleted', async () => {
  const requestId = await brought({ place: 'Asia' });
  await account.administrator.call(deleteVirtualAccount, {
    params: { accountId, virtualAccountId: ids['Asia'] as string },
  });
  expect(await inbox(admin.browser.client)).toMatchObject([
    { requestId, virtualAccountId: null, virtualAccountPath: null },
  ]);
});

it('is forgotten 90 days after it was closed', async () => {
  const requestId = await ask();
  await asker.browser.client.call(withdrawAccessRequest, { params: { requestId } });
  server.clock.advance({ hours: 24 * 90 });
  await purgeAccessRequests(server.db, server.clock.now());
  expect(await own()).toHaveLength(1);
  server.clock.advance({ hours: 1 });
  await purgeAccessRequests(server.db, server.clock.now());
  expect(await own()).toEqual([]);
});
