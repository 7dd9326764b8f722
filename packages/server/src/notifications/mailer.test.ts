import { randomUUIDv7 } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import {
  acceptInvitation,
  getMailDelivery,
  grantRole,
  listEvents,
  listMails,
  openMail,
  sendMailAgain,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inTransaction } from '../database/transaction.ts';
import { runAllJobs } from '../jobs/index.ts';
import {
  linkIn,
  type MailServer,
  type SeededAccount,
  startMailServer,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { createMailer } from './mailer.ts';
import { keepWaitingMails } from './mails-store.ts';
import { queueMail } from './queue-mail.ts';

let mails: MailServer;
let server: TestServer;
let account: SeededAccount;
beforeEach(async () => {
  mails = await startMailServer();
  server = await startTestServer({ smtpUrl: mails.url });
  account = await server.account();
  await server.mailer.sendDue();
});
afterEach(async () => {
  await server.close();
  await mails.close();
});

const refused = (code: string) => ({ problem: expect.objectContaining({ code }) });
const invite = (email: string) =>
  account.administrator.call(grantRole, {
    params: { accountId: account.accountId },
    body: { email, role: 'account-user', scope: { kind: 'account' } },
  });

const outbox = async (search: string) => {
  const { items } = await server.operator.call(listMails, { query: { search } });
  return items;
};

describe('with a mail server', () => {
  it('sends an invitation after the command, with the link in the mail and not in the answer', async () => {
    const answer = await invite('ivy@northwind.example');
    expect(answer).toMatchObject({ invitationLink: null, mailed: true });
    const mail = await mails.take('ivy@northwind.example');
    expect(mail).toMatchObject({
      to: ['ivy@northwind.example'],
      from: 'licenses@vendor.example',
      subject: 'account-administrator key invites you to Northwind Rail',
    });
    expect(mail.headers['auto-submitted']).toBe('auto-generated');
    expect(linkIn(mail, '/invitation#')).toMatch(/^http:\/\/estover\.test\/invitation#esin_/);
    await server.mailer.sendDue();
    const [row] = await outbox('ivy@');
    expect(row).toMatchObject({ state: 'sent', attempts: 1, accountName: 'Northwind Rail', problem: null });
    expect(mail.messageId).toBe(`<${row?.mailId}@vendor.example>`);
  });

  it('sends whoever another account invited before a link of its own, so that they are never left without one', async () => {
    const email = 'ivy@northwind.example';
    await invite(email);
    await mails.take(email);
    const other = await server.account('Other');
    await other.administrator.call(grantRole, {
      params: { accountId: other.accountId },
      body: { email, role: 'viewer', scope: { kind: 'account' } },
    });
    const token = linkIn(await mails.take(email), '/invitation#esin_');
    const body = { token, name: 'Ivy', password: 'correct horse battery' };
    await expect(server.client().call(acceptInvitation, { body })).resolves.toMatchObject({ email });
  });

  it('forgets what a mail said once it is sent', async () => {
    await invite('ivy@northwind.example');
    await mails.take('ivy@northwind.example');
    await server.mailer.sendDue();
    const { rows } = await sql<{ left: number }>`
      select count(*) as left from mails where content_sealed is not null`.execute(server.db);
    expect(rows[0]?.left).toBe(0);
    const [row] = await outbox('ivy@');
    await expect(
      server.operator.call(openMail, { params: { mailId: row?.mailId ?? '' } }),
    ).rejects.toMatchObject(refused('mail-not-open'));
  });

  it('sends nothing for a change that was refused', async () => {
    const before = mails.received.length;
    const user = server.client(await server.keyOf(account.accountId, 'account-user'));
    await expect(
      user.call(grantRole, {
        params: { accountId: account.accountId },
        body: { email: 'una@northwind.example', role: 'viewer', scope: { kind: 'account' } },
      }),
    ).rejects.toMatchObject(refused('not-allowed'));
    await server.mailer.sendDue();
    expect(mails.received.slice(before).flatMap(({ to }) => to)).not.toContain('una@northwind.example');
    expect(await outbox('una@')).toEqual([]);
  });

  it('tries again later where the mail server is busy, and says what it said', async () => {
    mails.refuse({ code: 451, at: 'content', text: 'the box is being moved' });
    await invite('ivy@northwind.example');
    await server.mailer.sendDue();
    const [row] = await outbox('ivy@');
    expect(row).toMatchObject({ state: 'waiting', attempts: 1 });
    expect(row?.problem).toContain('the box is being moved');
    mails.refuse(undefined);
    expect(await server.mailer.sendDue()).toBe(0);
    server.clock.advance({ minutes: 1 });
    expect(await server.mailer.sendDue()).toBe(1);
    expect((await outbox('ivy@'))[0]).toMatchObject({ state: 'sent', attempts: 2, problem: null });
  });

  it('gives up where the recipient is refused, or after three days, and sends again when an operator asks', async () => {
    mails.refuse({ code: 550, at: 'recipient', text: 'no such person' });
    await invite('ivy@northwind.example');
    await server.mailer.sendDue();
    const [row] = await outbox('ivy@');
    expect(row).toMatchObject({ state: 'failed', attempts: 1, nextAttemptAt: null });
    expect(row?.problem).toContain('no such person');
    expect(await server.operator.call(getMailDelivery, {})).toEqual({
      configured: true,
      from: 'Estover <licenses@vendor.example>',
      waiting: 0,
      kept: 0,
      failed: 1,
    });

    mails.refuse({ code: 421, at: 'content', text: 'not now' });
    const params = { mailId: row?.mailId ?? '' };
    const again = await server.operator.call(sendMailAgain, { params });
    expect(again.mail).toMatchObject({ state: 'waiting', attempts: 0 });
    let tries = 0;
    for (; (await outbox('ivy@'))[0]?.state === 'waiting'; tries++) {
      server.clock.advance({ hours: 24 });
      await server.mailer.sendDue();
      expect(tries).toBeLessThan(20);
    }
    expect((await outbox('ivy@'))[0]).toMatchObject({ state: 'failed', attempts: 9 });

    mails.refuse(undefined);
    await server.operator.call(sendMailAgain, { params });
    await mails.take('ivy@northwind.example');
    const { items } = await account.administrator.call(listEvents, {
      params: { accountId: account.accountId },
    });
    expect(items.map(({ operation }) => operation)).toContain('sendMailAgain');
  });

  it('leaves a mail to another server when one dies while it sends, under the same message id', async () => {
    await inTransaction(server.db, (trx) =>
      queueMail(
        {
          trx,
          now: server.clock.now(),
          newId: () => randomUUIDv7(),
          installation: server.installation,
          mailer: server.mailer,
          afterCommit: () => {},
        },
        {
          to: 'zoe@northwind.example',
          accountId: null,
          content: {
            kind: 'password-changed',
            at: server.clock.now().toString(),
            link: 'http://estover.test/',
          },
        },
      ),
    );
    // As a server that died after it had sent: claimed, and never marked.
    await sql`update mails set attempts = 1, next_attempt_at = ${server.clock.now().add({ minutes: 10 })}
      where recipient = 'zoe@northwind.example'`.execute(server.db);
    expect(await server.mailer.sendDue()).toBe(0);
    server.clock.advance({ minutes: 10 });
    expect(await server.mailer.sendDue()).toBe(1);
    const [row] = await outbox('zoe@');
    expect((await mails.take('zoe@northwind.example')).messageId).toContain(row?.mailId);
  });

  it('sends each mail once, however many servers send at once', async () => {
    const others = Array.from({ length: 3 }, () =>
      createMailer({
        db: server.db,
        seal: server.installation,
        now: server.clock.now,
        smtpUrl: mails.url,
        from: { name: '', address: 'licenses@vendor.example' },
        log: { warn: () => {}, error: () => {} },
      }),
    );
    const context = {
      now: server.clock.now(),
      newId: () => randomUUIDv7(),
      installation: server.installation,
      mailer: server.mailer,
      afterCommit: () => {},
    };
    const people = Array.from({ length: 60 }, (_, index) => `p${index}@northwind.example`);
    await inTransaction(server.db, async (trx) => {
      for (const to of people) {
        const until = server.clock.now().add({ hours: 1 }).toString();
        const content = { kind: 'password-reset', link: 'http://estover.test/x', until } as const;
        await queueMail({ ...context, trx }, { to, accountId: null, content });
      }
    });
    const counts = await Promise.all([server.mailer, ...others].map((mailer) => mailer.sendDue()));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(60);
    const got = mails.received.flatMap(({ to }) => to).filter((to) => people.includes(to));
    expect(got.toSorted()).toEqual(people.toSorted());
    await Promise.all(others.map((mailer) => mailer.close()));
  });

  it('tries again where the sender is refused or the password is wanted: an operator mends that', async () => {
    for (const refusal of [
      { code: 553, at: 'sender', text: 'sender not allowed' },
      { code: 530, at: 'recipient', text: 'authentication required' },
    ] as const) {
      mails.refuse(refusal);
      await invite(`${refusal.code}@northwind.example`);
      await server.mailer.sendDue();
      expect((await outbox(`${refusal.code}@`))[0]).toMatchObject({ state: 'waiting', attempts: 1 });
    }
  });

  it('shows nobody a link that the mail server quotes', async () => {
    await invite('ivy@northwind.example');
    const link = linkIn(await mails.take('ivy@northwind.example'), '/invitation#');
    mails.refuse({ code: 451, at: 'content', text: `could not check ${link}` });
    const answer = await invite('joe@northwind.example');
    expect(answer.mailed).toBe(true);
    await server.mailer.sendDue();
    const [row] = await outbox('joe@');
    // The link of this very mail is not known here; no secret of any mail stays in what is shown of its own.
    const { rows } = await sql<{ contentSealed: string }>`
      select content_sealed as "contentSealed" from mails where mail_id = ${row?.mailId}`.execute(server.db);
    const content = server.installation.open('mail', rows[0]?.contentSealed ?? '');
    const secret = /esin_\w+/.exec(content)?.[0] ?? 'none';
    mails.refuse({
      code: 451,
      at: 'content',
      text: `could not check http://estover.test/invitation#${secret}`,
    });
    server.clock.advance({ minutes: 5 });
    await server.mailer.sendDue();
    const [again] = await outbox('joe@');
    expect(again?.problem).toContain('could not check http://estover.test/invitation#[left out]');
  });

  it('gives a mail up whose link expired before it could be sent', async () => {
    mails.refuse({ code: 451, at: 'content', text: 'later' });
    await invite('ivy@northwind.example');
    await server.mailer.sendDue();
    mails.refuse(undefined);
    server.clock.advance({ hours: 14 * 24 });
    expect(await server.mailer.sendDue()).toBe(0);
    expect((await outbox('ivy@'))[0]).toMatchObject({
      state: 'failed',
      problem: 'The link in it expired before it could be sent.',
    });
  });

  it('writes to one person at most five times an hour for an account', async () => {
    for (let each = 0; each < 5; each++) await invite('ivy@northwind.example');
    await expect(invite('ivy@northwind.example')).rejects.toMatchObject(refused('too-many-requests'));
    server.clock.advance({ minutes: 61 });
    expect((await invite('ivy@northwind.example')).mailed).toBe(true);
  });

  it('waits for no mail server that says a word now and then, and gives back what it has when it stops', async () => {
    const lines = new Set<Socket>();
    const dripping = createServer((line) => {
      lines.add(line);
      line.on('error', () => {});
      line.write('220 here\r\n');
      const drip = setInterval(() => line.write('250-more\r\n'), 100);
      line.on('close', () => {
        clearInterval(drip);
        lines.delete(line);
      });
    });
    await new Promise<void>((resolve) => dripping.listen(0, '127.0.0.1', resolve));
    const { port } = dripping.address() as AddressInfo;
    const make = (withinMs: number) =>
      createMailer({
        db: server.db,
        seal: server.installation,
        now: server.clock.now,
        smtpUrl: `smtp://127.0.0.1:${port}`,
        from: { name: '', address: 'licenses@vendor.example' },
        log: { warn: () => {}, error: () => {} },
        withinMs,
      });
    mails.refuse({ code: 451, at: 'content', text: 'later' });
    for (const name of ['ivy', 'joe', 'kim']) await invite(`${name}@northwind.example`);
    await server.mailer.sendDue();
    server.clock.advance({ minutes: 1 });

    const impatient = make(300);
    expect(await impatient.sendDue()).toBe(0);
    expect((await outbox('ivy@'))[0]?.problem).toContain('took longer than 0.3 s');
    await expect.poll(() => lines.size).toBe(0);

    server.clock.advance({ minutes: 5 });
    const stopped = make(60_000);
    const sending = stopped.sendDue();
    await expect.poll(() => lines.size).toBe(1);
    await stopped.close();
    expect(await sending).toBe(0);
    expect(await stopped.sendDue()).toBe(0);
    for (const name of ['ivy', 'joe', 'kim']) {
      expect((await outbox(`${name}@`))[0]).toMatchObject({
        state: 'waiting',
        attempts: 2,
        nextAttemptAt: server.clock.now().toString(),
      });
    }
    await new Promise((resolve) => dripping.close(resolve));
  });

  it('removes mails after 30 days', async () => {
    await invite('ivy@northwind.example');
    await mails.take('ivy@northwind.example');
    server.clock.advance({ hours: 30 * 24 });
    await runAllJobs(server.jobDependencies);
    expect(await outbox('ivy@')).toHaveLength(1);
    server.clock.advance({ minutes: 1 });
    await runAllJobs(server.jobDependencies);
    expect(await outbox('ivy@')).toEqual([]);
  });
});

describe('without a mail server', () => {
  let quiet: TestServer;
  beforeEach(async () => {
    quiet = await startTestServer();
  });
  afterEach(() => quiet.close());

  it('keeps mails for an operator, who is seen to open them', async () => {
    const { accountId, administrator } = await quiet.account();
    const { invitationLink, mailed } = await administrator.call(grantRole, {
      params: { accountId },
      body: { email: 'ivy@northwind.example', role: 'account-user', scope: { kind: 'account' } },
    });
    expect(mailed).toBe(false);
    const { items } = await quiet.operator.call(listMails, { query: { state: 'kept', search: 'ivy' } });
    const params = { mailId: items[0]?.mailId ?? '' };
    const { text } = await quiet.operator.call(openMail, { params });
    expect(text).toContain(invitationLink);
    await expect(quiet.operator.call(sendMailAgain, { params })).rejects.toMatchObject(
      refused('mail-not-configured'),
    );
    await expect(administrator.call(openMail, { params })).rejects.toMatchObject(refused('not-allowed'));
    const { items: events } = await administrator.call(listEvents, { params: { accountId } });
    expect(events[0]).toMatchObject({
      operation: 'openMail',
      message: expect.stringContaining('ivy@northwind.example'),
    });
    // Nothing of the answer is kept: the same request again opens it again, and is seen to.
    const idempotencyKey = 'once-more';
    for (let each = 0; each < 2; each++) await quiet.operator.call(openMail, { params, idempotencyKey });
    const { items: more } = await administrator.call(listEvents, {
      params: { accountId },
      query: { operation: 'openMail' },
    });
    expect(more).toHaveLength(3);
    const { rows } = await sql`select 1 from idempotency_keys where operation = 'openMail'`.execute(quiet.db);
    expect(rows).toEqual([]);
  });

  it('keeps what waited for a mail server that was taken away', async () => {
    mails.refuse({ code: 451, at: 'content', text: 'later' });
    await invite('ivy@northwind.example');
    await server.mailer.sendDue();
    expect(await keepWaitingMails(server.db)).toBe(1);
    const [row] = await outbox('ivy@');
    expect(row).toMatchObject({ state: 'kept', nextAttemptAt: null });
    const { text } = await server.operator.call(openMail, { params: { mailId: row?.mailId ?? '' } });
    expect(text).toContain('/invitation#esin_');
  });
});
