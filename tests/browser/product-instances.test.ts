import { createToken } from '@estover/protocol';
import { answerOf, deliver, seedCatalog, type TestDevice, testDevice } from '@estover/server/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';

let test: ConsoleTest;
let ana: Person;
let ids: Record<string, string>;
let advantage: string;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  ana = await test.company();
  const { server } = test;
  const administrator = server.client(await server.keyOf(ana.accountId, 'account-administrator'));
  ids = await server.virtualAccounts({ ...ana, administrator }, 'EMEA / Lyon', 'EMEA / Madrid');
  ({ advantage } = await seedCatalog(server));
  await deliver(server, ana, { tag: advantage, quantity: 10, virtualAccount: 'EMEA / Lyon' });
}, 120_000);
afterAll(() => test?.close());

/** A device of the account that uses so many of the license. */
async function device(hostName: string, virtualAccount: string, count: number): Promise<TestDevice> {
  const { server } = test;
  const administrator = server.client(await server.keyOf(ana.accountId, 'account-administrator'));
  const { secret } = await administrator.call(createToken, {
    params: { accountId: ana.accountId, virtualAccountId: ids[virtualAccount] ?? '' },
    body: { description: hostName },
  });
  const made = await testDevice(server, { hostName });
  answerOf(await made.register(secret));
  answerOf(await made.authorize([{ tag: advantage, count }]));
  return made;
}

