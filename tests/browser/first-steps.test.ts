import { createToken, listCatalogLicenses } from '@estover/protocol';
import { deliver, seedCatalog, useLicenses } from '@estover/server/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConsoleTest, startConsoleTest } from './browser.ts';
import { lookAt, type View } from './views.ts';

let test: ConsoleTest;
beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
}, 120_000);
afterAll(() => test?.close());

const guide = (page: Page) => page.getByRole('list', { name: 'First steps' });
/** The steps as they stand there, as `An account · done`. */
const steps = async (page: Page): Promise<string[]> => {
  await guide(page).waitFor();
  return (await guide(page).locator('b').allInnerTexts()).map((text) => text.trim());
};
const next = (page: Page) => guide(page).locator('[aria-current=step] b').innerText();

it('leads an operator from a fresh installation to the first order', async () => {
  const page = await test.signedIn(await test.operator());
  await page.waitForURL(/platform\/desk/);
  expect(await steps(page)).toEqual([
    'The publisher is set up; mails are kept in the outbox · done',
    'A catalog: licenses, and products that bring them · next',
    'An account for the first customer',
    'The first order',
  ]);
  await guide(page).getByRole('link', { name: 'Catalog' }).click();
  await page.waitForURL(/platform\/catalog/);
  expect(
    await lookAt(page, [{ name: 'first steps platform', path: '/platform/desk' }], { themes: ['light'] }),
  ).toEqual([]);
  await page.context().close();
});

it('leads an administrator to the first product instance, from wherever they stopped', async () => {
  const catalog = await seedCatalog(test.server);
  const ana = await test.company();
  const page = await test.signedIn(ana);
  const overview = `/accounts/${ana.accountId}/overview`;
  await page.goto(overview);
  expect(await steps(page)).toEqual([
    'An account · done',
    'A virtual account for each team, site or product · if you like',
    'An order with licenses · next',
    'A registration token',
    'The first product instance',
  ]);
  await page.getByText('name company-1.example as the account').waitFor();
  await guide(page)
    .getByText(`estover-agent register --server ${test.server.address} --token TOKEN`)
    .waitFor();
  await guide(page).getByText('estover-agent request TAG 1').waitFor();
  await guide(page).getByRole('button', { name: 'Copy estover-agent register' }).waitFor();

  await deliver(test.server, ana, { tag: catalog.security, quantity: 5 });
  await page.reload();
  expect(await next(page)).toBe('A registration token · next');
  await guide(page).getByText(`estover-agent request ${catalog.security} 1`).waitFor();

  await page.getByRole('button', { name: 'Hide these steps' }).click();
  await page.getByRole('button', { name: 'Show the first steps (2 of 5 done)' }).waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Show the first steps (2 of 5 done)' }).click();
  await guide(page).waitFor();

  const administrator = test.server.client(await test.server.keyOf(ana.accountId, 'account-administrator'));
  await administrator.call(createToken, {
    params: { accountId: ana.accountId, virtualAccountId: ana.defaultVirtualAccountId },
    body: {},
  });
  await page.reload();
  expect(await next(page)).toBe('The first product instance · next');
  const views: View[] = [{ name: 'first steps', path: overview }];
  expect(await lookAt(page, views)).toEqual([]);
  await page.setViewportSize({ width: 400, height: 860 });
  expect(await lookAt(page, views, { themes: ['light'] })).toEqual([]);

  await useLicenses(test.server, {
    accountId: ana.accountId,
    virtualAccountId: ana.defaultVirtualAccountId,
    counts: { [catalog.security]: 1 },
  });
  await page.reload();
  await page.getByText('In use', { exact: true }).first().waitFor();
  await page.getByRole('heading', { name: 'Needs you' }).waitFor();
  expect(await guide(page).count()).toBe(0);
  await page.context().close();
});

it('says who can do what the person may not', async () => {
  const company = await test.company('Viewers Ltd');
  const page = await test.signedIn(await test.member(company.accountId, 'viewer'));
  await page.goto(`/accounts/${company.accountId}/overview`);
  await guide(page)
    .getByText(/^Needs the role account administrator, account user.* Ask an administrator\.$/)
    .waitFor();
  expect(await guide(page).getByRole('link', { name: 'Tokens' }).count()).toBe(0);
  await page.context().close();
});

it('the overview shows virtual accounts with everything nested, or each alone', async () => {
  const ana = await test.company('Rolled Up');
  const administrator = test.server.client(await test.server.keyOf(ana.accountId, 'account-administrator'));
  await test.server.virtualAccounts({ ...ana, administrator }, 'EMEA / Lyon');
  const { items } = await test.server.operator.call(listCatalogLicenses, {});
  await deliver(test.server, ana, { tag: items[0]?.tag ?? '', quantity: 7, virtualAccount: 'EMEA / Lyon' });
  const page = await test.signedIn(ana);
  await page.goto(`/accounts/${ana.accountId}/overview`);
  const owned = async (table: string) =>
    page
      .getByRole('table', { name: table })
      .getByRole('row', { name: /EMEA/ })
      .getByRole('cell')
      .nth(1)
      .innerText();
  expect(await owned('Virtual accounts with everything nested')).toBe('7');
  await page.getByText('Each alone').click();
  expect(await owned('Virtual accounts, each alone')).toBe('0');
  expect(new URL(page.url()).searchParams.get('view')).toBe('own');
  await page
    .getByRole('table', { name: 'Virtual accounts, each alone' })
    .getByRole('link', { name: 'Lyon' })
    .click();
  await page.waitForURL(/licenses\?.*nested=false/);
  await page.context().close();
});
