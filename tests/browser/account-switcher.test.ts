import { createAccount, grantRole } from '@estover/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';
import { lookAt, type View } from './views.ts';

let test: ConsoleTest;
let ana: Person;
let page: Page;
const ids: Record<string, string> = {};

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  ana = await test.company();
  const names = Array.from({ length: 24 }, (_, n) => `Line ${String(n + 1).padStart(2, '0')}`);
  for (const [n, name] of names.entries()) {
    const { account } = await test.server.operator.call(createAccount, {
      body: {
        name,
        domainIdentifier: `line-${n + 1}.example`,
        administrator: { name: 'Adm', email: `adm@line-${n + 1}.example` },
      },
    });
    ids[name] = account.accountId;
    const administrator = test.server.client(
      await test.server.keyOf(account.accountId, 'account-administrator'),
    );
    await administrator.call(grantRole, {
      params: { accountId: account.accountId },
      body: { email: ana.email, role: n === 22 ? 'approver' : 'viewer', scope: { kind: 'account' } },
    });
  }
  page = await test.signedIn(ana);
}, 120_000);
afterAll(() => test?.close());

const switcher = (at = page) => at.getByRole('button', { name: /is the account, switch it$|switch it/ });
const field = (at = page) => at.getByRole('combobox', { name: 'Find an account' });
const options = async () =>
  (await page.getByRole('option').locator('b').allInnerTexts()).map((text) => text.trim());
const open = async (at = page) => {
  await switcher(at).click();
  await field(at).waitFor();
  await at.getByRole('option').first().waitFor();
};

it('lists the accounts with identifiers and roles, a page at a time, recent ones first', async () => {
  await page.goto(`/accounts/${ids['Line 03']}`);
  await page.getByRole('button', { name: /^Line 03 is the account/ }).waitFor();
  await page.goto(`/accounts/${ana.accountId}`);
  await page.getByRole('button', { name: /^Halden Rail is the account/ }).waitFor();
  await open();
  await page.getByText('line-19.example · Viewer').waitFor();
  const first = await options();
  expect(first.slice(0, 4)).toEqual(['Halden Rail', 'Line 03', 'Line 01', 'Line 02']);
  await page.getByRole('option', { name: 'Show more accounts' }).click();
  await page.getByText('line-24.example · Viewer').waitFor();
  expect((await options()).length).toBe(25);
  expect(await page.getByRole('option', { name: 'Show more accounts' }).count()).toBe(0);
  await page.keyboard.press('Escape');
});

it('finds one by keyboard alone: typed, chosen with Enter, and the focus comes back', async () => {
  await switcher().focus();
  await page.keyboard.press('Enter');
  const typing = page.locator('[aria-label="Find an account"]:focus');
  await typing.waitFor();
  await page.keyboard.type('no such');
  await page.getByText('No account has this name.').waitFor();
  await field().fill('line-2');
  await page.getByText('line-23.example · Approver').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('button:focus').getByText('is the account, switch it').waitFor();

  await page.keyboard.press('Enter');
  await typing.waitFor();
  await page.keyboard.type('line-23');
  await page.getByText('1 found').waitFor();
  expect(await options()).toEqual(['Line 23']);
  const active = await field().getAttribute('aria-activedescendant');
  expect(await page.locator(`[id="${active}"]`).innerText()).toContain('Line 23');
  await page.keyboard.press('Enter');
  // An approver does not see the inventory.
  await page.waitForURL(new RegExp(`/accounts/${ids['Line 23']}/virtual-accounts`));
  await page.getByRole('button', { name: /^Line 23 is the account/ }).waitFor();
  await open();
  expect((await options()).slice(0, 3)).toEqual(['Line 23', 'Halden Rail', 'Line 03']);
  await page.keyboard.press('Escape');
});

it('leads an operator to any account in the list of all', async () => {
  const operator = await test.signedIn(await test.operator());
  await switcher(operator).click();
  await field(operator).fill('line-17.ex');
  await operator.getByRole('option', { name: /Line 17.*in the list of all accounts/ }).click();
  await operator.waitForURL(/platform\/accounts\?search=line-17/);
  await operator.getByRole('cell', { name: /Line 17/ }).waitFor();
  await operator.context().close();
});

it.each([1280, 400])('has no serious finding on a screen %d wide, in both themes', async (width) => {
  const own = await test.signedIn(ana, { viewport: { width, height: 860 }, reducedMotion: 'reduce' });
  const views: View[] = [{ name: 'switcher', path: 'overview', act: open }];
  expect(await lookAt(own, views, { prefix: `/accounts/${ana.accountId}/` })).toEqual([]);
  await own.context().close();
});
