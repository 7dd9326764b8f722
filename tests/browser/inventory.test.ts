import { getPool, listAlerts } from '@estover/protocol';
import { type SeededCatalog, seedCatalog } from '@estover/server/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ConsoleTest, startConsoleTest } from './browser.ts';
import { dayFromNow, type SeededInventory, seedInventory } from './seed-inventory.ts';

let test: ConsoleTest;
let catalog: SeededCatalog;
let seeded: SeededInventory;
let page: Page;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  catalog = await seedCatalog(test.server);
  await newCompany();
}, 120_000);
afterAll(() => test?.close());

/** A company of a test's own, with somebody signed in: what one test moves, no other looks for. */
async function newCompany(): Promise<void> {
  await page?.context().close();
  seeded = await seedInventory(test, catalog);
  page = await test.signedIn(seeded.ana);
}

const go = (path: string, on = page) => on.goto(`/accounts/${seeded.ana.accountId}/${path}`);
const searchOf = (one: Page) => Object.fromEntries(new URL(one.url()).searchParams);
const table = (name: string, on = page) => on.getByRole('table', { name, exact: true });
/** The first cells of the rows of the list, without what stands below the name. */
const names = async (on = page) =>
  (await table('Licenses', on).locator('[data-row-link] b').allInnerTexts()).map((name) => name.trim());

/** For what is asked again and again until it is so. */
const patient = { timeout: 15_000 };

/** What a virtual account has of a license, as the API tells it. */
async function owned(tag: string, virtualAccount: string): Promise<number> {
  const { row } = await seeded.administrator.call(getPool, {
    params: { accountId: seeded.ana.accountId, tag },
    query: { virtualAccountId: seeded.ids[virtualAccount], nested: false },
  });
  return row.owned;
}

async function openShortages(): Promise<number> {
  const { items } = await seeded.administrator.call(listAlerts, {
    params: { accountId: seeded.ana.accountId },
  });
  return items.filter(({ kind }) => kind === 'insufficient-licenses').length;
}

