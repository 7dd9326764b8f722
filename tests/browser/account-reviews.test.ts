import {
  acceptAccount,
  acceptInvitation,
  confirmAccountRequest,
  grantRole,
  publishAgreement,
  requestAccount,
  upgradeAccount,
} from '@estover/protocol';
import { createBrowser, linkIn, type MailServer, startMailServer } from '@estover/server/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConsoleTest, password, startConsoleTest } from './browser.ts';
import { lookAt, panel, press } from './views.ts';

/*
 * What operators and customers say to each other while a request is reviewed, what operators have to say when they make an
 * account themselves, and what an account for limited use leaves to its own person.
 */

let mails: MailServer;
let test: ConsoleTest;
let ola: { email: string };

const pathOf = (link: string): string => new URL(link).pathname + new URL(link).hash;
const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 }).waitFor();

beforeAll(async () => {
  mails = await startMailServer();
  test = await startConsoleTest({ at: Temporal.Now.instant().toString(), smtpUrl: mails.url });
  ola = await test.operator();
}, 120_000);
afterAll(async () => {
  await test?.close();
  await mails?.close();
});

/** Asks for an account and confirms it; answers the requester's link. */
async function asked(company: string, more: { kind?: 'limited-use'; prefix?: string; email?: string }) {
  const { kind = 'customer', prefix = '', email = `pia@${company.toLowerCase()}.example` } = more;
  await test.server.client().call(requestAccount, {
    body: {
      kind,
      companyName: company,
      mailDomain: kind === 'customer' ? `${company.toLowerCase()}.example` : '',
      prefix,
      justification: prefix === '' ? '' : 'Its books are its own.',
      requester: { name: 'Pia Holm', email },
    },
  });
  const token = linkIn(await mails.take(email), '/account-request#');
  await test.server.client().call(confirmAccountRequest, { body: { token } });
  return token;
}

