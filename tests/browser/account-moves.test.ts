import { createVirtualAccount, listVirtualAccounts } from '@estover/protocol';
import { deliver, seedCatalog } from '@estover/server/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';
import { lookAt, press } from './views.ts';

let test: ConsoleTest;
let north: Person;
let south: Person;
let nora: Page;
let sam: Page;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  const catalog = await seedCatalog(test.server);
  north = await test.company('Northwind Rail');
  south = await test.company('Southwind Rail');
  const depot = await make(north, 'Depot');
  await make(north, 'Workshop');
  await make(south, 'Depot');
  await deliver(test.server, north, { tag: catalog.security, quantity: 7, virtualAccount: depot });
  nora = await test.signedIn(north);
  sam = await test.signedIn(south);
}, 120_000);
afterAll(() => test?.close());

const administratorOf = async ({ accountId }: Person) =>
  test.server.client(await test.server.keyOf(accountId, 'account-administrator'));
async function make(of: Person, name: string): Promise<string> {
  const { virtualAccount } = await (await administratorOf(of)).call(createVirtualAccount, {
    params: { accountId: of.accountId },
    body: { name, parentId: null },
  });
  return virtualAccount.virtualAccountId;
}
const namesOf = async (of: Person): Promise<string[]> => {
  const { items } = await (await administratorOf(of)).call(listVirtualAccounts, {
    params: { accountId: of.accountId },
  });
  return items.map(({ path }) => path.join(' / ')).sort();
};
const button = (page: Page, name: string) =>
  page.getByRole('main').getByRole('button', { name, exact: true });
const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 }).waitFor();
let movePath = '';

describe('a merge in the console', () => {
  it('is chosen, seen and asked for', async () => {
    await nora.goto(`/accounts/${north.accountId}/settings`);
    await nora.getByRole('main').getByRole('link', { name: 'Merge and split' }).click();
    await nora.getByText('There has been none').waitFor();
    await button(nora, 'Merge Northwind Rail…').click();
    await heading(nora, 'Merge Northwind Rail');
    await button(nora, 'Ask for the merge').hover();
    await nora.getByText('Name the other account first.').waitFor();
    await nora.getByLabel('The other account').fill('company-1.example');
    await nora.getByRole('alert').getByText('An account is not merged into itself').waitFor();
    await nora.getByLabel('The other account').fill('company-2.example');
    await nora
      .getByText('3 virtual accounts, 7 licenses, 0 product instances and 0 registration tokens move.')
      .waitFor();
    await nora.getByLabel('Why').fill('One company by now');
    await button(nora, 'Ask for the merge').click();
    await heading(nora, 'Merge Northwind Rail into company-2.example');
    await nora.getByText('It waits for an administrator of the other side.').waitFor();
    expect(await button(nora, 'Consent and merge into Southwind Rail').count()).toBe(0);
    movePath = new URL(nora.url()).pathname;
  });

  it('is consented to by the other side, who chooses names', async () => {
    await sam.goto('/account-moves');
    await sam.getByText('Waits for you').waitFor();
    await sam.getByRole('link', { name: 'Merge Northwind Rail into Southwind Rail' }).click();
    await sam.getByText('Depot → Depot (Northwind Rail)').waitFor();
    await sam.getByLabel('Depot becomes').fill('North depot');
    await sam.getByText('Depot → North depot').waitFor();
    await button(sam, 'Consent and merge into Southwind Rail').click();
    await sam.getByText('Northwind Rail is in Southwind Rail now.').waitFor();
    expect(await namesOf(south)).toEqual([
      'Default',
      'Default (Northwind Rail)',
      'Depot',
      'North depot',
      'Workshop',
    ]);
    await nora.goto(`/accounts/${north.accountId}/settings`);
    await nora.getByText('Southwind Rail (company-2.example)').waitFor();
  });

  it('is undone by either side', async () => {
    await nora.goto(movePath);
    await press('Undo…')(nora);
    const dialog = nora.getByRole('dialog');
    await dialog.getByText('3 virtual accounts, 7 licenses and 0 product instances go back').waitFor();
    await dialog.getByText('Say why.').waitFor();
    await dialog.getByLabel('Why').fill('Too early');
    await dialog.getByRole('button', { name: 'Give 3 virtual accounts back to Northwind Rail' }).click();
    await nora.getByText('both sides have what they had').waitFor();
    expect(await namesOf(north)).toEqual(['Default', 'Depot', 'Workshop']);
    expect(await namesOf(south)).toEqual(['Default', 'Depot']);
  });
});