/** Chooses from one of the dialog's fields with a list. */
async function choose(label: string, option: string): Promise<void> {
  await page.getByRole('dialog').getByRole('combobox', { name: label, exact: true }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

describe('the overview', () => {
  it('adds everything up, and its one click ends a shortage until it is undone', async () => {
    await go('overview');
    await page.getByText('One thing needs you today. Everything else is in compliance.').waitFor();
    const stat = (name: string) => page.locator('dl > div', { hasText: name }).locator('b').innerText();
    expect(await stat('Licenses owned')).toBe('165');
    expect(await stat('In use')).toBe('72');
    expect(await stat('Short')).toBe('31');
    expect(await stat('Ends within 90 days')).toBe('30');
    await page.getByText('As a table').click();
    const ending = table('What ends in each month').getByRole('row');
    expect((await ending.nth(1).innerText()).replaceAll(/\s+/g, ' ')).toContain('30 30 Branch Security');

    await page.getByRole('button', { name: 'Move 31 from Madrid' }).click();
    const dialog = page.getByRole('dialog', { name: 'Transfer licenses' });
    const preview = dialog.getByRole('region', { name: 'What it would do' });
    await preview.getByText('Nobody falls out of compliance. 1 pool comes back into compliance.').waitFor();
    expect(await owned(seeded.advantage, 'EMEA / Lyon')).toBe(10);
    await dialog.getByRole('button', { name: 'Move 31 from Madrid' }).click();
    await page.getByText('Moved 31 from Madrid to EMEA / Lyon.').waitFor();
    await page.getByText('Nothing needs you today. Everything is in compliance.').waitFor();
    await page.getByText('Nothing. Shortages, endings and silent instances would stand here.').waitFor();
    expect(await stat('Short')).toBe('0');
    expect(await openShortages()).toBe(0);
    expect(await owned(seeded.advantage, 'EMEA / Lyon')).toBe(41);
    expect(await owned(seeded.advantage, 'EMEA / Madrid')).toBe(89);

    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone by an opposite movement.').waitFor();
    await page.getByRole('button', { name: 'Move 31 from Madrid' }).waitFor();
    expect(await openShortages()).toBe(1);
    expect(await owned(seeded.advantage, 'EMEA / Lyon')).toBe(10);
  });

  it('tells a viewer why nothing can be done here', async () => {
    const viewer = await test.signedIn(await test.member(seeded.ana.accountId, 'viewer'));
    const shut = async (name: string) => {
      const button = viewer.getByRole('main').getByRole('button', { name }).first();
      await button.waitFor();
      expect(await button.getAttribute('aria-disabled'), name).toBe('true');
      await button.hover();
      await viewer
        .getByRole('tooltip')
        .getByText(/Needs the role account administrator/)
        .waitFor();
      await button.click({ force: true });
      expect(await viewer.getByRole('dialog').count()).toBe(0);
    };
    await go('overview', viewer);
    await shut('Transfer…');
    await shut('Add product instance');
    await go('licenses', viewer);
    await shut('Transfer…');
    await go('virtual-accounts', viewer);
    await shut('Create virtual account');
    await go('settings', viewer);
    await shut('Save the settings');
    expect(await viewer.getByLabel('Name').isEditable()).toBe(false);
    await viewer.context().close();
  });
});

describe('the list of licenses', () => {
  it('is narrowed by filters that stay in the address, so that it can be sent as a link', async () => {
    await go('licenses');
    await page.getByText('5 of 5').waitFor();
    await page.getByRole('searchbox', { name: 'Find licenses by name or tag' }).fill('advantage');
    await page.getByText('2 of 2').waitFor();
    await page.getByRole('button', { name: /^State/ }).click();
    await page.getByRole('menuitem', { name: 'out of compliance' }).click();
    await page.getByText('1 of 1').waitFor();
    expect(await names()).toEqual(['Network Advantage']);
    expect(searchOf(page)).toEqual({
      search: 'advantage',
      state: 'out-of-compliance',
    });

    const fresh = await page.context().newPage();
    await fresh.goto(page.url());
    await fresh.getByText('1 of 1').waitFor();
    await fresh.getByRole('button', { name: 'State out of compliance' }).waitFor();
    const search = fresh.getByRole('searchbox', {
      name: 'Find licenses by name or tag',
    });
    expect(await search.inputValue()).toBe('advantage');

    await search.fill('advantage of nothing');
    await fresh.getByText('No license matches').waitFor();
    await fresh.getByRole('button', { name: 'Clear the filters' }).click();
    await fresh.getByText('5 of 5').waitFor();
    expect(searchOf(fresh)).toEqual({});
    expect(await search.inputValue()).toBe('');

    await fresh.getByRole('button', { name: /^Ends within/ }).click();
    await fresh.getByRole('menuitem', { name: '60 days' }).click();
    await fresh.getByText('1 of 1').waitFor();
    expect(await names(fresh)).toEqual(['Branch Security']);
  });

  it('is narrowed to a virtual account, alone or with everything nested', async () => {
    await go('licenses');
    await page.getByRole('button', { name: /^Virtual account/ }).click();
    await page.getByRole('searchbox', { name: 'Find a virtual account' }).fill('emea');
    await page.getByRole('button', { name: 'EMEA', exact: true }).click();
    await page.getByText('EMEA, with everything nested · as of now').waitFor();
    await page.getByText('3 of 3').waitFor();
    await page.getByRole('button', { name: /^Virtual account/ }).click();
    await page.getByRole('checkbox', { name: 'With everything nested in it' }).uncheck();
    await page.getByText('EMEA, alone · as of now').waitFor();
    await page.getByText('No license matches').waitFor();
    expect(searchOf(page)).toEqual({
      virtualAccountId: seeded.ids.EMEA,
      nested: 'false',
    });
  });

  it('counts by license over all pools, and sorts', async () => {
    await go('licenses');
    await page.getByText('By license').click();
    await page.getByText('3 of 3').waitFor();
    const row = table('Licenses').getByRole('row', {
      name: /Network Advantage/,
    });
    const cells = (await row.getByRole('cell').allInnerTexts()).map((cell) => cell.trim());
    // Name, pools, owned, reserved, in use, the bar, lent, balance.
    expect(cells.slice(2, 6)).toEqual(['2', '130', '0', '60']);
    expect(cells.at(-2)).toBe('70');
    expect(cells.at(-1)).toBe('Short by 31');
    await page.getByRole('columnheader', { name: 'Owned' }).getByRole('button').click();
    await page.waitForURL(/sort=owned/);
    await expect
      .poll(() => names(), patient)
      .toEqual(['Strong Encryption', 'Branch Security', 'Network Advantage']);
    await page.getByRole('columnheader', { name: 'Owned' }).getByRole('button').click();
    await expect
      .poll(() => names(), patient)
      .toEqual(['Network Advantage', 'Branch Security', 'Strong Encryption']);
    expect(searchOf(page)).toEqual({ by: 'license', sort: '-owned' });
  });

  it('tells of another day what is owned then, and changes nothing there', async () => {
    await go('licenses?search=encryption');
    const row = table('Licenses').getByRole('row', {
      name: /Strong Encryption/,
    });
    await row.getByText('8 not started yet').waitFor();
    await page.getByRole('button', { name: 'As of…' }).click();
    const day = dayFromNow(21);
    await page.getByLabel('Inventory at the end of').fill(day);
    await page.getByText(/as of the end of/).waitFor();
    await row.getByText('In compliance').waitFor();
    expect((await row.getByRole('cell').allInnerTexts())[3]?.trim()).toBe('8');
    expect(searchOf(page)).toEqual({ search: 'encryption', asOf: day });
    await page.keyboard.press('Escape');
    const transfer = page.getByRole('button', { name: 'Transfer…' });
    expect(await transfer.getAttribute('aria-disabled')).toBe('true');
    await transfer.hover();
    await page.getByRole('tooltip').getByText('Only the present can be changed.').waitFor();
    await page.getByRole('button', { name: /^As of/ }).click();
    await page.getByRole('button', { name: 'Back to now' }).click();
    await row.getByText('8 not started yet').waitFor();
  });

  it('opens a panel with an address of its own, also from the keyboard', async () => {
    await go('licenses?sort=balance');
    await table('Licenses').getByRole('link').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('x');
    expect(await page.getByRole('checkbox', { name: 'Select Network Advantage EMEA Lyon' }).isChecked()).toBe(
      true,
    );
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: 'Details' });
    await panel.getByText('Short by 31 since').waitFor();
    expect(await panel.getByRole('definition').allInnerTexts()).toEqual(
      expect.arrayContaining(['EMEA / Lyon', '10', '41', '−31']),
    );
    await panel.getByText('lyon-core-01 uses 41 instead of 0').waitFor();
    await panel.getByText('Move 31 from EMEA / Madrid, which keeps 70').waitFor();

    const fresh = await page.context().newPage();
    await fresh.goto(page.url());
    await fresh.getByText('Short by 31 since').waitFor();
    await fresh.keyboard.press('Escape');
    await fresh.getByRole('complementary').waitFor({ state: 'detached' });
    expect(searchOf(fresh)).toEqual({ sort: 'balance' });

    await panel.getByRole('link', { name: 'Open', exact: true }).click();
    await page.getByRole('heading', { name: 'Network Advantage', level: 1 }).waitFor();
    await page.getByText('Short by 31 in 1 pool; 10 owned, 41 in use.').waitFor();
  });
});

