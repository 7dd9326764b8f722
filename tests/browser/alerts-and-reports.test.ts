import { readFile } from 'node:fs/promises';
import { deliver, seedCatalog, useLicenses } from '@estover/server/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';

let test: ConsoleTest;
let ana: Person;
let page: Page;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  ana = await test.company();
  const { server } = test;
  const administrator = server.client(await server.keyOf(ana.accountId, 'account-administrator'));
  const ids = await server.virtualAccounts({ ...ana, administrator }, 'EMEA / Lyon', 'EMEA / Madrid');
  const { advantage, security } = await seedCatalog(server);
  await deliver(server, ana, { tag: advantage, quantity: 10, virtualAccount: 'EMEA / Lyon' });
  await deliver(server, ana, { tag: advantage, quantity: 50, virtualAccount: 'EMEA / Madrid' });
  const term = { kind: 'term', months: 1 } as const;
  await deliver(server, ana, { tag: security, quantity: 7, virtualAccount: 'EMEA / Madrid', term });
  const lyon = ids['EMEA / Lyon'] ?? '';
  await useLicenses(server, {
    ...ana,
    virtualAccountId: lyon,
    displayName: 'lyon-core-01',
    counts: { [advantage]: 41, [security]: 2 },
  });
  page = await test.signedIn(ana);
}, 120_000);
afterAll(() => test?.close());

const go = (path: string) => page.goto(`/accounts/${ana.accountId}/${path}`);

describe('alerts', () => {
  it('are mended with one click: the transfer opens filled in', async () => {
    await go('alerts');
    await page.getByText('2 things need you now.').waitFor();
    const alert = page
      .getByRole('list', { name: 'Major alerts' })
      .getByRole('listitem')
      .filter({ hasText: 'Network Advantage is short by 31' });
    await alert.getByText('Move 31 from EMEA / Madrid, which keeps 19').waitFor();
    await alert.getByRole('button', { name: 'Move', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /^Move 31/ }).click();
    await alert.waitFor({ state: 'detached' });
    await page.getByText('One thing needs you now.').waitFor();

    await page.getByText('Resolved', { exact: true }).click();
    await page.getByText('Network Advantage is short by 31').waitFor();
    expect(new URL(page.url()).searchParams.get('state')).toBe('resolved');
  });

  it('are put aside for some days', async () => {
    await go('alerts?kind=insufficient-licenses');
    const alert = page.getByRole('listitem').filter({ hasText: 'Branch Security is short by 2' }).first();
    await alert.getByRole('button', { name: 'Snooze…' }).click();
    await page.getByRole('menuitem', { name: 'For 7 days' }).click();
    await page.getByText('Put aside for 7 days.').waitFor();
    await page.getByText('No alert matches these filters').waitFor();
    await page.getByText('Snoozed', { exact: true }).click();
    await page.getByText('Branch Security is short by 2').first().waitFor();
    await page.getByText(/Back on/).waitFor();
  });
});

describe('reports', () => {
  it('show the first rows of exactly what the file holds', async () => {
    await go('reports');
    const preview = page.getByRole('region', { name: 'First rows of the report' });
    await preview.getByRole('row', { name: /Network Advantage.*EMEA \/ Lyon/ }).waitFor();
    await page.getByRole('searchbox', { name: 'Search in the report' }).fill('Security');
    await preview
      .getByRole('row', { name: /Network Advantage/ })
      .first()
      .waitFor({ state: 'detached' });
    await page.getByRole('status').getByText('2 rows').waitFor();

    const file = async (name: string): Promise<{ name: string; content: Buffer }> => {
      const downloading = page.waitForEvent('download');
      await page.getByRole('link', { name }).click();
      const download = await downloading;
      return { name: download.suggestedFilename(), content: await readFile(await download.path()) };
    };
    const csv = await file('Download CSV');
    expect(csv.name).toMatch(/^estover-licenses-\d{4}-\d{2}-\d{2}\.csv$/);
    const lines = csv.content.toString('utf8').trim().split(/\r?\n/);
    expect(lines).toHaveLength(3);
    expect(lines.slice(1).every((line) => line.includes('Branch Security'))).toBe(true);
    const xlsx = await file('Download XLSX');
    expect(xlsx.name).toMatch(/\.xlsx$/);
    expect(xlsx.content.subarray(0, 2).toString()).toBe('PK');
    const json = await file('Download JSON');
    expect(JSON.parse(json.content.toString('utf8'))).toBeTruthy();
  });

  it('each have their own filters, and say so when nothing matches', async () => {
    await go('reports?report=license-subscriptions');
    const preview = page.getByRole('region', { name: 'First rows of the report' });
    await preview.getByRole('row', { name: /Branch Security.*EMEA \/ Madrid/ }).waitFor();
    expect(await preview.getByRole('row', { name: /Network Advantage/ }).count()).toBe(0);
    await page.getByText('Product instances', { exact: true }).last().click();
    await preview
      .getByRole('row', { name: /lyon-core-01/ })
      .first()
      .waitFor();
    await page.getByRole('searchbox', { name: 'Search in the report' }).fill('nothing is called this');
    await page.getByText('The report is empty').waitFor();
  });
});
