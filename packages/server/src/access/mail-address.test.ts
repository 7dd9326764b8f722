import { explainAccess, getMe, getMySecurity, grantRole, listAccounts } from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  createBrowser,
  refusal,
  type SeededAccount,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { linkTo } from './testing/company-sign-in.ts';
import {
  enterPassword,
  eventsAbout,
  mailsTo,
  password,
  type SignedInPerson,
  signedInPerson,
} from './testing/signed-in-person.ts';

let server: TestServer;
let seeded: SeededAccount;
beforeAll(async () => {
  server = await startTestServer();
  seeded = await server.account();
});
afterAll(() => server.close());
beforeEach(() => server.clock.advance({ hours: 1 }));

const confirm = (token: string) => createBrowser(server.address).post('/auth/confirm-mail', { token });
const codeOf = async (answer: Response): Promise<[number, string]> => [
  answer.status,
  ((await answer.json()) as { code: string }).code,
];
const unprove = ({ personId }: SignedInPerson) =>
  server.db.updateTable('people').set({ email_verified: false }).where('id', '=', personId).execute();
/** Whoever signs in has proved just now who they are. */
const freshPerson = () => signedInPerson(server);
let addresses = 0;
const newAddress = () => `new${++addresses}@elsewhere.example`;

it('counts roles that were given to an address only once it is proved', async () => {
  const who = await signedInPerson(server);
  await unprove(who);
  await seeded.administrator.call(grantRole, {
    params: { accountId: seeded.accountId },
    body: { email: who.email, role: 'viewer', scope: { kind: 'account' } },
  });
  const accounts = async () =>
    (await who.browser.client.call(getMe, {})).accounts.map(({ accountId }) => accountId);
  const events = () => who.browser.request('GET', `/api/v1/accounts/${seeded.accountId}/events`);
  expect([await accounts(), (await events()).status]).toEqual([[], 404]);
  expect((await who.browser.client.call(getMySecurity, {})).emailProved).toBe(false);
  // Whoever asks why they may do something is told that nothing counts yet.
  const explained = async () => {
    const { allowed, mailProved, through } = await seeded.administrator.call(explainAccess, {
      params: { accountId: seeded.accountId, personId: who.personId },
      query: { action: 'view-inventory' },
    });
    return { allowed, mailProved, roles: through.map(({ role }) => role) };
  };
  expect(await explained()).toEqual({ allowed: true, mailProved: false, roles: ['viewer'] });

  expect((await who.browser.post('/auth/mail-address/prove', {})).status).toBe(202);
  expect((await mailsTo(server, who.email)).at(-1)).toBe('Confirm your mail address');
  const token = await linkTo(server, who.email);
  expect(await (await confirm(token)).json()).toEqual({ proved: 'own', email: who.email });
  expect([await accounts(), (await events()).status]).toEqual([[seeded.accountId], 200]);
  expect(await explained()).toEqual({ allowed: true, mailProved: true, roles: ['viewer'] });
  expect(await codeOf(await confirm(token))).toEqual([404, 'link-invalid']);
  expect(await codeOf(await who.browser.post('/auth/mail-address/prove', {}))).toEqual([
    422,
    'nothing-to-do',
  ]);
  expect(await eventsAbout(server, who.personId)).toEqual([
    ['proveMailAddress', 'asked for a mail that proves their address'],
    ['confirmMailAddress', `proved that ${who.email} is theirs`],
  ]);
});

it('changes to an address that is proved first, and tells the old one', async () => {
  const who = await freshPerson();
  const email = newAddress();
  expect((await who.browser.post('/auth/mail-address', { email: email.toUpperCase() })).status).toBe(202);
  expect((await who.browser.client.call(getMe, {})).email).toBe(who.email);
  expect(await mailsTo(server, email)).toEqual(['Confirm your new mail address']);
  expect(await mailsTo(server, who.email)).toEqual([]);
  expect(await (await confirm(await linkTo(server, email))).json()).toEqual({ proved: 'change', email });
  expect(await who.browser.client.call(getMySecurity, {})).toMatchObject({ email, emailProved: true });
  expect(await mailsTo(server, who.email)).toEqual(['Your mail address was changed']);
  expect(
    (await createBrowser(server.address).post('/auth/sign-in/email', { email: who.email, password })).status,
  ).toBe(401);
  await enterPassword(server, email);
  expect((await eventsAbout(server, who.personId)).map(([, message]) => message)).toEqual([
    `asked to change their mail address to ${email}`,
    `changed their mail address from ${who.email} to ${email}, which is proved`,
  ]);
});

