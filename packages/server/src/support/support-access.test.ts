import { randomUUIDv7 } from 'node:crypto';
import {
  acceptAgreement,
  approveSupportAccess,
  askSupportAccess,
  type BodyOf,
  createApiKey,
  createToken,
  createVirtualAccount,
  createWebhook,
  declineSupportAccess,
  downloadLicensesReport,
  endAccountSupportAccess,
  endStaff,
  endSupportAccess,
  getMe,
  getOverview,
  grantRole,
  listAccountSupport,
  listPeople,
  listSupportAccesses,
  listVirtualAccounts,
  transferLicenses,
  updateStaffSettings,
  updateSupportRule,
} from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mailsTo } from '../access/testing/signed-in-person.ts';
import {
  createBrowser,
  refusal,
  type SecondServer,
  type SeededAccount,
  startSecondServer,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { settleSupportAccesses } from './index.ts';
import { eventsOfKind, makeMember, makeStaff, type StaffMember, signInAs } from './testing/staff.ts';

let server: TestServer;
let second: SecondServer;
let account: SeededAccount;
let ana: StaffMember;
let ola: StaffMember;
let params: { accountId: string };

beforeAll(async () => {
  server = await startTestServer();
  second = await startSecondServer(server);
});
afterAll(async () => {
  await second.close();
  await server.close();
});
beforeEach(async () => {
  account = await server.account(`Northwind ${randomUUIDv7()}`);
  params = { accountId: account.accountId };
  ana = await makeMember(server, account.accountId);
  ola = await makeStaff(server, 'support', 'Ola Berg');
});

const ask = (who: StaffMember, more: Partial<BodyOf<typeof askSupportAccess>> = {}) =>
  who.browser.client.call(askSupportAccess, {
    body: {
      accountId: account.accountId,
      reason: 'A shortage nobody understands',
      caseNumber: '123',
      minutes: 60,
      ...more,
    },
  });
const setRule = (rule: 'forbidden' | 'ask' | 'notice') =>
  ana.browser.client.call(updateSupportRule, { params, body: { rule } });
const asOf = (accessId: string) => ({ params: { ...params, accessId } });
const codeOf = async (work: Promise<unknown>) => (await refusal(work)).code;
const overview = (browser = ola.browser) => browser.client.call(getOverview, { params });
const toNowhere = {
  fromVirtualAccountId: randomUUIDv7(),
  toVirtualAccountId: randomUUIDv7(),
  lines: [
    {
      tag: 'regid.2026-01.example.estover.X,1.0_6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
      quantity: 1,
    },
  ],
};
const olaForCase = 'Ola Berg, support of the publisher, for case 123';

describe('looking around with notice', () => {
  it('begins at once, opens what a viewer sees, and leaves every read in the events with both identities', async () => {
    expect(await codeOf(overview())).toBe('not-found');
    const { access } = await ask(ola);
    expect(access).toMatchObject({ state: 'open', mode: 'read', endsAt: '2026-11-22T13:00:00Z', reads: 0 });
    await overview();
    await overview();
    await ola.browser.client.call(listPeople, { params });
    await ola.browser.client.call(listPeople, { params, query: { search: 'ana' } });
    const report = await ola.browser.request(
      'GET',
      `/api/v1/accounts/${params.accountId}/reports/licenses?format=csv`,
    );
    expect(report.status).toBe(200);
    await report.text();
    expect(await eventsOfKind(server, 'support-access', params.accountId)).toEqual([
      [
        'Ola Berg',
        'askSupportAccess',
        'began as support of the publisher to look at the account for 60 minutes, for case 123: A shortage nobody understands',
      ],
      [olaForCase, 'getOverview', `looked at: ${getOverview.summary}`],
      [olaForCase, 'listPeople', `looked at: ${listPeople.summary}`],
      [olaForCase, 'listPeople', `looked at: ${listPeople.summary}`],
      [olaForCase, 'downloadLicensesReport', `looked at: ${downloadLicensesReport.summary}`],
    ]);
    const times = await server.db
      .selectFrom('support_reads')
      .select(['operation', 'times'])
      .where('access_id', '=', access.accessId)
      .where('operation', '=', 'getOverview')
      .execute();
    expect(times).toEqual([{ operation: 'getOverview', times: 2 }]);
    expect(await mailsTo(server, ana.email)).toEqual([`Support looks at ${access.accountName}`]);
    // What the account's own people read is no event.
    await ana.browser.client.call(getOverview, { params });
    expect((await eventsOfKind(server, 'support-access', params.accountId)).length).toBe(5);
  });

  it('is told to whoever has it open, with what it allows', async () => {
    const { access } = await ask(ola);
    const me = await ola.browser.client.call(getMe, {});
    expect(me.accounts).toEqual([
      {
        accountId: params.accountId,
        name: access.accountName,
        domainIdentifier: expect.any(String),
        kind: 'customer',
        status: 'active',
        statusReason: null,
        roles: [],
        soldBy: null,
        actions: ['view-account', 'view-agreements', 'view-people', 'view-events', 'view-inventory'],
        support: {
          accessId: access.accessId,
          mode: 'read',
          caseNumber: '123',
          reason: 'A shortage nobody understands',
          endsAt: '2026-11-22T13:00:00Z',
        },
      },
    ]);
  });

  it('changes nothing, and opens no other account', async () => {
    await ask(ola);
    const other = await server.account(`Other ${randomUUIDv7()}`);
    expect(
      await codeOf(ola.browser.client.call(getOverview, { params: { accountId: other.accountId } })),
    ).toBe('not-found');
    const make = ola.browser.client.call(createVirtualAccount, {
      params,
      body: { name: 'X', parentId: null },
    });
    expect(await codeOf(make)).toBe('not-allowed');
  });
});

describe('what is asked for', () => {
  it('waits for the customer where it is to act, or where the account says so', async () => {
    expect((await ask(ola, { mode: 'act' })).access).toMatchObject({
      state: 'asked',
      begunAt: null,
      endsAt: '2026-11-23T12:00:00Z',
    });
    expect(await codeOf(overview())).toBe('not-found');
    await setRule('ask');
    const ida = await makeStaff(server, 'operator', 'Ida Holm');
    expect((await ask(ida)).access.state).toBe('asked');
    expect(await mailsTo(server, ana.email)).toEqual([
      expect.stringMatching(/^Support asks to act in Northwind/),
      expect.stringMatching(/^Support asks to look at Northwind/),
    ]);
  });

  it('is approved by a person who administers the account, and then acts as itself for the case', async () => {
    const { access } = await ask(ola, { mode: 'act' });
    const viewer = await makeMember(server, params.accountId, 'viewer');
    const approve = (who: StaffMember) =>
      who.browser.client.call(approveSupportAccess, asOf(access.accessId));
    expect(await codeOf(approve(viewer))).toBe('not-allowed');
    expect(await codeOf(account.administrator.call(approveSupportAccess, asOf(access.accessId)))).toBe(
      'person-required',
    );
    expect(await codeOf(approve(ola))).toBe('not-found');
    server.clock.advance({ minutes: 10 });
    const approved = (await approve(ana)).access;
    expect(approved).toMatchObject({
      state: 'open',
      begunAt: server.clock.now().toString(),
      endsAt: server.clock.now().add({ minutes: 60 }).toString(),
      decidedBy: { personId: ana.personId, name: 'Ana Ruiz' },
    });
    expect(await codeOf(approve(ana))).toBe('support-access-state');
    await ola.browser.client.call(createVirtualAccount, { params, body: { name: 'Mended', parentId: null } });
    expect((await eventsOfKind(server, 'virtual-account', params.accountId)).at(-1)?.slice(0, 2)).toEqual([
      olaForCase,
      'createVirtualAccount',
    ]);
    expect(await mailsTo(server, ola.email)).toEqual([
      expect.stringMatching(/^Support access to Northwind .*: approved$/),
    ]);
  });

  it('never acts on people, keys, tokens, agreements and settings, nor on its own access', async () => {
    const { access } = await ask(ola, { mode: 'act' });
    await ana.browser.client.call(approveSupportAccess, asOf(access.accessId));
    const { client } = ola.browser;
    const place = { ...params, virtualAccountId: account.defaultVirtualAccountId };
    const acts = [
      client.call(grantRole, {
        params,
        body: { email: 'x@x.example', role: 'viewer', scope: { kind: 'account' } },
      }),
      client.call(createApiKey, { params, body: { name: 'K', role: 'viewer', scope: { kind: 'account' } } }),
      client.call(createToken, { params: place, body: {} }),
      client.call(createWebhook, { params, body: { description: 'W', url: 'https://x.example/' } }),
      client.call(updateSupportRule, { params, body: { rule: 'notice' } }),
      client.call(endAccountSupportAccess, asOf(access.accessId)),
      client.call(acceptAgreement, {
        params,
        body: { agreement: 'terms', version: 1, textHash: 'a'.repeat(64), consent: true },
      }),
    ];
    expect(await Promise.all(acts.map(codeOf))).toEqual(Array(acts.length).fill('not-allowed'));
  });

  it('looks around without doing it, and that is an event as well', async () => {
    const { access } = await ask(ola, { mode: 'act' });
    await ana.browser.client.call(approveSupportAccess, asOf(access.accessId));
    const preview = ola.browser.client.call(transferLicenses, { params, body: toNowhere, dryRun: true });
    expect(await codeOf(preview)).toBe('unknown-virtual-account');
    expect((await eventsOfKind(server, 'support-access', params.accountId)).at(-1)).toEqual([
      olaForCase,
      'transferLicenses',
      `tried without doing it: ${transferLicenses.summary}`,
    ]);
  });

  it('is declined, taken back or expires after a day, and opens nothing then', async () => {
    await setRule('ask');
    const first = (await ask(ola)).access;
    const declined = await account.administrator.call(declineSupportAccess, asOf(first.accessId));
    expect(declined.access).toMatchObject({ state: 'declined', endsAt: null });
    expect(await codeOf(ana.browser.client.call(approveSupportAccess, asOf(first.accessId)))).toBe(
      'support-access-state',
    );
    const next = (await ask(ola)).access;
    const taken = await ola.browser.client.call(endSupportAccess, { params: { accessId: next.accessId } });
    expect(taken.access.state).toBe('withdrawn');
    const last = (await ask(ola)).access;
    server.clock.advance({ hours: 24 });
    const again = await signInAs(server.address, ana.email);
    expect(await codeOf(again.client.call(approveSupportAccess, asOf(last.accessId)))).toBe(
      'support-access-state',
    );
    await settleSupportAccesses(server.jobDependencies);
    expect(await settleSupportAccesses(server.jobDependencies)).toEqual({ settled: 0 });
    expect((await mailsTo(server, ola.email)).map((subject) => subject.split(': ')[1])).toEqual([
      'declined',
      'expired',
    ]);
    expect((await eventsOfKind(server, 'support-access', params.accountId)).at(-1)).toEqual([
      'Estover',
      'expireSupportAccess',
      'ended the question of Ola Berg for case 123, which nobody answered in time',
    ]);
  });

  it.each<[string, Partial<BodyOf<typeof askSupportAccess>>, string]>([
    ['less than a quarter of an hour', { minutes: 14 }, 'invalid-request'],
    ['more than eight hours', { minutes: 481 }, 'invalid-request'],
    ['no reason', { reason: ' ' }, 'invalid-request'],
    ['no case', { caseNumber: '' }, 'invalid-request'],
    ['an account that is not there', { accountId: randomUUIDv7() }, 'not-found'],
  ])('is refused for %s', async (_, body, code) => {
    expect(await codeOf(ask(ola, body))).toBe(code);
    expect(await eventsOfKind(server, 'support-access', params.accountId)).toEqual([]);
  });

  it('lasts at most as long as the platform says', async () => {
    const set = (supportMostMinutes: number) =>
      server.operator.call(updateStaffSettings, { body: { supportMostMinutes } });
    await set(30);
    expect(await refusal(ask(ola, { minutes: 31 }))).toMatchObject({ code: 'support-too-long', most: 30 });
    expect((await ask(ola, { minutes: 30 })).access.state).toBe('open');
    await set(480);
  });

  it('is asked for by a person of support who has just proved who they are, once, and from outside', async () => {
    const asKey = server.operator.call(askSupportAccess, {
      body: { accountId: params.accountId, reason: 'x', caseNumber: '1', minutes: 60 },
    });
    expect(await codeOf(asKey)).toBe('person-required');
    const desk = await makeStaff(server, 'order-desk', 'Per Lund');
    expect(await codeOf(ask(desk))).toBe('not-allowed');
    expect(await codeOf(ask(ana))).toBe('not-allowed');
    await ask(ola);
    expect(await codeOf(ask(ola))).toBe('support-access-exists');
    await server.db
      .insertInto('platform_grants')
      .values({
        person_id: ana.personId,
        role: 'support',
        granted_at: server.clock.now(),
        granted_by: null,
        until: null,
      })
      .execute();
    expect(await codeOf(ask(ana))).toBe('own-account');
    server.clock.advance({ minutes: 16 });
    expect(
      await codeOf(ask(ola, { accountId: (await server.account(`A ${randomUUIDv7()}`)).accountId })),
    ).toBe('step-up-required');
  });
});

describe('an access ends', () => {
  it('by its time, in the middle of work, on every server', async () => {
    await ask(ola, { minutes: 15 });
    const elsewhere = createBrowser(second.address);
    elsewhere.setCookies(ola.browser.cookies());
    server.clock.advance({ minutes: 14, seconds: 59 });
    await overview();
    await overview(elsewhere);
    server.clock.advance({ seconds: 1 });
    expect(await codeOf(overview())).toBe('not-found');
    expect(await codeOf(overview(elsewhere))).toBe('not-found');
    expect((await ola.browser.client.call(getMe, {})).accounts).toEqual([]);
    const { items } = await ana.browser.client.call(listAccountSupport, { params });
    expect(items).toMatchObject([{ state: 'ended', endedHow: 'time', endsAt: null, reads: 1 }]);
    expect(items[0]?.endedAt).toBe(server.clock.now().toString());
    await settleSupportAccesses(server.jobDependencies);
    expect((await eventsOfKind(server, 'support-access', params.accountId)).at(-1)?.[2]).toBe(
      'ended the support access of Ola Berg for case 123, whose time was over',
    );
  });

  it('by the customer, at the next request on another server', async () => {
    const { access } = await ask(ola);
    const elsewhere = createBrowser(second.address);
    elsewhere.setCookies(ola.browser.cookies());
    await overview(elsewhere);
    const ended = await account.administrator.call(endAccountSupportAccess, asOf(access.accessId));
    expect(ended.access).toMatchObject({ state: 'ended', endedHow: 'customer' });
    expect(await codeOf(overview(elsewhere))).toBe('not-found');
    expect(await codeOf(account.administrator.call(endAccountSupportAccess, asOf(access.accessId)))).toBe(
      'support-access-state',
    );
  });

  it('when the account forbids it, with what was asked for; and nobody is let in then', async () => {
    await ask(ola);
    const ida = await makeStaff(server, 'support', 'Ida Holm');
    await ask(ida, { mode: 'act' });
    expect(await setRule('forbidden')).toEqual({ rule: 'forbidden', ended: 2 });
    expect(await codeOf(overview())).toBe('not-found');
    const { items, rule } = await ana.browser.client.call(listAccountSupport, { params });
    expect(rule).toBe('forbidden');
    expect(items.map(({ state, endedHow }) => [state, endedHow])).toEqual([
      ['declined', null],
      ['ended', 'setting'],
    ]);
    expect(await codeOf(ask(ola))).toBe('support-forbidden');
    server.clock.advance({ minutes: 16 });
    expect(await codeOf(setRule('notice'))).toBe('step-up-required');
  });

  it('by its staff, and by an operator for others, but by nobody else', async () => {
    const { access } = await ask(ola);
    const end = (who: StaffMember) =>
      who.browser.client.call(endSupportAccess, { params: { accessId: access.accessId } });
    const ida = await makeStaff(server, 'support', 'Ida Holm');
    expect(await codeOf(end(ida))).toBe('not-allowed');
    const operator = await makeStaff(server, 'operator', 'Kim Dahl');
    expect((await end(operator)).access).toMatchObject({ state: 'ended', endedHow: 'staff' });
    expect(await codeOf(overview())).toBe('not-found');
    expect(await codeOf(end(ola))).toBe('support-access-state');
  });

  it('with the role of its staff', async () => {
    await ask(ola);
    await server.operator.call(endStaff, { params: { personId: ola.personId } });
    expect(await codeOf(overview())).toBe('not-found');
    await settleSupportAccesses(server.jobDependencies);
    const { items } = await ana.browser.client.call(listAccountSupport, { params });
    expect(items).toMatchObject([{ state: 'ended', endedHow: 'role' }]);
  });
});

it('a platform role opens nothing by itself, and neither does an operator’s key beside an open access', async () => {
  await ask(ola);
  const ida = await makeStaff(server, 'operator', 'Ida Holm');
  for (const client of [ida.browser.client, server.operator]) {
    for (const operation of [getOverview, listPeople, listAccountSupport] as const) {
      expect(await codeOf(client.call(operation, { params }))).toBe('not-found');
    }
    // That the account exists is known to staff, and nothing of what is in it.
    expect((await client.call(listVirtualAccounts, { params })).items).toEqual([]);
    const move = client.call(transferLicenses, { params, body: toNowhere });
    expect(await codeOf(move)).toBe('not-found');
  }
  const { items } = await ola.browser.client.call(listSupportAccesses, { query: { own: 'true' } });
  expect(items.map(({ state, staff }) => [state, staff.name])).toEqual([['open', 'Ola Berg']]);
});

it('shows the customer’s people who looked, when and why, but not to those of single virtual accounts', async () => {
  await ask(ola);
  const viewer = await makeMember(server, params.accountId, 'viewer');
  const { items, recoveries } = await viewer.browser.client.call(listAccountSupport, { params });
  expect(items).toMatchObject([{ staff: { name: 'Ola Berg' }, reason: 'A shortage nobody understands' }]);
  expect(recoveries).toEqual([]);
  const scope = {
    kind: 'virtual-accounts' as const,
    virtualAccounts: [{ virtualAccountId: account.defaultVirtualAccountId, nested: true }],
  };
  const user = server.client(await server.keyOf(params.accountId, 'virtual-account-user', scope));
  expect(await codeOf(user.call(listAccountSupport, { params }))).toBe('not-allowed');
});
