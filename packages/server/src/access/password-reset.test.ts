import { randomUUIDv7 } from 'node:crypto';
import { createAccount, getMe, grantRole, listEvents, listMails, openMail } from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { runAllJobs } from '../jobs/index.ts';
import {
  createBrowser,
  linkIn,
  type MailServer,
  startMailServer,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { insertGrant } from './grants-store.ts';
import { makePersonWithPassword } from './testing/person-with-password.ts';

const password = 'correct horse battery';
const fresh = 'another horse, another battery';
let mails: MailServer;
let server: TestServer;
beforeAll(async () => {
  mails = await startMailServer();
  server = await startTestServer({ smtpUrl: mails.url });
});
afterAll(async () => {
  await server.close();
  await mails.close();
});
// Tries refill with time, so that no test is bounded by another.
beforeEach(() => server.clock.advance({ hours: 2 }));

const person = () => makePersonWithPassword(server, password);
const post = (path: string, body: Record<string, unknown>, browser = createBrowser(server.address)) =>
  browser.post(`/auth${path}`, body);
const ask = (email: string) => post('/request-password-reset', { email });
const reset = (token: string, chosen = fresh) => post('/reset-password', { token, password: chosen });
const signIn = (email: string, given: string) => post('/sign-in/email', { email, password: given });
const codeOf = async (answer: Response): Promise<string> => ((await answer.json()) as { code: string }).code;

async function linkFor(email: string): Promise<string> {
  expect((await ask(email.toUpperCase())).status).toBe(202);
  return linkIn(await mails.take(email), '/reset-password#espr_');
}

it('lets a person choose a new password with the link from the mail; every session ends, and they hear of it', async () => {
  const { email } = await person();
  const elsewhere = createBrowser(server.address);
  await post('/sign-in/email', { email, password }, elsewhere);
  expect(await elsewhere.client.call(getMe, {})).toMatchObject({ email });

  const answer = await reset(await linkFor(email));
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ email });
  await expect(elsewhere.client.call(getMe, {})).rejects.toMatchObject({
    problem: { code: 'sign-in-required' },
  });
  expect((await signIn(email, password)).status).toBe(401);
  expect((await signIn(email, fresh)).status).toBe(200);
  expect((await mails.take(email)).subject).toBe('Your password was changed');
  const { rows } = await sql<{ operation: string; from: string | null }>`
    select operation, from_address as "from" from events
     where object_kind = 'person' and at >= ${server.clock.now()} order by event_id`.execute(server.db);
  expect(rows).toEqual([
    { operation: 'sendPasswordReset', from: null },
    { operation: 'resetPassword', from: '127.0.0.1' },
  ]);
});

it('answers the same for somebody who is unknown, and sends them nothing', async () => {
  const { email } = await person();
  const before = mails.received.length;
  const [known, unknown] = [await ask(email), await ask('nobody@elsewhere.example')];
  expect(unknown.status).toBe(known.status);
  expect(await unknown.text()).toBe(await known.text());
  const names = (answer: Response) => [...answer.headers.keys()].toSorted();
  expect(names(unknown)).toEqual(names(known));
  await mails.take(email);
  expect(mails.received.slice(before).flatMap(({ to }) => to)).toEqual([email]);
  const { rows } = await sql`select 1 from password_reset_requests`.execute(server.db);
  expect(rows).toEqual([]);
});

it('takes one of its links once, within the hour, and none after that', async () => {
  const { email } = await person();
  const first = await linkFor(email);
  const second = await linkFor(email);
  expect(await codeOf(await reset(second, 'password1234'))).toBe('password-weak');
  const tries = await Promise.all(Array.from({ length: 5 }, () => reset(second)));
  expect(tries.map(({ status }) => status).toSorted()).toEqual([200, 404, 404, 404, 404]);
  expect(await codeOf(await reset(first))).toBe('link-invalid');
  expect((await mails.take(email)).subject).toBe('Your password was changed');
  const third = await linkFor(email);
  server.clock.advance({ minutes: 60 });
  expect(await codeOf(await reset(third))).toBe('link-invalid');
  expect((await signIn(email, fresh)).status).toBe(200);
});

it('takes no other kind of link, and no reset link elsewhere', async () => {
  const { email } = await person();
  const invited = 'new@n.example';
  await server.operator.call(createAccount, {
    body: { name: 'N', domainIdentifier: 'n.example', administrator: { name: 'N', email: invited } },
  });
  const invitation = linkIn(await mails.take(invited), '/invitation#');
  expect(await codeOf(await reset(invitation))).toBe('link-invalid');
  const link = await linkFor(email);
  const accepted = await fetch(`${server.address}/api/v1/invitations/accept`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: link, name: 'X', password: fresh }),
  });
  expect(await codeOf(accepted)).toBe('link-invalid');
});

