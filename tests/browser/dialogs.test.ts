import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';

let test: ConsoleTest;
let ana: Person;
let page: Page;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  ana = await test.company();
  page = await test.signedIn(ana);
}, 120_000);
afterAll(() => test?.close());

const dialog = () => page.getByRole('dialog');
const newToken = () => page.getByRole('button', { name: 'New token' }).first();
const hasFocus = (words: string) => page.locator('button:focus', { hasText: words }).waitFor();
const openTokens = () => page.goto(`/accounts/${ana.accountId}/tokens`);

const tokensMade = async (): Promise<string[]> =>
  (await test.server.db.selectFrom('registration_tokens').select('description').execute()).map(
    ({ description }) => description,
  );

describe('the focus', () => {
  it('goes back to the button that opened a dialog, also through a secret that followed it', async () => {
    await openTokens();
    await newToken().focus();
    await page.keyboard.press('Enter');
    await dialog().getByLabel('Description').waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await hasFocus('New token');

    await page.keyboard.press('Enter');
    await dialog().getByLabel('Description').fill('for the focus');
    await page.keyboard.press('Enter');
    await dialog().getByText('shown once').waitFor();
    await dialog().getByRole('button', { name: 'I have kept it' }).click();
    await dialog().waitFor({ state: 'detached' });
    await hasFocus('New token');
  });

  it('goes back to the button of a menu', async () => {
    await openTokens();
    await page.getByRole('button', { name: /your menu/ }).click();
    await page.getByRole('menuitem', { name: 'Change password' }).click();
    await dialog().getByLabel('Current password').waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await hasFocus('your menu');
  });
});

describe('a change whose answer is lost', () => {
  it('is sent again with the key it had, whatever was answered in between, and done once', async () => {
    await openTokens();
    const keys: (string | undefined)[] = [];
    const pattern = '**/tokens';
    await page.route(pattern, async (route) => {
      if (route.request().method() !== 'POST') return route.fallback();
      keys.push(route.request().headers()['idempotency-key']);
      if (keys.length === 1) {
        // It was done, and nobody hears of it.
        await route.fetch();
        return route.abort('connectionreset');
      }
      if (keys.length === 2) {
        const body = { type: '/problems/too-many-requests', code: 'too-many-requests', status: 429 };
        return route.fulfill({
          status: 429,
          contentType: 'application/problem+json',
          body: JSON.stringify({ ...body, title: 'Too many requests', detail: 'Later.', next: 'Wait.' }),
        });
      }
      return route.fallback();
    });
    await newToken().click();
    await dialog().getByLabel('Description').fill('made once');
    const act = dialog().getByRole('button', { name: /^Make token/ });
    await act.click();
    await dialog().getByText('The server does not answer').waitFor();
    await act.click();
    await dialog().getByText('Too many requests').waitFor();
    await act.click();
    await dialog().getByText('shown once').waitFor();
    expect(new Set(keys).size).toBe(1);
    expect(keys).toHaveLength(3);
    expect((await tokensMade()).filter((description) => description === 'made once')).toHaveLength(1);
    await page.unroute(pattern);
  });
});

it('without a network a change says that it did not arrive, and is not done behind anybody’s back later', async () => {
  await openTokens();
  await newToken().click();
  await dialog().getByLabel('Description').fill('never made');
  await page.context().setOffline(true);
  await dialog()
    .getByRole('button', { name: /^Make token/ })
    .click();
  await dialog().getByText('The server does not answer').waitFor({ timeout: 10_000 });
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
  await page.context().setOffline(false);
  // What is read again now would be behind a change that was kept back.
  await openTokens();
  await newToken().waitFor();
  expect(await tokensMade()).not.toContain('never made');
});

it('over plain HTTP, where browsers keep some of their tools back, changes can be made', async () => {
  const plain = await test.signedIn(ana);
  await plain.addInitScript('delete Crypto.prototype.randomUUID');
  await plain.goto(`/accounts/${ana.accountId}/tokens`);
  await plain.getByRole('button', { name: 'New token' }).first().click();
  await plain.getByRole('dialog').getByLabel('Description').fill('over plain HTTP');
  await plain
    .getByRole('dialog')
    .getByRole('button', { name: /^Make token/ })
    .click();
  await plain.getByRole('dialog').getByText('shown once').waitFor();
  expect(await tokensMade()).toContain('over plain HTTP');
});
