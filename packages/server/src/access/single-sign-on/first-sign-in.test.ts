import { randomUUIDv7 } from 'node:crypto';
import {
  changeSingleSignOn,
  createGroup,
  getMySecurity,
  grantRole,
  listEvents,
  listGroupPeople,
  removeIdentity,
  setSingleSignOn,
  startSingleSignOnTest,
} from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { refusal, startTestServer, type TestServer } from '../../testing/index.ts';
import {
  type Company,
  clientOf,
  companyWithSignIn,
  linkTo,
  memberAtBrowser,
  newBrowser,
  signInAt,
  testAndSwitchOn,
  whoIs,
} from '../testing/company-sign-in.ts';
import { mailsTo } from '../testing/signed-in-person.ts';
import { startTestProvider, type TestProvider } from '../testing/test-provider.ts';

let server: TestServer;
let provider: TestProvider;
let home: string;
const txtRecords = new Map<string, string[]>();

beforeAll(async () => {
  provider = await startTestProvider();
  // Tokens are judged by the machine's clock.
  server = await startTestServer({
    at: Temporal.Now.instant().toString(),
    atLocalhost: true,
    outboundAllow: '127.0.0.1',
    txtRecords,
  });
  home = server.installation.publicUrl;
});
afterAll(async () => {
  await server.close();
  provider.close();
});
beforeEach(() => {
  // So that all that is tried here from one network is not too much.
  server.clock.advance({ minutes: 2 });
});

/** Says who signs in at the provider next. */
const say = (email: string, more: Partial<TestProvider['answer']> & { emailVerified?: boolean } = {}) => {
  const { emailVerified = true, ...answer } = more;
  provider.answer = {
    subject: email,
    claims: { email, email_verified: emailVerified, name: 'Ana Ruiz' },
    ...answer,
  };
};
const company = (rules: Parameters<typeof companyWithSignIn>[3] = {}) =>
  companyWithSignIn(server, txtRecords, provider, rules, undefined, (email) => say(email));
const groupIn = async ({ seeded }: Pick<Company, 'seeded'>, until?: string) => {
  const { group } = await seeded.administrator.call(createGroup, {
    params: { accountId: seeded.accountId },
    body: { name: randomUUIDv7(), role: 'viewer', scope: { kind: 'account' }, ...(until && { until }) },
  });
  return group;
};

describe('somebody who is not here', () => {
  it('is told the same as somebody who is asked by mail, and nobody is made', async () => {
    const there = await company({ managesPeople: true });
    const email = `nobody@${there.domain}`;
    say(email);
    const page = await signInAt(server, newBrowser(server), email);
    expect(page.searchParams.get('problem')).toBe('mail-sent');
    expect(await mailsTo(server, email)).toEqual([]);
    expect(await server.db.selectFrom('people').select('id').where('email', '=', email).execute()).toEqual(
      [],
    );
  });

  it('is made at their first sign-in, in the group that is set, with one event', async () => {
    const there = await company({ managesPeople: true });
    const group = await groupIn(there);
    await there.seeded.administrator.call(changeSingleSignOn, {
      params: there.params,
      body: { groupId: group.groupId },
    });
    const email = `new@${there.domain}`;
    say(email);
    const walker = newBrowser(server);
    expect((await signInAt(server, walker, email)).pathname).toBe('/');
    expect(await whoIs(server, walker)).toBe(email);
    const { items } = await there.seeded.administrator.call(listGroupPeople, {
      params: { accountId: there.seeded.accountId, groupId: group.groupId },
    });
    expect(items).toMatchObject([
      { email, name: 'Ana Ruiz', status: 'active', addedBy: `Sign-in of ${there.domain}` },
    ]);
    const events = await there.seeded.administrator.call(listEvents, {
      params: { accountId: there.seeded.accountId },
      query: { operation: 'joinBySingleSignOn' },
    });
    expect(events.items.map(({ message }) => message)).toEqual([
      `came in by the sign-in of ${there.domain}, into the group ${group.name}`,
    ]);
    const mine = await clientOf(server, walker).call(getMySecurity, {});
    expect(mine).toMatchObject({ emailProved: true, hasPassword: false });
    // Nothing else signs them in.
    const identityId = mine.identities[0]?.identityId ?? '';
    const client = clientOf(server, walker);
    expect(await refusal(client.call(removeIdentity, { params: { identityId } }))).toMatchObject({
      code: 'only-way-in',
    });
    // A role given to them later is told and needs no invitation.
    const given = await there.seeded.administrator.call(grantRole, {
      params: { accountId: there.seeded.accountId },
      body: { email, role: 'account-user', scope: { kind: 'account' } },
    });
    expect(given.invitationLink).toBeNull();
  });

  it('proves their address by mail before they are made, where the provider did not check it', async () => {
    const there = await company({ managesPeople: true });
    const group = await groupIn(there);
    await there.seeded.administrator.call(changeSingleSignOn, {
      params: there.params,
      body: { groupId: group.groupId },
    });
    const email = `unchecked@${there.domain}`;
    say(email, { emailVerified: false });
    const walker = newBrowser(server);
    expect((await signInAt(server, walker, email)).searchParams.get('problem')).toBe('mail-sent');
    expect(await server.db.selectFrom('people').select('id').where('email', '=', email).execute()).toEqual(
      [],
    );
    await walker.post(`${home}/auth/confirm-mail`, { token: await linkTo(server, email) });
    expect((await signInAt(server, walker, email)).pathname).toBe('/');
    expect(await whoIs(server, walker)).toBe(email);
  });

  it('does not come into a group that has ended', async () => {
    const there = await company({ managesPeople: true });
    const group = await groupIn(there, server.clock.now().add({ hours: 1 }).toString());
    const body = { groupId: group.groupId };
    await there.seeded.administrator.call(changeSingleSignOn, { params: there.params, body });
    server.clock.advance({ minutes: 61 });
    const email = `late@${there.domain}`;
    say(email);
    expect((await signInAt(server, newBrowser(server), email)).searchParams.get('problem')).toBe(
      'group-ended',
    );
    expect(await server.db.selectFrom('people').select('id').where('email', '=', email).execute()).toEqual(
      [],
    );
  });

  it.each([
    ['of another domain', 'eve@elsewhere.example', 'address-elsewhere'],
    ['without an address', undefined, 'address-missing'],
  ])('does not come in %s', async (_who, claimed, problem) => {
    const there = await company({ managesPeople: true });
    provider.answer = {
      subject: 'eve',
      claims: { ...(claimed !== undefined && { email: claimed }), email_verified: true },
    };
    const page = await signInAt(server, newBrowser(server), `eve@${there.domain}`);
    expect(page.searchParams.get('problem')).toBe(problem);
  });
});

