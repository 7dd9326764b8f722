import { addToGroup, createGroup, grantRole } from '@estover/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';
import { lookAt, panel, type View } from './views.ts';

/* The access review as a matrix: of people and roles, and of virtual accounts and roles. */

let test: ConsoleTest;
let ana: Person;
let page: Page;
let prefix: string;
let lyonId: string;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  ana = await test.company();
  prefix = `/accounts/${ana.accountId}/`;
  const { server } = test;
  const administrator = server.client(await server.keyOf(ana.accountId, 'account-administrator'));
  const ids = await server.virtualAccounts({ ...ana, administrator }, 'EMEA / Lyon / Depot', 'EMEA / Madrid');
  lyonId = ids['EMEA / Lyon'] as string;
  const params = { accountId: ana.accountId };
  const at = (...places: [path: string, nested: boolean][]) => ({
    kind: 'virtual-accounts' as const,
    virtualAccounts: places.map(([path, nested]) => ({ virtualAccountId: ids[path] as string, nested })),
  });
  await administrator.call(grantRole, {
    params,
    body: {
      email: 'bo.lind@partner.example',
      name: 'Bo Lind',
      role: 'virtual-account-user',
      scope: at(['EMEA / Lyon', true], ['EMEA / Madrid', false]),
      until: server.clock.now().add({ hours: 240 }).toString(),
    },
  });
  const { group } = await administrator.call(createGroup, {
    params,
    body: { name: 'Night shift', role: 'viewer', scope: at(['EMEA', true]) },
  });
  await administrator.call(addToGroup, {
    params: { ...params, groupId: group.groupId },
    body: { people: [{ email: 'bo.lind@partner.example' }, { email: 'cy@company-1.example' }] },
  });
  page = await test.signedIn(ana);
}, 120_000);
afterAll(() => test?.close());

const details = () => page.getByRole('complementary', { name: 'Details' });
const dialog = () => page.getByRole('dialog');
const rowOf = (name: RegExp) => page.getByRole('row', { name });

it('shows who has a role where, and why', async () => {
  await page.goto(`${prefix}access-review?view=matrix`);
  await page.getByRole('radiogroup', { name: 'Rows' }).getByText('Virtual accounts').click();
  await page
    .getByText('5 virtual accounts: how many people have which role in each.', { exact: false })
    .waitFor();
  const lyon = rowOf(/^Lyon in EMEA/);
  expect(await lyon.getByRole('cell').allInnerTexts()).toHaveLength(7);
  await lyon.getByRole('link', { name: /^1 virtual account user, here/ }).click();
  await details()
    .getByRole('heading', { name: /Bo Lind · bo\.lind@partner\.example · partner/ })
    .waitFor();
  await details().getByText('Virtual account user given here').waitFor();
  await rowOf(/^Depot in EMEA \/ Lyon/)
    .getByRole('link', { name: /^2 viewer, from above/ })
    .click();
  await details().getByText('Viewer from above: EMEA with all in it').first().waitFor();
  await details().getByRole('link', { name: 'Night shift' }).first().waitFor();
  expect(await details().getByRole('heading', { level: 3 }).count()).toBe(2);

  // The filters are those of the list, and the address holds all of it.
  await page.getByRole('button', { name: /^Company/ }).click();
  await page.getByRole('menuitem', { name: 'Partners' }).click();
  await rowOf(/^Depot in EMEA \/ Lyon/)
    .getByRole('link', { name: /^1 viewer, from above/ })
    .waitFor();
  await page.goto(`${prefix}access-review?view=matrix&by=virtual-accounts&virtualAccountId=${lyonId}`);
  await page.getByText('2 virtual accounts: how many people', { exact: false }).waitFor();
  const file = await page.getByRole('link', { name: 'Download CSV' }).getAttribute('href');
  expect(file).toContain(`/access-review/virtual-accounts/download?virtualAccountId=${lyonId}`);
});

