import { createAccount } from '@estover/protocol';
import { linkIn, type MailServer, startMailServer } from '@estover/server/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleTest, password, startConsoleTest } from './browser.ts';
import { lookAt, panel, press } from './views.ts';

/*
 * How a customer comes to an account: from the page for signing in over the mails, which are followed to the pages that
 * their links open, to the first page of the new account; and the operator's queue.
 */

let mails: MailServer;
let test: ConsoleTest;
let ola: { email: string };

/** What a link of a mail leads to in the test's browser: its path with the secret behind the #. */
function pathOf(link: string): string {
  const { pathname, hash } = new URL(link);
  return `${pathname}${hash}`;
}

beforeAll(async () => {
  mails = await startMailServer();
  test = await startConsoleTest({ at: Temporal.Now.instant().toString(), smtpUrl: mails.url });
  ola = await test.operator();
}, 120_000);
afterAll(async () => {
  await test?.close();
  await mails?.close();
});

const submit = (page: Page, name: string) => page.getByRole('button', { name }).click();
const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 }).waitFor();

/** Fills in the form from the page for signing in, and sends it. */
async function ask(page: Page, company: string, more: { prefix?: string; approver?: string } = {}) {
  const domain = `${company.toLowerCase()}.example`;
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Ask for an account' }).click();
  await page.getByLabel('Company', { exact: true }).fill(company);
  await page.getByLabel('Mail domain', { exact: true }).fill(domain);
  if (more.prefix !== undefined) {
    await page.getByLabel('Prefix').fill(more.prefix);
    await page.getByLabel('Why it needs an account of its own').fill('Its books are its own.');
  }
  await page.getByLabel('Your name').fill('Pia Holm');
  await page.getByLabel('Your mail address').fill(`pia@${domain}`);
  if (more.approver !== undefined) {
    await page.getByLabel('Somebody else does').check();
    await page.getByLabel('Their mail address').fill(more.approver);
  }
  await submit(page, 'Ask for the account');
}

/** Asks, and confirms with the link from the mail. */
async function askAndConfirm(company: string, more: { prefix?: string; approver?: string } = {}) {
  const page = await test.page();
  await ask(page, company, more);
  await heading(page, 'Look into your mail');
  const mail = await mails.take(`pia@${company.toLowerCase()}.example`);
  await page.goto(pathOf(linkIn(mail, '/account-request#esar_')));
  await heading(page, 'Confirm your request');
  await submit(page, 'Confirm the request');
  return page;
}

it('brings a customer from the page for signing in to the first page of their account', async () => {
  const page = await test.page();
  await ask(page, 'Ostwind', { approver: 'licensing@partner.example' });
  await page.getByText('licensing@partner.example is not an address at ostwind.example.').waitFor();
  await page.getByRole('alert').getByText('The approver’s address is not at').waitFor();
  await page.getByLabel('Their mail address').fill('licensing@ostwind.example');
  await page.getByText('looks like an address that a team shares').waitFor();
  await submit(page, 'Ask for the account');
  await heading(page, 'Look into your mail');
  await page.getByText('looks like an address that a team shares').waitFor();

  const confirmLink = pathOf(linkIn(await mails.take('pia@ostwind.example'), '/account-request#'));
  await page.goto(confirmLink);
  await submit(page, 'Confirm the request');
  await heading(page, 'Waiting for acceptance');

  const approver = await test.page();
  const acceptLink = pathOf(linkIn(await mails.take('licensing@ostwind.example'), '/accept-account#'));
  await approver.goto(acceptLink);
  await heading(approver, 'Accept the account of Ostwind');
  await approver.getByText('Pia Holm, pia@ostwind.example').waitFor();
  await approver.getByRole('heading', { name: 'Terms of the licensing account, version 1' }).waitFor();
  await approver.getByLabel('Your name').fill('Lea Winter');
  await approver.getByLabel('Password', { exact: true }).fill('password1234');
  await submit(approver, 'Accept for Ostwind');
  await approver.getByRole('alert').getByText('The password is too short or too common').waitFor();
  await approver.getByLabel('Password', { exact: true }).fill(password);
  await submit(approver, 'Accept for Ostwind');
  await heading(approver, 'Overview');
  await approver.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Settings' }).click();
  await approver.getByText('ostwind.example').first().waitFor();

  // Whoever asked hears of it by mail, and sees it with their link; the other link is used up.
  expect((await mails.take('pia@ostwind.example')).subject).toBe('The account of Ostwind is active');
  await page.goto('/sign-in');
  await page.goto(confirmLink);
  await heading(page, 'The account is active');
  const late = await test.page();
  await late.goto(acceptLink);
  await late.getByRole('alert').getByText('The link is not valid any more').waitFor();
});

it('takes a request back with the same link', async () => {
  const page = await askAndConfirm('Westwind');
  await heading(page, 'Waiting for acceptance');
  await submit(page, 'Withdraw the request');
  await heading(page, 'Your request is withdrawn');
  await page.getByRole('link', { name: 'Ask for an account' }).waitFor();
});

