import { getMyGuide, setMyGuide } from '@estover/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeMember, makeStaff, type StaffMember, signInAs } from '../support/testing/staff.ts';
import { refusal, startTestServer, type TestServer } from '../testing/index.ts';
import { eventsAbout } from './testing/signed-in-person.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const isHidden = async ({ browser }: Pick<StaffMember, 'browser'>, accountId?: string) =>
  (await browser.client.call(getMyGuide, { query: accountId === undefined ? {} : { accountId } })).isHidden;
const set = ({ browser }: StaffMember, accountId: string | null, hidden: boolean) =>
  browser.client.call(setMyGuide, { body: { accountId, isHidden: hidden } });

it('is hidden for one person in one account, in every browser, until it is shown again', async () => {
  const { accountId } = await server.account('Northwind');
  const other = await server.account('Southwind');
  const ana = await makeMember(server, accountId);
  const ben = await makeMember(server, accountId);
  expect(await isHidden(ana, accountId)).toBe(false);
  expect(await set(ana, accountId, true)).toEqual({ isHidden: true });
  await set(ana, accountId, true);
  const elsewhere = { browser: await signInAs(server.address, ana.email) };
  expect([await isHidden(elsewhere, accountId), await isHidden(ben, accountId)]).toEqual([true, false]);
  expect([await isHidden(ana, other.accountId), await isHidden(ana)]).toEqual([false, false]);
  await set(ana, accountId, false);
  expect(await isHidden(elsewhere, accountId)).toBe(false);
  expect(await eventsAbout(server, ana.personId)).toEqual([
    ['setMyGuide', 'hid the first steps'],
    ['setMyGuide', 'hid the first steps'],
    ['setMyGuide', 'showed the first steps again'],
  ]);
});

it('is hidden only where somebody belongs, and by people alone', async () => {
  const { accountId, administrator } = await server.account('Westwind');
  const ana = await makeMember(server, accountId);
  const other = await server.account('Eastwind');
  expect((await refusal(set(ana, other.accountId, true))).code).toBe('not-found');
  expect((await refusal(set(ana, null, true))).code).toBe('not-found');
  expect((await refusal(administrator.call(getMyGuide, {}))).code).toBe('person-required');
  const ola = await makeStaff(server, 'order-desk', 'Ola Berg');
  expect(await set(ola, null, true)).toEqual({ isHidden: true });
  expect([await isHidden(ola), await isHidden(ana)]).toEqual([true, false]);
});