describe('product instances', () => {
  it('are brought in by the guide: a virtual account, a token, one command', async () => {
    const page = await test.signedIn(ana);
    await page.goto(`/accounts/${ana.accountId}/product-instances`);
    await page.getByRole('button', { name: 'Add product instance…' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Add a product instance' });
    await dialog.getByRole('combobox', { name: 'Virtual account' }).click();
    await page.getByRole('option', { name: 'EMEA / Lyon' }).click();
    await dialog.getByRole('button', { name: 'Make token for Lyon' }).click();

    const once = page.getByRole('dialog', { name: 'Register the product instance' });
    const command = await once.getByText('estover-agent register').textContent();
    const token = /--token (esrt_\S+)/.exec(command ?? '')?.[1] ?? '';
    expect(command).toContain(`--server ${test.server.address}`);
    const newcomer = await testDevice(test.server, { hostName: 'lyon-new-01' });
    answerOf(await newcomer.register(token));

    // The dialog has been looking for it all the while.
    await once.getByText('is registered').waitFor();
    await once.getByRole('link', { name: 'Look at it' }).click();
    await page.getByRole('heading', { name: 'lyon-new-01', level: 1 }).waitFor();
    await page.getByText('EMEA / Lyon').first().waitFor();
  });

  it('are found by filters that stay in the address', async () => {
    await device('lyon-core-01', 'EMEA / Lyon', 4);
    await device('madrid-core-01', 'EMEA / Madrid', 5);
    const page = await test.signedIn(ana);
    await page.goto(`/accounts/${ana.accountId}/product-instances`);
    const table = page.getByRole('table', { name: 'Product instances' });
    await table.getByRole('link', { name: /lyon-core-01/ }).waitFor();
    await page.getByRole('button', { name: /^Authorization/ }).click();
    await page.getByRole('menuitem', { name: 'Out of compliance' }).click();
    await page.getByText('1 found').waitFor();
    expect(await table.getByRole('link').allInnerTexts()).toEqual([
      expect.stringContaining('madrid-core-01'),
    ]);

    await page.reload();
    await page.getByText('1 found').waitFor();
    await page.getByRole('button', { name: 'Authorization Out of compliance' }).waitFor();

    await page.goto(`/accounts/${ana.accountId}/product-instances`);
    await page.getByRole('searchbox', { name: 'Search product instances' }).fill('lyon-core');
    await page.getByText('1 found').waitFor();
    expect(new URL(page.url()).searchParams.get('search')).toBe('lyon-core');
  });

  it('are transferred after a look at the pools before and after', async () => {
    await device('lyon-edge-01', 'EMEA / Lyon', 3);
    const page = await test.signedIn(ana);
    await page.goto(`/accounts/${ana.accountId}/product-instances?search=lyon-edge-01`);
    await page.getByRole('link', { name: /lyon-edge-01/ }).click();
    const panel = page.getByRole('complementary', { name: 'Details' });
    await panel.getByRole('button', { name: 'Transfer…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Transfer lyon-edge-01' });
    await dialog.getByRole('combobox', { name: 'To virtual account' }).click();
    // Where it is already is no choice.
    expect(await page.getByRole('option', { name: 'EMEA / Lyon' }).count()).toBe(0);
    await page.getByRole('option', { name: 'EMEA / Madrid' }).click();
    const changes = dialog.getByRole('list', { name: 'What changes' });
    await changes.getByText('EMEA / Madrid').waitFor();
    const madrid = changes.getByRole('listitem').filter({ hasText: 'EMEA / Madrid' });
    expect(await madrid.textContent()).toMatch(/Still short by 8[\s\S]*5 → 8[\s\S]*−5 → −8/);
    await dialog.getByText('The same by API').click();
    expect(await dialog.locator('pre').textContent()).toContain(ids['EMEA / Madrid']);

    await dialog.getByRole('button', { name: 'Move to Madrid' }).click();
    await page.getByText('lyon-edge-01 is in EMEA / Madrid now.').waitFor();
    await panel.getByText('EMEA / Madrid', { exact: true }).waitFor();
  });

  it('are removed only once their name is typed, and free what they used', async () => {
    await device('lyon-old-01', 'EMEA / Lyon', 2);
    const page = await test.signedIn(ana);
    await page.goto(`/accounts/${ana.accountId}/product-instances?search=lyon-old-01`);
    await page.getByRole('link', { name: /lyon-old-01/ }).click();
    await page.getByRole('link', { name: 'Open', exact: true }).click();
    await page.getByRole('heading', { name: 'lyon-old-01', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Remove…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove lyon-old-01' });
    await dialog.getByRole('list', { name: 'What changes' }).getByText('Network Advantage').waitFor();
    const act = dialog.getByRole('button', { name: 'Remove lyon-old-01' });
    expect(await act.isDisabled()).toBe(true);
    await dialog.getByLabel('Type “lyon-old-01” to confirm').fill('lyon-old-01');
    await act.click();
    await page.getByText('lyon-old-01 is removed; what it used is free.').waitFor();

    await page.getByRole('link', { name: 'Product instances', exact: true }).first().click();
    await page.goto(`/accounts/${ana.accountId}/product-instances?search=lyon-old-01`);
    await page.getByText('No product instance matches these filters').waitFor();
    await page.goto(`/accounts/${ana.accountId}/product-instances?search=lyon-old-01&state=removed`);
    await page.getByRole('link', { name: /lyon-old-01/ }).waitFor();
  });

  it('tell a viewer why they cannot be changed', async () => {
    await device('lyon-seen-01', 'EMEA / Lyon', 1);
    const viewer = await test.member(ana.accountId, 'viewer');
    const page = await test.signedIn(viewer);
    await page.goto(`/accounts/${ana.accountId}/product-instances?search=lyon-seen-01`);
    await page.getByRole('link', { name: /lyon-seen-01/ }).click();
    const button = page.getByRole('button', { name: 'Transfer…' });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await button.hover();
    await page
      .getByRole('tooltip')
      .getByText(/Needs the role account administrator/)
      .waitFor();
  });
});

describe('registration tokens', () => {
  it('are made with their limits, shown once, and revoked', async () => {
    const page = await test.signedIn(ana);
    await page.goto(`/accounts/${ana.accountId}/tokens`);
    await page.getByRole('button', { name: 'New token…' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'New registration token' });
    await dialog.getByLabel('Description').fill('Depot 3');
    expect(await dialog.getByLabel('Valid for days').inputValue()).toBe('30');
    await dialog.getByText('At most').click();
    await dialog.getByLabel('Registrations at most').fill('3');
    await dialog.getByLabel('Address range (optional)').fill('not a range');
    await dialog.getByRole('button', { name: 'Make token for Default' }).click();
    await dialog.getByRole('alert').first().waitFor();
    await dialog.getByLabel('Address range (optional)').fill('10.20.0.0/16');
    await dialog.getByRole('button', { name: 'Make token for Default' }).click();

    const once = page.getByRole('dialog', { name: 'The token is made' });
    await once.getByText('shown once').waitFor();
    const secret = (await once.locator('code').first().textContent()) ?? '';
    expect(secret).toMatch(/^esrt_/);
    await page.keyboard.press('Escape');
    expect(await once.isVisible()).toBe(true);
    await once.getByRole('button', { name: 'I have kept it' }).click();

    const row = page.getByRole('row', { name: /Depot 3/ });
    await row.getByText('0 of 3').waitFor();
    expect(await page.content()).not.toContain(secret);

    await row.getByRole('button', { name: 'Revoke Depot 3' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke token' }).click();
    await row.getByText('Revoked', { exact: true }).waitFor();
    const again = row.getByRole('button', { name: 'Revoke Depot 3' });
    expect(await again.getAttribute('aria-disabled')).toBe('true');
  });

  it('offer export-controlled functionality only where the account may have it', async () => {
    const page = await test.signedIn(ana);
    await page.goto(`/accounts/${ana.accountId}/tokens`);
    await page.getByRole('button', { name: 'New token…' }).first().click();
    await page.getByRole('switch', { name: 'Allow export-controlled functionality' }).waitFor();

    const other = await test.company('Limited Lines', { exportCategory: 'D' });
    const otherPage = await test.signedIn(other);
    await otherPage.goto(`/accounts/${other.accountId}/tokens`);
    await otherPage.getByRole('button', { name: 'New token…' }).first().click();
    await otherPage.getByText(/not available to accounts of export category/).waitFor();
    expect(await otherPage.getByRole('switch').count()).toBe(0);
  });
});
