import { acceptInvitation, createAccount } from '@estover/protocol';
import {
  deliver,
  linkIn,
  type MailServer,
  seedCatalog,
  startMailServer,
  useLicenses,
} from '@estover/server/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runDigests, runNotices } from '../../packages/server/src/notifications/index.ts';
import { type ConsoleTest, type Person, password, startConsoleTest } from './browser.ts';
import { lookAt, press, type View } from './views.ts';

/** What people hear of: chosen on their page, read in the mail, switched off with its link; the bell, and added addresses. */

let mails: MailServer;
let test: ConsoleTest;
let ana: Person;
let tag: string;
let page: Page;

beforeAll(async () => {
  mails = await startMailServer();
  test = await startConsoleTest({ at: Temporal.Now.instant().toString(), smtpUrl: mails.url });
  ana = await company();
  tag = (await seedCatalog(test.server)).security;
  page = await test.signedIn(ana);
  page.setDefaultTimeout(15_000);
}, 120_000);
afterAll(async () => {
  await test?.close();
  await mails?.close();
});

/** An account whose administrator was invited by mail. */
async function company(): Promise<Person> {
  const email = 'ana.ruiz@halden.example';
  const made = await test.server.operator.call(createAccount, {
    body: {
      name: 'Halden Rail',
      domainIdentifier: 'halden.example',
      administrator: { name: 'Ana Ruiz', email },
    },
  });
  const token = linkIn(await mails.take(email), '/invitation#');
  await test.server.client().call(acceptInvitation, { body: { token, name: 'Ana Ruiz', password } });
  const { account, defaultVirtualAccountId } = made;
  return { email, accountId: account.accountId, defaultVirtualAccountId };
}

const tellAll = async () => {
  await runNotices(test.server.jobDependencies);
  await runDigests(test.server.jobDependencies);
  await test.server.mailer.sendDue();
};
/** What a link of a mail leads to in the test's browser. */
const pathOf = (link: string): string => {
  const { pathname, search, hash } = new URL(link);
  return `${pathname}${search}${hash}`;
};
const orders = () => page.getByRole('combobox', { name: 'Orders in Halden Rail' });

it('brings a chosen cadence, its digest, the page of its link, and the end of mails like it', async () => {
  await page.getByRole('button', { name: /your menu/ }).click();
  await page.getByRole('menuitem', { name: 'Notifications' }).click();
  await page.getByText('Digests come at 07:00 UTC, weekly ones on Mondays').waitFor();
  expect(await orders().inputValue()).toBe('daily');
  await orders().selectOption('At once');
  await page.getByText('Orders: at once.').waitFor();
  await page.getByRole('combobox', { name: 'Time zone' }).fill('Europe/Atlantis');
  await page.getByRole('button', { name: 'Save the hours' }).click();
  await page.getByText('Europe/Atlantis is no time zone').first().waitFor();
  await page.getByRole('combobox', { name: 'Time zone' }).fill('Europe/Madrid');
  await page.getByLabel('Hour', { exact: true }).selectOption('18:00');
  await page.getByRole('button', { name: 'Save the hours' }).click();
  await page.getByText('Digests come at 18:00 in Europe/Madrid').waitFor();

  const { orderNumber } = await deliver(test.server, ana, { tag, quantity: 5 });
  await tellAll();
  const mail = await mails.take(ana.email);
  expect(mail.subject).toBe(`Halden Rail: Licenses of order ${orderNumber} came into Default`);
  await page.goto(pathOf(linkIn(mail, `/orders/${orderNumber}`)));
  await page.getByRole('heading', { level: 1, name: new RegExp(orderNumber) }).waitFor();

  // Whoever has the mail needs no sign-in to end mails like it.
  const reader = await test.page();
  await reader.goto(pathOf(linkIn(mail, '/unsubscribe/')));
  await reader.getByRole('button', { name: 'Switch them off' }).click();
  await reader.getByRole('heading', { name: 'These mails are switched off' }).waitFor();
  await reader.getByText('about Halden Rail of: Orders.').waitFor();
  await page.goto(`/accounts/${ana.accountId}/notifications`);
  await expect.poll(() => orders().inputValue()).toBe('off');
});

