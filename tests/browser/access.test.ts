import { listMails, openMail } from '@estover/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settleAccessRequests } from '../../packages/server/src/access/index.ts';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';
import { lookAt, panel, press, type View } from './views.ts';

/*
 * How a person comes to a role they ask for: over the mails to those who answer, their inbox, and back to the person.
 */

let test: ConsoleTest;
let ana: Person;
/** Of another company, whose account knows nothing of Ana's. */
let bo: Person;
let page: Page;
let prefix: string;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  ana = await test.company();
  const { server } = test;
  const administrator = server.client(await server.keyOf(ana.accountId, 'account-administrator'));
  await server.virtualAccounts({ ...ana, administrator }, 'EMEA / Lyon', 'EMEA / Madrid');
  bo = await test.company('Partner Networks');
  page = await test.signedIn(ana);
  prefix = `/accounts/${ana.accountId}/`;
}, 120_000);
afterAll(() => test?.close());

const details = (of: Page) => of.getByRole('complementary', { name: 'Details' });
const dialogOf = (of: Page) => of.getByRole('dialog');
/** The newest mail to an address with the subject, as the outbox keeps it. */
async function mailTo(to: string, subject: string): Promise<string> {
  const { operator } = test.server;
  const { items } = await operator.call(listMails, { query: { search: to } });
  const found = items.find((mail) => mail.recipient === to && mail.subject.includes(subject));
  return (await operator.call(openMail, { params: { mailId: found?.mailId ?? '' } })).text;
}
/** Brings what was asked for to its accounts, as the server's job does. */
async function bring() {
  await settleAccessRequests(test.server.jobDependencies);
}
async function ask(of: Page, reason: string) {
  await of.goto('/request-access?identifier=company-1.example');
  await of.getByRole('combobox', { name: 'Role' }).click();
  await of.getByRole('option', { name: 'Virtual account user' }).click();
  await of.getByLabel('Virtual account', { exact: true }).fill('EMEA / Madrid');
  await of.getByLabel('Why you need it').fill(reason);
  await of.getByRole('button', { name: 'Ask for virtual account user' }).click();
  await of.getByText('Asked for.', { exact: false }).waitFor();
}

describe('a request for access', () => {
  it('comes to those who answer by mail, is approved with less, and opens the account', async () => {
    const theirs = await test.signedIn(bo);
    await ask(theirs, 'We look after your switches.');
    const row = theirs.getByRole('row', { name: /company-1\.example.*EMEA \/ Madrid/ });
    await row.getByText('Waits for an answer').waitFor();
    // The same again is refused, and the page says why.
    await theirs.getByLabel('Why you need it').fill('Again.');
    await theirs.getByRole('button', { name: 'Ask for virtual account user' }).click();
    await theirs.getByRole('alert').getByText('You asked for this already').waitFor();
    await bring();

    const asked = await mailTo(ana.email, 'asks for access to Halden Rail');
    const { pathname, search } = new URL(/\S+\/requests\?open=\S+/.exec(asked)?.[0] ?? '');
    await page.goto(`${pathname}${search}`);
    await page.getByText('1 request waits for your answer.').waitFor();
    await page.getByRole('link', { name: /^Requests\s*1$/ }).waitFor();
    await details(page).getByText('We look after your switches.').waitFor();
    await details(page).getByText('Another one: a partner').waitFor();
    await details(page).getByRole('button', { name: 'Approve…' }).click();
    const dialog = dialogOf(page);
    await dialog.getByRole('combobox', { name: 'Role' }).click();
    // Nothing above what was asked for is offered.
    expect(await page.getByRole('option').allTextContents()).toEqual(['Virtual account user', 'Viewer']);
    await page.getByRole('option', { name: 'Viewer' }).click();
    expect(await dialog.getByRole('radio', { name: 'The whole account' }).count()).toBe(0);
    await dialog.getByLabel('A word to them (optional)').fill('To look at first.');
    await dialog.getByRole('button', { name: 'Give viewer' }).click();
    await page.getByText('Nobody waits for your answer.').waitFor();
    expect(await details(page).getByRole('button', { name: 'Approve…' }).getAttribute('aria-disabled')).toBe(
      'true',
    );

    const given = await mailTo(bo.email, 'You have access to company-1.example');
    expect(given).toContain('To look at first.');
    await theirs.goto('/request-access');
    await row.getByText('Approved').waitFor();
    await row.getByRole('link', { name: 'Open company-1.example' }).click();
    await theirs.getByRole('heading', { name: 'Virtual accounts', level: 1 }).waitFor();
    await theirs.getByText('Madrid').first().waitFor();
    expect(await theirs.getByText('Lyon').count()).toBe(0);
  });

  it('is declined with a reason, or taken back', async () => {
    const eve = await test.company('Eve and Sons');
    const theirs = await test.signedIn(eve);
    await ask(theirs, 'Curious.');
    await bring();
    await page.goto(`${prefix}requests`);
    await page
      .getByRole('row', { name: /Waits for an answer/ })
      .getByRole('link')
      .click();
    await details(page).getByRole('button', { name: 'Decline…' }).click();
    const act = dialogOf(page).getByRole('button', { name: 'Decline the request' });
    expect(await act.isDisabled()).toBe(true);
    await dialogOf(page).getByLabel('Reason').fill('We do not know you.');
    await act.click();
    await page.getByText('Nobody waits for your answer.').waitFor();
    expect(await mailTo(eve.email, 'was declined')).toContain('We do not know you.');
    await ask(theirs, 'Please.');
    await theirs.getByRole('button', { name: 'Take back the request for company-1.example' }).click();
    await dialogOf(theirs).getByRole('button', { name: 'Take it back' }).click();
    await theirs.getByRole('row', { name: /Taken back/ }).waitFor();
  });
});

