import { createApiKey, createToken } from '@estover/protocol';
import { deliver, seedCatalog, useLicenses } from '@estover/server/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { narrowFindings, poorContrasts, seriousFindings } from './axe.ts';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';
import { lookAt, panel, press, type View } from './views.ts';

/*
 * Pages with something in them, empty pages, and dialogs, in both themes and on a small screen: axe finds nothing
 * serious, and nothing makes the page scroll sideways.
 */

let test: ConsoleTest;
let full: Person;
let empty: Person;
let ola: Pick<Person, 'email'>;
let orderNumber: string;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  const { server } = test;
  full = await test.company();
  empty = await test.company('Empty Lines');
  ola = await test.operator();
  const { accountId } = full;
  const administrator = server.client(await server.keyOf(accountId, 'account-administrator'));
  const ids = await server.virtualAccounts({ ...full, administrator }, 'EMEA / Lyon', 'EMEA / Madrid');
  const virtualAccountId = ids['EMEA / Lyon'] ?? '';
  const { advantage } = await seedCatalog(server);
  ({ orderNumber } = await deliver(server, full, {
    tag: advantage,
    quantity: 10,
    virtualAccount: 'EMEA / Lyon',
  }));
  await deliver(server, full, { tag: advantage, quantity: 50, virtualAccount: 'EMEA / Madrid' });
  await useLicenses(server, {
    accountId,
    virtualAccountId,
    displayName: 'lyon-core-01',
    counts: { [advantage]: 41 },
  });
  await administrator.call(createToken, {
    params: { accountId, virtualAccountId },
    body: { description: 'Depot 3' },
  });
  await administrator.call(createApiKey, {
    params: { accountId },
    body: { name: 'ERP bridge', role: 'viewer', scope: { kind: 'account' } },
  });
  await test.member(accountId, 'viewer');
}, 120_000);
afterAll(() => test?.close());

/** The rules can fail: what they are there for is found. */
it('finds what is wrong with a page, in every way of looking', async () => {
  const page = await test.page({ viewport: { width: 400, height: 700 } });
  await page.setContent(`<html lang="en"><title>Wrong</title><main>
    <img src="data:,"><p style="color: #aaa; background: #fff">Pale</p>
    <button style="width: 9px; height: 9px; padding: 0">x</button><button style="width: 9px; height: 9px; padding: 0">y</button>
  </main></html>`);
  const rules = (findings: string[]) => findings.map((finding) => finding.split(':')[0]);
  expect(rules(await seriousFindings(page))).toEqual(
    expect.arrayContaining(['image-alt', 'color-contrast', 'target-size']),
  );
  expect(rules(await poorContrasts(page))).toEqual(['color-contrast']);
  expect(rules(await narrowFindings(page))).toEqual(['target-size']);
});

const open = (name: RegExp) => async (page: Page) => {
  await page.getByRole('main').getByRole('link', { name }).first().click();
};

const ofAccount: View[] = [
  { name: 'alerts', path: 'alerts' },
  { name: 'product instances', path: 'product-instances' },
  { name: 'new instance', path: 'product-instances', act: press('Add product instance…') },
  { name: 'tokens', path: 'tokens' },
  { name: 'orders', path: 'orders' },
  { name: 'people', path: 'people' },
  { name: 'invitation', path: 'people', act: press('Invite…') },
  { name: 'who may do what', path: 'people/who-may-do-what' },
  { name: 'API clients', path: 'api-keys' },
  { name: 'new API client', path: 'api-keys', act: press('New API client…') },
  { name: 'events', path: 'events' },
  { name: 'reports', path: 'reports' },
];

const ofFullAccount: View[] = [
  ...ofAccount,
  { name: 'instance panel', path: 'product-instances', act: panel(/lyon-core-01/) },
  {
    name: 'instance page and removal',
    path: 'product-instances',
    act: async (page) => {
      await panel(/lyon-core-01/)(page);
      await open(/^Open$/)(page);
      await page.getByRole('heading', { name: 'lyon-core-01', level: 1 }).waitFor();
      await press('Remove…')(page);
    },
  },
  { name: 'order', path: 'orders', act: open(/^T-/) },
  { name: 'person', path: 'people', act: panel(/Ana Ruiz/) },
  { name: 'event', path: 'events', act: panel(/API key/) },
];

const ofPlatform = (): View[] => [
  { name: 'accounts', path: '/platform/accounts' },
  { name: 'new account', path: '/platform/accounts', act: press('New account…') },
  { name: 'catalog', path: '/platform/catalog' },
  { name: 'new license', path: '/platform/catalog', act: press('New license…') },
  { name: 'products', path: '/platform/catalog?show=products' },
  { name: 'new product', path: '/platform/catalog?show=products', act: press('New product…') },
  { name: 'substitutions', path: '/platform/catalog?show=substitutions' },
  { name: 'all orders', path: '/platform/orders' },
  { name: 'new order', path: '/platform/orders', act: press('New order…') },
  { name: 'order of the platform', path: `/platform/orders/${orderNumber}` },
  { name: 'import', path: '/platform/import-orders' },
];

/** A color is the same on every screen, so one theme is enough where only the layout differs. */
const screens: { name: string; width: number; themes: string[] }[] = [
  { name: 'a desk', width: 1280, themes: ['light', 'dark'] },
  { name: 'a pocket', width: 400, themes: ['light'] },
];

describe.each(screens)('on the screen of $name', ({ width, themes }) => {
  const still = { viewport: { width, height: 860 }, reducedMotion: 'reduce' as const };

  it('pages of an account have no serious finding', async () => {
    const page = await test.signedIn(full, still);
    expect(await lookAt(page, ofFullAccount, { prefix: `/accounts/${full.accountId}/`, themes })).toEqual([]);
  }, 180_000);

  it('empty pages of an account have no serious finding', async () => {
    const page = await test.signedIn(empty, still);
    expect(await lookAt(page, ofAccount, { prefix: `/accounts/${empty.accountId}/`, themes })).toEqual([]);
  }, 180_000);

  it('pages of the platform have no serious finding', async () => {
    const page = await test.signedIn(ola, still);
    expect(await lookAt(page, ofPlatform(), { prefix: '', themes })).toEqual([]);
  }, 180_000);
});
