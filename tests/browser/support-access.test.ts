import { acceptInvitation, listMails, openMail, updateStaffSettings } from '@estover/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleTest, type Person, password, startConsoleTest } from './browser.ts';
import { lookAt, press } from './views.ts';

let test: ConsoleTest;
let ana: Person;
let desk: Page;
let customer: Page;
let support: Page;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  ana = await test.company();
  desk = await test.signedIn(await test.operator());
  desk.setDefaultTimeout(10_000);
}, 120_000);
afterAll(() => test?.close());

const dialogOf = (of: Page) => of.getByRole('dialog');

/** Where the newest mail to somebody leads. */
async function linkTo(recipient: string): Promise<string> {
  const { items } = await test.server.operator.call(listMails, { query: { search: recipient } });
  const { text } = await test.server.operator.call(openMail, { params: { mailId: items[0]?.mailId ?? '' } });
  return new URL(/https?:\S+/.exec(text)?.[0] ?? '').pathname;
}

it('an operator begins at the desk, and makes somebody support', async () => {
  await desk.goto('/');
  await desk.getByRole('heading', { name: 'Desk', level: 1 }).waitFor();
  await desk.getByText('Nothing waits for you.').waitFor();
  await desk.getByRole('link', { name: 'Halden Rail' }).waitFor();
  await desk.getByRole('link', { name: '1 person without a second factor' }).click();
  await desk.getByRole('heading', { name: 'Staff', level: 1 }).waitFor();
  const own = desk.getByRole('button', { name: 'End the roles of ola.berg@publisher.example' });
  expect(await own.getAttribute('aria-disabled')).toBe('true');
  await press('Invite staff…')(desk);
  await dialogOf(desk).getByLabel('Mail address').fill('kim.dahl@publisher.example');
  await dialogOf(desk).getByRole('button', { name: 'Invite as support' }).click();
  await dialogOf(desk).getByText('kim.dahl@publisher.example is invited').waitFor();
  const token = await dialogOf(desk)
    .getByText(/\/invitation#/)
    .innerText();
  await test.server.client().call(acceptInvitation, { body: { token, name: 'Kim Dahl', password } });
  await desk.goto('/platform/staff');
  await desk
    .getByRole('row', { name: /^Kim Dahl kim\.dahl@publisher\.example Support None Ola Berg/ })
    .waitFor();
});

describe('a support access', () => {
  it('is asked for with a reason, a case and a time', async () => {
    support = await test.signedIn({ email: 'kim.dahl@publisher.example' });
    support.setDefaultTimeout(10_000);
    await support.getByRole('heading', { name: 'Desk', level: 1 }).waitFor();
    await support.goto(`/accounts/${ana.accountId}/people`);
    await support.getByRole('heading', { name: 'Nothing is here' }).waitFor();
    await support.goto('/platform/support-accesses');
    await press('Open an account…')(support);
    const dialog = dialogOf(support);
    await dialog.getByLabel('Account').click();
    await support.getByRole('option', { name: 'Halden Rail' }).click();
    await dialog.getByLabel('Act', { exact: true }).check();
    await dialog.getByLabel('Reason').fill('A transfer that went wrong');
    await dialog.getByLabel('Case number').fill('123');
    await dialog.getByRole('button', { name: 'Ask to act' }).click();
    await support.getByText('Halden Rail was asked, and has 24 hours for an answer.').waitFor();
    await support.getByRole('row', { name: /^Halden Rail Kim Dahl acts for the customer/ }).waitFor();
  });

  it('is approved by the customer, whom the mail leads there', async () => {
    customer = await test.page();
    customer.setDefaultTimeout(10_000);
    await customer.goto(await linkTo(ana.email));
    await customer.getByLabel('Mail address').fill(ana.email);
    await customer.getByRole('button', { name: 'Go on' }).click();
    await customer.getByLabel('Password', { exact: true }).fill(password);
    await customer.getByRole('button', { name: 'Sign in' }).click();
    await customer.getByRole('heading', { name: 'Support access', level: 1 }).waitFor();
    await customer.getByText('1 question of support waits for an answer.').waitFor();
    await customer.getByRole('button', { name: 'Approve Kim Dahl' }).click();
    await dialogOf(customer).getByText('Case 123: A transfer that went wrong').waitFor();
    await dialogOf(customer).getByRole('button', { name: 'Approve for 1 hour' }).click();
    await customer.getByText('Kim Dahl is let in for 1 hour.').waitFor();
  });

  it('shows support where they are, and the customer what they looked at', async () => {
    await support.goto('/platform/support-accesses');
    await support.getByRole('main').getByRole('link', { name: 'Halden Rail' }).click();
    const banner = support.getByRole('region', { name: 'Support access' });
    await banner.getByText(/You are in Halden Rail as support of the publisher.*for case 123/).waitFor();
    const findings: string[] = [];
    for (const width of [400, 1280]) {
      await support.setViewportSize({ width, height: 860 });
      const views = [{ name: 'opened by support', path: `/accounts/${ana.accountId}/people` }];
      findings.push(...(await lookAt(support, views, width === 1280 ? {} : { themes: [] })));
    }
    expect(findings).toEqual([]);
    await support.getByRole('row', { name: /Ana Ruiz/ }).waitFor();
    const invite = support.getByRole('button', { name: 'Invite…' }).first();
    expect(await invite.getAttribute('aria-disabled')).toBe('true');
    await customer.goto(`/accounts/${ana.accountId}/support-access`);
    await customer.getByText('Somebody of the publisher is in this account now.').waitFor();
    await customer.getByRole('link', { name: /^Events, \d+ read$/ }).click();
    await customer
      .getByText(/Kim Dahl, support of the publisher, for case 123/)
      .first()
      .waitFor();
  });

  it('is ended by the customer, and support is out', async () => {
    await customer.goto(`/accounts/${ana.accountId}/support-access`);
    await customer.getByRole('button', { name: 'End the access of Kim Dahl' }).click();
    await customer.getByText('Kim Dahl is out.').waitFor();
    await customer.getByText('Nobody of the publisher is in this account.').waitFor();
    await support.goto(`/accounts/${ana.accountId}/people`);
    await support.getByRole('heading', { name: 'Nothing is here' }).waitFor();
    expect(await support.getByRole('region', { name: 'Support access' }).count()).toBe(0);
  });

  it('is forbidden on the same page, and then support is told so', async () => {
    await customer.getByLabel('Forbidden').check();
    await customer.getByRole('button', { name: 'Save' }).click();
    await customer.getByText('Nobody of the publisher may open this account.').waitFor();
    await support.goto(`/platform/support-accesses?account=${ana.accountId}`);
    await dialogOf(support).getByLabel('Reason').fill('Again');
    await dialogOf(support).getByLabel('Case number').fill('124');
    await dialogOf(support).getByRole('button', { name: 'Ask to look around' }).click();
    await dialogOf(support)
      .getByRole('alert')
      .getByText(/support may not open it/)
      .waitFor();
  });
});

it('staff without a second factor is led to setting one up, where staff needs it', async () => {
  const need = (secondFactorRequired: boolean) =>
    test.server.operator.call(updateStaffSettings, { body: { secondFactorRequired } });
  await need(true);
  await support.goto('/');
  await support.getByRole('heading', { name: 'Security', level: 1 }).waitFor();
  await support.getByText('Your platform roles wait until sign-in asks you for codes').waitFor();
  expect(await support.getByRole('link', { name: 'Desk' }).count()).toBe(0);
  await need(false);
});

it('looks right, to eyes and to axe', async () => {
  const ofCustomer = [{ name: 'support access', path: `/accounts/${ana.accountId}/support-access` }];
  const ofDesk = [
    { name: 'desk', path: '/platform/desk' },
    { name: 'staff', path: '/platform/staff', act: press('Change the roles of kim.dahl@publisher.example') },
    {
      name: 'support accesses',
      path: '/platform/support-accesses',
      act: press('Open an account…'),
    },
    { name: 'recoveries', path: '/platform/recoveries', act: press('Ask for a recovery…') },
  ];
  const findings: string[] = [];
  for (const width of [1280, 400]) {
    for (const [each, shown] of [
      [customer, ofCustomer],
      [desk, ofDesk],
    ] as const) {
      await each.setViewportSize({ width, height: 860 });
      findings.push(...(await lookAt(each, shown, width === 1280 ? {} : { themes: [] })));
    }
  }
  expect(findings).toEqual([]);
}, 120_000);
