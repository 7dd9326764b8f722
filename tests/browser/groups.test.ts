import { addToGroup, createGroup, deleteGroup } from '@estover/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';
import { lookAt, panel, press } from './views.ts';

let test: ConsoleTest;
let ana: Person;
let page: Page;
let prefix: string;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  ana = await test.company();
  const { server } = test;
  const administrator = server.client(await server.keyOf(ana.accountId, 'account-administrator'));
  await server.virtualAccounts({ ...ana, administrator }, 'EMEA / Lyon', 'EMEA / Madrid');
  page = await test.signedIn(ana);
  prefix = `/accounts/${ana.accountId}/`;
}, 120_000);
afterAll(() => test?.close());

const dialog = () => page.getByRole('dialog');
const details = () => page.getByRole('complementary', { name: 'Details' });
/** Whose links are shown, once they are there. */
const linksShown = async () => {
  const links = dialog().getByRole('list', { name: 'Invitation links' });
  await links.waitFor();
  return (await links.locator('b').allTextContents()).sort();
};
const go = (path: string) => page.goto(`${prefix}${path}`);

describe('groups', () => {
  it('are made with a role, and give it to everybody who is added', async () => {
    await go('groups');
    await page.getByText('There is no group yet').waitFor();
    await page.getByRole('button', { name: 'New group…' }).first().click();
    await dialog().getByLabel('Name').fill('Night shift');
    await dialog().getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: 'Virtual account user' }).click();
    await dialog().getByRole('combobox', { name: 'Virtual accounts' }).click();
    await page.getByRole('option', { name: 'EMEA / Lyon', exact: true }).click();
    await dialog().getByRole('button', { name: 'Make Night shift' }).click();
    await details().getByText('Nobody is in it yet').waitFor();
    await details().getByRole('button', { name: 'Add people…' }).click();
    await dialog()
      .getByLabel('Mail addresses')
      .fill('Jean Petit <jean.petit@halden.example>\nmo.sand@halden.example');
    await dialog().getByRole('button', { name: 'Add 2 people' }).click();
    await dialog().getByText('These invitation links are shown once.').waitFor();
    expect(await linksShown()).toEqual(['jean.petit@halden.example', 'mo.sand@halden.example']);
    await dialog().getByRole('button', { name: 'I have kept them' }).click();
    await page.getByRole('row', { name: /Night shift.*Virtual account user.*EMEA \/ Lyon.*2/ }).waitFor();
    await details().getByRole('heading', { name: 'In it: 2 people' }).waitFor();
  });

  it('are told as the source of what people may do, and why is answered for one place', async () => {
    await details().getByRole('link', { name: 'Jean Petit' }).click();
    await page.getByRole('heading', { name: 'People', level: 1 }).waitFor();
    await details().getByText('Virtual account user in EMEA / Lyon', { exact: false }).first().waitFor();
    await page
      .getByRole('row', { name: /Jean Petit/ })
      .getByText('by the group Night shift', { exact: false })
      .waitFor();
    // What comes by a group is not taken away here.
    expect(
      await details()
        .getByRole('button', { name: /^Take away/ })
        .count(),
    ).toBe(0);
    await details().getByRole('button', { name: 'Why may they…?' }).click();
    const answer = dialog().getByRole('region', { name: 'Answer' });
    await answer.getByText('Nothing they have allows it in the account as a whole.').waitFor();
    await dialog().getByRole('combobox', { name: 'May they' }).click();
    await page.getByRole('option', { name: 'Move licenses and product instances' }).click();
    await dialog().getByRole('combobox', { name: 'Where' }).click();
    await page.getByRole('option', { name: 'EMEA / Lyon', exact: true }).click();
    await answer.getByText('They may in EMEA / Lyon, once their address is proved, through this:').waitFor();
    await answer.getByRole('link', { name: 'Night shift' }).waitFor();
    await dialog().getByRole('combobox', { name: 'Where' }).click();
    await page.getByRole('option', { name: 'EMEA / Madrid', exact: true }).click();
    await answer.getByText('Nothing they have allows it in EMEA / Madrid.').waitFor();
    await page.keyboard.press('Escape');
  });

  it('take a new name and role, refuse a name that is taken, and let people out', async () => {
    await go('groups');
    await page.getByRole('button', { name: 'New group…' }).click();
    await dialog().getByLabel('Name').fill('NIGHT SHIFT');
    await dialog().getByRole('button', { name: 'Make NIGHT SHIFT' }).click();
    await dialog()
      .getByRole('alert')
      .getByText('There is a group Night shift in this account already.')
      .waitFor();
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('link', { name: 'Night shift' }).click();
    await details().getByRole('button', { name: 'Change…' }).click();
    await dialog().getByLabel('Name').fill('Late shift');
    await dialog().getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: 'Viewer' }).click();
    await dialog().getByRole('button', { name: 'Change Night shift' }).click();
    // Both were invited and have not come: their links of before are of no use any more.
    expect(await linksShown()).toEqual(['jean.petit@halden.example', 'mo.sand@halden.example']);
    await dialog().getByRole('button', { name: 'I have kept them' }).click();
    await page.getByRole('row', { name: /Late shift.*Viewer/ }).waitFor();
    await details().getByRole('button', { name: 'Take out Jean Petit' }).click();
    await dialog().getByRole('button', { name: 'Take Jean Petit out' }).click();
    await page.getByText('Jean Petit is out of Late shift.').waitFor();
    await details().getByRole('heading', { name: 'In it: 1 person' }).waitFor();
  });

  it('are deleted by their name', async () => {
    await details().getByRole('button', { name: 'Delete…' }).click();
    const act = dialog().getByRole('button', { name: 'Delete Late shift' });
    expect(await act.isDisabled()).toBe(true);
    await dialog().getByText('1 person loses at once what it gives.', { exact: false }).waitFor();
    await dialog().getByLabel('Type “Late shift” to confirm').fill('Late shift');
    await act.click();
    await page.getByText('There is no group yet').waitFor();
  });

  it('can be seen and not changed without the role for it', async () => {
    const viewer = await test.member(ana.accountId, 'viewer');
    const theirs = await test.signedIn(viewer);
    await theirs.goto(`${prefix}groups`);
    const button = theirs.getByRole('button', { name: 'New group…' }).first();
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await button.hover();
    await theirs.getByText(/^Needs the role account administrator/).waitFor();
  });
});

