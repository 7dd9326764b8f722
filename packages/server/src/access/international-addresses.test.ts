import { randomUUIDv7 } from 'node:crypto';
import {
  addNotificationAddress,
  addToGroup,
  askRecovery,
  createAccount,
  createGroup,
  getMe,
  grantRole,
  invitePeople,
  inviteStaff,
  listEvents,
  listMails,
  listPeople,
  openMail,
} from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeStaff } from '../support/testing/staff.ts';
import { createBrowser, type SeededAccount, startTestServer, type TestServer } from '../testing/index.ts';
import { sendPasswordResets } from './password-reset.ts';
import { companyWithSignIn, member, newBrowser, signInAt, whoIs } from './testing/company-sign-in.ts';
import { makePersonWithPassword } from './testing/person-with-password.ts';
import { entraUser, scimClient } from './testing/scim-client.ts';
import { mailsTo, signedInPerson } from './testing/signed-in-person.ts';
import { startTestProvider, type TestProvider } from './testing/test-provider.ts';

const password = 'correct horse battery';
const whole = { kind: 'account' } as const;
let server: TestServer;
let provider: TestProvider;
const txtRecords = new Map<string, string[]>();
/** An account whose domain has other letters than ASCII, as it is written and as it is kept. */
let account: SeededAccount;
let params: { accountId: string };
let written: string;
let kept: string;

beforeAll(async () => {
  provider = await startTestProvider();
  server = await startTestServer({
    at: Temporal.Now.instant().toString(),
    atLocalhost: true,
    outboundAllow: '127.0.0.1',
    txtRecords,
  });
});
afterAll(async () => {
  await server.close();
  provider.close();
});
beforeEach(async () => {
  server.clock.advance({ minutes: 2 });
  const label = `bücher-${randomUUIDv7().slice(-6)}`;
  written = `${label}.example`;
  kept = new URL(`http://${written}`).hostname;
  const { account: made } = await server.operator.call(createAccount, {
    body: {
      name: 'Bücher',
      domainIdentifier: written,
      administrator: { name: 'Ana Ruiz', email: `Ana@${written}` },
    },
  });
  params = { accountId: made.accountId };
  const administrator = server.client(await server.keyOf(made.accountId, 'account-administrator'));
  account = { accountId: made.accountId, administrator } as SeededAccount;
});

const peopleIn = async (search?: string) =>
  (await account.administrator.call(listPeople, { params, query: search === undefined ? {} : { search } }))
    .items;

it('are one person in every form, wherever somebody is given something', async () => {
  const give = (email: string) =>
    account.administrator.call(grantRole, { params, body: { email, role: 'viewer', scope: whole } });
  const { personId } = await give(`Bo@${written.toUpperCase()}`);
  expect((await give(`bo@${kept}`)).personId).toBe(personId);
  const invite = (body: string, contentType: string) =>
    account.administrator.call(invitePeople, { params, body, contentType });
  const csv = `email,role\nCy@${written},viewer\n`;
  expect((await invite(csv, 'text/csv')).people.map(({ email }) => email)).toEqual([`cy@${kept}`]);
  const json = JSON.stringify({ people: [{ email: `cy@${kept}` }], role: 'viewer', scope: whole });
  expect((await invite(json, 'application/json')).people.map(({ given }) => given)).toEqual([false]);
  const { group } = await account.administrator.call(createGroup, {
    params,
    body: { name: 'Readers', role: 'viewer', scope: whole },
  });
  const { people } = await account.administrator.call(addToGroup, {
    params: { ...params, groupId: group.groupId },
    body: { people: [{ email: `bo@${written}` }, { email: `dee@${written}` }] },
  });
  expect(people.map(({ email }) => email)).toEqual([`bo@${kept}`, `dee@${kept}`]);
  expect(people[0]?.personId).toBe(personId);
  const { address } = await account.administrator.call(addNotificationAddress, {
    params,
    body: { email: `team@${written}`, choices: [{ kind: 'orders', cadence: 'immediate' }] },
  });
  expect(address.email).toBe(`team@${kept}`);
  const key = await server.keyOf(account.accountId, 'account-administrator');
  const scim = scimClient(server, account.accountId, key);
  const provisioned = await scim('POST', '/Users', entraUser(`Eve@${written}`));
  expect([provisioned.status, provisioned.body.userName]).toEqual([201, `eve@${kept}`]);
  const found = await scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "eve@${written}"`)}`);
  expect(found.body.totalResults).toBe(1);
  const all = [`ana@${kept}`, `bo@${kept}`, `cy@${kept}`, `dee@${kept}`];
  expect((await peopleIn()).map(({ email }) => email).toSorted()).toEqual(all);
  // They are found by what people write, too.
  expect((await peopleIn(`cy@${written}`)).map(({ email }) => email)).toEqual([`cy@${kept}`]);
  expect((await peopleIn(written)).map(({ email }) => email).toSorted()).toEqual(all);
});