it('shows people and roles, opens a cell by keyboard, and is decided there', async () => {
  await page.goto(`${prefix}access-review`);
  await page.getByText('5 roles, 5 of them never looked at.').waitFor();
  await page.getByRole('radiogroup', { name: 'Show as' }).getByText('Matrix').click();
  await page.getByText('3 people hold 5 roles, 5 of them never looked at.').waitFor();
  await page.getByRole('columnheader', { name: 'VA admin' }).waitFor();
  const heads = await page.getByRole('columnheader').allTextContents();
  expect(heads).toEqual([
    'Person',
    'Last sign-in',
    'Approver',
    'Account admin',
    'Account user',
    'VA admin',
    'VA user',
    'Viewer',
  ]);
  const cells = rowOf(/Bo Lind.*partner/).getByRole('cell');
  expect((await cells.allTextContents()).slice(2, 6)).toEqual(['', '', '', '']);
  const cell = rowOf(/Bo Lind/).getByRole('link', { name: /EMEA \/ Lyon and nested and 1 more/ });
  expect(await cell.textContent()).toMatch(/ends \d+ \w+ · never looked at/);
  await rowOf(/Bo Lind/)
    .getByRole('link', { name: /EMEA and nested.*by Night shift · never looked at/ })
    .waitFor();
  // All places show when the cell has the focus, and Enter opens it.
  await rowOf(/Bo Lind/)
    .getByRole('link', { name: /^Bo Lind/ })
    .focus();
  await page.keyboard.press('Tab');
  await page.getByRole('tooltip').getByText('EMEA / Madrid').waitFor();
  await page.keyboard.press('Enter');
  await details().getByRole('heading', { name: 'Virtual account user', level: 2 }).waitFor();
  expect(new URL(page.url()).searchParams.get('cell')).toBe('virtual-account-user');
  await details().getByRole('button', { name: 'Keep all 2 roles of Bo Lind' }).waitFor();
  const roles = await details().getByRole('heading', { level: 3 }).allTextContents();
  expect(roles).toEqual(['Virtual account user', 'Viewer']);

  await details().getByRole('button', { name: 'Keep the role virtual account user of Bo Lind' }).click();
  await rowOf(/Bo Lind/)
    .getByText('looked at just now by Ana Ruiz')
    .waitFor();
  await details().getByRole('button', { name: 'Keep all 2 roles of Bo Lind' }).click();
  await page.getByText('Kept 2 roles of Bo Lind.').waitFor();
  await page.getByText('3 people hold 5 roles, 3 of them never looked at.').waitFor();
  await details().getByRole('button', { name: 'Remove the role viewer of Bo Lind' }).click();
  await dialog().getByRole('button', { name: 'Take Bo Lind out of Night shift' }).click();
  await page.getByText('3 people hold 4 roles, 3 of them never looked at.').waitFor();
  expect(
    await rowOf(/Bo Lind/)
      .getByRole('link')
      .count(),
  ).toBe(2);

  await rowOf(/^Ana Ruiz/)
    .getByRole('link', { name: /^Ana Ruiz/ })
    .click();
  const own = details().getByRole('button', { name: 'Keep all 2 roles of Ana Ruiz' });
  expect(await own.getAttribute('aria-disabled')).toBe('true');
  const file = await page.getByRole('link', { name: 'Download CSV' }).getAttribute('href');
  expect(file).toContain('/access-review/matrix/download');
});

it.each([1280, 400])('looks right at %i pixels', async (width) => {
  const narrow = await test.signedIn(ana, { viewport: { width, height: 860 }, reducedMotion: 'reduce' });
  const views: View[] = [
    { name: 'access-matrix', path: 'access-review?view=matrix' },
    {
      name: 'access-matrix-person',
      path: 'access-review?view=matrix',
      act: panel(/EMEA \/ Lyon and nested/),
    },
    { name: 'access-matrix-places', path: 'access-review?view=matrix&by=virtual-accounts' },
    {
      name: 'access-matrix-place',
      path: 'access-review?view=matrix&by=virtual-accounts',
      act: panel(/\d viewer, from above/),
    },
  ];
  expect(await lookAt(narrow, views, { prefix })).toEqual([]);
});
