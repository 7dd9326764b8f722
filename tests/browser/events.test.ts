import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { updateAccount } from '@estover/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealEvents } from '../../packages/server/src/audit/index.ts';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';
import { lookAt, press } from './views.ts';

/** Events as a file, and the proof that nothing of them was changed, checked by the command as a customer would. */

let test: ConsoleTest;
let ana: Person;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  ana = await test.company();
  const { server } = test;
  const administrator = server.client(await server.keyOf(ana.accountId, 'account-administrator'));
  for (const name of ['Halden Rail AG', 'Halden Rail']) {
    await administrator.call(updateAccount, { params: { accountId: ana.accountId }, body: { name } });
  }
}, 120_000);
afterAll(() => test?.close());

const events = () => `/accounts/${ana.accountId}/events`;

describe('the page of events', () => {
  it('downloads what it shows as CSV', async () => {
    const page = await test.signedIn(ana, { acceptDownloads: true });
    await page.goto(`${events()}?operation=updateAccount`);
    await page.getByText('changed name').first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^estover-events-\d{4}-\d\d-\d\d\.csv$/);
    const rows = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(rows).toHaveLength(3);
    expect(rows[1]).toContain('updateAccount');
  });

  it('gives the chain to take away, which the command recounts and compares with this server', async () => {
    const page = await test.signedIn(ana, { acceptDownloads: true });
    await page.goto(events());
    await page.getByRole('button', { name: 'Prove…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Prove that nothing was changed' });
    await dialog.getByText('Nothing is sealed yet').waitFor();
    await sealEvents(test.server.db, test.server.clock.now());
    await page.reload();
    await page.getByRole('button', { name: 'Prove…' }).click();
    const head = await dialog.getByText(/^1:[0-9a-f]{64}$/).innerText();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('link', { name: 'Download the chain' }).click(),
    ]);
    const file = await download.path();
    const verify = (...words: string[]) =>
      spawnSync(process.execPath, ['packages/cli/src/main.ts', 'audit', 'verify', file, ...words], {
        encoding: 'utf8',
      });
    const trusted = verify('--head', head);
    expect(trusted.stdout).toContain(`head ${head}`);
    expect(trusted.status).toBe(0);
    const other = verify('--head', head.replace(/.{4}$/, '0000'));
    expect(other.stdout).toContain('BROKEN  Halden Rail');
    expect(other.status).toBe(1);
  });

  it('says why the chain is not for everybody', async () => {
    const scope = {
      kind: 'virtual-accounts' as const,
      virtualAccounts: [{ virtualAccountId: ana.defaultVirtualAccountId, nested: true }],
    };
    const some = await test.member(ana.accountId, 'virtual-account-administrator', scope);
    const page = await test.signedIn(some);
    await page.goto(events());
    const button = page.getByRole('button', { name: 'Prove…' });
    await expect.poll(() => button.isDisabled()).toBe(true);
  });

  it('looks right', async () => {
    await sealEvents(test.server.db, test.server.clock.now());
    const views = [{ name: 'events-proof', path: events(), act: press('Prove…') }];
    for (const width of [1280, 400]) {
      const page = await test.signedIn(ana, { viewport: { width, height: 860 } });
      expect(await lookAt(page, views)).toEqual([]);
    }
  });
});