it('are staff, and get ways back in', async () => {
  const ola = await makeStaff(server, 'operator', 'Ola Berg');
  const { person } = (await ola.browser.client.call(inviteStaff, {
    body: { email: `kim@${written}`, role: 'order-desk' },
  })) as { person: { email: string } };
  expect(person.email).toBe(`kim@${kept}`);
  const { recovery } = await ola.browser.client.call(askRecovery, {
    body: { kind: 'administrator', ...params, email: `New@${written}`, reason: 'Ana left' },
  });
  expect(recovery).toMatchObject({ state: 'asked', email: `new@${kept}` });
});

it('sign in, ask for a new password and change their address in every form', async () => {
  const email = `ana@${written}`;
  await makePersonWithPassword(server, password, email);
  for (const form of [email, `ANA@${kept}`, `Ana@${written.toUpperCase()}`]) {
    const browser = createBrowser(server.address);
    expect((await browser.post('/auth/sign-in/email', { email: form, password })).status).toBe(200);
  }
  await createBrowser(server.address).post('/auth/request-password-reset', { email });
  await sendPasswordResets(server.jobDependencies);
  expect(await mailsTo(server, `ana@${kept}`)).toContain('Choose a new password');

  const { browser, email: old } = await signedInPerson(server);
  const change = (to: string) => browser.post('/auth/mail-address', { email: to });
  expect((await change(`fay@${written}`)).status).toBe(202);
  expect(await mailsTo(server, `fay@${kept}`)).toHaveLength(1);
  expect((await change(`fay@nowhere`)).status).toBe(422);
  const same = await change(old.toUpperCase());
  expect(await same.json()).toMatchObject({ code: 'nothing-to-do' });
});

it('sign in where the whole domain is in other letters, and nobody with a wrong password', async () => {
  const email = `ira@${randomUUIDv7().slice(-6)}.рф`;
  const { personId } = await makePersonWithPassword(server, password, email);
  const browser = createBrowser(server.address);
  const signIn = (given: string, to = email) =>
    browser.post('/auth/sign-in/email', { email: to, password: given });
  expect((await signIn('another horse battery')).status).toBe(401);
  expect((await signIn(password, 'nobody@xn--e1afmkfd.xn--p1ai')).status).toBe(401);
  expect((await signIn(password)).status).toBe(200);
  expect((await browser.client.call(getMe, {})).id).toBe(personId);
});

it('sign in at their company', async () => {
  const say = (email: string) => {
    provider.answer = { subject: email, claims: { email, email_verified: true, name: 'Ana Ruiz' } };
  };
  const there = await companyWithSignIn(
    server,
    txtRecords,
    provider,
    { managesPeople: true },
    `sso-${written}`,
    say,
  );
  const email = `gil@sso-${written}`;
  await member(server, there.seeded, email);
  say(email);
  const walker = newBrowser(server);
  await signInAt(server, walker, email);
  const known = `gil@${new URL(`http://sso-${written}`).hostname}`;
  expect(await whoIs(server, walker)).toBe(known);
});

it('are written in their letters in mails, and found by them in the outbox and the events', async () => {
  await account.administrator.call(addNotificationAddress, {
    params,
    body: { email: `team@${written}`, choices: [{ kind: 'orders', cadence: 'immediate' }] },
  });
  const { items } = await server.operator.call(listMails, { query: { search: `team@${written}` } });
  expect(items.map(({ recipient }) => recipient)).toEqual([`team@${kept}`]);
  const { browser, email } = await signedInPerson(server, `hal@${written}`);
  await browser.post('/auth/mail-address', { email: `hal.new@${written}` });
  const [mail] = (await server.operator.call(listMails, { query: { search: `hal.new@${written}` } })).items;
  const link = (await server.operator.call(openMail, { params: { mailId: mail?.mailId ?? '' } })).text.match(
    /#(\S+)/,
  )?.[1];
  const token = link ?? '';
  expect((await browser.post('/auth/confirm-mail', { token })).status).toBe(200);
  const [told] = (await server.operator.call(listMails, { query: { search: email } })).items;
  const { text } = await server.operator.call(openMail, { params: { mailId: told?.mailId ?? '' } });
  expect(text).toContain(`has the mail address hal.new@${written} since`);
  const { grant } = await account.administrator.call(grantRole, {
    params,
    body: { email: `hal.new@${written}`, role: 'account-administrator', scope: whole },
  });
  expect(grant.role).toBe('account-administrator');
  await browser.client.call(addNotificationAddress, {
    params,
    body: { email: `more@${written}`, choices: [{ kind: 'orders', cadence: 'immediate' }] },
  });
  const events = await account.administrator.call(listEvents, {
    params,
    query: { person: `Hal.new@${written}` },
  });
  expect(events.items.map(({ operation }) => operation)).toEqual(['addNotificationAddress']);
});
