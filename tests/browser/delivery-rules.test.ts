import { createOrder, listDeliveryRules, listProducts } from '@estover/protocol';
import { seedCatalog } from '@estover/server/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';
import { type SeededInventory, seedInventory } from './seed-inventory.ts';
import { lookAt, press, type View } from './views.ts';

let test: ConsoleTest;
let seeded: SeededInventory;
let empty: Person;
let page: Page;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  seeded = await seedInventory(test, await seedCatalog(test.server));
  empty = await test.company('Empty Lines');
  page = await test.signedIn(seeded.ana);
}, 120_000);
afterAll(() => test?.close());

const go = () => page.goto(`/accounts/${seeded.ana.accountId}/settings/delivery-rules`);
const dialog = (name: string) => page.getByRole('dialog', { name });
const button = (name: string) => page.getByRole('button', { name, exact: true });

/** The rules as the API tells them, as `ADV-* to EMEA / Lyon`. */
async function rules(): Promise<string[]> {
  const { items } = await seeded.administrator.call(listDeliveryRules, {
    params: { accountId: seeded.ana.accountId },
  });
  return items.map(
    ({ sku, tag, buyer, virtualAccount }) =>
      `${[sku, tag, buyer].filter((text) => text !== null).join(' + ')} to ${virtualAccount?.path.join(' / ')}`,
  );
}

async function add(patterns: Record<string, string>, target: string): Promise<void> {
  await press('Add a rule…')(page);
  const open = dialog('Add a delivery rule');
  for (const [label, pattern] of Object.entries(patterns)) await open.getByLabel(label).fill(pattern);
  await open.getByRole('combobox', { name: 'Lines go to' }).fill(target);
  await page.getByRole('option', { name: target }).click();
  await open.getByRole('button', { name: 'Add the rule' }).click();
  await open.waitFor({ state: 'detached' });
}

