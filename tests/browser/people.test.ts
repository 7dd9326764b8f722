import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleTest, type Person, password, startConsoleTest } from './browser.ts';

let test: ConsoleTest;
let ana: Person;
let page: Page;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  ana = await test.company();
  const { server } = test;
  const administrator = server.client(await server.keyOf(ana.accountId, 'account-administrator'));
  await server.virtualAccounts({ ...ana, administrator }, 'EMEA / Lyon', 'EMEA / Madrid');
  page = await test.signedIn(ana);
}, 120_000);
afterAll(() => test?.close());

const dialog = () => page.getByRole('dialog');
const go = (path: string) => page.goto(`/accounts/${ana.accountId}/${path}`);

describe('people', () => {
  it('are invited to chosen virtual accounts; the link is shown once and lets them in', async () => {
    await go('people');
    await page.getByRole('button', { name: 'Invite…' }).first().click();
    await dialog().getByLabel('Mail address').fill('jean.petit@halden.example');
    await dialog().getByLabel('Name (optional)').fill('Jean Petit');
    await dialog().getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: 'Virtual account user' }).click();
    const act = dialog().getByRole('button', { name: 'Invite as virtual account user' });
    // A role of virtual accounts reaches nowhere until one is chosen.
    expect(await act.isDisabled()).toBe(true);
    await dialog().getByRole('combobox', { name: 'Virtual accounts' }).click();
    await page.getByRole('option', { name: 'EMEA / Lyon', exact: true }).click();
    await dialog().getByLabel('EMEA / Lyon with everything nested in it').uncheck();
    await dialog().getByLabel('Until (optional)').fill('2099-12-31');
    await act.click();
    await dialog().getByText('shown once').waitFor();
    const link = (await dialog().locator('code').first().textContent()) ?? '';
    await dialog().getByRole('button', { name: 'I have kept it' }).click();
    const row = page.getByRole('row', { name: /Jean Petit/ });
    await row.getByText('Virtual account user in EMEA / Lyon, until 31 Dec 2099').waitFor();
    await row.getByText('Invited, no password yet').waitFor();

    const theirs = await test.page();
    const { pathname, hash } = new URL(link);
    await theirs.goto(`${pathname}${hash}`);
    await theirs.getByLabel('Your name').fill('Jean Petit');
    await theirs.getByLabel('Password', { exact: true }).fill(password);
    await theirs.getByRole('button', { name: 'Start' }).click();
    await theirs.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    // Their rail offers what their role allows, and no more.
    const rail = theirs.getByRole('navigation', { name: 'Pages' });
    await rail.getByRole('link', { name: 'Tokens' }).waitFor();
    expect(await rail.getByRole('link', { name: 'People' }).count()).toBe(0);
  });

  it('show which right comes from which role, and lose a role at once', async () => {
    await go('people');
    await page.getByRole('link', { name: /Jean Petit/ }).click();
    const panel = page.getByRole('complementary', { name: 'Details' });
    await panel.getByText('As Virtual account user in EMEA / Lyon').waitFor();
    await panel.getByText('Make and revoke tokens').waitFor();
    expect(await panel.getByText('Manage people and API clients').count()).toBe(0);
    await panel.getByRole('button', { name: 'Take away Virtual account user in EMEA / Lyon' }).click();
    await dialog().getByText('It is their last role').waitFor();
    await dialog().getByRole('button', { name: 'Take away virtual account user' }).click();
    await page.getByText('Jean Petit is virtual account user no more.').waitFor();
    await page.getByText('This person is not in the list').waitFor();
  });

  it('cannot lose their last administrator, and are told what to do', async () => {
    await go('people');
    await page.getByRole('link', { name: /Ana Ruiz/ }).click();
    await page.getByRole('button', { name: 'Take away Account administrator in the whole account' }).click();
    await dialog().getByRole('button', { name: 'Take away account administrator' }).click();
    const alert = dialog().getByRole('alert');
    await alert.getByText('The last administrator cannot leave').waitFor();
    await alert.getByText('Make somebody else administrator first.').waitFor();
  });

  it('can read who may do what', async () => {
    await go('people');
    await page.getByRole('link', { name: 'Who may do what' }).click();
    const table = page.getByRole('table').first();
    const row = table.getByRole('row', { name: /^Move licenses and product instances/ });
    await row.waitFor();
    expect(await row.getByRole('cell').allTextContents()).toEqual([
      expect.stringContaining('not allowed'),
      expect.stringContaining('everywhere in the account'),
      expect.stringContaining('everywhere in the account'),
      expect.stringContaining('in assigned virtual accounts'),
      expect.stringContaining('in assigned virtual accounts'),
      expect.stringContaining('not allowed'),
    ]);
  });
});