it('asks back about a request, shows the answer, and approves with a reason', async () => {
  await asked('Nordhang', { prefix: 'lab' });
  const page = await test.signedIn(ola);
  await page.goto('/platform/account-requests');
  await page.getByText('1 request waits for you to approve or decline.').waitFor();
  await panel(/Nordhang/)(page);
  const details = page.getByRole('complementary', { name: 'Details' });
  await details.getByRole('button', { name: 'Ask…' }).click();
  await page.getByRole('dialog').getByLabel('Question').fill('Whose books are these?');
  await page.getByRole('dialog').getByRole('button', { name: 'Send the question' }).click();
  await details.getByText('Asked, waits for the answer').waitFor();

  const pia = await test.page();
  await pia.goto(pathOf(linkIn(await mails.take('pia@nordhang.example'), '/account-request#')));
  await heading(pia, 'The operator asks you something');
  await pia.getByLabel('Your answer').fill('Those of the lab.');
  await pia.getByRole('button', { name: 'Send the answer' }).click();
  await heading(pia, 'Your request is being reviewed');

  await page.reload();
  await details.getByText('Those of the lab.').waitFor();
  await details.getByText('Answered, to review').waitFor();
  await details.getByRole('button', { name: 'Approve…' }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('A company of its own');
  await page.getByRole('dialog').getByRole('button', { name: 'Approve the request' }).click();
  await details.getByText('A company of its own').waitFor();

  await page.getByRole('button', { name: 'Reviews may take 5 days…' }).click();
  await page.getByRole('dialog').getByLabel('Days').fill('9');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Reviews may take 9 days…' }).waitFor();
});

it('asks an operator why the administrator of a new account is of another domain', async () => {
  const page = await test.signedIn(ola);
  await page.goto('/platform/accounts');
  await press('New account…')(page);
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('Westhang');
  await dialog.getByLabel('Domain identifier').fill('westhang.example');
  await dialog.getByLabel('Administrator’s name').fill('Sam');
  await dialog.getByLabel('Administrator’s mail address').fill('licensing@gmail.com');
  await dialog.getByText('looks like an address that a team shares').waitFor();
  await dialog.getByRole('button', { name: 'Make Westhang' }).click();
  await dialog.getByText('gmail.com is a public mail domain: anybody may have an address there.').waitFor();
  await dialog.getByLabel('Why their address is at another domain').fill('Their mail moves in May.');
  await dialog.getByRole('button', { name: 'Make Westhang' }).click();
  await page.getByText('Westhang is ready; a mail is on its way to licensing@gmail.com.').waitFor();
});

it('leaves agreements of an account for limited use to its own person, and takes a waiting upgrade back', async () => {
  await asked('Shop', { kind: 'limited-use', email: 'pia.shop@gmail.com' });
  const accept = linkIn(await mails.take('pia.shop@gmail.com'), '/accept-account#');
  const { account } = await test.server.client().call(acceptAccount, {
    body: {
      token: accept,
      agreements: [{ agreement: 'terms', version: 1 }],
      person: { name: 'Pia Holm', password },
    },
  });
  const { accountId } = account;
  const params = { accountId };
  const email = 'pat@shop-works.example';
  const administrator = test.server.client(await test.server.keyOf(accountId, 'account-administrator'));
  const whole = { kind: 'account' as const };
  await administrator.call(grantRole, {
    params,
    body: { email, role: 'account-administrator', scope: whole },
  });
  const token = linkIn(await mails.take(email), '/invitation#');
  await test.server.client().call(acceptInvitation, { body: { token, name: 'Pat', password } });
  const pat = createBrowser(test.server.address);
  await pat.post('/auth/sign-in/email', { email, password });
  const body = { prefix: 'lab', justification: 'Its own books' };
  await pat.client.call(upgradeAccount, { params, body });
  await test.server.operator.call(publishAgreement, {
    body: { agreement: 'terms', title: 'Terms', text: 'New terms' },
  });

  const partner = await test.signedIn({ email });
  await partner.goto(`/accounts/${accountId}/agreements`);
  const button = partner.getByRole('button', { name: 'Accept…' });
  await button.waitFor();
  expect(await button.getAttribute('aria-disabled')).toBe('true');
  await button.hover();
  await partner.getByText('Only pia.shop@gmail.com accepts for this account').waitFor();

  for (const width of [1280, 400]) {
    const viewport = { viewport: { width, height: 860 } };
    const own = await test.signedIn({ email: 'pia.shop@gmail.com' }, viewport);
    const views = [{ name: 'upgrade-waits', path: `/accounts/${accountId}/settings` }];
    expect(await lookAt(own, views)).toEqual([]);
  }
  const page = await test.signedIn({ email: 'pia.shop@gmail.com' });
  await page.goto(`/accounts/${accountId}/settings`);
  await page.getByText('pat@shop-works.example asked for lab.shop-works.example.').waitFor();
  await page.getByRole('button', { name: 'Withdraw the upgrade' }).click();
  await page.getByText('The upgrade to lab.shop-works.example is withdrawn.').waitFor();
  await page.getByRole('button', { name: 'Upgrade', exact: true }).waitFor();
});

it.each([1280, 400])(
  'looks right at %i pixels',
  async (width) => {
    const company = `Osthang${width}`;
    await asked(company, { prefix: 'lab' });
    const viewport = { viewport: { width, height: 860 } };
    const path = '/platform/account-requests';
    const dialog = (name: string) => async (page: Page) => {
      await panel(new RegExp(company))(page);
      await page.getByRole('button', { name }).click();
      await page.getByRole('dialog').waitFor();
    };
    const views = [
      { name: 'reviews-approve', path, act: dialog('Approve…') },
      ...(width === 400 ? [{ name: 'reviews-ask', path, act: dialog('Ask…') }] : []),
    ];
    const operator = await test.signedIn(ola, viewport);
    expect(await lookAt(operator, views)).toEqual([]);
    await operator.goto(path);
    await dialog('Ask…')(operator);
    await operator.getByRole('dialog').getByLabel('Question').fill('Whose books are these?');
    await operator.getByRole('dialog').getByRole('button', { name: 'Send the question' }).click();
    const link = linkIn(await mails.take(`pia@${company.toLowerCase()}.example`), '/account-request#');
    const question = [{ name: 'review-question', path: pathOf(link) }];
    expect(await lookAt(await test.page(viewport), question)).toEqual([]);
  },
  60_000,
);
