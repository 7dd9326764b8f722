import {
  getWebhookDelivery,
  replayFailedDeliveries,
  replayWebhookDelivery,
  testWebhook,
} from '@estover/protocol';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { startWebhookReceiver } from '../testing/index.ts';
import { refused, webhookTest } from './testing/webhook-test.ts';

const test = webhookTest();

describe('tries', () => {
  it('follow the pauses of the standard, then end, and begin anew when somebody sends it again', async () => {
    test.answering(500, {}, 'no room\u0000\u001b[31m today');
    const made = await test.make();
    await test.rename();
    const pauses: number[] = [];
    for (;;) {
      await test.send();
      const [delivery] = await test.deliveries(made);
      if (delivery?.nextTryAt == null) break;
      const next = Temporal.Instant.from(delivery.nextTryAt);
      pauses.push(next.since(test.server.clock.now()).total('seconds'));
      test.server.clock.set(next.subtract({ milliseconds: 1 }).toString());
      expect(await test.send()).toBe(0);
      expect(test.receiver.received).toHaveLength(pauses.length);
      test.server.clock.set(delivery.nextTryAt);
    }
    expect(pauses).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    const [failed] = await test.deliveries(made);
    expect(failed).toMatchObject({ state: 'failed', tries: 10, status: 500, problem: 'The answer was 500.' });
    expect(new Set(test.receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(
      new Set([failed?.messageId]),
    );
    const one = { params: { ...test.of(made).params, messageId: failed?.messageId ?? '' } };
    const { tries, body } = await test.account.administrator.call(getWebhookDelivery, one);
    expect(tries).toHaveLength(10);
    // Nothing that a screen could be steered with.
    expect(tries[0]).toMatchObject({ number: 10, status: 500, answer: 'no room[31m today' });
    expect(body).toBe(test.receiver.received[0]?.body);

    await test.account.administrator.call(replayWebhookDelivery, one);
    await test.send();
    expect((await test.deliveries(made))[0]).toMatchObject({ state: 'waiting', tries: 11 });
    test.server.clock.advance({ seconds: 5 });
    test.answering(200);
    expect(await test.send()).toBe(1);
    expect((await test.deliveries(made))[0]).toMatchObject({ state: 'delivered', tries: 12, problem: null });
    expect((await test.stateOf(made))?.failingSince).toBeNull();
  });

  it('are taken again together, those that failed since an instant', async () => {
    test.answering(400);
    const made = await test.make();
    const failures = async () =>
      (await test.deliveries(made)).filter(({ state }) => state === 'failed').length;
    await test.rename();
    test.server.clock.advance({ hours: 1 });
    const since = test.server.clock.now().toString();
    await test.rename();
    await test.rename();
    for (let tries = 0; tries < 10; tries += 1) {
      await test.send();
      test.server.clock.advance({ hours: 24 });
      // Not for so long that it is switched off.
      await sql`update webhooks set failing_since = null`.execute(test.server.db);
    }
    expect(await failures()).toBe(3);
    const replay = (from: string) =>
      test.account.administrator.call(replayFailedDeliveries, { ...test.of(made), body: { since: from } });
    await expect(replay(test.server.clock.now().toString())).rejects.toMatchObject(refused('nothing-to-do'));
    test.answering(200);
    expect(await replay(since)).toEqual({ replayed: 2 });
    expect(await test.send()).toBe(2);
    expect(await failures()).toBe(1);
  });

  it.each([
    [429, '120', 120],
    [503, 'Tue, 24 Nov 2026 12:00:00 GMT', null],
  ])('come as late as the receiver asks with %i and Retry-After %s', async (status, retryAfter, seconds) => {
    test.answering(status, {
      'retry-after':
        seconds === null
          ? new Date(test.server.clock.now().epochMilliseconds + 90_000).toUTCString()
          : retryAfter,
    });
    const made = await test.make();
    await test.rename();
    await test.send();
    const next = (await test.deliveries(made))[0]?.nextTryAt as string;
    const waits = Temporal.Instant.from(next).since(test.server.clock.now()).total('seconds');
    expect(Math.round(waits)).toBe(seconds ?? 90);
  });

  it('follow no redirect, read no answer to its end, and wait for none longer than is set', async () => {
    const made = await test.make();
    const outcome = async () => {
      const messageId = (await test.account.administrator.call(testWebhook, test.of(made))).delivery
        .messageId;
      await test.send();
      const { tries } = await test.account.administrator.call(getWebhookDelivery, {
        params: { ...test.of(made).params, messageId },
      });
      return tries[0];
    };
    test.answering(302, { location: `${test.receiver.url}/elsewhere` });
    expect(await outcome()).toMatchObject({ status: 302, problem: 'The answer was 302.' });
    expect(test.receiver.received.map(({ path }) => path)).toEqual(['/in']);
    test.receiver.answer((_, response) => {
      response.writeHead(200);
      const more = () => {
        while (response.write('x'.repeat(16_384)));
      };
      response.on('drain', more);
      more();
    });
    const endless = await outcome();
    expect([endless?.status, endless?.answer.length, endless?.problem]).toEqual([200, 2048, null]);
    test.receiver.answer(() => {});
    expect(await outcome()).toMatchObject({
      status: null,
      problem: 'No whole answer came within 2 s.',
      answer: '',
    });
  });

  it('to one that is slow leave room for all others', async () => {
    const slow = await startWebhookReceiver();
    let answerAll = () => {};
    const patience = new Promise<void>((resolve) => {
      answerAll = resolve;
    });
    slow.answer(async (_, response) => {
      await patience;
      response.writeHead(204).end();
    });
    await test.make({ url: slow.url, description: 'Slow' });
    await test.make({ description: 'Fast' });
    for (let index = 0; index < 12; index += 1) await test.rename();
    const patient = test.another({ timeoutMs: 60_000 });
    const sending = patient.sendDue();
    const arrived = () => expect.poll(() => test.receiver.received.length, { timeout: 30_000 });
    await arrived().toBe(12);
    // What happens while the slow one is waited for goes out as well.
    await test.rename();
    patient.wake();
    await arrived().toBe(13);
    expect(slow.received).toHaveLength(3);
    answerAll();
    expect(await sending).toBe(26);
    expect(slow.received).toHaveLength(13);
    expect(slow.underWay.most).toBe(3);
    expect(test.receiver.underWay.most).toBeLessThanOrEqual(3);
    await patient.close();
    await slow.close();
  });

  it('make no line to an address that is not of the public Internet, whatever its name says', async () => {
    const { port } = new URL(test.receiver.url);
    const made = [
      await test.make(),
      await test.make({ url: `http://localhost:${port}/in`, description: 'By name' }),
    ];
    // These begin like what the configuration allows, and are other names.
    for (const host of ['localhost.invalid', '127.0.0.1.invalid']) {
      made.push(await test.make({ url: `http://${host}:${port}/in`, description: host }));
    }
    await test.rename();
    // The same server, after the operator took the network out of the configuration.
    const strict = test.another({ installation: { ...test.server.installation, outboundAllow: [] } });
    expect(await strict.sendDue()).toBe(0);
    for (const one of made) {
      const [delivery] = await test.deliveries(one);
      expect(delivery).toMatchObject({ state: 'waiting', tries: 1, status: null });
      expect(delivery?.problem).toMatch(
        one.webhook.description.endsWith('.invalid')
          ? /^(There is no such host name|The host name could not be looked up)\.$/
          : /^The address (127\.0\.0\.1|::1) is not one of the public Internet/,
      );
    }
    expect(test.receiver.received).toEqual([]);
    await strict.close();
  });
});
