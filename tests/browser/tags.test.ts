import {
  createTagKey,
  listEvents,
  listTagKeys,
  listVirtualAccounts,
  tagVirtualAccount,
} from '@estover/protocol';
import { seedCatalog } from '@estover/server/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';
import { type SeededInventory, seedInventory } from './seed-inventory.ts';
import { lookAt, panel as openPanel, press, type View } from './views.ts';

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

const go = (path: string) => page.goto(`/accounts/${seeded.ana.accountId}/${path}`);
const dialog = (name: string) => page.getByRole('dialog', { name });
/** A line of the list of tags, by its name. */
const tag = (name: string) =>
  page
    .getByRole('table', { name: 'Tags' })
    .getByRole('row')
    .filter({ has: page.getByRole('cell', { name, exact: true }) });
const tree = () => page.getByRole('table', { name: 'Virtual accounts', exact: true });
const line = (name: string) =>
  tree()
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name, exact: true }) });
const lines = async () =>
  (await tree().locator('[data-row-link]').allInnerTexts()).map((name) => name.trim());
const details = () => page.getByRole('complementary', { name: 'Details' });

const params = () => ({ accountId: seeded.ana.accountId });

/** The tags as the API tells them, as `Department: IT 1, Sales 0`. */
async function defined(): Promise<string[]> {
  const { items } = await seeded.administrator.call(listTagKeys, { params: params() });
  return items.map(
    ({ name, values }) =>
      `${name}: ${values.map((value) => `${value.name} ${value.virtualAccounts}`).join(', ')}`,
  );
}

/** What a virtual account carries, as the API tells it. */
async function carried(path: string): Promise<string[]> {
  const { items } = await seeded.administrator.call(listVirtualAccounts, { params: params() });
  const found = items.find((item) => item.path.join(' / ') === path);
  return (found?.tags ?? []).map(({ key, value }) => `${key}=${value}`);
}

/** Opens the tags of a virtual account and chooses a value. */
async function choose(path: string, key: string, value: string): Promise<void> {
  const name = path.split(' / ').at(-1) as string;
  await go('virtual-accounts');
  await line(name).getByRole('link').click();
  await details().getByRole('button', { name: 'Set tags' }).click();
  await dialog(`Tags of ${name}`).getByRole('combobox', { name: key }).click();
  await page.getByRole('option', { name: value, exact: true }).click();
  await dialog(`Tags of ${name}`)
    .getByRole('button', { name: `Set tags of ${name}` })
    .click();
  await page.getByText(`Tags of ${name} are set.`).first().waitFor();
}

describe('the tags of an account', () => {
  it('are found from the settings, and begin with none', async () => {
    await go('settings');
    await page.getByRole('main').getByRole('link', { name: 'Tags of virtual accounts' }).click();
    await page.getByRole('heading', { name: 'Tags', level: 1 }).waitFor();
    await page.getByText('Virtual accounts carry no tags yet.').waitFor();
    await page.getByText('There is no tag yet').waitFor();
  });

  it('are defined with their values', async () => {
    await go('settings/tags');
    await press('Define a tag…')(page);
    const open = dialog('Define a tag');
    await open.getByText('Give it a name.').waitFor();
    await open.getByLabel('Name').fill('Department');
    await open.getByText('Name at least one value.').waitFor();
    const values = open.getByRole('combobox', { name: 'Values' });
    await values.pressSequentially('Sales,IT');
    await values.press('Enter');
    await open.getByRole('button', { name: 'Define Department with 2 values' }).click();
    await page.getByText('Defined the tag Department.').waitFor();
    await tag('Department').getByText('Sales').waitFor();
    expect(await defined()).toEqual(['Department: IT 0, Sales 0']);

    await press('Define a tag…')(page);
    await open.getByLabel('Name').fill('DEPARTMENT');
    await values.fill('A');
    await values.press('Enter');
    await open.getByRole('button', { name: 'Define DEPARTMENT with 1 value' }).click();
    await open.getByRole('alert').getByText('A tag key or value has this name').waitFor();
    await open.getByRole('button', { name: 'Cancel' }).click();
    expect(await defined()).toEqual(['Department: IT 0, Sales 0']);
  });
});

