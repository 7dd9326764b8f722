import { randomUUIDv7 } from 'node:crypto';
import { openMail } from '@estover/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startTestProvider,
  type TestProvider,
} from '../../packages/server/src/access/testing/test-provider.ts';
import { seriousFindings } from './axe.ts';
import { type ConsoleTest, type Person, password, startConsoleTest } from './browser.ts';
import { lookAt, press } from './views.ts';

let test: ConsoleTest;
let provider: TestProvider;
let ana: Person;
let page: Page;
const txtRecords = new Map<string, string[]>();
// The domain of the people that the console's tests make.
const domain = 'halden.example';

beforeAll(async () => {
  provider = await startTestProvider();
  test = await startConsoleTest({
    at: Temporal.Now.instant().toString(),
    atLocalhost: true,
    outboundAllow: '127.0.0.1',
    txtRecords,
  });
  ana = await test.company();
  page = await test.signedIn(ana);
  page.setDefaultTimeout(10_000);
}, 120_000);
afterAll(async () => {
  await test?.close();
  provider?.close();
});

const say = (email: string) => {
  provider.answer = { subject: email, claims: { email, email_verified: true, name: 'Ana Ruiz' } };
};
const dialog = () => page.getByRole('dialog');
const card = (on: Page = page) => on.getByRole('region', { name: domain });
const settings = () => `/accounts/${ana.accountId}/settings/single-sign-on`;
const go = async () => {
  await page.goto(settings());
  await page.getByRole('heading', { name: 'Single sign-on', level: 1 }).waitFor();
};