describe('several people', () => {
  it('are pasted, tried, and invited with one role', async () => {
    await go('people');
    await page.getByRole('button', { name: 'Invite several…' }).click();
    await page.getByRole('heading', { name: 'Invite several people', level: 1 }).waitFor();
    const act = page.getByRole('main').getByRole('button', { name: 'Invite', exact: true });
    expect(await act.getAttribute('aria-disabled')).toBe('true');
    await page.getByLabel('Mail addresses').fill('Li Wei <li.wei@halden.example>, not an address');
    const bad = page.getByRole('table', { name: 'Rows that cannot be taken' });
    await bad.getByRole('row', { name: /Row 2.*email.*Invalid email address/ }).waitFor();
    await page.getByLabel('Mail addresses').fill('Li Wei <li.wei@halden.example>, eva.lind@halden.example');
    const preview = page.getByRole('table', { name: 'What would happen' });
    await preview.getByRole('row', { name: /Li Wei.*Viewer in the whole account.*Gets the role/ }).waitFor();
    await page.getByRole('button', { name: 'Invite 2 people' }).click();
    await page.getByRole('list', { name: 'Invitation links' }).getByText('li.wei@halden.example').waitFor();
    const done = page.getByRole('table', { name: 'Who was invited' });
    await done.getByRole('row', { name: /eva\.lind@halden\.example.*Has the role/ }).waitFor();
    await page.getByRole('link', { name: 'People' }).last().click();
    await page.getByRole('row', { name: /Li Wei/ }).waitFor();
  });

  it('come from a file, with every bad row named, each with a role of their own', async () => {
    await go('people/invite');
    await page.getByText('CSV file').click();
    const header = 'email,name,role,virtual_accounts,nested,until';
    const choose = (...rows: string[]) =>
      page.getByLabel('File with people').setInputFiles({
        name: 'people.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from([header, ...rows].join('\n')),
      });
    await choose('al@halden.example,Al,virtual-account-user,EMEA / Lyn,yes,');
    const bad = page.getByRole('table', { name: 'Rows that cannot be taken' });
    await bad.getByRole('row', { name: /Row 2.*virtual_accounts.*Did you mean EMEA \/ Lyon\?/ }).waitFor();
    await choose(
      'al@halden.example,Al,virtual-account-user,EMEA / Lyon; EMEA / Madrid,yes,2099-12-31',
      'li.wei@halden.example,,viewer,,,',
    );
    const preview = page.getByRole('table', { name: 'What would happen' });
    await preview
      .getByRole('row', { name: /Al.*Virtual account user in EMEA \/ Lyon with all in it/ })
      .waitFor();
    await preview.getByRole('row', { name: /Li Wei.*Has it already/ }).waitFor();
    await page.getByRole('button', { name: 'Invite 2 people' }).click();
    await page.getByRole('table', { name: 'Who was invited' }).waitFor();
  });
});