describe('the tags of a virtual account', () => {
  it('are set, shown and cleared in its panel', async () => {
    await choose('EMEA / Lyon', 'Department', 'Sales');
    await details().getByText('Department: Sales').waitFor();
    expect(await carried('EMEA / Lyon')).toEqual(['Department=Sales']);

    await details().getByRole('button', { name: 'Set tags' }).click();
    const open = dialog('Tags of Lyon');
    expect(await open.getByRole('button', { name: 'Set tags of Lyon' }).isDisabled()).toBe(true);
    await open.getByRole('combobox', { name: 'Department' }).click();
    await page.getByRole('option', { name: 'None', exact: true }).click();
    await open.getByRole('button', { name: 'Set tags of Lyon' }).click();
    await open.waitFor({ state: 'detached' });
    await details().getByText('none', { exact: true }).waitFor();
    expect(await carried('EMEA / Lyon')).toEqual([]);
  });

  it('filter the tree by key and by value, and the address keeps it', async () => {
    await choose('EMEA / Lyon', 'Department', 'Sales');
    await choose('APAC / Osaka', 'Department', 'IT');
    await go('virtual-accounts');
    await page.getByRole('button', { name: 'Tag any' }).click();
    await page.getByRole('searchbox', { name: 'Find a tag' }).fill('sales');
    await page.getByRole('button', { name: 'Department: Sales', exact: true }).click();
    await line('APAC').waitFor({ state: 'detached' });
    expect(await lines()).toEqual(['EMEA', 'Lyon']);
    expect(new URL(page.url()).searchParams.get('tag')).toMatch(/^[0-9a-f-]{36}$/);
    await page.reload();
    await line('Lyon').waitFor();
    expect(await lines()).toEqual(['EMEA', 'Lyon']);

    await page.getByRole('button', { name: 'Tag Department: Sales' }).click();
    await page.getByRole('button', { name: 'Department', exact: true }).click();
    await line('Osaka').waitFor();
    expect(await lines()).toEqual(['APAC', 'Osaka', 'EMEA', 'Lyon']);
    await page.getByRole('searchbox', { name: 'Find a virtual account' }).fill('osa');
    await line('Lyon').waitFor({ state: 'detached' });
    expect(await lines()).toEqual(['APAC', 'Osaka']);

    await page.getByRole('button', { name: 'Tag Department', exact: true }).click();
    await page.getByRole('button', { name: 'With any tag or none' }).click();
    await page.getByRole('searchbox', { name: 'Find a virtual account' }).fill('sales');
    await line('Lyon').waitFor();
    expect(await lines()).toEqual(['EMEA', 'Lyon']);
  });

  it('a link to a tag that is gone shows the whole tree', async () => {
    await go(`virtual-accounts?tag=${seeded.ana.accountId}`);
    await line('Lyon').waitFor();
    expect(await lines()).toEqual(['APAC', 'Osaka', 'Default', 'EMEA', 'Lyon', 'Madrid']);
  });

  it('are not for an account user to set or define', async () => {
    const member = await test.signedIn(await test.member(seeded.ana.accountId, 'account-user'));
    await member.goto(`/accounts/${seeded.ana.accountId}/settings/tags`);
    await member.getByRole('row', { name: /^Department/ }).waitFor();
    const define = member.getByRole('button', { name: 'Define a tag…' });
    await define.waitFor();
    expect(await define.getAttribute('aria-disabled')).toBe('true');
    await define.hover();
    await member.getByRole('tooltip').getByText('Needs the role account administrator.').waitFor();
    for (const name of ['Change Department', 'Delete Department']) {
      expect(await member.getByRole('button', { name }).getAttribute('aria-disabled')).toBe('true');
    }
    await member.goto(
      `/accounts/${seeded.ana.accountId}/virtual-accounts?open=${seeded.ids['EMEA / Lyon'] ?? ''}`,
    );
    const set = member.getByRole('button', { name: 'Set tags' });
    await set.waitFor();
    expect(await set.getAttribute('aria-disabled')).toBe('true');
    await member.getByText('Department: Sales').waitFor();
    await member.context().close();
  });
});

