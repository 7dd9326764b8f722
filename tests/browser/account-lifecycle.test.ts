import {
  acceptInvitation,
  createAccount,
  createOrder,
  grantRole,
  inviteOrderContact,
  requestAccountForCustomer,
} from '@estover/protocol';
import {
  createBrowser,
  deliver,
  linkIn,
  type MailServer,
  seedCatalog,
  startMailServer,
} from '@estover/server/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConsoleTest, password, startConsoleTest } from './browser.ts';
import { lookAt, panel, press } from './views.ts';

/*
 * The rest of an account's life, as those see it who live it: a partner who asks for a customer, whose mails are followed; an
 * account for limited use from its first token to its upgrade; orders that wait for an account; suspension and closing.
 */

let mails: MailServer;
let test: ConsoleTest;
let ola: { email: string };
let pat: Someone;
let sku: string;

interface Someone {
  email: string;
  accountId: string;
}

/** What a link of a mail leads to in the test's browser: its path with the secret behind the #. */
function pathOf(link: string): string {
  const { pathname, hash } = new URL(link);
  return `${pathname}${hash}`;
}

/** A new account with an administrator who has a password. */
async function company(name: string, kind: 'customer' | 'holding' = 'customer'): Promise<Someone> {
  const domain = `${name.toLowerCase()}.example`;
  const email = `boss@${domain}`;
  const { account } = await test.server.operator.call(createAccount, {
    body: { kind, name, domainIdentifier: domain, administrator: { name: 'Pat Ost', email } },
  });
  const token = linkIn(await mails.take(email), '/invitation#');
  await test.server.client().call(acceptInvitation, { body: { token, name: 'Pat Ost', password } });
  return { email, accountId: account.accountId };
}

beforeAll(async () => {
  mails = await startMailServer();
  test = await startConsoleTest({ at: Temporal.Now.instant().toString(), smtpUrl: mails.url });
  ola = await test.operator();
  pat = await company('Partner', 'holding');
  const catalog = await seedCatalog(test.server);
  ({ sku } = await deliver(test.server, await test.server.account('Seeder'), {
    tag: catalog.security,
    quantity: 1,
  }));
}, 120_000);
afterAll(async () => {
  await test?.close();
  await mails?.close();
});

const submit = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const heading = (page: Page, name: string | RegExp) =>
  page.getByRole('heading', { name, level: 1 }).waitFor();
const settingsOf = ({ accountId }: Someone) => `/accounts/${accountId}/settings`;
/** A button that cannot be pressed, with why not. */
async function reasonOf(page: Page, name: string | RegExp): Promise<string | null> {
  const button = page.getByRole('button', { name });
  expect(await button.getAttribute('aria-disabled')).toBe('true');
  // What is read later may move it away from under the pointer.
  await expect
    .poll(async () => {
      await button.hover();
      return page.getByRole('tooltip').count();
    })
    .toBe(1);
  return page.getByRole('tooltip').textContent();
}

