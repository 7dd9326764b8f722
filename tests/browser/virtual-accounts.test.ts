import { createVirtualAccount, getPool, listVirtualAccounts } from '@estover/protocol';
import { seedCatalog } from '@estover/server/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleTest, startConsoleTest } from './browser.ts';
import { type SeededInventory, seedInventory } from './seed-inventory.ts';

let test: ConsoleTest;
let seeded: SeededInventory;
let page: Page;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  seeded = await seedInventory(test, await seedCatalog(test.server));
  page = await test.signedIn(seeded.ana);
}, 120_000);
afterAll(() => test?.close());

const go = (path = '') => page.goto(`/accounts/${seeded.ana.accountId}/virtual-accounts${path}`);
const tree = () => page.getByRole('table', { name: 'Virtual accounts', exact: true });
/** The line of a virtual account, by its own name. */
const line = (name: string) =>
  tree()
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name, exact: true }) });
const lines = async () =>
  (await tree().locator('[data-row-link]').allInnerTexts()).map((name) => name.trim());
const panel = () => page.getByRole('complementary', { name: 'Details' });
const act = (name: string) => panel().getByRole('button', { name, exact: true }).click();

/** Opens the panel of a virtual account. */
async function open(name: string): Promise<void> {
  await go();
  await line(name).getByRole('link').click();
  await panel().getByRole('heading', { name, exact: true }).waitFor();
}