describe.each([1280, 400])('at %i pixels', (width) => {
  it('has no serious finding, light and dark', async () => {
    const viewport = { viewport: { width, height: 860 }, reducedMotion: 'reduce' as const };
    const still = await test.signedIn(ana, viewport);
    const empty = await lookAt(still, [{ name: 'groups empty', path: 'groups' }], { prefix });
    const { server } = test;
    const administrator = server.client(await server.keyOf(ana.accountId, 'account-administrator'));
    const params = { accountId: ana.accountId };
    const { group } = await administrator.call(createGroup, {
      params,
      body: { name: `Night shift ${width}`, role: 'viewer', scope: { kind: 'account' } },
    });
    const groupId = group.groupId;
    await administrator.call(addToGroup, {
      params: { ...params, groupId },
      body: { people: [{ email: 'li.wei@halden.example' }] },
    });
    const openGroup = panel(/Night shift/);
    const within = (name: string) => async (there: Page) => {
      await openGroup(there);
      await press(name)(there);
    };
    const findings = await lookAt(
      still,
      [
        { name: 'groups', path: 'groups' },
        { name: 'new group', path: 'groups', act: press('New group…') },
        { name: 'group', path: 'groups', act: openGroup },
        { name: 'group change', path: 'groups', act: within('Change…') },
        { name: 'group add', path: 'groups', act: within('Add people…') },
        { name: 'group delete', path: 'groups', act: within('Delete…') },
        { name: 'person of a group', path: 'people', act: panel(/Li Wei/) },
        {
          name: 'why',
          path: 'people',
          act: async (there) => {
            await panel(/Li Wei/)(there);
            await press('Why may they…?')(there);
            await there.getByRole('region', { name: 'Answer' }).waitFor();
          },
        },
        {
          name: 'invite people',
          path: 'people/invite',
          act: async (there) => {
            await there.getByLabel('Mail addresses').fill('Jo Petit <jo@halden.example>, al@halden.example');
            await there
              .getByRole('table', { name: 'What would happen' })
              .or(there.getByText('Gets the role').first())
              .first()
              .waitFor();
          },
        },
        {
          name: 'invite by file',
          path: 'people/invite',
          act: async (there) => {
            await there.getByText('CSV file').click();
            await there.getByText('What a file holds').waitFor();
          },
        },
      ],
      { prefix },
    );
    await administrator.call(deleteGroup, { params: { ...params, groupId } });
    expect([...empty, ...findings]).toEqual([]);
  }, 240_000);
});
