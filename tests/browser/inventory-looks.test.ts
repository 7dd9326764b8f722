import { randomUUIDv7 } from 'node:crypto';
import { seedCatalog } from '@estover/server/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSetupLink } from '../../packages/server/src/access/index.ts';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';
import { type SeededInventory, seedInventory } from './seed-inventory.ts';
import { lookAt, panel, press, type View } from './views.ts';

/*
 * The pages before sign-in and those of the inventory, with something in them and empty, with panels and dialogs open,
 * on a large and on a small screen.
 */

let test: ConsoleTest;
let seeded: SeededInventory;
let empty: Person;
let setUpToken: string;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  seeded = await seedInventory(test, await seedCatalog(test.server));
  empty = await test.company('Empty Lines');
  const link = await createSetupLink(test.server.db, {
    now: test.server.clock.now(),
    newId: () => randomUUIDv7(),
    publicUrl: test.server.address,
  });
  setUpToken = new URL(link ?? '').hash;
}, 120_000);
afterAll(() => test?.close());

/** The dialog of the first fix that the overview offers, with what it would do. */
async function openFix(page: Page): Promise<void> {
  await press('Move 31 from Madrid')(page);
  await page.getByRole('region', { name: 'What it would do' }).waitFor();
}

async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Find a license, instance').fill('core');
  await page.getByRole('dialog').getByText('lyon-core-01').waitFor();
}

async function openMove(page: Page): Promise<void> {
  await panel(/Osaka/)(page);
  await press('Move')(page);
  await page.getByRole('dialog').getByRole('combobox', { name: 'Under' }).click();
  await page.getByRole('option', { name: 'EMEA', exact: true }).click();
  await page.getByRole('region', { name: 'Who gains and loses access' }).waitFor();
}

async function openDelete(page: Page): Promise<void> {
  await panel(/Osaka/)(page);
  await press('Delete')(page);
  await page.getByRole('dialog').getByRole('combobox', { name: 'Its contents go to' }).waitFor();
}

const doors = (): View[] => [
  { name: 'sign-in', path: '/sign-in' },
  { name: 'set-up', path: `/set-up${setUpToken}` },
  { name: 'invitation', path: '/invitation#anything' },
];

const full = (): View[] => [
  { name: 'overview', path: 'overview' },
  { name: 'transfer', path: 'overview', act: openFix },
  { name: 'palette', path: 'overview', act: openPalette },
  { name: 'licenses', path: 'licenses' },
  { name: 'licenses by license', path: 'licenses?by=license' },
  { name: 'license panel', path: 'licenses', act: panel(/Network Advantage/) },
  { name: 'license', path: `licenses/${encodeURIComponent(seeded.advantage)}` },
  { name: 'virtual accounts', path: 'virtual-accounts' },
  {
    name: 'virtual account panel',
    path: 'virtual-accounts',
    act: panel(/Lyon/),
  },
  { name: 'virtual account move', path: 'virtual-accounts', act: openMove },
  { name: 'virtual account delete', path: 'virtual-accounts', act: openDelete },
  { name: 'settings', path: 'settings' },
  { name: 'nothing is here', path: 'nowhere' },
];

const withNothing: View[] = [
  { name: 'empty overview', path: 'overview' },
  { name: 'empty licenses', path: 'licenses' },
  { name: 'empty virtual accounts', path: 'virtual-accounts' },
];

describe.each([
  // Colors are the same on every screen: axe judges both themes on the large one, and the small one's order of things.
  { screen: 'a desk', width: 1280, themes: ['light', 'dark'] },
  { screen: 'a pocket', width: 400, themes: ['light'] },
])('on the screen of $screen', ({ width, themes }) => {
  const still = {
    viewport: { width, height: 860 },
    reducedMotion: 'reduce' as const,
  };

  it('pages before sign-in have no serious finding', async () => {
    expect(await lookAt(await test.page(still), doors(), { themes })).toEqual([]);
  }, 120_000);

  it('pages of the inventory have no serious finding', async () => {
    const page = await test.signedIn(seeded.ana, still);
    const prefix = `/accounts/${seeded.ana.accountId}/`;
    expect(await lookAt(page, full(), { prefix, themes })).toEqual([]);
  }, 180_000);

  it('pages without anything in them have no serious finding', async () => {
    const page = await test.signedIn(empty, still);
    expect(
      await lookAt(page, withNothing, {
        prefix: `/accounts/${empty.accountId}/`,
        themes,
      }),
    ).toEqual([]);
  }, 120_000);
});