it('follows a partner’s request through its mails to the customer’s account', async () => {
  const page = await test.signedIn(pat);
  await page.getByRole('link', { name: 'Customer requests' }).click();
  await page.getByText('You have asked for no customer yet').waitFor();
  await page.getByRole('button', { name: 'Ask for a customer…' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Company', { exact: true }).fill('Fabrikam');
  await dialog.getByLabel('Mail domain', { exact: true }).fill('Fabrikam.example.');
  await dialog.getByText('If there is an account fabrikam.example already').waitFor();
  expect(await dialog.getByRole('link', { name: 'Ask for access' }).getAttribute('href')).toBe(
    '/request-access?identifier=fabrikam.example',
  );
  await dialog.getByLabel('Who accepts at the customer').fill(pat.email);
  await submit(page, 'Ask for Fabrikam');
  await dialog.getByText('is an address of the partner who asks').first().waitFor();
  await dialog.getByLabel('Who accepts at the customer').fill('mia@fabrikam.example');
  await submit(page, 'Ask for Fabrikam');
  await page.getByRole('row', { name: /Fabrikam.*Waits for acceptance/ }).waitFor();

  const customer = await test.page();
  await customer.goto(pathOf(linkIn(await mails.take('mia@fabrikam.example'), '/accept-account#')));
  await customer.getByText(`Pat Ost, ${pat.email}`).waitFor();
  await customer.getByLabel('Your name').fill('Mia Kern');
  await customer.getByLabel('Password', { exact: true }).fill(password);
  await submit(customer, 'Accept for Fabrikam');
  await heading(customer, 'Overview');

  expect((await mails.take(pat.email)).subject).toBe('The account of Fabrikam is active');
  await page.reload();
  await page
    .getByRole('row', { name: /Fabrikam.*Active/ })
    .getByRole('link')
    .click();
  expect(await reasonOf(page, 'Withdraw the request')).toBe('The request is closed.');
});

it('brings a customer without a domain from the first token to an upgrade', async () => {
  const partner = createBrowser(test.server.address);
  await partner.post('/auth/sign-in/email', { email: pat.email, password });
  await partner.client.call(requestAccountForCustomer, {
    params: { accountId: pat.accountId },
    body: { kind: 'limited-use', companyName: 'Tom’s shop', approverEmail: 'tom@gmail.com' },
  });
  const page = await test.page();
  await page.goto(pathOf(linkIn(await mails.take('tom@gmail.com'), '/accept-account#')));
  await page.getByLabel('Your name').fill('Tom');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('A partner sets licensing up for me').check();
  await page.getByRole('button', { name: 'Send the invitation and accept' }).waitFor();
  await page.getByLabel('With a token for my first product instance').check();
  await submit(page, 'Accept for Tom’s shop');
  const shown = page.getByRole('dialog');
  expect(await shown.getByText(/^esrt_\w+$/).textContent()).toMatch(/^esrt_/);
  await submit(page, 'I have kept it');
  await heading(page, 'Overview');

  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Settings' }).click();
  await page.getByText('Your address is at a public mail domain.').waitFor();
  expect(await reasonOf(page, 'Upgrade')).toBe('Needs an address of the company.');
  // What is in the way of closing is said beside it.
  await page.getByText('Tom’s shop has 1 registration token.').waitFor();
  const accountId = /accounts\/([^/]+)/.exec(page.url())?.[1] ?? '';
  const administrator = test.server.client(await test.server.keyOf(accountId, 'account-administrator'));
  const email = 'tom@toms-works.example';
  await administrator.call(grantRole, {
    params: { accountId },
    body: { email, role: 'account-administrator', scope: { kind: 'account' } },
  });
  const token = linkIn(await mails.take(email), '/invitation#');
  await test.server.client().call(acceptInvitation, { body: { token, name: 'Tom', password } });
  const again = await test.signedIn({ email });
  await again.goto(settingsOf({ accountId, email }));
  await submit(again, 'Upgrade to toms-works.example');
  await again.getByText('Tom’s shop is a customer account now.').waitFor();
  await again.getByRole('region', { name: 'About' }).getByText('toms-works.example').waitFor();
  expect(await again.getByRole('heading', { name: 'Upgrade to a customer account' }).count()).toBe(0);
});

/** Asks a contact which account an order is for, and answers the path of their link. */
async function waitingOrder(name: string): Promise<string> {
  const email = `bo@${name.toLowerCase()}.example`;
  const { account } = await test.server.operator.call(inviteOrderContact, {
    body: { companyName: name, contact: { name: 'Bo', email } },
  });
  await test.server.operator.call(createOrder, {
    body: {
      orderNumber: `PO-${name}`,
      buyer: name,
      lines: [{ sku, quantity: 4, account: account.accountId }],
    },
  });
  return pathOf(linkIn(await mails.take(email), '/order-account#'));
}

it('lets a customer take orders that wait into an account of theirs', async () => {
  const path = await waitingOrder('Waiting');
  const own = await company('Waitingworks');
  const stranger = await test.page();
  await stranger.goto(path);
  await stranger.getByText('Sign in, and open the link from the mail again').waitFor();
  const page = await test.signedIn(own);
  await page.goto(path);
  await page.getByText('1 order line waits until you say.').waitFor();
  await submit(page, 'Take the orders into Waitingworks');
  await heading(page, 'The orders are for Waitingworks');
  await page.getByRole('link', { name: 'See the orders' }).click();
  await page.getByText('PO-Waiting').first().waitFor();
});

it('suspends, reactivates and closes an account, for all of its people to see', async () => {
  const own = await company('Lebenslauf');
  const operator = await test.signedIn(ola);
  await operator.goto('/platform/accounts?search=Lebenslauf');
  await panel(/Lebenslauf/)(operator);
  await submit(operator, 'Suspend…');
  await operator.getByRole('dialog').getByLabel('Reason').fill('The bill is not paid.');
  await submit(operator, 'Suspend Lebenslauf');
  const details = operator.getByRole('complementary', { name: 'Details' });
  await details.getByText('The bill is not paid.').waitFor();
  expect((await mails.take(own.email)).text).toContain('The bill is not paid.');

  const page = await test.signedIn(own);
  await page.goto(settingsOf(own));
  await page.getByRole('status').getByText('Lebenslauf is suspended.').waitFor();
  const suspended = 'The account is suspended: it can be read, and nothing in it changed.';
  expect(await reasonOf(page, 'Close the account…')).toBe(suspended);
  expect(await reasonOf(page, 'Save the settings')).toBe(suspended);

  await submit(operator, 'Reactivate');
  await details.getByText('Active').waitFor();
  await page.reload();
  await submit(page, 'Close the account…');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('We are one company now.');
  const close = dialog.getByRole('button', { name: 'Close Lebenslauf' });
  expect(await close.isDisabled()).toBe(true);
  await dialog.getByLabel('Type “Lebenslauf” to confirm').fill('Lebenslauf');
  await close.click();
  await page.getByRole('status').getByText('It can be read, and nothing in it changed.').waitFor();
  await page.getByText('We are one company now.').first().waitFor();
});

it.each([1280, 400])(
  'looks right at %i pixels',
  async (width) => {
    const viewport = { viewport: { width, height: 860 } };
    // The colours are the same at every width.
    const looks = { themes: width === 400 ? ['dark'] : ['light', 'dark'] };
    const order = await waitingOrder(`Looks${width}`);
    const door = await test.page(viewport);
    expect(await lookAt(door, [{ name: 'order-account', path: order }], looks)).toEqual([]);
    const requests = `/accounts/${pat.accountId}/customer-requests`;
    const ask = async (page: Page) => {
      await press('Ask for a customer…')(page);
      await page.getByLabel('Mail domain', { exact: true }).fill('looks.example');
      await page.getByText('If there is an account looks.example').waitFor();
    };
    const partner = await test.signedIn(pat, viewport);
    expect(
      await lookAt(
        partner,
        [
          { name: 'customer-requests', path: requests, act: panel(/Fabrikam/) },
          // A dialog that is right where it is narrow is right where it is not.
          ...(width === 400 ? [{ name: 'customer-requests-ask', path: requests, act: ask }] : []),
          { name: 'account-settings-close', path: settingsOf(pat) },
        ],
        looks,
      ),
    ).toEqual([]);
    const operator = await test.signedIn(ola, viewport);
    const suspend = async (page: Page) => {
      await panel(/Fabrikam/)(page);
      await page.getByRole('button', { name: 'Suspend…' }).click();
      await page.getByRole('dialog').waitFor();
    };
    expect(
      await lookAt(
        operator,
        [{ name: 'accounts-suspend', path: '/platform/accounts?search=Fabrikam', act: suspend }],
        looks,
      ),
    ).toEqual([]);
  },
  150_000,
);