describe('what is dangerous', () => {
  it('is proved again by a new sign-in at the company, by the same person, just now', async () => {
    const there = await company({ managesPeople: true });
    const email = `gus@${there.domain}`;
    const own = await memberAtBrowser(server, there.seeded, email);
    say(email);
    await signInAt(server, own.walker, email);
    const provedUntil = async () => (await own.client.call(getMySecurity, {})).provedUntil;
    server.clock.advance({ minutes: 16 });
    expect(await provedUntil()).toBeNull();
    const stepUp = async () => {
      const begun = await own.walker.post(`${home}/auth/step-up/single-sign-on`, { next: '/security?x=1' });
      return own.walker.open(((await begun.json()) as { url: string }).url);
    };
    const seconds = () => Math.floor(Date.now() / 1000);
    server.clock.set(Temporal.Now.instant().toString());
    await server.db
      .updateTable('sessions')
      .set({ proved_at: null })
      .where('person_id', '=', own.personId)
      .execute();
    say(email, { lie: { auth_time: seconds() - 3_600 } });
    expect((await stepUp()).search).toMatch(/^\?proof=(answer-refused|not-proved)$/);
    say(email, { lie: { auth_time: undefined } });
    expect((await stepUp()).search).toMatch(/^\?proof=(answer-refused|not-proved)$/);
    say(`hal@${there.domain}`);
    expect((await stepUp()).search).toBe('?proof=not-proved');
    expect(await provedUntil()).toBeNull();
    say(email);
    const page = await stepUp();
    expect(`${page.pathname}${page.search}`).toBe('/security?x=1');
    const asked = own.walker.way.find(({ pathname }) => pathname === '/authorize')?.searchParams;
    expect([asked?.get('prompt'), asked?.get('max_age')]).toEqual(['login', '0']);
    expect(await provedUntil()).not.toBeNull();
  });
});

describe('a test of what is set', () => {
  it('opens no session and links nobody, and only then single sign-on is switched on', async () => {
    const there = await company();
    const { administrator } = there.seeded;
    const { params } = there;
    const body = {
      protocol: 'oidc',
      issuer: provider.issuer,
      clientId: 'estover',
      clientSecret: 'new',
    } as const;
    const { mailDomain } = await administrator.call(setSingleSignOn, { params, body });
    expect(mailDomain.singleSignOn).toMatchObject({ isOn: false, testedAt: null });
    expect(
      await refusal(administrator.call(changeSingleSignOn, { params, body: { isOn: true } })),
    ).toMatchObject({
      code: 'single-sign-on-untested',
    });
    const run = async () => {
      const { url } = await there.admin.client.call(startSingleSignOnTest, { params });
      return there.admin.walker.open(url);
    };
    const outcome = async () => (await run()).searchParams.get('tested');
    say('tester@elsewhere.example');
    expect(await outcome()).toBe('address-elsewhere');
    say(`tester@${there.domain}`, { signing: 'other-key' });
    expect(await outcome()).toBe('answer-refused');
    // Nobody else signs in with it while it is off.
    const begun = await newBrowser(server).post(`${home}/auth/sign-in/begin`, { email: `x@${there.domain}` });
    expect(await begun.json()).toEqual({ state: 'password' });
    say(`tester@${there.domain}`);
    await testAndSwitchOn(server, there.admin, params);
    expect(await whoIs(server, there.admin.walker)).toBe(there.admin.email);
    const people = await server.db
      .selectFrom('identities')
      .select('subject')
      .where('mail_domain_id', '=', params.mailDomainId)
      .execute();
    expect(people).toEqual([]);
    const { items } = await administrator.call(listEvents, {
      params: { accountId: params.accountId },
      query: { operation: 'finishSingleSignOnTest' },
    });
    expect(items).toHaveLength(2);
    expect(await refusal(administrator.call(startSingleSignOnTest, { params }))).toMatchObject({
      code: 'person-required',
    });
  });
});
