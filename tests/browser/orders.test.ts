import { readFile } from 'node:fs/promises';
import { listAccounts } from '@estover/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';

let test: ConsoleTest;
let ola: Pick<Person, 'email'>;
let page: Page;

/*
 * The platform's staff from an empty installation to a delivered order, in the order a day would have it: each part
 * builds on what the ones before it made, as it would for the person.
 */
beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  ola = await test.operator();
  page = await test.signedIn(ola);
}, 120_000);
afterAll(() => test?.close());

const dialog = () => page.getByRole('dialog');

/** Chooses in a field that asks the server while one types. */
async function choose(field: string, words: string): Promise<void> {
  await dialog().getByRole('combobox', { name: field }).fill(words);
  await page.getByRole('option').filter({ hasText: words }).first().click();
}

describe('the platform’s staff', () => {
  it('land on the desk and make an account; its administrator’s link is shown once', async () => {
    await page.getByRole('heading', { name: 'Desk', level: 1 }).waitFor();
    await page
      .getByRole('navigation', { name: 'Pages' })
      .getByRole('link', { name: 'Accounts', exact: true })
      .click();
    await page.getByRole('heading', { name: 'Accounts', level: 1 }).waitFor();
    await page.getByText('There is no account yet').waitFor();
    await page.getByRole('button', { name: 'New account…' }).first().click();
    const act = dialog().getByRole('button', { name: 'Make', exact: false });
    expect(await act.isDisabled()).toBe(true);
    await dialog().getByLabel('Name', { exact: true }).fill('Halden Rail');
    await dialog().getByLabel('Domain identifier').fill('Halden.Example.');
    await dialog().getByLabel('Administrator’s name').fill('Ana Ruiz');
    await dialog().getByLabel('Administrator’s mail address').fill('ana@halden.example');
    await dialog().getByRole('button', { name: 'Make Halden Rail' }).click();
    await dialog().getByText('shown once').waitFor();
    expect(await dialog().locator('code').first().textContent()).toContain('/invitation#esin_');
    await dialog().getByRole('button', { name: 'I have kept it' }).click();
    // The identifier is kept in its one form.
    await page.getByRole('link', { name: /Halden Rail\s*halden\.example/ }).waitFor();
  });

  it('fill the catalog: a license with a proposed tag, a product, a substitution', async () => {
    await page.goto('/platform/catalog');
    for (const name of ['Network Advantage', 'Network Essentials']) {
      await page.getByRole('button', { name: 'New license…' }).first().click();
      await dialog().getByLabel('Name', { exact: true }).fill(name);
      await dialog().getByLabel('Your domain').fill('fjordnet.example');
      expect(await dialog().getByLabel('Entitlement tag').inputValue()).toMatch(
        /^regid\.\d{4}-\d{2}\.example\.fjordnet\.NETWORK_\w+,1\.0_[0-9a-f-]{36}$/,
      );
      await dialog()
        .getByRole('button', { name: `Add ${name}` })
        .click();
      await page.getByRole('row', { name: new RegExp(name) }).waitFor();
    }

    await page.getByText('Products', { exact: true }).click();
    await page.getByText('There is no product yet').waitFor();
    await page.getByRole('button', { name: 'New product…' }).first().click();
    await dialog().getByLabel('SKU').fill('NET-ADV-1Y');
    await dialog().getByLabel('Name', { exact: true }).fill('Network Advantage, 1 year');
    await choose('A unit grants', 'Network Advantage');
    await dialog().getByLabel('Quantity').fill('10');
    await dialog().getByText('Months', { exact: true }).click();
    await dialog().getByRole('button', { name: 'Add NET-ADV-1Y' }).click();
    await page.getByRole('row', { name: /NET-ADV-1Y.*10 Network Advantage.*12 months/ }).waitFor();

    await page.getByText('Substitutions', { exact: true }).click();
    await page.getByRole('button', { name: 'New substitution…' }).first().click();
    await choose('Higher license', 'Network Advantage');
    await choose('Lower license', 'Network Essentials');
    await dialog().getByRole('button', { name: 'Let 1 stand in for 1' }).click();
    await page.getByRole('row', { name: /Network Advantage.*1 for 1.*Network Essentials/ }).waitFor();
  });

  it('book an order by hand, ship the line, and see what was delivered', async () => {
    await page.goto('/platform/orders');
    await page.getByRole('button', { name: 'New order…' }).first().click();
    await dialog().getByLabel('Order number').fill('SO-1');
    await dialog().getByLabel('Buyer').fill('Nordic Supply');
    await choose('Product', 'NET-ADV-1Y');
    await dialog().getByLabel('Quantity').fill('3');
    await choose('Account', 'Halden Rail');
    await dialog()
      .getByLabel(/It has shipped/)
      .uncheck();
    await dialog().getByRole('button', { name: 'Book 1 line', exact: true }).click();
    await page.getByRole('heading', { name: 'SO-1', level: 1 }).waitFor();
    await page.getByText('its line is not delivered yet').waitFor();
    await page.getByText('Nothing is delivered yet').waitFor();

    await page.getByRole('button', { name: 'Ship…' }).click();
    await dialog().getByRole('button', { name: 'Ship 1 line' }).click();
    await page.getByText('its line is delivered').waitFor();
    const delivered = page.getByRole('table', { name: 'What was delivered' });
    await delivered.getByRole('row', { name: /Network Advantage.*Default.*30.*not moved/ }).waitFor();
    const ship = page.getByRole('button', { name: 'Ship…' });
    expect(await ship.getAttribute('aria-disabled')).toBe('true');
  });

  it('cancel a line only with a reason and the order’s number typed', async () => {
    await page.goto('/platform/orders');
    await page.getByRole('button', { name: 'New order…' }).first().click();
    await dialog().getByLabel('Order number').fill('SO-2');
    await dialog().getByLabel('Buyer').fill('Nordic Supply');
    await choose('Product', 'NET-ADV-1Y');
    await choose('Account', 'Halden Rail');
    await dialog()
      .getByLabel(/It has shipped/)
      .uncheck();
    await dialog().getByRole('button', { name: 'Book 1 line', exact: true }).click();
    await page.getByRole('button', { name: 'Cancel lines…' }).click();
    const act = dialog().getByRole('button', { name: 'Cancel 1 line' });
    await dialog().getByLabel('Reason').fill('Ordered twice');
    expect(await act.isDisabled()).toBe(true);
    await dialog().getByLabel('Type “SO-2” to confirm').fill('SO-2');
    await act.click();
    await page.getByRole('table', { name: 'Lines of the order' }).getByText('Cancelled').waitFor();
  });

  it('import a file: every bad row is named, and the good orders are taken', async () => {
    await page.goto('/platform/orders');
    await page.getByRole('button', { name: 'Import…' }).click();
    await page.getByRole('heading', { name: 'Import orders' }).waitFor();
    const header = 'order_number,buyer,ordered_at,line,sku,quantity,account,virtual_account,start_date,state';
    await page.getByLabel('File with orders').setInputFiles({
      name: 'november.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(
        [
          header,
          'SO-10,Nordic Supply,,1,NET-ADV-1Y,2,halden.example,,,shipped',
          'SO-11,Nordic Supply,,1,NET-ADV-2Y,2,halden.example,,,shipped',
          'SO-12,Nordic Supply,,1,NET-ADV-1Y,many,halden.example,,,shipped',
        ].join('\r\n'),
      ),
    });
    await page.getByText('1 order with 1 line').waitFor();
    const errors = page.getByRole('table', { name: 'Rows that cannot be taken' });
    expect(await errors.getByRole('row', { name: /Row 3 sku/ }).textContent()).toContain('NET-ADV-2Y');
    await errors.getByRole('row', { name: /Row 4 quantity/ }).waitFor();

    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download 2 errors as CSV' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('november-errors.csv');
    expect(await readFile(await download.path(), 'utf8')).toMatch(/^row,column,code,detail\r\n3,sku,/);

    // Nothing was taken by trying.
    await page.goto('/platform/orders?search=SO-10');
    await page.getByText('No order matches these filters').waitFor();
    await page.goto('/platform/import-orders');
    await page.getByLabel('File with orders').setInputFiles({
      name: 'november.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(
        `${header}\nSO-10,Nordic Supply,,1,NET-ADV-1Y,2,halden.example,,,shipped\nSO-13,Nordic Supply,,1,NONE,1,halden.example,,,`,
      ),
    });
    await page.getByRole('button', { name: 'Import only the 1 good order' }).click();
    await page.getByText('1 order imported from november.csv.').waitFor();
    await page.getByRole('row', { name: /SO-10.*Delivered/ }).waitFor();
  });
});

describe('people of the account', () => {
  it('trace an order to the licenses and follow them', async () => {
    const { items } = await test.server.operator.call(listAccounts, {});
    const accountId = items[0]?.accountId ?? '';
    const member = await test.member(accountId, 'account-user');
    const theirs = await test.signedIn(member);
    await theirs.goto(`/accounts/${accountId}/orders`);
    await theirs.getByRole('link', { name: 'SO-1', exact: true }).click();
    await theirs.getByText(/delivered to Default/).waitFor();
    await theirs
      .getByRole('table', { name: 'Where the licenses are now' })
      .getByRole('link', { name: 'Network Advantage' })
      .click();
    await theirs.getByRole('heading', { name: 'Network Advantage', level: 1 }).waitFor();
  });
});