describe('API clients', () => {
  it('are shown once, work with their role, and are refused as soon as they are revoked', async () => {
    await go('api-keys');
    await page.getByRole('button', { name: 'New API client…' }).first().click();
    await dialog().getByLabel('Name').fill('ERP bridge');
    await dialog().getByRole('button', { name: 'Make client ERP bridge' }).click();
    const secret = (await dialog().locator('code').first().textContent()) ?? '';
    expect(secret).toMatch(/^esak_/);
    await dialog().getByRole('button', { name: 'I have kept it' }).click();
    await page.getByRole('row', { name: /ERP bridge.*Viewer.*in the whole account/ }).waitFor();
    expect(await page.content()).not.toContain(secret);
    const ask = () =>
      fetch(`${test.server.address}/api/v1/me`, { headers: { authorization: `Bearer ${secret}` } });
    expect((await ask()).status).toBe(200);
    await page.reload();
    await page.getByRole('row', { name: /ERP bridge.*from 127\.0\.0\.1/ }).waitFor();

    await page.getByRole('button', { name: 'Rotate ERP bridge' }).click();
    await dialog().getByRole('button', { name: 'Make a new secret' }).click();
    const rotated = (await dialog().locator('code').first().textContent()) ?? '';
    expect(rotated).toMatch(/^esak_/);
    expect(rotated).not.toBe(secret);
    await dialog().getByRole('button', { name: 'I have kept it' }).click();
    await page.getByRole('row', { name: /ERP bridge.*old secret.*ends/ }).waitFor();
    expect((await ask()).status).toBe(200);

    await page.getByRole('button', { name: 'Revoke ERP bridge' }).click();
    const act = dialog().getByRole('button', { name: 'Revoke ERP bridge' });
    expect(await act.isDisabled()).toBe(true);
    await dialog().getByLabel('Type “ERP bridge” to confirm').fill('ERP bridge');
    await act.click();
    await page.getByRole('row', { name: /ERP bridge.*Revoked/ }).waitFor();
    expect((await ask()).status).toBe(401);
  });
});

describe('events', () => {
  it('tell what was before and after, and are narrowed by what stands in the panel', async () => {
    await go('virtual-accounts');
    const lyon = await page.request.patch(
      `/api/v1/accounts/${ana.accountId}/virtual-accounts/${await idOf('EMEA / Lyon')}`,
      {
        data: { name: 'Lyon depot' },
        headers: { 'idempotency-key': crypto.randomUUID(), origin: test.server.address },
      },
    );
    expect(lyon.ok()).toBe(true);
    await go('events');
    await page.getByRole('button', { name: /^Operation/ }).click();
    await page.getByRole('menuitem', { name: 'Change a virtual account' }).click();
    await page.waitForURL(/operation=updateVirtualAccount/);
    const rows = page.getByRole('table', { name: 'Events' }).getByRole('link');
    await rows.first().click();
    const panel = page.getByRole('complementary', { name: 'Details' });
    const name = panel.getByText('before: Lyon', { exact: false }).first();
    await name.waitFor();
    expect(await panel.locator('del').first().textContent()).toContain('Lyon');
    expect(await panel.locator('ins').first().textContent()).toContain('Lyon depot');
    await panel.getByRole('link', { name: /Ana Ruiz/ }).click();
    await page.waitForURL(/actorId=/);
    await page.getByRole('button', { name: /^By or on behalf of Ana Ruiz/ }).waitFor();
    expect(new URL(page.url()).searchParams.get('operation')).toBe('updateVirtualAccount');
  });

  it('of one object are a link away, and the filter can be put off', async () => {
    await page.getByRole('table', { name: 'Events' }).getByRole('link').first().click();
    await page.getByRole('link', { name: 'virtual account', exact: true }).click();
    const chip = page.getByRole('button', { name: /^Object virtual account .*: remove this filter$/ });
    await chip.click();
    await chip.waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('objectId')).toBeNull();
  });
});

async function idOf(path: string): Promise<string> {
  const answer = await page.request.get(`/api/v1/accounts/${ana.accountId}/virtual-accounts`);
  const { items } = (await answer.json()) as { items: { virtualAccountId: string; path: string[] }[] };
  return items.find((one) => one.path.join(' / ') === path)?.virtualAccountId ?? '';
}
