import { randomUUIDv7 } from 'node:crypto';
import { grantRole } from '@estover/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runNotices } from '../../packages/server/src/notifications/index.ts';
import { noteDesk } from '../../packages/server/src/support/index.ts';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';
import { lookAt, type View } from './views.ts';

/** What belongs to a person and to no account: their time zone, their hidden steps, the bell of the desk, their own pages. */

let test: ConsoleTest;
let ana: Person;
let page: Page;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  ana = await test.company();
  page = await test.signedIn(ana, { timezoneId: 'Europe/Madrid' });
  page.setDefaultTimeout(15_000);
}, 120_000);
afterAll(() => test?.close());

/** A page in both themes, and on a small screen. */
const lookAtBoth = async (of: Page, view: View): Promise<string[]> => {
  const views = [view];
  const wide = await lookAt(of, views);
  await of.setViewportSize({ width: 400, height: 860 });
  const narrow = await lookAt(of, views, { themes: ['light'] });
  await of.setViewportSize({ width: 1280, height: 860 });
  return [...wide, ...narrow];
};

it('takes the time zone of the browser at the first sign-in, and never again', async () => {
  await page.goto(`/accounts/${ana.accountId}/notifications`);
  await page.getByText('Digests come at 07:00 in Europe/Madrid, weekly ones on Mondays').waitFor();
  const elsewhere = await test.signedIn(ana, { timezoneId: 'Asia/Tokyo' });
  await elsewhere.goto(`/accounts/${ana.accountId}/notifications`);
  await elsewhere.getByText('Digests come at 07:00 in Europe/Madrid').waitFor();
  await elsewhere.context().close();
});

it('hides the first steps wherever the person signs in, and shows them again', async () => {
  const overview = `/accounts/${ana.accountId}/overview`;
  await page.goto(overview);
  await page.getByRole('button', { name: 'Hide these steps' }).click();
  await page.getByRole('button', { name: /^Show the first steps/ }).waitFor();
  const elsewhere = await test.signedIn(ana);
  await elsewhere.goto(overview);
  await elsewhere.getByRole('button', { name: /^Show the first steps/ }).click();
  await elsewhere.getByRole('list', { name: 'First steps' }).waitFor();
  await elsewhere.context().close();
  await page.reload();
  await page.getByRole('list', { name: 'First steps' }).waitFor();
});

it('names pages of the person in the place of an account, and goes on from there to one', async () => {
  const switcher = page.getByRole('button', { name: /switch it$|switch it/ });
  for (const [path, name] of [
    ['/request-access', 'Ask for access'],
    ['/account-moves', 'Merges and splits'],
  ] as const) {
    await page.goto(path);
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await page.getByRole('button', { name: new RegExp(`^${name} is where you are`) }).waitFor();
  }
  await switcher.click();
  await page.getByRole('option', { name: /Halden Rail/ }).click();
  await page.getByRole('button', { name: /^Halden Rail is the account/ }).waitFor();
  expect(await lookAtBoth(page, { name: 'ask for access', path: '/request-access' })).toEqual([]);
});

it('says of roles of an address that nobody has proved that they do not count yet', async () => {
  const administrator = test.server.client(await test.server.keyOf(ana.accountId, 'account-administrator'));
  await administrator.call(grantRole, {
    params: { accountId: ana.accountId },
    body: { email: 'new.one@halden.example', role: 'viewer', scope: { kind: 'account' } },
  });
  await page.goto(`/accounts/${ana.accountId}/people`);
  await page
    .getByRole('main')
    .getByRole('link', { name: /new\.one/ })
    .first()
    .click();
  const details = page.getByRole('complementary', { name: 'Details' });
  await details.getByRole('button', { name: 'Why may they…?' }).click();
  const answer = page.getByRole('dialog').getByRole('region', { name: 'Answer' });
  await answer.getByText('Not yet').waitFor();
  await answer.getByText('Nobody has proved yet that new.one@halden.example is theirs').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
});

it('rings the bell of the desk for a request that waits, whose mails staff chooses', async () => {
  const now = test.server.clock.now();
  const desk = await test.signedIn(await test.operator());
  await test.server.db
    .insertInto('account_requests')
    .values({
      request_id: randomUUIDv7(),
      kind: 'customer',
      company_name: 'Fabrikam',
      domain_identifier: 'lab.fabrikam.example',
      has_prefix: true,
      justification: 'Its own books',
      requester_name: 'Mia Kern',
      requester_email: 'mia@fabrikam.example',
      approver_email: 'mia@fabrikam.example',
      state: 'under-review',
      requested_at: now,
      state_since: now,
      ends_at: null,
      reviewed_by: null,
      reason: null,
      account_id: null,
      purpose: 'own',
      origin_account_id: null,
    })
    .execute();
  await noteDesk(test.server.db, now);
  await runNotices(test.server.jobDependencies);
  await desk.goto('/platform/desk');
  await desk.getByRole('button', { name: 'What is new: 1' }).click();
  const news = desk.getByRole('dialog', { name: 'What is new' });
  await news.getByRole('link', { name: /Fabrikam asks for the account lab\.fabrikam\.example/ }).click();
  await desk.waitForURL(/platform\/account-requests\?state=under-review/);
  await desk.getByRole('button', { name: 'What is new', exact: true }).click();
  await news.getByRole('link', { name: 'Choose what comes by mail' }).click();
  const cadence = desk.getByRole('combobox', { name: 'Requests for accounts in Platform' });
  expect(await cadence.inputValue()).toBe('daily');
  await cadence.selectOption('At once');
  await desk.getByText('Requests for accounts: at once.').waitFor();
  expect(await lookAtBoth(desk, { name: 'notifications of staff', path: '/notifications' })).toEqual([]);
});
