import { readFile } from 'node:fs/promises';
import { publishAgreement } from '@estover/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';
import { lookAt, press } from './views.ts';

let test: ConsoleTest;
let ana: Person;
let page: Page;
let desk: Page;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  ana = await test.company();
  page = await test.signedIn(ana);
  desk = await test.signedIn(await test.operator());
  for (const each of [page, desk]) each.setDefaultTimeout(10_000);
}, 120_000);
afterAll(() => test?.close());

const dialogOf = (of: Page) => of.getByRole('dialog');
const text = 'You may use what you bought.\n\nNobody else may.';

describe('an agreement', () => {
  it('is published with a preview of how many accounts are asked', async () => {
    await desk.goto('/platform/agreements');
    await desk.getByText('Every account has accepted what there is to accept.').waitFor();
    await press('Publish a version…')(desk);
    const dialog = dialogOf(desk);
    await dialog.getByLabel('Title').fill('House rules');
    await dialog.getByLabel('Text', { exact: true }).fill(text);
    await dialog
      .getByText('Version 2: 1 active account will be asked to accept it within 30 days.')
      .waitFor();
    await dialog.getByRole('button', { name: 'Publish version 2' }).click();
    await desk.getByText('House rules, version 2, is published; 1 account hear of it.').waitFor();
    await desk.getByRole('row', { name: /^House rules, version 2.*0 accepted, 1 to accept/ }).waitFor();
    await desk.getByText('1 account still to accept in time, 0 accounts overdue.').waitFor();
  });

  it('is announced above every page, read, and accepted with a word of consent', async () => {
    await page.goto(`/accounts/${ana.accountId}/virtual-accounts`);
    const banner = page.getByRole('region', { name: 'Agreement to accept' });
    await banner.getByText(/^House rules, version 2 waits to be accepted by/).waitFor();
    await banner.getByRole('link', { name: 'Read and accept' }).click();
    await page.getByRole('heading', { name: 'Agreements', level: 1 }).waitFor();
    await page
      .getByRole('region', { name: 'Text of House rules, version 2' })
      .getByText('Nobody else may.')
      .waitFor();
    expect(await banner.count()).toBe(0);
    await press('Accept…')(page);
    const act = dialogOf(page).getByRole('button', { name: 'Accept for Halden Rail' });
    expect(await act.isDisabled()).toBe(true);
    await dialogOf(page)
      .getByLabel(/^I have read House rules, version 2/)
      .check();
    await act.click();
    await page.getByText('House rules, version 2, is accepted.').waitFor();
    await page.getByText('Everything there is to accept is accepted.').waitFor();
    await page.getByRole('row', { name: /^House rules, version 2 Ana Ruiz, approver/ }).waitFor();
    // The earlier text is still to be read.
    await page.getByRole('button', { name: 'Read Terms of the licensing account, version 1' }).click();
    await dialogOf(page)
      .getByText(/^You accept for your company/)
      .waitFor();
    await page.keyboard.press('Escape');
  });

  it('is only read by who may not accept, and the operator sees who is late and sets what is closed', async () => {
    await test.server.operator.call(publishAgreement, {
      body: { agreement: 'terms', title: 'House rules', text: 'Newer.', deadlineDays: 5 },
    });
    const viewer = await test.signedIn(await test.member(ana.accountId, 'viewer'));
    await viewer.goto(`/accounts/${ana.accountId}/agreements`);
    const accept = viewer.getByRole('button', { name: 'Accept…' });
    await accept.waitFor();
    expect(await accept.getAttribute('aria-disabled')).toBe('true');
    await viewer.context().close();

    await desk.goto('/platform/agreements?standing=open');
    await desk.getByRole('row', { name: /^Halden Rail company-1\.example To accept/ }).waitFor();
    await desk.getByLabel('Downloading reports').check();
    await desk.getByRole('button', { name: 'Save' }).click();
    await desk.getByText('What is closed is set.').waitFor();
    const [download] = await Promise.all([
      desk.waitForEvent('download'),
      desk.getByRole('link', { name: 'Export CSV' }).click(),
    ]);
    const csv = await readFile(await download.path(), 'utf8');
    expect(csv).toContain('Halden Rail');
  });
});

it('looks right, to eyes and to axe', async () => {
  const views = [
    { name: 'agreements', path: `/accounts/${ana.accountId}/agreements` },
    { name: 'your data', path: `/accounts/${ana.accountId}/your-data` },
  ];
  const desks = [
    { name: 'texts to accept', path: '/platform/agreements', act: press('Publish a version…') },
    { name: 'people and privacy', path: '/platform/privacy' },
  ];
  const findings: string[] = [];
  for (const width of [1280, 400]) {
    for (const [each, shown] of [
      [page, views],
      [desk, desks],
    ] as const) {
      await each.setViewportSize({ width, height: 860 });
      findings.push(...(await lookAt(each, shown, width === 1280 ? {} : { themes: [] })));
    }
  }
  expect(findings).toEqual([]);
  await page.setViewportSize({ width: 1280, height: 860 });
  await desk.setViewportSize({ width: 1280, height: 860 });
}, 120_000);

describe('what is stored about a person', () => {
  it('is exported by themselves, and by an operator with a reason', async () => {
    await page.getByRole('button', { name: /your menu/ }).click();
    await page.getByRole('menuitem', { name: 'Your data' }).click();
    await page.getByRole('heading', { name: 'Your data', level: 1 }).waitFor();
    const [own] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export JSON' }).click(),
    ]);
    const data = JSON.parse(await readFile(await own.path(), 'utf8')) as { person: { email: string } };
    expect(data.person.email).toBe(ana.email);

    await desk.goto('/platform/privacy');
    await desk.getByRole('button', { name: `Export ${ana.email}` }).click();
    await dialogOf(desk).getByLabel('Reason').fill('A letter');
    const [file] = await Promise.all([
      desk.waitForEvent('download'),
      dialogOf(desk).getByRole('button', { name: 'Export JSON' }).click(),
    ]);
    expect(await readFile(await file.path(), 'utf8')).toContain(ana.email);
  });

  it('is removed with them, but not while their account would be left alone', async () => {
    await page.goto('/your-data');
    await press('Remove me…')(page);
    await dialogOf(page)
      .getByLabel(/to confirm$/)
      .fill(ana.email);
    await dialogOf(page).getByRole('button', { name: 'Remove me for good' }).click();
    await dialogOf(page)
      .getByRole('alert')
      .getByText(/administers Halden Rail/)
      .waitFor();
    await test.member(ana.accountId, 'account-administrator');
    await dialogOf(page).getByRole('button', { name: 'Remove me for good' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await desk.goto('/platform/privacy');
    await desk.getByRole('row', { name: /^Removed person [0-9A-Z]{4}.*themselves.*being done/ }).waitFor();
  });
});