describe('a tag', () => {
  it('is changed: renamed, more values, and one taken from who carries it', async () => {
    await go('settings/tags');
    await page.getByRole('button', { name: 'Change Department' }).click();
    const open = dialog('Change Department');
    await open.getByText('Nothing is changed yet.').waitFor();
    await open.getByLabel('Name', { exact: true }).fill('Team');
    await open.getByLabel('Name of Sales').fill('Retail');
    await open.getByRole('combobox', { name: 'More values' }).fill('Legal');
    await open.getByRole('combobox', { name: 'More values' }).press('Enter');
    await open.getByRole('button', { name: 'Remove IT' }).click();
    await open.getByText('Confirm what is taken from virtual accounts.').waitFor();
    const act = open.getByRole('button', { name: 'Change Department and 1 virtual account' });
    expect(await act.isDisabled()).toBe(true);
    expect(await defined()).toEqual(['Department: IT 1, Sales 1']);
    await open.getByLabel('Take this value from 1 virtual account').check();
    await act.click();
    await page.getByText('Changed the tag Team.').waitFor();
    expect(await defined()).toEqual(['Team: Legal 0, Retail 1']);
    expect(await carried('APAC / Osaka')).toEqual([]);
    expect(await carried('EMEA / Lyon')).toEqual(['Team=Retail']);
  });

  it('is deleted once its name is typed, from who carries it as well', async () => {
    await go('settings/tags');
    await page.getByRole('button', { name: 'Delete Team' }).click();
    const open = dialog('Delete Team');
    await open.getByText('1 virtual account carries it and loses it.').waitFor();
    const remove = open.getByRole('button', { name: 'Delete Team from 1 virtual account' });
    expect(await remove.isDisabled()).toBe(true);
    await open.getByLabel('Type “Team” to confirm').fill('Team');
    await remove.click();
    await page.getByText('Deleted the tag Team.').waitFor();
    await page.getByText('There is no tag yet').waitFor();
    expect([await defined(), await carried('EMEA / Lyon')]).toEqual([[], []]);
    const { items } = await seeded.administrator.call(listEvents, {
      params: params(),
      query: { operation: 'deleteTagKey' },
    });
    expect(items.map(({ message }) => message)).toEqual([
      'deleted the tag Team, also from 1 virtual account',
    ]);
  });
});

describe.each([1280, 400])('on a screen %d wide', (width) => {
  it('has no serious finding, in both themes', async () => {
    const { administrator, ids } = seeded;
    const lyon = ids['EMEA / Lyon'] as string;
    for (const [name, values] of [
      ['Department', ['Sales', 'IT', 'Legal', 'Research and development of signalling for northern lines']],
      [
        'Country',
        ['Norway', 'Austria', 'France', 'Japan', 'Spain', 'Portugal', 'Italy', 'Denmark', 'Sweden'],
      ],
    ] as const) {
      if ((await defined()).some((text) => text.startsWith(name))) continue;
      const { tagKey } = await administrator.call(createTagKey, {
        params: params(),
        body: { name, values: [...values] },
      });
      await administrator.call(tagVirtualAccount, {
        params: { ...params(), virtualAccountId: lyon },
        body: { tags: [{ tagKeyId: tagKey.tagKeyId, tagValueId: tagKey.values[0]?.tagValueId ?? null }] },
      });
    }
    const { items } = await administrator.call(listTagKeys, { params: params() });
    const still = { viewport: { width, height: 860 }, reducedMotion: 'reduce' as const };
    const own = await test.signedIn(seeded.ana, still);
    const views: View[] = [
      { name: 'tags', path: 'settings/tags' },
      { name: 'tags define', path: 'settings/tags', act: press('Define a tag…') },
      {
        name: 'tags change',
        path: 'settings/tags',
        act: async (at) => {
          await press('Change Country')(at);
          await at.getByRole('button', { name: 'Remove Austria' }).click();
          await at.getByLabel(/^Take this value from/).waitFor();
        },
      },
      {
        name: 'tags delete',
        path: 'settings/tags',
        act: async (at) => {
          await press('Delete Department')(at);
          await at.getByText('carries it and loses it').waitFor();
        },
      },
      { name: 'tags settings', path: 'settings' },
      { name: 'tags panel', path: 'virtual-accounts', act: openPanel(/^Lyon$/) },
      {
        name: 'tags of lyon',
        path: 'virtual-accounts',
        act: async (at) => {
          await openPanel(/^Lyon$/)(at);
          await press('Set tags')(at);
        },
      },
      {
        name: 'tags filter',
        path: `virtual-accounts?tag=${items[0]?.tagKeyId ?? ''}`,
        act: async (at) => {
          await at.getByRole('button', { name: 'Tag Country' }).click();
          await at.getByRole('searchbox', { name: 'Find a tag' }).waitFor();
        },
      },
    ];
    expect(await lookAt(own, views, { prefix: `/accounts/${seeded.ana.accountId}/` })).toEqual([]);
    await own.context().close();
    const other = await test.signedIn(empty, still);
    expect(
      await lookAt(other, [{ name: 'tags none', path: 'settings/tags' }], {
        prefix: `/accounts/${empty.accountId}/`,
      }),
    ).toEqual([]);
    await other.context().close();
  }, 180_000);
});
