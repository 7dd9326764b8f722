import { createToken } from '@estover/protocol';
import { answerOf, testDevice } from '@estover/server/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';

const script = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`;
const endless = 'W'.repeat(253);
const blanks = '  two blanks around  ';

let test: ConsoleTest;
let ana: Person;
let page: Page;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  ana = await test.company();
  const { server } = test;
  const administrator = server.client(await server.keyOf(ana.accountId, 'account-administrator'));
  const { secret } = await administrator.call(createToken, {
    params: { accountId: ana.accountId, virtualAccountId: ana.defaultVirtualAccountId },
    body: {},
  });
  // What a device says of itself is whatever its owner likes; the unknown tag is shown as well.
  for (const hostName of [script, endless, blanks]) {
    const device = await testDevice(server, { hostName });
    answerOf(await device.register(secret));
    answerOf(await device.authorize([{ tag: script, count: 1 }]));
  }
  page = await test.signedIn(ana);
}, 120_000);
afterAll(() => test?.close());

const list = () => page.goto(`/accounts/${ana.accountId}/product-instances`);

/** What reaches out of the page at its right, as lines. */
const tooWide = (): Promise<string[]> =>
  page.evaluate(`
    document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
    [...document.querySelectorAll('main *')]
      .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth)
      .map((one) => one.tagName + ' ' + one.className)
  `);

it('a name that is a script is a name: in the list, the panel, a dialog, its page and the events', async () => {
  await list();
  await page.getByRole('link', { name: script }).click();
  await page.getByRole('complementary', { name: 'Details' }).getByText(script).first().waitFor();
  await page.getByRole('button', { name: 'Remove…' }).click();
  await page.getByRole('dialog').getByText(script).first().waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('complementary', { name: 'Details' }).getByRole('link', { name: 'Open' }).click();
  await page.getByRole('heading', { name: script, level: 1 }).waitFor();
  expect(await page.title()).not.toBe('run');
  await page.goto(`/accounts/${ana.accountId}/events`);
  await page.getByText(script).first().waitFor();
  expect(await page.title()).not.toBe('run');
  expect(await page.locator('img[src="x"]').count()).toBe(0);
});

it.each([1280, 400])('a name without an end stays within a page of %i pixels', async (width) => {
  await page.setViewportSize({ width, height: 860 });
  await list();
  await page.getByRole('link', { name: endless }).first().waitFor();
  expect(await tooWide()).toEqual([]);
  await page.getByRole('link', { name: endless }).first().click();
  await page.getByRole('complementary', { name: 'Details' }).waitFor();
  expect(await tooWide()).toEqual([]);
  await page.getByRole('complementary', { name: 'Details' }).getByRole('link', { name: 'Open' }).click();
  await page.getByRole('heading', { name: endless, level: 1 }).waitFor();
  expect(await tooWide()).toEqual([]);
  await page.setViewportSize({ width: 1280, height: 860 });
});

it('a name with blanks around it can be typed to remove the instance', async () => {
  await list();
  await page.getByRole('link', { name: 'two blanks around' }).click();
  await page.getByRole('button', { name: 'Remove…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill('two blanks around');
  await dialog.getByRole('button', { name: /^Remove/ }).click();
  await page.getByText(/is removed; what it used is free/).waitFor();
});