describe('an administrator', () => {
  it('proves a mail domain by a record to copy', async () => {
    await page.goto(`/accounts/${ana.accountId}/settings`);
    await page.getByRole('main').getByRole('link', { name: 'Single sign-on' }).click();
    await page.getByText('Everybody signs in with a password or a passkey of their own.').waitFor();
    await press('Add a mail domain…')(page);
    await dialog().getByLabel('Mail domain').fill('gmail.com');
    await dialog().getByRole('button', { name: 'Add the mail domain' }).click();
    await dialog().getByRole('alert').getByText('At gmail.com anybody may have a mail address.').waitFor();
    await dialog().getByLabel('Mail domain').fill(domain);
    await dialog().getByRole('button', { name: 'Add the mail domain' }).click();
    await card().getByText('Not proved').waitFor();
    await card()
      .getByRole('button', { name: `Check now: ${domain}` })
      .click();
    await card().getByRole('alert').getByText('The mail domain is not proved to be yours').waitFor();
    const text = (
      await card()
        .getByText(/^estover-domain-proof=/)
        .innerText()
    ).trim();
    const name = (await card().getByText(`_estover-challenge.${domain}`).first().innerText()).trim();
    txtRecords.set(name, [text]);
    await card()
      .getByRole('button', { name: `Check now: ${domain}` })
      .click();
    await card().getByText('Proved', { exact: true }).waitFor();
    await card()
      .getByText(/\/auth\/single-sign-on\/oidc\//)
      .waitFor();
    const off = card().getByRole('button', { name: 'Switch on…' });
    expect(await off.getAttribute('aria-disabled')).toBe('true');
  });

  it('sets the provider, tests it, and switches it on', async () => {
    await card().getByRole('button', { name: 'Set the provider…' }).click();
    await dialog().getByLabel('Issuer').fill(provider.issuer);
    await dialog().getByLabel('Client id').fill('estover');
    expect(await dialog().getByRole('button', { name: 'Save the provider' }).isDisabled()).toBe(true);
    await dialog().getByLabel('Client secret').fill('a secret');
    await dialog().getByRole('button', { name: 'Save the provider' }).click();
    await card().getByText('Not tested').waitFor();
    say('tester@elsewhere.example');
    await card().getByRole('button', { name: 'Test it' }).click();
    await page.getByRole('status').getByText('is not of the mail domain that is set').waitFor();
    say(`tester@${domain}`);
    await card().getByRole('button', { name: 'Test it' }).click();
    await page.getByRole('status').getByText('The test went well.').waitFor();
    await card().getByRole('button', { name: 'Switch on…' }).click();
    await dialog().getByRole('button', { name: 'Switch on' }).click();
    await card().getByText('On', { exact: true }).waitFor();
    await page.getByText(`People of ${domain} sign in at the company.`).waitFor();
    expect(await page.content()).not.toContain('a secret');
  });

  it('is asked for the secret again when it would go elsewhere', async () => {
    await card().getByRole('button', { name: 'Change the provider…' }).click();
    await dialog().getByText('Empty keeps the one that is stored.').waitFor();
    await dialog().getByLabel('Issuer').fill('https://evil.example');
    await dialog().getByText('It is kept encrypted and never shown again.').waitFor();
    expect(await dialog().getByRole('button', { name: 'Save the provider' }).isDisabled()).toBe(true);
    await dialog().getByRole('button', { name: 'Cancel' }).click();
  });
});

describe('somebody of the company', () => {
  it('links themselves, and then signs in with their mail address alone', async () => {
    await page.goto('/security');
    say(ana.email);
    await page.getByRole('button', { name: 'Link with your company' }).click();
    await page.getByRole('status').getByText('Your company’s sign-in signs you in from now on.').waitFor();
    await page.getByRole('row', { name: new RegExp(`^${domain}`) }).waitFor();

    const other = await test.page();
    await other.goto('/sign-in');
    await other.getByLabel('Mail address').fill(ana.email);
    await other.getByRole('button', { name: 'Go on' }).click();
    await other.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await other.context().close();
  });

  it('is asked by mail where they were never linked', async () => {
    const { email } = await test.member(ana.accountId, 'viewer');
    say(email);
    const other = await test.page();
    await other.goto('/sign-in');
    await other.getByLabel('Mail address').fill(email);
    await other.getByRole('button', { name: 'Go on' }).click();
    await other.getByRole('status').getByText('a mail is on its way to it').waitFor();
    expect(await seriousFindings(other)).toEqual([]);
    const { mail_id: mailId } = await test.server.db
      .selectFrom('mails')
      .select('mail_id')
      .where('recipient', '=', email)
      .where('kind', '=', 'identity-proof')
      .executeTakeFirstOrThrow();
    const opened = await test.server.operator.call(openMail, { params: { mailId } });
    await other.goto(/\/confirm-mail#\S+/.exec(opened.text)?.[0] ?? '');
    await other.getByRole('button', { name: 'It is mine' }).click();
    await other.getByRole('heading', { name: 'Your sign-in is linked' }).waitFor();
    await other.getByRole('link', { name: 'Sign in' }).click();
    await other.getByLabel('Mail address').fill(email);
    await other.getByRole('button', { name: 'Go on' }).click();
    await other.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await other.context().close();
  });

  it('is offered to prove again at the company who they are', async () => {
    test.server.clock.advance({ minutes: 20 });
    say(ana.email);
    await page.goto('/security');
    await page.getByRole('button', { name: 'Change the address…' }).click();
    await dialog().getByLabel('New mail address').fill('ana.new@halden.example');
    await dialog().getByRole('button', { name: 'Send a mail to the new address' }).click();
    const asked = page.getByRole('dialog', { name: 'Is it still you?' });
    await asked.getByRole('button', { name: `Sign in at ${domain} again` }).waitFor();
    await asked.getByRole('button', { name: 'Cancel' }).click();
    // The machine's clock is behind the one of the server by now, and a provider goes by its own.
    test.server.clock.set(Temporal.Now.instant().toString());
    await dialog().getByRole('button', { name: 'Send a mail to the new address' }).click();
    await page.getByText('A mail is on its way to ana.new@halden.example.').waitFor();
  });

  it('without rights sees who sets it', async () => {
    const { email } = await test.member(ana.accountId, 'viewer');
    const viewer = await test.page();
    await viewer.goto('/sign-in');
    await viewer.getByRole('button', { name: 'Use a password' }).click();
    await viewer.getByLabel('Mail address').fill(email);
    await viewer.getByLabel('Password', { exact: true }).fill(password);
    await viewer.getByRole('button', { name: 'Sign in' }).click();
    await viewer.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await viewer.goto(settings());
    await viewer.getByText('Administrators of the account see and set where its people sign in.').waitFor();
    const add = viewer.getByRole('button', { name: 'Add a mail domain…' });
    expect(await add.getAttribute('aria-disabled')).toBe('true');
    await viewer.context().close();
  });
});

describe.each([1280, 400])('on a screen %d wide', (width) => {
  it('has nothing serious and does not scroll sideways', async () => {
    await page.setViewportSize({ width, height: 860 });
    await go();
    if (width === 1280) {
      await press('Add a mail domain…')(page);
      await dialog().getByLabel('Mail domain').fill(`${randomUUIDv7()}.company-with-a-long-name.example`);
      await dialog().getByRole('button', { name: 'Add the mail domain' }).click();
      await page.getByText('1 mail domain is not proved.').waitFor();
    }
    const findings = await lookAt(page, [
      { name: 'single sign-on', path: settings() },
      {
        name: 'single sign-on rules',
        path: settings(),
        act: async (on) => {
          await card(on).getByRole('button', { name: 'Rules…' }).click();
          await on.getByRole('dialog').waitFor();
        },
      },
      {
        name: 'single sign-on provider',
        path: settings(),
        act: async (on) => {
          await card(on).getByRole('button', { name: 'Change the provider…' }).click();
          await on.getByRole('dialog').waitFor();
        },
      },
      { name: 'single sign-on security', path: `/accounts/${ana.accountId}/security` },
      { name: 'single sign-on confirm', path: '/confirm-mail#esmp_x' },
      { name: 'single sign-on begin', path: '/sign-in?problem=mail-sent' },
    ]);
    expect(findings).toEqual([]);
  }, 120_000);
});