describe('who has access', () => {
  it('is looked at role by role: kept, or taken away', async () => {
    await test.member(ana.accountId, 'viewer');
    await page.goto(`${prefix}access-review`);
    await page.getByText(/^\d roles, \d of them never looked at\./).waitFor();
    const own = page.getByRole('button', { name: 'Keep the role account administrator of Ana Ruiz' });
    expect(await own.getAttribute('aria-disabled')).toBe('true');
    await page.getByRole('button', { name: 'Keep the role viewer of Max Moser' }).click();
    await page.getByRole('row', { name: /Max Moser.*just now by Ana Ruiz/ }).waitFor();
    await page.getByRole('button', { name: /^Company/ }).click();
    await page.getByRole('menuitem', { name: 'The account’s own' }).click();
    await page.getByText('No role matches these filters').waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.getByRole('button', { name: 'Remove the role viewer of Max Moser' }).click();
    await dialogOf(page).getByRole('button', { name: 'Take away viewer' }).click();
    await page.getByText('Max Moser is viewer no more.').waitFor();
    await page.getByRole('row', { name: /Max Moser/ }).waitFor({ state: 'detached' });
  });

  it('is limited to the lots of a seller, and seen through another one’s eyes', async () => {
    await page.goto(`${prefix}people?partner=true&search=ana.ruiz2`);
    await page
      .getByRole('main')
      .getByRole('link', { name: /Ana Ruiz/ })
      .first()
      .click();
    await details(page).getByText('Another one: a partner').waitFor();
    await details(page).getByRole('button', { name: 'Limit to a seller…' }).click();
    await dialogOf(page).getByLabel('Lots sold by').fill('Partner Networks');
    await dialogOf(page).getByRole('button', { name: 'Limit to the lots of Partner Networks' }).click();
    await details(page).getByText('The lots sold by Partner Networks, and nothing else').waitFor();
    await details(page).getByRole('button', { name: 'See as they do…' }).click();
    await dialogOf(page).getByRole('button', { name: 'See as Ana Ruiz' }).click();
    const banner = page.getByRole('region', { name: 'You look as somebody else' });
    await banner.getByText('Nothing can be changed meanwhile.', { exact: false }).waitFor();
    await page.getByRole('heading', { name: 'Virtual accounts', level: 1 }).waitFor();
    await page.getByText('Madrid').first().waitFor();
    await expect.poll(() => page.getByText('Lyon').count()).toBe(0);
    // What the person has no right to is not in the rail, and a reload changes nothing of it.
    await page.reload();
    await banner.waitFor();
    expect(await page.getByRole('link', { name: 'People', exact: true }).count()).toBe(0);
    await banner.getByRole('button', { name: 'See as yourself again' }).click();
    await banner.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'People', exact: true }).waitFor();
  });
});

it.each([1280, 400])(
  'looks right at %i pixels',
  async (width) => {
    const asking = await test.company(`Asking ${width}`);
    const theirs = await test.signedIn(asking, { viewport: { width, height: 860 }, reducedMotion: 'reduce' });
    await ask(theirs, 'We look after your switches.');
    await bring();
    const ours = await test.signedIn(ana, { viewport: { width, height: 860 }, reducedMotion: 'reduce' });
    const open = panel(/Ana Ruiz/);
    const views: View[] = [
      { name: 'request', path: 'requests', act: open },
      {
        name: 'request-approve',
        path: 'requests',
        act: async (on) => {
          await open(on);
          await press('Approve…')(on);
        },
      },
    ];
    expect(await lookAt(theirs, [{ name: 'request-access', path: '/request-access' }])).toEqual([]);
    views.push({ name: 'access-review', path: 'access-review' });
    expect(await lookAt(ours, views, { prefix })).toEqual([]);
    await ours.goto(`${prefix}people?search=ana.ruiz2`);
    await panel(/Ana Ruiz/)(ours);
    await details(ours).getByRole('button', { name: 'See as they do…' }).click();
    await dialogOf(ours).getByRole('button', { name: 'See as Ana Ruiz' }).click();
    await ours.getByRole('region', { name: 'You look as somebody else' }).waitFor();
    expect(await lookAt(ours, [{ name: 'viewing-as', path: 'virtual-accounts' }], { prefix })).toEqual([]);
  },
  60_000,
);