it('a split is asked for in the console, and declined by who would get it', async () => {
  await nora.goto(`/accounts/${north.accountId}/settings/split`);
  await nora.getByRole('combobox', { name: 'Virtual accounts' }).click();
  await nora.getByRole('option', { name: 'Workshop' }).click();
  await nora.keyboard.press('Escape');
  await nora.getByLabel('Name of the new account').fill('Workshop Ltd');
  await nora.getByLabel('Its mail domain').fill('workshop.example');
  await nora.getByLabel('Its first administrator').fill('Wim');
  await nora.getByLabel('Their mail address').fill('wim@workshop.example');
  await nora.getByText('1 virtual account, 0 licenses').waitFor();
  await nora.getByLabel('Why').fill('Sold');
  await button(nora, 'Ask to split 1 virtual account off').click();
  const link = await nora.getByRole('dialog').locator('code').first().innerText();
  await nora
    .getByRole('dialog')
    .getByRole('button', { name: /^I have/ })
    .click();
  await heading(nora, 'Split Workshop Ltd off Northwind Rail');
  const wim = await test.page();
  await wim.goto(new URL(link).pathname + new URL(link).hash);
  await wim.getByLabel('Your name').fill('Wim');
  await wim.getByLabel('Password', { exact: true }).fill('long enough, and not common');
  await wim
    .getByRole('button')
    .filter({ hasText: /password|start|go/i })
    .first()
    .click();
  await wim.getByRole('link', { name: 'merges and splits' }).click();
  await wim.getByRole('link', { name: 'Split Workshop Ltd off Northwind Rail' }).click();
  await press('Decline…')(wim);
  await wim.getByRole('dialog').getByLabel('Why').fill('Not mine');
  await wim.getByRole('dialog').getByRole('button', { name: 'Decline' }).click();
  await wim.getByText('Wim declined it. Nothing has happened.').waitFor();
  await wim.context().close();
});

describe('their pages', () => {
  it.each([1280, 400])(
    'read well at %i pixels, in both themes',
    async (width) => {
      const still = { viewport: { width, height: 860 }, reducedMotion: 'reduce' as const };
      const page = await test.signedIn(north, still);
      const inAccount = (path: string) => `/accounts/${north.accountId}/settings/${path}`;
      if (width === 1280) {
        // One that waits for consent is looked at from both sides.
        await page.goto(inAccount('merge'));
        await page.getByLabel('The other account').fill('company-2.example');
        await page.getByLabel('Why').fill('Again');
        await page.getByRole('heading', { name: 'What would happen' }).waitFor();
        await button(page, 'Ask for the merge').click();
        await heading(page, 'Merge Northwind Rail into company-2.example');
        movePath = new URL(page.url()).pathname;
      }
      const other = await test.signedIn(south, still);
      expect(
        await lookAt(page, [
          { name: 'moves of an account', path: inAccount('merge-and-split') },
          {
            name: 'propose a merge',
            path: inAccount('merge'),
            act: async (at) => {
              await at.getByLabel('The other account').fill('company-2.example');
              await at.getByRole('heading', { name: 'What would happen' }).waitFor();
            },
          },
          { name: 'propose a split', path: inAccount('split') },
        ]),
      ).toEqual([]);
      expect(
        await lookAt(other, [
          {
            name: 'a move to consent to',
            path: movePath,
            act: async (at) => at.getByLabel('Depot becomes').waitFor(),
          },
        ]),
      ).toEqual([]);
      await other.context().close();
      await page.context().close();
    },
    120_000,
  );
});
