import { randomUUIDv7 } from 'node:crypto';
import { getMe, listMyNotifications, noteMyTimeZone, setMyNotificationHours } from '@estover/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type MailServer,
  refusal,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startMailServer,
  startTestServer,
  type TestServer,
  useLicenses,
} from '../testing/index.ts';
import { digestsOf, makeReader, type Reader, tellAll } from './testing/readers.ts';

let mails: MailServer;
let server: TestServer;
let catalog: SeededCatalog;
let account: SeededAccount;
let digests: ReturnType<typeof digestsOf>;

beforeAll(async () => {
  mails = await startMailServer();
  server = await startTestServer({ smtpUrl: mails.url });
  catalog = await seedCatalog(server);
  digests = digestsOf(mails);
  // A Friday, two days before summer time begins in Europe.
  server.clock.set('2026-03-27T12:00:00Z');
  account = await server.account(`Company ${randomUUIDv7()}`);
});
afterAll(async () => {
  await server.close();
  await mails.close();
});

const note = ({ browser }: Reader, timeZone: string) =>
  browser.client.call(noteMyTimeZone, { body: { timeZone } });
const hoursOf = async ({ browser }: Reader) => (await browser.client.call(listMyNotifications, {})).hours;
const knows = async ({ browser }: Reader) => (await browser.client.call(getMe, {})).knowsTimeZone;

it('is taken from the browser once, with an event, and never in place of what was chosen', async () => {
  const ana = await makeReader(server, account);
  expect(await knows(ana)).toBe(false);
  for (const wrong of ['Europe/Atlantis', '+02:00', '']) {
    expect((await refusal(note(ana, wrong))).code).toBe('time-zone-unknown');
  }
  expect(await knows(ana)).toBe(false);
  const kept = { timeZone: 'Asia/Tokyo', hour: 7, weekday: 1 };
  // Two tabs at once: one of them is too late.
  const both = await Promise.allSettled([note(ana, 'asia/tokyo'), note(ana, 'Asia/Tokyo')]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect((await refusal(note(ana, 'Europe/Madrid'))).code).toBe('time-zone-known');
  expect([await knows(ana), await hoursOf(ana)]).toEqual([true, kept]);
  const events = await server.db
    .selectFrom('events')
    .select(['message', 'account_id as accountId'])
    .where('operation', '=', 'noteMyTimeZone')
    .execute();
  expect(events).toEqual([
    {
      message: 'noted the time zone Asia/Tokyo of their browser, by which their digests come',
      accountId: '00000000-0000-0000-0000-000000000000',
    },
  ]);

  const ben = await makeReader(server, account);
  const chosen = { timeZone: null, hour: 18, weekday: 5 };
  await ben.browser.client.call(setMyNotificationHours, { body: chosen });
  expect((await refusal(note(ben, 'Europe/Madrid'))).code).toBe('time-zone-known');
  expect(await hoursOf(ben)).toEqual(chosen);
  expect(
    (await refusal(account.administrator.call(noteMyTimeZone, { body: { timeZone: 'UTC' } }))).code,
  ).toBe('person-required');
  expect((await account.administrator.call(getMe, {})).knowsTimeZone).toBe(true);
});

it('brings digests at seven in the reader’s own morning, the days on which clocks change included', async () => {
  const daily = await makeReader(server, account);
  const weekly = await makeReader(server, account);
  for (const reader of [daily, weekly]) await note(reader, 'Europe/Madrid');
  await daily.choose({ shortage: 'daily' });
  await weekly.choose({ shortage: 'weekly' });
  const places = Object.values(await server.virtualAccounts(account, 'One', 'Two', 'Three', 'Four'));
  /** Something runs short at an instant, each time elsewhere; then whether a mail came a minute before another instant, and at it. */
  const cameAt = async (reader: Reader, happens: string, due: string) => {
    server.clock.set(happens);
    await useLicenses(server, {
      accountId: account.accountId,
      virtualAccountId: places.pop() as string,
      counts: { [catalog.security]: 1 },
    });
    await tellAll(server);
    const instant = Temporal.Instant.from(due);
    const came: number[] = [];
    for (const at of [instant.subtract({ minutes: 1 }), instant]) {
      server.clock.set(at.toString());
      await tellAll(server);
      came.push(digests(reader.email).length);
    }
    return came;
  };
  // Winter, and the morning on which summer begins: the same hour is one earlier in UTC.
  expect(await cameAt(daily, '2026-03-27T13:00:00Z', '2026-03-28T06:00:00Z')).toEqual([0, 1]);
  expect(await cameAt(daily, '2026-03-28T13:00:00Z', '2026-03-29T05:00:00Z')).toEqual([0, 1]);
  // Monday; what changed on Saturday waited for it.
  server.clock.set('2026-03-30T04:59:00Z');
  await tellAll(server);
  expect(digests(weekly.email)).toEqual([]);
  server.clock.set('2026-03-30T05:00:00Z');
  await tellAll(server);
  expect(digests(weekly.email)).toHaveLength(1);
  // Summer, and the morning on which winter begins.
  expect(await cameAt(daily, '2026-10-23T13:00:00Z', '2026-10-24T05:00:00Z')).toEqual([0, 1]);
  expect(await cameAt(daily, '2026-10-24T13:00:00Z', '2026-10-25T06:00:00Z')).toEqual([0, 1]);
  server.clock.set('2026-10-26T05:59:00Z');
  await tellAll(server);
  expect(digests(weekly.email)).toEqual([]);
  server.clock.set('2026-10-26T06:00:00Z');
  await tellAll(server);
  expect(digests(weekly.email)).toHaveLength(1);
});