/** Chooses from one of the dialog's fields with a list. */
async function choose(label: string, option: string): Promise<void> {
  await page.getByRole('dialog').getByRole('combobox', { name: label, exact: true }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

/** The full names of all virtual accounts, as the API tells them. */
async function paths(): Promise<string[]> {
  const { items } = await seeded.administrator.call(listVirtualAccounts, {
    params: { accountId: seeded.ana.accountId },
  });
  return items.map(({ path }) => path.join(' / '));
}

describe('the tree of virtual accounts', () => {
  it('shows figures with everything nested, or of each alone', async () => {
    await go();
    await page.getByText('6 virtual accounts; short: EMEA / Lyon.').waitFor();
    const figures = async (name: string) =>
      (await line(name).getByRole('cell').allInnerTexts()).slice(1, 4).map((cell) => cell.trim());
    // Owned, reserved, in use.
    expect(await figures('EMEA')).toEqual(['135', '0', '60']);
    await line('EMEA').getByText('1 pool short by 31').waitFor();
    await page.getByText('Each alone').click();
    await line('EMEA').getByText('Empty').waitFor();
    expect(await figures('EMEA')).toEqual(['0', '0', '0']);
    expect(await figures('Lyon')).toEqual(['10', '0', '41']);
    expect(new URL(page.url()).searchParams.get('view')).toBe('own');

    await line('EMEA').getByRole('link').click();
    const owned = panel().getByRole('row', { name: /^Owned/ });
    expect(await owned.getByRole('cell').allInnerTexts()).toEqual(['0', '135']);
  });

  it('is walked, folded and opened from the keyboard', async () => {
    await go();
    await line('APAC').waitFor();
    expect(await lines()).toEqual(['APAC', 'Osaka', 'Default', 'EMEA', 'Lyon', 'Madrid']);
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowLeft');
    await line('Osaka').waitFor({ state: 'detached' });
    expect(await lines()).toEqual(['APAC', 'Default', 'EMEA', 'Lyon', 'Madrid']);
    await page.keyboard.press('ArrowRight');
    await line('Osaka').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await panel().getByRole('heading', { name: 'Osaka' }).waitFor();
    expect(new URL(page.url()).searchParams.get('open')).toBe(seeded.ids['APAC / Osaka']);
    await page.keyboard.press('Escape');
    await panel().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Fold EMEA' }).click();
    await line('Lyon').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Open EMEA' }).click();
    await line('Lyon').waitFor();
  });

  it('finds by name and by what is short, each with its place in the tree', async () => {
    await go();
    await line('Lyon').waitFor();
    await page.getByRole('searchbox', { name: 'Find a virtual account' }).fill('osa');
    await line('Lyon').waitFor({ state: 'detached' });
    expect(await lines()).toEqual(['APAC', 'Osaka']);
    await page.waitForURL(/search=osa/);
    await page.reload();
    await line('Osaka').waitFor();
    expect(await lines()).toEqual(['APAC', 'Osaka']);
    await go('?state=short');
    await line('Lyon').waitFor();
    expect(await lines()).toEqual(['EMEA', 'Lyon']);
    await page.getByRole('searchbox', { name: 'Find a virtual account' }).fill('nowhere');
    await page.getByText('No virtual account matches').waitFor();
  });
});

describe('a virtual account', () => {
  it('is created at the top and under another one, once under each name', async () => {
    await go();
    await page.getByRole('button', { name: 'Create virtual account' }).click();
    const dialog = page.getByRole('dialog', { name: 'Create a virtual account' });
    expect(await dialog.getByRole('button', { name: 'Create', exact: true }).isDisabled()).toBe(true);
    await dialog.getByLabel('Name').fill('Labs');
    await dialog.getByRole('button', { name: 'Create Labs' }).click();
    await page.getByText('Created Labs.').waitFor();
    await line('Labs').getByText('Empty').waitFor();

    await open('Labs');
    await act('Create under it');
    await dialog.getByLabel('Name').fill('Bench');
    await dialog.getByLabel('Description').fill('For trials');
    await dialog.getByRole('button', { name: 'Create Bench' }).click();
    await page.getByText('Created Labs / Bench.').waitFor();

    await act('Create under it');
    await dialog.getByLabel('Name').fill('bench');
    await dialog.getByRole('button', { name: 'Create bench' }).click();
    await dialog.getByRole('alert').getByText('The name is taken among its siblings').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect((await paths()).filter((path) => path.startsWith('Labs'))).toEqual(['Labs', 'Labs / Bench']);
  });

  it('is renamed and described, and found by what was written', async () => {
    await seeded.administrator.call(createVirtualAccount, {
      params: { accountId: seeded.ana.accountId },
      body: { name: 'Depot', parentId: seeded.ids.APAC ?? null },
    });
    await open('Depot');
    await act('Rename or describe');
    const dialog = page.getByRole('dialog', { name: 'Change Depot' });
    expect(await dialog.getByRole('button', { name: 'Change Depot' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Name').fill('Old depot');
    await dialog.getByLabel('Description').fill('Trials of new releases');
    await dialog.getByRole('button', { name: 'Change Depot' }).click();
    await page.getByText('Changed Old depot.').waitFor();
    await panel().getByText('Trials of new releases').waitFor();
    await page.getByRole('searchbox', { name: 'Find a virtual account' }).fill('new releases');
    await line('EMEA').waitFor({ state: 'detached' });
    expect(await lines()).toEqual(['APAC', 'Old depot']);
  });

  it('is moved after a look at who gains and who loses access', async () => {
    const nested = (name: string, role: 'virtual-account-user' | 'viewer') =>
      test.member(seeded.ana.accountId, role, {
        kind: 'virtual-accounts',
        virtualAccounts: [{ virtualAccountId: seeded.ids[name] ?? '', nested: true }],
      });
    const loses = await nested('APAC', 'virtual-account-user');
    const gains = await nested('EMEA', 'viewer');
    await open('Osaka');
    await act('Move');
    const dialog = page.getByRole('dialog', { name: 'Move Osaka' });
    await choose('Under', 'EMEA');
    const changes = dialog.getByRole('region', { name: 'Who gains and loses access' });
    await changes.waitFor();
    const words = (await changes.innerText()).replaceAll(/\s+/g, ' ');
    expect(words).toContain(`Gain access: 1 person Max Moser ${gains.email}`);
    expect(words).toContain(`Lose access: 1 person Max Moser ${loses.email}`);
    expect(await paths()).toContain('APAC / Osaka');
    await dialog.getByRole('button', { name: 'Move Osaka under EMEA' }).click();
    await page.getByText('EMEA / Osaka is in its new place.').waitFor();
    await panel().getByText('EMEA / Osaka', { exact: true }).waitFor();
    expect(await paths()).toContain('EMEA / Osaka');
    await line('APAC').getByText('Empty').waitFor();
  });

  it('is not moved into itself', async () => {
    await open('EMEA');
    await act('Move');
    const dialog = page.getByRole('dialog', { name: 'Move EMEA' });
    await dialog.getByRole('combobox', { name: 'Under' }).click();
    await page.getByRole('option', { name: 'APAC', exact: true }).waitFor();
    const places = await page.getByRole('option').allInnerTexts();
    expect(places.filter((place) => place.startsWith('EMEA'))).toEqual([]);
  });

  it('is deleted once its name is typed, and what is in it has a new place', async () => {
    await open('Madrid');
    await act('Delete');
    const dialog = page.getByRole('dialog', { name: 'Delete Madrid' });
    const remove = dialog.getByRole('button', { name: 'Delete Madrid' });
    await dialog.getByRole('combobox', { name: 'Its contents go to' }).waitFor();
    await dialog.getByLabel('Type “Madrid” to confirm').fill('Madrid');
    expect(await remove.isDisabled()).toBe(true);
    await choose('Its contents go to', 'EMEA / Lyon');
    await dialog.getByText('To EMEA / Lyon: 125 licenses, 1 product instance.').waitFor();
    expect(await paths()).toContain('EMEA / Madrid');
    await dialog.getByLabel('Type “Madrid” to confirm').fill('Lyon');
    expect(await remove.isDisabled()).toBe(true);
    await dialog.getByLabel('Type “Madrid” to confirm').fill('Madrid');
    await remove.click();
    await page.getByText('Deleted EMEA / Madrid.').waitFor();
    await line('Madrid').waitFor({ state: 'detached' });
    expect(await paths()).not.toContain('EMEA / Madrid');
    const { row } = await seeded.administrator.call(getPool, {
      params: { accountId: seeded.ana.accountId, tag: seeded.advantage },
      query: { virtualAccountId: seeded.ids['EMEA / Lyon'], nested: false },
    });
    expect([row.owned, row.inUse, row.state]).toEqual([130, 60, 'in-compliance']);
  });

  it('that is the default stays until another one is', async () => {
    await open('Default');
    const remove = panel().getByRole('button', { name: 'Delete' });
    expect(await remove.getAttribute('aria-disabled')).toBe('true');
    await remove.hover();
    await page.getByRole('tooltip').getByText('Make another one the default first.').waitFor();
    await open('APAC');
    await act('Make default');
    const dialog = page.getByRole('dialog', { name: 'Make APAC the default' });
    await dialog.getByText('Partners see its name then').waitFor();
    await dialog.getByRole('button', { name: 'Make APAC the default' }).click();
    await page.getByText('APAC is the default now.').waitFor();
    await line('APAC').getByText('default', { exact: true }).waitFor();
    expect(await line('Default').getByText('default', { exact: true }).count()).toBe(0);
  });
});
