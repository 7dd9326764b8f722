import { createOrder, requestAccount } from '@estover/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver, seedCatalog } from '../../packages/server/src/testing/index.ts';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';
import { lookAt, press } from './views.ts';

let test: ConsoleTest;
let ola: Pick<Person, 'email'>;
let page: Page;
let sku: string;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  const { server } = test;
  const catalog = await seedCatalog(server);
  ({ sku } = await deliver(server, await server.account('Halden Rail'), {
    tag: catalog.advantage,
    quantity: 2,
  }));
  for (const company of ['Alpha', 'Beta']) {
    await server.client().call(requestAccount, {
      body: {
        companyName: company,
        mailDomain: `${company.toLowerCase()}.example`,
        requester: { name: 'Ana Ruiz', email: `ana@${company.toLowerCase()}.example` },
      },
    });
  }
  const reseller = await server.account('Nordic Reseller');
  const { accountId } = reseller;
  await server.db
    .updateTable('accounts')
    .set({ kind: 'holding' })
    .where('account_id', '=', accountId)
    .execute();
  const line = { sku, quantity: 5 };
  const book = (orderNumber: string, account: string) =>
    server.operator.call(createOrder, {
      body: { orderNumber, buyer: 'Nordic', lines: [{ ...line, account }] },
    });
  await book('SO-HELD', accountId);
  await book('SO-OVER', 'beta.example');
  await server.db
    .updateTable('account_requests')
    .set({ state: 'withdrawn' })
    .where('domain_identifier', '=', 'beta.example')
    .execute();
  ola = await test.operator();
  page = await test.signedIn(ola);
}, 120_000);
afterAll(() => test?.close());

const dialog = () => page.getByRole('dialog');
const lines = () => page.getByRole('table', { name: 'Lines of the order' });

async function choose(field: string, words: string): Promise<void> {
  await dialog().getByRole('combobox', { name: field }).fill(words);
  await page.getByRole('option').filter({ hasText: words }).first().click();
}

describe('the order desk', () => {
  it('books for an account that was asked for, and reads what the line waits for', async () => {
    await page.goto('/platform/orders');
    await page.getByRole('button', { name: 'New order…' }).first().click();
    await dialog().getByLabel('Order number').fill('SO-1');
    await dialog().getByLabel('Buyer').fill('Nordic Supply');
    await choose('Product', sku);
    await choose('Account', 'gamma.example');
    await dialog().getByRole('button', { name: 'Book 1 line and ship' }).click();
    await dialog().getByText('There is no account gamma.example.').first().waitFor();
    await choose('Account', 'alpha.example');
    await dialog().getByRole('button', { name: 'Book 1 line and ship' }).click();
    await page.getByRole('heading', { name: 'SO-1', level: 1 }).waitFor();
    await lines()
      .getByRole('row', { name: /alpha\.example.*On hold.*has not confirmed it yet/ })
      .waitFor();
    expect(await page.getByRole('button', { name: 'Ask a contact…' }).count()).toBe(0);
  });

  it('asks a contact where the request is over, and sees what is held at a holding account', async () => {
    await page.goto('/platform/orders/SO-OVER');
    await lines().getByText('The request for the account beta.example is withdrawn.').waitFor();
    await page.getByRole('button', { name: 'Ask a contact…' }).click();
    await dialog().getByLabel('Company').fill('Beta Works');
    await dialog().getByLabel('Contact’s name').fill('Bo Lind');
    await dialog().getByLabel('Contact’s mail address').fill('bo@beta.example');
    await dialog().getByRole('button', { name: 'Ask bo@beta.example' }).click();
    await page.getByText(/The orders of Beta Works wait for an answer/).waitFor();
    await lines().getByText('A contact at Beta Works was asked for the account.').waitFor();

    await page.goto('/platform/orders/SO-HELD');
    await lines()
      .getByRole('row', { name: /Nordic Reseller.*Held.*Held at Nordic Reseller for a customer/ })
      .waitFor();
    await page.getByText('Nothing is delivered yet').waitFor();
  });

  it.each([1280, 400])(
    'has pages that look right at %i pixels',
    async (width) => {
      const views = [
        { name: 'order-awaited', path: '/platform/orders/SO-1' },
        { name: 'order-held', path: '/platform/orders/SO-HELD' },
        { name: 'order-ask-contact', path: '/platform/orders/SO-OVER', act: press('Ask a contact…') },
      ];
      expect(await lookAt(await test.signedIn(ola, { viewport: { width, height: 860 } }), views)).toEqual([]);
    },
    150_000,
  );
});