it('rings a bell for what is new, until somebody has looked', async () => {
  await useLicenses(test.server, {
    accountId: ana.accountId,
    virtualAccountId: ana.defaultVirtualAccountId,
    counts: { [tag]: 12 },
  });
  await tellAll();
  await page.reload();
  await page.getByRole('button', { name: 'What is new: 2' }).click();
  const news = page.getByRole('dialog', { name: 'What is new' });
  await news.getByRole('link', { name: /Branch Security is short by 7 in Default/ }).click();
  await page.getByRole('heading', { level: 1, name: /Branch Security/ }).waitFor();
  await expect.poll(() => page.getByRole('button', { name: 'What is new', exact: true }).count()).toBe(1);
});

it('adds the address of a team, which confirms, hears of it and is removed', async () => {
  await page.goto(`/accounts/${ana.accountId}/settings`);
  await page.getByRole('link', { name: 'Added addresses' }).click();
  await page.getByText('Only people of the account hear of it by mail.').waitFor();
  await page.getByRole('button', { name: 'Add an address…' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Mail address').fill('team@elsewhere.example');
  await dialog.getByLabel('Orders').selectOption('At once');
  await dialog.getByRole('button', { name: 'Ask the address to confirm' }).click();
  await dialog.getByText('is not inside the mail domain').first().waitFor();
  await dialog.getByLabel('Mail address').fill('team@halden.example');
  await dialog.getByRole('button', { name: 'Ask the address to confirm' }).click();
  await page.getByText('1 address beside its people hears of the account, 1 not confirmed yet.').waitFor();

  const reader = await test.page();
  await reader.goto(pathOf(linkIn(await mails.take('team@halden.example'), '/confirm-address#')));
  await reader.getByRole('button', { name: 'Confirm the address' }).click();
  await reader.getByText('team@halden.example hears of Halden Rail from now on.').waitFor();
  const { orderNumber } = await deliver(test.server, ana, { tag, quantity: 1 });
  await tellAll();
  expect((await mails.take('team@halden.example')).text).toContain(orderNumber);

  await page.reload();
  await page.getByText('Confirmed', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Change… team@halden.example' }).click();
  await dialog.getByLabel('Orders').selectOption('Not by mail');
  await dialog.getByRole('button', { name: 'Save what it hears of' }).click();
  await dialog.waitFor({ state: 'detached' });
  await expect.poll(() => page.getByRole('main').innerText()).not.toContain('Orders');
});

it('looks right', async () => {
  const settings = `/accounts/${ana.accountId}/settings/notifications`;
  const views: View[] = [
    { name: 'notifications', path: `/accounts/${ana.accountId}/notifications` },
    { name: 'added-addresses', path: settings },
    { name: 'add-an-address', path: settings, act: press('Add an address…') },
    {
      name: 'bell',
      path: `/accounts/${ana.accountId}/agreements`,
      act: async (shown) => {
        await shown.getByRole('button', { name: /^What is new/ }).click();
        await shown.getByRole('dialog', { name: 'What is new' }).waitFor();
      },
    },
  ];
  const doors: View[] = [
    { name: 'unsubscribe', path: '/unsubscribe/x' },
    { name: 'confirm-address', path: '/confirm-address#x' },
  ];
  for (const width of [1280, 400]) {
    const options = { viewport: { width, height: 860 } };
    // Colors are the same at every width.
    const themes = width === 400 ? ['light'] : ['light', 'dark'];
    expect(await lookAt(await test.signedIn(ana, options), views, { themes })).toEqual([]);
    expect(await lookAt(await test.page(options), doors, { themes })).toEqual([]);
  }
}, 120_000);