it('ends links for a new password that were sent to the old address', async () => {
  const who = await freshPerson();
  await who.browser.post('/auth/request-password-reset', { email: who.email });
  const unused = () =>
    server.db
      .selectFrom('one_time_links')
      .select('kind')
      .where('person_id', '=', who.personId)
      .where('used_at', 'is', null)
      .execute();
  await expect.poll(unused).toEqual([{ kind: 'password-reset' }]);
  const email = newAddress();
  await who.browser.post('/auth/mail-address', { email });
  await confirm(await linkTo(server, email));
  expect(await unused()).toEqual([]);
});

it('asks for a recent proof, an address, and another one than now', async () => {
  const who = await freshPerson();
  const change = async (email: unknown) => codeOf(await who.browser.post('/auth/mail-address', { email }));
  expect(await change('nobody')).toEqual([422, 'invalid-request']);
  expect(await change('a@b.example\r\nBcc: c@d.example')).toEqual([422, 'invalid-request']);
  expect(await change(17)).toEqual([422, 'invalid-request']);
  expect(await change(who.email.toUpperCase())).toEqual([422, 'nothing-to-do']);
  server.clock.advance({ minutes: 16 });
  expect(await change(newAddress())).toEqual([403, 'step-up-required']);
  const nobody = createBrowser(server.address);
  expect(await codeOf(await nobody.post('/auth/mail-address', { email: newAddress() }))).toEqual([
    401,
    'sign-in-required',
  ]);
  const foreign = { origin: 'https://evil.example' };
  for (const path of ['/auth/mail-address', '/auth/mail-address/prove', '/auth/confirm-mail']) {
    const answer = await who.browser.request('POST', path, { email: newAddress(), token: 'x' }, foreign);
    expect(await codeOf(answer)).toEqual([403, 'cross-origin']);
  }
  expect(await eventsAbout(server, who.personId)).toEqual([]);
});

it('says the same of an address that somebody has, and tells only them', async () => {
  const taken = await signedInPerson(server);
  const who = await freshPerson();
  const free = newAddress();
  const answers = [];
  for (const email of [free, taken.email]) {
    const answer = await who.browser.post('/auth/mail-address', { email });
    answers.push([answer.status, await answer.text(), [...answer.headers.keys()].toSorted()]);
  }
  expect(answers[1]).toEqual(answers[0]);
  expect(await mailsTo(server, taken.email)).toEqual(['Your mail address is in use already']);
  expect(await mailsTo(server, free)).toEqual(['Confirm your new mail address']);
  expect((await eventsAbout(server, who.personId)).map(([operation]) => operation)).toEqual([
    'askForMailAddress',
    'askForMailAddress',
  ]);
});

it('does not change to an address that somebody has got meanwhile', async () => {
  const who = await freshPerson();
  const email = newAddress();
  await who.browser.post('/auth/mail-address', { email });
  const token = await linkTo(server, email);
  await server.db
    .updateTable('people')
    .set({ email })
    .where('id', '=', (await signedInPerson(server)).personId)
    .execute();
  expect(await codeOf(await confirm(token))).toEqual([404, 'link-invalid']);
  expect((await who.browser.client.call(getMe, {})).email).toBe(who.email);
});

it('takes a link once, for a day, and only the newest', async () => {
  const who = await freshPerson();
  const [first, second] = [newAddress(), newAddress()];
  await who.browser.post('/auth/mail-address', { email: first });
  const old = await linkTo(server, first);
  await who.browser.post('/auth/mail-address', { email: second });
  expect(await codeOf(await confirm(old))).toEqual([404, 'link-invalid']);
  const token = await linkTo(server, second);
  const answers = await Promise.all([confirm(token), confirm(token)]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404]);
  await who.browser.post('/auth/step-up', { password });
  const third = newAddress();
  await who.browser.post('/auth/mail-address', { email: third });
  const late = await linkTo(server, third);
  server.clock.advance({ hours: 24 });
  expect(await codeOf(await confirm(late))).toEqual([404, 'link-invalid']);
  expect(await codeOf(await confirm('esmp_made_up'))).toEqual([404, 'link-invalid']);
});

it('sends no more than three mails in a while', async () => {
  const who = await freshPerson();
  for (let times = 0; times < 3; times++) {
    expect((await who.browser.post('/auth/mail-address', { email: newAddress() })).status).toBe(202);
  }
  const fourth = await who.browser.post('/auth/mail-address', { email: newAddress() });
  expect([fourth.status, Number(fourth.headers.get('retry-after')) > 0]).toEqual([429, true]);
});

it('makes the first operator prove theirs as well, and leaves them what they are on the platform', async () => {
  const who = await signedInPerson(server);
  await unprove(who);
  await server.db
    .insertInto('platform_grants')
    .values({ person_id: who.personId, role: 'operator', granted_at: server.clock.now() })
    .execute();
  expect((await who.browser.client.call(listAccounts, { query: {} })).items.length).toBeGreaterThan(0);
  expect(await refusal(seeded.administrator.call(listAccounts, { query: {} }))).toMatchObject({
    code: 'not-allowed',
  });
});