describe('a license', () => {
  beforeAll(newCompany);

  it('shows its lots, its users and its movements, each transfer with its way back', async () => {
    await go(`licenses/${encodeURIComponent(seeded.advantage)}`);
    await page.getByText('Short by 31 in 1 pool; 130 owned, 60 in use.').waitFor();
    const lots = table('Lots').getByRole('row');
    expect(await lots.count()).toBe(4);
    expect((await lots.filter({ hasText: 'ends' }).getByRole('cell').allInnerTexts()).slice(4)).toEqual([
      'prepaid',
      '20',
      '0',
      '0',
      '20',
    ]);
    const users = table('Product instances that use it').getByRole('row');
    expect(await users.filter({ hasText: 'lyon-core-01' }).getByRole('cell').last().innerText()).toBe('41');
    const movements = table('Movements').getByRole('row');
    await movements.filter({ hasText: 'Delivered 100 to EMEA / Madrid' }).waitFor();
    expect(await movements.count()).toBe(4);

    // The explanation's own button stands beside its sentence.
    await page.getByRole('main').getByRole('button', { name: 'Move', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Move 31 from Madrid' }).click();
    const moved = movements.filter({
      hasText: 'Moved 31 from EMEA / Madrid to EMEA / Lyon',
    });
    await moved.filter({ hasNotText: 'an undo' }).getByRole('button', { name: 'Undo' }).click();
    await moved.getByText('undone', { exact: true }).waitFor();
    const done = moved.getByRole('button', { name: 'Undo' });
    expect(await done.getAttribute('aria-disabled')).toBe('true');
    await movements.filter({ hasText: 'an undo' }).waitFor();
    expect(await owned(seeded.advantage, 'EMEA / Lyon')).toBe(10);

    await page.getByRole('button', { name: /^Virtual account/ }).click();
    await page.getByRole('button', { name: 'Madrid', exact: true }).click();
    await page.getByText('120 owned, 19 in use, in compliance.').waitFor();
  });

  it('that nobody has says so', async () => {
    await go('licenses/regid.2026-01.example.nobody');
    await page.getByRole('alert').waitFor();
    await page.getByRole('link', { name: 'Licenses' }).first().waitFor();
  });
});

describe('a transfer', () => {
  beforeEach(newCompany);

  it('of two licenses is tried before it is made, refused when too many, and undone from the notice', async () => {
    await go('licenses');
    const pick = (name: string) => page.getByRole('checkbox', { name: `Select ${name}` });
    await pick('Network Advantage EMEA Madrid').check();
    await pick('Branch Security APAC Osaka').check();
    const open = page.getByRole('button', { name: 'Transfer 2 selected…' });
    expect(await open.getAttribute('aria-disabled')).toBe('true');
    await open.hover();
    await page.getByRole('tooltip').getByText('a transfer has one source').waitFor();
    await pick('Branch Security APAC Osaka').uncheck();
    await pick('Branch Security EMEA Madrid').check();
    await open.click();

    const dialog = page.getByRole('dialog', { name: 'Transfer licenses' });
    expect(await dialog.getByRole('combobox', { name: 'From' }).inputValue()).toBe('EMEA / Madrid');
    await choose('To', 'APAC / Osaka');
    await dialog.getByLabel('Quantity 1').fill('5');
    await dialog.getByLabel('Quantity 2').fill('500');
    const lines = await Promise.all(
      ['License 1', 'License 2'].map((name) => dialog.getByRole('combobox', { name }).inputValue()),
    );
    await dialog.getByRole('alert').getByText('There are not enough licenses').waitFor();
    const act = (units: number) => dialog.getByRole('button', { name: `Move ${units} from Madrid` });
    expect(await act(505).isDisabled()).toBe(true);

    // Madrid uses 19 of its 120 Network Advantage: giving 110 away leaves it short, which is shown, not forbidden.
    const of = (name: string) => dialog.getByLabel(`Quantity ${lines.indexOf(name) + 1}`);
    await of('Network Advantage').fill('110');
    await of('Branch Security').fill('4');
    const preview = dialog.getByRole('region', { name: 'What it would do' });
    await preview.getByText('1 pool falls out of compliance.').waitFor();
    await of('Network Advantage').fill('40');
    await preview.getByText('Nobody falls out of compliance.').waitFor();
    const effect = async (pool: string, license: string) =>
      (
        await preview.getByRole('row').filter({ hasText: pool }).filter({ hasText: license }).innerText()
      ).replaceAll(/\s+/g, ' ');
    expect(await effect('EMEA / Madrid', 'Network Advantage')).toContain('120 → 80 101 → 61');
    expect(await effect('APAC / Osaka', 'Network Advantage')).toContain('0 → 40 0 → 40');
    expect(await effect('EMEA / Madrid', 'Branch Security')).toContain('5 → 1 5 → 1');
    expect(await effect('APAC / Osaka', 'Branch Security')).toContain('30 → 34 18 → 22');
    await dialog.getByText('The same by API').click();
    expect(await dialog.locator('pre').innerText()).toContain('/license-transfers');
    expect(await owned(seeded.advantage, 'APAC / Osaka')).toBe(0);

    await act(44).click();
    const notice = page.getByRole('status').filter({ hasText: 'Moved 44 from Madrid to APAC / Osaka.' });
    await notice.waitFor();
    const row = table('Licenses').getByRole('row').filter({ hasText: 'Network Advantage' });
    await row.filter({ hasText: 'Osaka' }).waitFor();
    expect(await owned(seeded.advantage, 'APAC / Osaka')).toBe(40);
    expect(await owned(seeded.security, 'EMEA / Madrid')).toBe(1);

    await notice.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone by an opposite movement.').waitFor();
    expect(await owned(seeded.advantage, 'EMEA / Madrid')).toBe(120);
    expect(await owned(seeded.security, 'EMEA / Madrid')).toBe(5);
  });

  it('moves the lots that are named', async () => {
    await go('overview');
    await page.getByRole('button', { name: 'Transfer…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Transfer licenses' });
    await choose('From', 'EMEA / Madrid');
    await choose('To', 'Default');
    await choose('License 1', 'Network Advantage');
    await choose('Which lots 1', 'Lots I name');
    const units = page.getByRole('textbox', { name: /^Units of T-/ });
    await units.first().waitFor();
    expect(await units.count()).toBe(2);
    // The lot with an end, not the perpetual one.
    const term = dialog
      .locator('div')
      .filter({ hasText: /ends \d/ })
      .filter({ has: units })
      .last();
    await term.getByRole('textbox').fill('7');
    await dialog.getByLabel('Reason').fill('A trial in the depot');
    await dialog.getByRole('button', { name: 'Move 7 from Madrid' }).click();
    await page.getByText('Moved 7 from Madrid to Default.').waitFor();
    const { lots: there } = await seeded.administrator.call(getPool, {
      params: { accountId: seeded.ana.accountId, tag: seeded.advantage },
      query: {
        virtualAccountId: seeded.ana.defaultVirtualAccountId,
        nested: false,
      },
    });
    expect(there.map(({ available, term: kept }) => [available, kept.kind])).toEqual([[7, 'term']]);
    await go(`licenses/${encodeURIComponent(seeded.advantage)}`);
    await table('Movements').getByText('A trial in the depot').waitFor();
  });
});

describe('the palette', () => {
  it('opens with Ctrl+K and leads to licenses and pages by name', async () => {
    await go('overview');
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await page.keyboard.press('Control+k');
    const palette = page.getByRole('dialog', { name: 'Find anything' });
    const words = palette.getByPlaceholder('Find a license, instance, order, page…');
    await words.fill('branch sec');
    await palette.getByRole('button', { name: /Branch Security/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Branch Security', level: 1 }).waitFor();
    await page.getByText('35 owned, 12 in use, in compliance.').waitFor();

    await page.getByRole('button', { name: /Find a license, instance, order, page/ }).click();
    await words.fill('lyo');
    await palette.getByRole('button', { name: /Lyon.*EMEA \/ Lyon/ }).click();
    await page.getByRole('heading', { name: 'Virtual accounts', level: 1 }).waitFor();

    await page.getByRole('button', { name: /Find a license, instance, order, page/ }).click();
    await words.fill('nothing of this name');
    await palette.getByText('Nothing has this name. Try part of it.').waitFor();
    await words.fill('sett');
    await palette.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
  });
});

describe('the settings of an account', () => {
  it('are saved where something is changed, and show at once', async () => {
    await go('settings');
    const save = page.getByRole('button', { name: 'Save the settings' });
    await save.hover();
    await page.getByRole('tooltip').getByText('Nothing is changed yet.').waitFor();
    await page.getByLabel('Name').fill('Halden Rail Group');
    await page.getByLabel('Refuse it').check();
    await save.click();
    await page.getByText('Settings saved.').waitFor();
    await page.getByRole('button', { name: /^Halden Rail Group is the account/ }).waitFor();
    await page.reload();
    expect(await page.getByLabel('Refuse it').isChecked()).toBe(true);
    expect(await page.getByLabel('Name').inputValue()).toBe('Halden Rail Group');
  });
});