describe('delivery rules', () => {
  it('are found from the settings, begin with none, and are added', async () => {
    await page.goto(`/accounts/${seeded.ana.accountId}/settings`);
    await page.getByRole('main').getByRole('link', { name: 'Delivery rules' }).click();
    await page.getByText('Order lines that name no virtual account go to the default one.').waitFor();
    await page.getByText('There is no delivery rule yet').waitFor();
    await press('Add a rule…')(page);
    const open = dialog('Add a delivery rule');
    await open.getByText('Say which lines: by SKU, license tag or buyer.').waitFor();
    await open.getByLabel('SKU').fill('ADV-*');
    await open.getByText('Choose where they go.').waitFor();
    await open.getByRole('button', { name: 'Cancel' }).click();
    await add({ SKU: 'ADV-*' }, 'EMEA / Lyon');
    await add({ Buyer: 'Contoso*' }, 'APAC / Osaka');
    await add({ SKU: 'SEC-*', 'License tag': '*SECURITY*' }, 'EMEA / Madrid');
    await page.getByText('are looked at by 3 rules').waitFor();
    expect(await rules()).toEqual([
      'ADV-* to EMEA / Lyon',
      'Contoso* to APAC / Osaka',
      'SEC-* + *SECURITY* to EMEA / Madrid',
    ]);
  });

  it('tell of a line which of them would take it', async () => {
    await go();
    await page.getByLabel('SKU').fill('adv-1');
    expect(await button('Try the line').getAttribute('aria-disabled')).toBe('true');
    await page.getByLabel('Buyer').fill('contoso ltd');
    await button('Try the line').click();
    await page
      .getByText('Rule 1 takes it (SKU ADV-*): it would go to EMEA / Lyon. There is no product adv-1 yet.')
      .waitFor();
    await page.getByLabel('SKU').fill('X');
    await page.getByLabel('Buyer').fill('Fabrikam');
    await page.getByLabel('Buyer').press('Enter');
    await page.getByText('No rule takes it: it would go to Default, the default').waitFor();
  });

  it('change places by keyboard, and the button keeps the keyboard', async () => {
    await go();
    const up = button('Move rule 2 up');
    await up.focus();
    await page.keyboard.press('Enter');
    await page.getByText('Rule 2 is rule 1 now.').waitFor();
    await page.locator(':focus[aria-label="Move rule 1 up"]').waitFor();
    expect(await button('Move rule 1 up').getAttribute('aria-disabled')).toBe('true');
    await button('Move rule 1 down').press('Enter');
    await page.getByText('Rule 1 is rule 2 now.').waitFor();
    await button('Move rule 2 down').press('Enter');
    await page.getByText('Rule 2 is rule 3 now.').waitFor();
    expect((await rules()).at(-1)).toBe('Contoso* to APAC / Osaka');
  });

  it('are changed and removed, and a refusal stays in the dialog', async () => {
    await go();
    await button('Change rule 3').click();
    const open = dialog('Change rule 3');
    await open.getByText('Nothing is changed yet.').waitFor();
    await open.getByLabel('Buyer').fill('');
    await open.getByLabel('SKU').fill('adv-*');
    await open.getByRole('button', { name: 'Change rule 3' }).click();
    await open.getByRole('alert').getByText('Another delivery rule asks for the same').waitFor();
    await open.getByLabel('SKU').fill('NET-*');
    await open.getByLabel('Place among the rules').fill('1');
    await open.getByRole('button', { name: 'Change rule 3' }).click();
    await open.waitFor({ state: 'detached' });
    await page.getByRole('row').nth(1).getByText('SKU NET-*').waitFor();
    await button('Remove rule 2').click();
    await dialog('Remove rule 2').getByRole('button', { name: 'Remove rule 2' }).click();
    await page.getByText('Removed rule 2.').waitFor();
    expect(await rules()).toEqual(['NET-* to APAC / Osaka', 'SEC-* + *SECURITY* to EMEA / Madrid']);
  });

  it('are told by the trace of an order', async () => {
    const { accountId } = seeded.ana;
    await add({ Buyer: 'Partner' }, 'EMEA / Lyon');
    const { items } = await test.server.operator.call(listProducts, {});
    const { order } = await test.server.operator.call(createOrder, {
      body: {
        orderNumber: 'SO-RULE',
        buyer: 'Partner',
        lines: [{ sku: items[0]?.sku ?? '', quantity: 1, account: accountId }],
      },
    });
    // The order named no virtual account, so its restricted name is the account's alone.
    expect(order.lines[0]?.virtualAccountPath).toEqual(['…', '…']);
    await page.goto(`/accounts/${accountId}/orders/SO-RULE`);
    await page.getByText('by delivery rule 3 (buyer Partner)').waitFor();
    await page
      .getByText(/booked for EMEA \/ Lyon of .*\. Delivery rule 3 took it: buyer Partner\./)
      .waitFor();
  });

  it('are not for an account user to change', async () => {
    const member = await test.signedIn(await test.member(seeded.ana.accountId, 'account-user'));
    await member.goto(`/accounts/${seeded.ana.accountId}/settings/delivery-rules`);
    await member.getByText('SKU NET-*').waitFor();
    for (const name of ['Add a rule…', 'Move rule 2 up', 'Change rule 1', 'Remove rule 1', 'Try the line']) {
      expect(await member.getByRole('button', { name }).getAttribute('aria-disabled'), name).toBe('true');
    }
    await member.getByRole('button', { name: 'Add a rule…' }).hover();
    await member.getByRole('tooltip').getByText('Needs the role account administrator.').waitFor();
    await member.context().close();
  });
});

describe.each([1280, 400])('on a screen %d wide', (width) => {
  it('have no serious finding, in both themes', async () => {
    const still = { viewport: { width, height: 860 }, reducedMotion: 'reduce' as const };
    const own = await test.signedIn(seeded.ana, still);
    const views: View[] = [
      { name: 'rules', path: 'settings/delivery-rules' },
      { name: 'rules add', path: 'settings/delivery-rules', act: press('Add a rule…') },
      { name: 'rules order', path: 'orders/SO-RULE' },
    ];
    expect(await lookAt(own, views, { prefix: `/accounts/${seeded.ana.accountId}/` })).toEqual([]);
    await own.context().close();
    if (width > 400) return;
    const other = await test.signedIn(empty, still);
    const none = [{ name: 'rules none', path: 'settings/delivery-rules' }];
    expect(await lookAt(other, none, { prefix: `/accounts/${empty.accountId}/` })).toEqual([]);
    await other.context().close();
  }, 60_000);
});
