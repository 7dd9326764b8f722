import {
  askRecovery,
  confirmAccountRequest,
  declineAccountRequest,
  declineRecovery,
  listDeskNews,
  listMyNotifications,
  listNews,
  markDeskNewsSeen,
  setMyStaffNotifications,
  unsubscribe,
  updateStaffSettings,
} from '@estover/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { turnOnCodes } from '../access/testing/signed-in-person.ts';
import { ask, askedFor } from '../accounts/testing/ask-for-account.ts';
import { digestsOf, linesOf, tellAll } from '../notifications/testing/readers.ts';
import {
  linkIn,
  type MailServer,
  refusal,
  startMailServer,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { noteDesk } from './index.ts';
import { makeStaff, type StaffMember } from './testing/staff.ts';

let mails: MailServer;
let server: TestServer;
let ola: StaffMember;
let ida: StaffMember;
let desk: StaffMember;
let sam: StaffMember;
let digests: ReturnType<typeof digestsOf>;

beforeAll(async () => {
  mails = await startMailServer();
  server = await startTestServer({ smtpUrl: mails.url });
  // A Sunday at noon.
  server.clock.set('2026-11-22T12:00:00Z');
  ola = await makeStaff(server, 'operator', 'Ola Berg');
  ida = await makeStaff(server, 'operator', 'Ida Holm');
  desk = await makeStaff(server, 'order-desk', 'Kim Desk');
  sam = await makeStaff(server, 'support', 'Sam Support');
  digests = digestsOf(mails);
});
afterAll(async () => {
  await server.close();
  await mails.close();
});

const tell = async () => {
  await noteDesk(server.db, server.clock.now());
  await tellAll(server);
};
const tellAt = async (instant: string) => {
  server.clock.set(instant);
  await tell();
};
const linesFor = ({ email }: StaffMember) => digests(email).map((mail) => linesOf(mail));
const newsOf = async ({ browser }: StaffMember) => {
  const { items, newCount } = await browser.client.call(listDeskNews, {});
  return { newCount, told: items.map(({ message }) => message) };
};
const choose = (
  { browser }: StaffMember,
  kind: 'account-requests' | 'recoveries' | 'orders',
  cadence: 'immediate' | 'off' | null,
) => browser.client.call(setMyStaffNotifications, { body: { choices: [{ kind, cadence }] } });
/** A request for `lab.<name>.example`, confirmed by whoever asks: it waits for its review. */
const underReview = async (name: string): Promise<string> => {
  const body = askedFor(name, { prefix: 'Lab', justification: 'Its own books' });
  const token = await ask({ server, mails }, body);
  await server.client().call(confirmAccountRequest, { body: { token } });
  const { request_id } = await server.db
    .selectFrom('account_requests')
    .select('request_id')
    .where('domain_identifier', '=', `lab.${name}.example`)
    .executeTakeFirstOrThrow();
  return request_id;
};

describe('a request for an account that waits for its review', () => {
  it('is told to operators at their cadence, in the bell as well, and again after days, until it is answered', async () => {
    await choose(ida, 'account-requests', 'immediate');
    const requestId = await underReview('fabrikam');
    await tell();
    const asks = 'fabrikam asks for the account lab.fabrikam.example, which waits for a review';
    const [mail] = digests(ida.email);
    if (mail === undefined) throw new Error('no mail came');
    expect(mail.subject).toBe(`Desk: ${asks}`);
    expect(mail.text).toContain('http://estover.test/platform/account-requests?state=under-review');
    expect(mail.text).toContain('http://estover.test/notifications');
    expect(linesFor(ola)).toEqual([]);
    expect(await newsOf(ola)).toEqual({ newCount: 1, told: [asks] });
    // Once a day is what holds for whoever chose nothing.
    await tellAt('2026-11-23T07:00:00Z');
    expect(linesFor(ola)).toEqual([[asks]]);
    expect(linesFor(ida)).toEqual([]);
    const { position } = await ola.browser.client.call(listDeskNews, {});
    await ola.browser.client.call(markDeskNewsSeen, { body: { position } });
    expect(await newsOf(ola)).toEqual({ newCount: 0, told: [asks] });

    await tellAt('2026-11-25T12:00:00Z');
    expect(linesFor(ida)).toEqual([]);
    const waited = 'fabrikam has waited 3 days for the review of the account lab.fabrikam.example';
    await tellAt('2026-11-25T12:20:00Z');
    expect(linesFor(ida)).toEqual([[waited]]);
    expect(await newsOf(ola)).toEqual({ newCount: 1, told: [waited] });
    await tellAt('2026-11-25T13:00:00Z');
    expect(linesFor(ida)).toEqual([]);

    // What was answered before it was told is not told.
    await server.operator.call(declineAccountRequest, { params: { requestId }, body: { reason: 'No.' } });
    await tellAt('2026-11-26T07:00:00Z');
    expect(linesFor(ola)).toEqual([]);
    expect(await newsOf(ola)).toEqual({ newCount: 0, told: [] });
    await choose(ida, 'account-requests', null);
  });

  it('is told to nobody else: not to other staff, nor to people of accounts', async () => {
    const account = await server.account('Northwind');
    await underReview('tailspin');
    await tell();
    await tellAt('2026-11-27T07:00:00Z');
    expect(linesFor(ola)).toEqual([[expect.stringContaining('tailspin asks')]]);
    expect(linesFor(ida)).toEqual([[expect.stringContaining('tailspin asks')]]);
    expect([linesFor(desk), linesFor(sam)]).toEqual([[], []]);
    expect(await newsOf(desk)).toEqual({ newCount: 0, told: [] });
    const news = await ola.browser.client.call(listNews, { params: { accountId: account.accountId } });
    expect(news.items).toEqual([]);
    expect((await refusal(account.administrator.call(listDeskNews, {}))).code).toBe('not-allowed');
    expect((await refusal(server.operator.call(listDeskNews, {}))).code).toBe('person-required');
  });

  it('is told to no operator whose roles wait for a second factor', async () => {
    await server.operator.call(updateStaffSettings, { body: { secondFactorRequired: true } });
    await turnOnCodes(server, ida);
    await underReview('wingtip');
    await tell();
    await tellAt('2026-11-28T07:00:00Z');
    const told = [linesFor(ola), linesFor(ida)];
    await server.operator.call(updateStaffSettings, { body: { secondFactorRequired: false } });
    expect(told).toEqual([[], [[expect.stringContaining('wingtip asks')]]]);
  });
});

describe('a recovery that waits for a second operator', () => {
  it('is told at once, names no person, is told again a day before it expires, and leaves with its answer', async () => {
    const lost = await makeStaff(server, 'support', 'Lost Support');
    await turnOnCodes(server, lost);
    server.clock.set('2026-11-28T08:00:00Z');
    await server.db.updateTable('sessions').set({ proved_at: server.clock.now() }).execute();
    const { recovery } = await ola.browser.client.call(askRecovery, {
      body: { kind: 'second-factors', email: lost.email, reason: 'All is lost' },
    });
    const waits = 'The end of somebody’s second factors waits for a second operator';
    await tell();
    expect(linesFor(ida)).toEqual([[waits]]);
    expect(linesFor(sam)).toEqual([]);
    await tellAt('2026-11-30T07:59:00Z');
    const again =
      'The end of somebody’s second factors still waits for a second operator, and expires within 24 hours';
    expect(linesFor(ida).flat()).not.toContain(again);
    await tellAt('2026-11-30T08:00:00Z');
    expect(linesFor(ida)).toEqual([[again]]);
    await ida.browser.client.call(declineRecovery, { params: { recoveryId: recovery.recoveryId } });
    await tell();
    expect((await newsOf(ida)).told).not.toContain(again);
  });
});

describe('one’s own settings', () => {
  it('list what the platform roles let one hear of, keep a choice with its event, and refuse other kinds', async () => {
    const staffOf = async ({ browser }: StaffMember) =>
      (await browser.client.call(listMyNotifications, {})).staff;
    expect(await staffOf(ola)).toEqual({
      kinds: [
        { kind: 'account-requests', cadence: 'daily', isDefault: true },
        { kind: 'order-desk', cadence: 'immediate', isDefault: true },
        { kind: 'recoveries', cadence: 'immediate', isDefault: true },
      ],
    });
    expect(await staffOf(desk)).toEqual({
      kinds: [{ kind: 'order-desk', cadence: 'immediate', isDefault: true }],
    });
    expect(await staffOf(sam)).toEqual({ kinds: [] });
    expect((await refusal(choose(desk, 'recoveries', 'off'))).code).toBe('notification-kind');
    expect((await refusal(choose(ola, 'orders', 'off'))).code).toBe('notification-kind');
    expect((await choose(ola, 'recoveries', 'off')).notifications.kinds[2]).toEqual({
      kind: 'recoveries',
      cadence: 'off',
      isDefault: false,
    });
    const [event] = await server.db
      .selectFrom('events')
      .select(['operation', 'message', 'actor_name as who'])
      .orderBy('event_id', 'desc')
      .limit(1)
      .execute();
    expect(event).toEqual({
      operation: 'setMyStaffNotifications',
      message: 'changed how often they hear of “Recoveries”',
      who: 'Ola Berg',
    });
    await choose(ola, 'recoveries', null);
  });

  it('are changed by the link in a mail as well, which says that it is about the platform', async () => {
    await choose(ida, 'account-requests', 'immediate');
    await underReview('proseware');
    await tell();
    const [mail] = digests(ida.email);
    if (mail === undefined) throw new Error('no mail came');
    const token = linkIn(mail, '/unsubscribe/').split('/unsubscribe/')[1] ?? '';
    const { accountName, kinds } = await server.client().call(unsubscribe, { body: { token } });
    expect([accountName, kinds]).toEqual([null, ['account-requests']]);
    await underReview('litware');
    await tell();
    expect(linesFor(ida)).toEqual([]);
  });
});