it('bounds how often a mail is asked for, alike for those who are known and those who are not', async () => {
  const { email } = await person();
  for (const address of [email, 'nobody@elsewhere.example']) {
    const statuses: number[] = [];
    for (let each = 0; each < 4; each++) statuses.push((await ask(address)).status);
    expect(statuses).toEqual([202, 202, 202, 429]);
  }
  // Whoever asks from elsewhere is answered the same, and no more than three mails an hour go to one person.
  await server.db
    .insertInto('password_reset_requests')
    .values({ request_id: randomUUIDv7(), email, created_at: server.clock.now() })
    .execute();
  await runAllJobs(server.jobDependencies);
  await server.mailer.sendDue();
  expect(mails.received.filter(({ to }) => to.includes(email))).toHaveLength(3);
});

it('lets no session live that was begun with the old password while it was replaced', async () => {
  // Sign-ins that come at different moments of the reset: some check the old password after it is gone.
  for (const delay of [0, 10, 20, 40, 60, 80]) {
    server.clock.advance({ hours: 1 });
    const { email } = await person();
    const link = await linkFor(email);
    const browsers = Array.from({ length: 4 }, () => createBrowser(server.address));
    const resetting = reset(link);
    await new Promise((resolve) => setTimeout(resolve, delay));
    const signIns = await Promise.all(
      browsers.map((browser) => post('/sign-in/email', { email, password }, browser)),
    );
    expect((await resetting).status).toBe(200);
    expect(signIns.every(({ status }) => status === 200 || status === 401)).toBe(true);
    for (const browser of browsers) {
      await expect(browser.client.call(getMe, {})).rejects.toMatchObject({
        problem: { code: 'sign-in-required' },
      });
    }
  }
});

it('ends with a changed password as well, of which the person hears', async () => {
  const { email } = await person();
  const link = await linkFor(email);
  const browser = createBrowser(server.address);
  await post('/sign-in/email', { email, password }, browser);
  const body = { currentPassword: password, newPassword: fresh };
  expect((await post('/change-password', body, browser)).status).toBe(200);
  expect((await mails.take(email)).subject).toBe('Your password was changed');
  expect(await codeOf(await reset(link))).toBe('link-invalid');
});

it('is nothing for somebody who was invited and has no password yet', async () => {
  const invited = `${randomUUIDv7()}@northwind.example`;
  const { administrator, accountId } = await server.account();
  await administrator.call(grantRole, {
    params: { accountId },
    body: { email: invited, role: 'viewer', scope: { kind: 'account' } },
  });
  await mails.take(invited);
  expect((await ask(invited)).status).toBe(202);
  await runAllJobs(server.jobDependencies);
  await server.mailer.sendDue();
  expect(mails.received.filter(({ to }) => to.includes(invited))).toHaveLength(1);
});

it('takes neither from the page of another site', async () => {
  const headers = { 'content-type': 'application/json', origin: 'https://evil.example' };
  for (const path of ['request-password-reset', 'reset-password']) {
    const answer = await fetch(`${server.address}/auth/${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ email: 'a@b.example', token: 'x', password: fresh }),
    });
    expect(answer.status).toBe(403);
  }
});

it('keeps the mail for an operator where there is no mail server', async () => {
  const quiet = await startTestServer();
  try {
    const account = await quiet.account();
    const { email, personId } = await makePersonWithPassword(quiet, password);
    await quiet.db.transaction().execute((trx) =>
      insertGrant(trx, {
        accountId: account.accountId,
        grantId: randomUUIDv7(),
        personId,
        role: 'viewer',
        scope: { kind: 'account' },
        until: null,
        grantedBy: 'test',
        grantedAt: quiet.clock.now(),
      }),
    );
    await createBrowser(quiet.address).post('/auth/request-password-reset', { email });
    let mailId: string | undefined;
    await expect
      .poll(async () => {
        const { items } = await quiet.operator.call(listMails, { query: { search: email } });
        mailId = items[0]?.mailId;
        return mailId;
      })
      .toBeDefined();
    const { text } = await quiet.operator.call(openMail, { params: { mailId: mailId ?? '' } });
    const { items: seen } = await account.administrator.call(listEvents, {
      params: { accountId: account.accountId },
      query: { operation: 'openMail' },
    });
    expect(seen.map(({ message }) => message)).toEqual([
      `opened the mail "Choose a new password" to ${email}, which was not sent`,
    ]);
    const link = /\S+#espr_\S+/.exec(text)?.[0] ?? '';
    const answer = await createBrowser(quiet.address).post('/auth/reset-password', {
      token: link,
      password: fresh,
    });
    expect(answer.status).toBe(200);
  } finally {
    await quiet.close();
  }
});
