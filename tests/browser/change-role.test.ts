import { grantRole } from '@estover/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';
import { lookAt, panel } from './views.ts';

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
  await administrator.call(grantRole, {
    params: { accountId: ana.accountId },
    body: { email: 'Pia@Bücher.example', name: 'Pia Lund', role: 'viewer', scope: { kind: 'account' } },
  });
  page = await test.signedIn(ana);
  prefix = `/accounts/${ana.accountId}/`;
}, 120_000);
afterAll(() => test?.close());

const dialog = () => page.getByRole('dialog');
const details = () => page.getByRole('complementary', { name: 'Details' });

describe('a role', () => {
  it('is changed in its end and where it reaches, and stays one role', async () => {
    // Whoever looks for an address writes it as people do, and reads it so.
    await page.goto(`${prefix}people?search=pia@bücher.example`);
    await page.getByRole('link', { name: /Pia Lund/ }).click();
    await details().getByText('pia@bücher.example').waitFor();
    await details().getByRole('button', { name: 'Change Viewer in the whole account' }).click();
    const act = dialog().getByRole('button', { name: 'Change viewer' });
    expect(await act.isDisabled()).toBe(true);
    await dialog().getByText('Nothing is different yet.').waitFor();
    await dialog().getByText('Chosen virtual accounts').click();
    await dialog().getByText('Choose at least one virtual account.').waitFor();
    await dialog().getByRole('combobox', { name: 'Virtual accounts' }).click();
    await page.getByRole('option', { name: 'EMEA / Lyon', exact: true }).click();
    await dialog().getByLabel('Until (optional)').fill('2099-12-31');
    await act.click();
    // She has not come yet, and gets another link.
    await dialog().getByText('The role of Pia Lund is changed').waitFor();
    await dialog().getByText('pia@bücher.example', { exact: false }).waitFor();
    await dialog().getByRole('button', { name: 'I have kept it' }).click();
    const roles = details().getByRole('list', { name: 'Roles of Pia Lund' });
    await roles.getByText('ends 31 Dec 2099', { exact: false }).waitFor();
    expect(await roles.getByRole('button', { name: /^Change / }).count()).toBe(1);
    await roles.getByRole('button', { name: 'Change Viewer in EMEA / Lyon with all in it' }).click();
    await dialog().getByLabel('Until (optional)').fill('');
    await dialog()
      .getByRole('combobox', { name: /Sees only lots sold by/ })
      .fill('Nordlicht');
    await act.click();
    await dialog().getByRole('button', { name: 'I have kept it' }).click();
    await details().getByText('The lots sold by Nordlicht, and nothing else').waitFor();
    expect(await roles.getByText('ends', { exact: false }).count()).toBe(0);
    await page.goto(`${prefix}events`);
    await page
      .getByText('Changed the role viewer of pia@bücher.example, until 2099', { exact: false })
      .waitFor();
  });

  it('of the last administrator gets no end, and the page says what to do', async () => {
    await page.goto(`${prefix}people`);
    await page.getByRole('link', { name: /Ana Ruiz/ }).click();
    await details()
      .getByRole('button', { name: 'Change Account administrator in the whole account' })
      .click();
    await dialog().getByLabel('Until (optional)').fill('2099-12-31');
    await dialog().getByRole('button', { name: 'Change account administrator' }).click();
    await dialog().getByRole('alert').getByText('The last administrator cannot leave').waitFor();
  });
});

it.each([1280, 400])(
  'is readable at %i pixels, light and dark',
  async (width) => {
    const still = await test.signedIn(ana);
    await still.emulateMedia({ reducedMotion: 'reduce' });
    await still.setViewportSize({ width, height: 900 });
    const change = async (there: Page) => {
      await panel(/Pia Lund/)(there);
      await there.getByRole('button', { name: /^Change Viewer/ }).click();
      await there.getByRole('dialog').waitFor();
    };
    const findings = await lookAt(
      still,
      [
        { name: `person with change ${width}`, path: 'people', act: panel(/Pia Lund/) },
        { name: `change role ${width}`, path: 'people', act: change },
      ],
      { prefix },
    );
    expect(findings).toEqual([]);
  },
  60_000,
);