it('says that a request was declined because there is such an account, and no more', async () => {
  await test.server.operator.call(createAccount, {
    body: {
      name: 'Nordwind Holding',
      domainIdentifier: 'nordwind.example',
      administrator: { name: 'N', email: 'boss@nordwind.example' },
    },
  });
  const page = await askAndConfirm('Nordwind');
  await heading(page, 'Your request was declined');
  expect(await page.getByText('Nordwind Holding').count()).toBe(0);
});

it('names limited use by the mail address', async () => {
  const page = await test.page();
  await page.goto('/request-account');
  await page.getByLabel('Limited use').check();
  expect(await page.getByLabel('Mail domain', { exact: true }).count()).toBe(0);
  await page.getByLabel('Company', { exact: true }).fill('Pia’s shop');
  await page.getByLabel('Your name').fill('Pia');
  await page.getByLabel('Your mail address').fill('pia.holm@gmail.com');
  await submit(page, 'Ask for the account');
  await heading(page, 'Look into your mail');
  await page.goto(pathOf(linkIn(await mails.take('pia.holm@gmail.com'), '/account-request#')));
  await page.getByText('Limited use').waitFor();
  await submit(page, 'Confirm the request');
  await page.getByText('Another mail is on its way to you').waitFor();
});

describe('the operator', () => {
  it('reviews prefixes: approves one and declines another with a reason', async () => {
    for (const company of ['Suedwind', 'Fallwind']) {
      const page = await askAndConfirm(company, { prefix: 'lab' });
      await heading(page, 'Your request is being reviewed');
    }
    const page = await test.signedIn(ola);
    await page.getByRole('link', { name: /^Account requests\s*2$/ }).click();
    await page.getByText('2 requests wait for you to approve or decline.').waitFor();
    await page
      .getByRole('row', { name: /Suedwind/ })
      .getByRole('link')
      .click();
    const details = page.getByRole('complementary', { name: 'Details' });
    await details.getByText('Its books are its own.').waitFor();
    await details.getByRole('button', { name: 'Approve…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve the request' }).click();
    await page.getByText('1 request waits for you').waitFor();
    linkIn(await mails.take('pia@suedwind.example'), '/accept-account#');
    // What is done cannot be done again, and the button says why.
    expect(await details.getByRole('button', { name: 'Approve…' }).getAttribute('aria-disabled')).toBe(
      'true',
    );

    await page
      .getByRole('row', { name: /Fallwind/ })
      .getByRole('link')
      .click();
    await details.getByRole('button', { name: 'Decline…' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Decline the request' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Reason').fill('The company has one already.');
    await dialog.getByRole('button', { name: 'Decline the request' }).click();
    await page.getByText('None waits for you.').waitFor();
    expect((await mails.take('pia@fallwind.example')).text).toContain('The company has one already.');
  });

  it.each([1280, 400])(
    'has a queue that looks right at %i pixels',
    async (width) => {
      await askAndConfirm(`Talwind${width}`, { prefix: 'lab' });
      const path = '/platform/account-requests';
      const open = panel(/Talwind/);
      const views = [
        { name: 'account-requests', path },
        { name: 'account-requests-one', path, act: open },
        {
          name: 'account-requests-decline',
          path,
          act: async (page: Page) => {
            await open(page);
            await page.getByRole('button', { name: 'Decline…' }).click();
            await page.getByRole('dialog').waitFor();
          },
        },
        { name: 'accounts-kinds', path: '/platform/accounts' },
        { name: 'create-account', path: '/platform/accounts', act: press('New account…') },
      ];
      expect(await lookAt(await test.signedIn(ola, { viewport: { width, height: 860 } }), views)).toEqual([]);
    },
    150_000,
  );
});

describe('whoever asks and accepts', () => {
  it.each([1280, 400])(
    'sees pages that look right at %i pixels',
    async (width) => {
      await askAndConfirm(`Bergwind${width}`, { approver: `kim@bergwind${width}.example` });
      const acceptance = linkIn(await mails.take(`kim@bergwind${width}.example`), '/accept-account#');
      await ask(await test.page(), `Seewind${width}`);
      const request = linkIn(await mails.take(`pia@seewind${width}.example`), '/account-request#');
      const fill = async (page: Page) => {
        await page.getByLabel('Prefix').fill('lab');
        await page.getByLabel('Somebody else does').check();
        await page.getByLabel('Their mail address').fill('it@example.com');
      };
      const shown = (name: RegExp) => (page: Page) => page.getByRole('heading', { name, level: 1 }).waitFor();
      const doors = [
        { name: 'request-account', path: '/request-account' },
        { name: 'request-account-filled', path: '/request-account', act: fill },
        { name: 'account-request', path: pathOf(request), act: shown(/Confirm your request/) },
        { name: 'account-request-invalid', path: '/account-request#esar_x', act: shown(/does not open/) },
        { name: 'accept-account', path: pathOf(acceptance), act: shown(/Accept the account/) },
      ];
      for (const door of doors) {
        const page = await test.page({ viewport: { width, height: 860 } });
        expect(await lookAt(page, [door])).toEqual([]);
      }
    },
    150_000,
  );
});
