import { seedCatalog } from '@estover/server/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConsoleTest, startConsoleTest } from './browser.ts';
import { type SeededInventory, seedInventory } from './seed-inventory.ts';
import { lookAt } from './views.ts';

let test: ConsoleTest;
let seeded: SeededInventory;
let page: Page;
let prefix: string;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  seeded = await seedInventory(test, await seedCatalog(test.server));
  page = await test.signedIn(seeded.ana);
  prefix = `/accounts/${seeded.ana.accountId}/`;
}, 120_000);
afterAll(() => test?.close());

const stat = (name: string) => page.locator('dl > div', { hasText: name }).locator('b').innerText();

it('the overview is of one virtual account, alone or with everything nested, from the tree and by its switch', async () => {
  await page.goto(`${prefix}virtual-accounts?open=${seeded.ids['EMEA']}`);
  const details = page.getByRole('complementary', { name: 'Details' });
  await details.getByRole('link', { name: 'Overview', exact: true }).click();
  await page
    .getByText('EMEA, with everything nested. One thing needs you today.', { exact: false })
    .waitFor();
  expect(await stat('Licenses owned')).toBe('135');
  expect(await stat('In use')).toBe('60');
  expect(await stat('Short')).toBe('31');
  expect(await stat('Ends within 90 days')).toBe('0');
  await page.getByRole('link', { name: 'All licenses' }).click();
  await page.waitForURL(/licenses\?.*virtualAccountId=/);
  await page.goBack();

  await page.getByRole('button', { name: 'Virtual account EMEA +' }).click();
  await page.getByLabel('With everything nested in it').uncheck();
  await page.getByText('EMEA, alone. No licenses here.').waitFor();
  await page.getByText('choose it with everything nested', { exact: false }).waitFor();
  expect(await stat('Licenses owned')).toBe('0');
  await page.getByRole('dialog').getByRole('button', { name: 'Lyon' }).click();
  await page.getByText('EMEA / Lyon, alone. One thing needs you today.', { exact: false }).waitFor();
  expect(await stat('Licenses owned')).toBe('10');
  const { searchParams } = new URL(page.url());
  expect([searchParams.get('virtualAccountId'), searchParams.get('nested')]).toEqual([
    seeded.ids['EMEA / Lyon'],
    'false',
  ]);
});

it.each([1280, 400])(
  'is readable at %i pixels, light and dark',
  async (width) => {
    const viewport = { viewport: { width, height: 860 }, reducedMotion: 'reduce' as const };
    const still = await test.signedIn(seeded.ana, viewport);
    const of = (id: string | undefined, more = '') => `overview?virtualAccountId=${id}${more}`;
    const findings = await lookAt(
      still,
      [
        { name: `overview of one ${width}`, path: of(seeded.ids['EMEA']) },
        { name: `overview of nothing ${width}`, path: of(seeded.ids['EMEA'], '&nested=false') },
      ],
      { prefix },
    );
    expect(findings).toEqual([]);
  },
  60_000,
);
