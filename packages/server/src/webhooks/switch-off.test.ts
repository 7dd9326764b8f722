import { randomUUIDv7 } from 'node:crypto';
import {
  acceptInvitation,
  grantRole,
  listAlerts,
  listEvents,
  listMails,
  openMail,
  revokeGrant,
  updateWebhook,
} from '@estover/protocol';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { password } from '../access/testing/signed-in-person.ts';
import { runAllJobs } from '../jobs/index.ts';
import { runDigests, runNotices } from '../notifications/index.ts';
import { createBrowser } from '../testing/index.ts';
import { webhookTest } from './testing/webhook-test.ts';

const test = webhookTest();

describe('a webhook is switched off by itself', () => {
  /** An administrator with a password, and their client. */
  async function person() {
    const email = `${randomUUIDv7()}@northwind.example`;
    const { invitationLink, grant } = await test.account.administrator.call(grantRole, {
      params: test.params,
      body: { email, role: 'account-administrator', scope: { kind: 'account' } },
    });
    await test.server
      .client()
      .call(acceptInvitation, { body: { token: invitationLink ?? '', name: 'Ben', password } });
    const browser = createBrowser(test.server.address);
    await browser.post('/auth/sign-in/email', { email, password });
    return { email, grantId: grant.grantId, client: browser.client };
  }
  const offEvents = async () =>
    (
      await test.account.administrator.call(listEvents, {
        params: test.params,
        query: { operation: 'switchOffWebhook' },
      })
    ).items.map(({ message, actor }) => [actor.kind, message]);
  const openAlerts = async () =>
    (
      await test.account.administrator.call(listAlerts, {
        params: test.params,
        query: { kind: 'webhook-off' },
      })
    ).items.map(({ message }) => message);
  const mailText = async (email: string) => {
    await runNotices(test.server.jobDependencies);
    await runDigests(test.server.jobDependencies);
    const { items } = await test.server.operator.call(listMails, { query: { search: email } });
    const found = items.filter(({ kind, subject }) => kind === 'digest' && subject.includes('webhook'));
    const [mail] = found;
    if (mail === undefined) return '';
    expect(found).toHaveLength(1);
    return (await test.server.operator.call(openMail, { params: { mailId: mail.mailId } })).text;
  };

  it('when the receiver answers that it is gone: with an event, an alert and a mail', async () => {
    const { email } = await person();
    test.answering(410);
    const made = await test.make();
    await test.rename();
    await test.rename();
    await test.send();
    expect(await test.stateOf(made)).toMatchObject({ state: 'off', offReason: 'gone' });
    expect(await offEvents()).toEqual([
      ['system', 'switched off the webhook SIEM: the receiver answered that it is gone (410)'],
    ]);
    expect(await openAlerts()).toEqual(['The webhook SIEM was switched off']);
    const text = await mailText(email);
    expect(text).toContain('This is because the receiver answered that it is gone (410).');
    expect(text).toContain(`/settings/webhooks?open=${made.webhook.webhookId}`);
    const before = test.receiver.received.length;
    await test.rename();
    test.server.clock.advance({ hours: 1 });
    await test.send();
    expect(test.receiver.received).toHaveLength(before);

    // Switched on again, it gets what it missed, and what was given back.
    test.answering(204);
    await test.account.administrator.call(updateWebhook, { ...test.of(made), body: { state: 'on' } });
    await test.send();
    expect(await openAlerts()).toEqual([]);
    const states = (await test.deliveries(made)).map(({ state }) => state).sort();
    expect(states.filter((state) => state === 'delivered').length).toBeGreaterThanOrEqual(1);
    expect(states.filter((state) => state === 'waiting')).toEqual([]);
    expect(states).toHaveLength(3);
  });

  it('when everything has failed for five days, and not when anything arrived', async () => {
    const made = await test.make();
    test.answering(500);
    await test.rename();
    await test.send();
    test.server.clock.advance({ hours: 4 * 24 });
    await test.rename();
    await test.send();
    expect((await test.stateOf(made))?.state).toBe('on');
    test.answering(204);
    await test.rename();
    await test.send();
    expect(await test.stateOf(made)).toMatchObject({ state: 'on', failingSince: null });
    test.answering(500);
    await test.rename();
    await test.send();
    test.server.clock.advance({ hours: 5 * 24 });
    await test.rename();
    await test.send();
    expect(await test.stateOf(made)).toMatchObject({ state: 'off', offReason: 'failing' });
    expect(await offEvents()).toHaveLength(1);
  });

  it('when who answers for it may not manage the settings any more, before anything else is sent', async () => {
    // Somebody has to stay.
    await person();
    const ben = await person();
    const made = await test.make({}, ben.client);
    expect(made.webhook.madeBy).toBe('Ben');
    await test.rename();
    await test.send();
    expect(test.receiver.received).toHaveLength(1);
    await test.account.administrator.call(grantRole, {
      params: test.params,
      body: { email: ben.email, role: 'viewer', scope: { kind: 'account' } },
    });
    // One that waits already when the right goes.
    test.answering(500);
    await test.rename();
    await test.send();
    expect(test.receiver.received).toHaveLength(2);
    await test.account.administrator.call(revokeGrant, { params: { ...test.params, grantId: ben.grantId } });
    test.server.clock.advance({ hours: 1 });
    await test.rename();
    await test.send();
    expect(test.receiver.received).toHaveLength(2);
    expect(await test.stateOf(made)).toMatchObject({ state: 'off', offReason: 'rights' });
    expect(await offEvents()).toHaveLength(1);
    // Somebody else answers for it from now on.
    test.answering(204);
    const { webhook } = await test.account.administrator.call(updateWebhook, {
      ...test.of(made),
      body: { state: 'on' },
    });
    expect(webhook.madeBy).toBe('account-administrator key');
    expect(await test.send()).toBe(2);
  });

  it('and sends nothing of what it missed where nobody wants it', async () => {
    const made = await test.make();
    await test.account.administrator.call(updateWebhook, { ...test.of(made), body: { state: 'off' } });
    await test.rename();
    test.server.clock.advance({ seconds: 1 });
    await test.account.administrator.call(updateWebhook, {
      ...test.of(made),
      body: { state: 'on', missed: 'skip' },
    });
    expect(await test.send()).toBe(0);
    await test.rename();
    expect(await test.send()).toBe(1);
  });
});

it('keeps deliveries for 30 days, and catches up no further', async () => {
  const made = await test.make();
  await test.rename();
  await test.send();
  await test.account.administrator.call(updateWebhook, { ...test.of(made), body: { state: 'off' } });
  await test.rename();
  test.server.clock.advance({ hours: 30 * 24, seconds: 1 });
  await test.rename();
  await test.account.administrator.call(updateWebhook, { ...test.of(made), body: { state: 'on' } });
  expect(await test.send()).toBe(1);
  expect(await test.deliveries(made)).toHaveLength(2);
  await runAllJobs(test.server.jobDependencies);
  expect(await test.deliveries(made)).toHaveLength(1);
  const { rows } = await sql<{ count: number }>`select count(*) as count from webhook_tries`.execute(
    test.server.db,
  );
  expect(rows[0]?.count).toBe(1);
});
