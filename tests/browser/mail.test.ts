import { createAccount, grantRole } from '@estover/protocol';
import { linkIn, type MailServer, startMailServer } from '@estover/server/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleTest, password, startConsoleTest } from './browser.ts';
import { lookAt, panel } from './views.ts';

/*
 * What goes by mail, followed from the page where it begins over a real mail server to the page that its link opens; and
 * the outbox, in which the operator sees what became of it.
 */

let mails: MailServer;
let test: ConsoleTest;
let ola: { email: string };
let accountId: string;
const ana = 'ana.ruiz@northwind.example';

/** What a link of a mail leads to in the test's browser: its path with the secret behind the #. */
function pathOf(link: string): string {
  const { pathname, hash } = new URL(link);
  return `${pathname}${hash}`;
}

beforeAll(async () => {
  mails = await startMailServer();
  test = await startConsoleTest({ at: Temporal.Now.instant().toString(), smtpUrl: mails.url });
  ola = await test.operator();
  const { account } = await test.server.operator.call(createAccount, {
    body: {
      name: 'Northwind Rail',
      domainIdentifier: 'northwind.example',
      administrator: { name: 'Ana Ruiz', email: ana },
    },
  });
  ({ accountId } = account);
}, 120_000);
afterAll(async () => {
  await test?.close();
  await mails?.close();
});

const submit = (page: Page, name: string) => page.getByRole('button', { name }).click();

it('brings an invited administrator from the mail to the overview, and a person to their new role', async () => {
  const page = await test.page();
  await page.goto(pathOf(linkIn(await mails.take(ana), '/invitation#')));
  await page.getByLabel('Your name').fill('Ana Ruiz');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await submit(page, 'Start');
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();

  await page.getByRole('link', { name: 'People', exact: true }).click();
  await submit(page, 'Invite…');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Mail address').fill('joe.lim@northwind.example');
  await dialog.getByRole('button', { name: /^Invite as/ }).click();
  await page.getByText('A mail tells them.').waitFor();
  const mail = await mails.take('joe.lim@northwind.example');
  expect(mail.subject).toBe('Ana Ruiz invites you to Northwind Rail');
  const joe = await test.page();
  await joe.goto(pathOf(linkIn(mail, '/invitation#')));
  await joe.getByLabel('Your name').fill('Joe Lim');
  await joe.getByLabel('Password', { exact: true }).fill(password);
  await submit(joe, 'Start');
  await joe.getByRole('heading', { level: 1 }).waitFor();
});

it('brings somebody who forgot the password from the page for signing in over the mail back in', async () => {
  const page = await test.page();
  await page.goto('/sign-in');
  await page.getByLabel('Mail address').fill(ana);
  await submit(page, 'Go on');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  // What was typed is still there.
  await expect.poll(() => page.getByLabel('Mail address').inputValue()).toBe(ana);
  await submit(page, 'Send the link');
  await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();

  const chosen = 'another long one, not common';
  await page.goto(pathOf(linkIn(await mails.take(ana), '/reset-password#')));
  await page.getByLabel('New password').fill('password1234');
  await submit(page, 'Change password');
  await page.getByRole('alert').getByText('The password is too short or too common').waitFor();
  await page.getByLabel('New password').fill(chosen);
  await submit(page, 'Change password');
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  expect((await mails.take(ana)).subject).toBe('Your password was changed');

  // The link is used up.
  const late = await test.page();
  await late.goto('/reset-password#espr_nonsense');
  await late.getByLabel('New password').fill(chosen);
  await submit(late, 'Change password');
  await late.getByRole('alert').getByText('The link is not valid any more').waitFor();
  await late.getByRole('link', { name: 'Ask for a new link' }).click();
  await late.getByLabel('Mail address').fill('nobody@elsewhere.example');
  await submit(late, 'Send the link');
  // The same for somebody who is unknown.
  await late.getByRole('heading', { name: 'Look into your mail' }).waitFor();
});

describe('the outbox', () => {
  it('shows what could not be sent and why, and sends it again', async () => {
    mails.refuse({ code: 550, at: 'recipient', text: 'no such person' });
    const administrator = test.server.client(await test.server.keyOf(accountId, 'account-administrator'));
    await administrator.call(grantRole, {
      params: { accountId },
      body: { email: 'una@northwind.example', role: 'viewer', scope: { kind: 'account' } },
    });
    await test.server.mailer.sendDue();
    mails.refuse(undefined);
    const page = await test.signedIn(ola);
    await page.getByRole('link', { name: 'Outbox' }).click();
    await page.getByText('1 mail failed').waitFor();
    await page
      .getByRole('row', { name: /una@northwind/ })
      .getByRole('link')
      .click();
    const details = page.getByRole('complementary', { name: 'Details' });
    await details.getByText('no such person').waitFor();
    await details.getByRole('button', { name: 'Open mail' }).click();
    await details.getByText('Choose a password with this link.').waitFor();
    await details.getByRole('button', { name: 'Send again' }).click();
    linkIn(await mails.take('una@northwind.example'), '/invitation#');
    await test.server.mailer.sendDue();
    await page.reload();
    await page.getByText('All are sent.').waitFor();
  });

  it('looks right, with the pages around a lost password', async () => {
    const views = [
      { name: 'outbox', path: '/platform/outbox' },
      { name: 'outbox-mail', path: '/platform/outbox', act: panel(/invites you/) },
    ];
    const doors = [
      { name: 'forgot-password', path: '/forgot-password' },
      { name: 'reset-password', path: '/reset-password#espr_x' },
    ];
    for (const width of [1280, 400]) {
      const options = { viewport: { width, height: 860 } };
      expect(await lookAt(await test.signedIn(ola, options), views)).toEqual([]);
      expect(await lookAt(await test.page(options), doors)).toEqual([]);
    }
  });
});

describe('without a mail server', () => {
  let quiet: ConsoleTest;
  beforeAll(async () => {
    quiet = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  }, 120_000);
  afterAll(() => quiet?.close());

  it('keeps mails for the operator to hand out', async () => {
    const { email } = await quiet.company();
    const operator = await quiet.operator();
    const visitor = await quiet.page();
    await visitor.goto('/forgot-password');
    await visitor.getByLabel('Mail address').fill(email);
    await submit(visitor, 'Ask for a link');
    await visitor.getByRole('heading', { name: 'Ask your operator' }).waitFor();

    const page = await quiet.signedIn(operator);
    await page.getByRole('link', { name: 'Outbox' }).click();
    await page.getByText('No mail server is set').waitFor();
    await page.getByRole('link', { name: /Choose a new password/ }).click();
    const details = page.getByRole('complementary', { name: 'Details' });
    await expect.poll(() => details.getByRole('button', { name: 'Send again' }).isDisabled()).toBe(true);
    await details.getByRole('button', { name: 'Open mail' }).click();
    const text = await details.getByText('#espr_').innerText();
    await visitor.goto(pathOf(/\S+#espr_\S+/.exec(text)?.[0] ?? ''));
    await visitor.getByLabel('New password').fill('another long one, not common');
    await submit(visitor, 'Change password');
    await visitor.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  });
});
