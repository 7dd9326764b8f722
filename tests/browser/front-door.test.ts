import { randomUUIDv7 } from 'node:crypto';
import { grantRole } from '@estover/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSetupLink } from '../../packages/server/src/access/index.ts';
import { type ConsoleTest, type Person, password, startConsoleTest } from './browser.ts';

let test: ConsoleTest;
let ana: Person;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  ana = await test.company();
}, 120_000);
afterAll(() => test?.close());

/** Fills in the sign-in form of the page that is open. */
async function enter(page: Page, email: string, secret = password): Promise<void> {
  await page.getByLabel('Mail address').fill(email);
  const goOn = page.getByRole('button', { name: 'Go on' });
  // After a wrong password the page is at its second step.
  if (await goOn.isVisible()) await goOn.click();
  await page.getByLabel('Password', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** What a link of the server leads to in the test's browser: its path with the secret behind the #. */
function pathOf(link: string | null | undefined): string {
  const { pathname, hash } = new URL(link ?? '');
  return `${pathname}${hash}`;
}

describe('set-up', () => {
  it('makes the first operator from the link, and no second one', async () => {
    const link = await createSetupLink(test.server.db, {
      now: test.server.clock.now(),
      newId: () => randomUUIDv7(),
      publicUrl: test.server.address,
    });
    const page = await test.page();
    const late = await test.page();
    await late.goto(pathOf(link));
    await page.goto(pathOf(link));
    for (const [one, name] of [
      [page, 'Ola Berg'],
      [late, 'Eve Late'],
    ] as const) {
      await one.getByLabel('Your name').fill(name);
      await one.getByLabel('Mail address').fill(`${name.replace(' ', '.').toLowerCase()}@publisher.example`);
      await one.getByLabel('Password', { exact: true }).fill('password1234');
    }
    const become = page.getByRole('button', { name: 'Become operator' });
    await become.click();
    await page.getByRole('alert').getByText('The password is too short or too common').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(password);
    await become.click();
    await page.getByRole('heading', { name: 'Desk', level: 1 }).waitFor();

    // The form was open twice: the second one comes too late, and says so.
    await late.getByLabel('Password', { exact: true }).fill(password);
    await late.getByRole('button', { name: 'Become operator' }).click();
    await late.getByRole('alert').getByText('The installation is set up already').waitFor();

    await late.reload();
    await late.getByRole('heading', { name: 'Set up already' }).waitFor();
    await late.getByRole('link', { name: 'Sign in' }).click();
    await late.getByRole('heading', { name: 'Sign in' }).waitFor();
  });
});

describe('an invitation', () => {
  it('lets somebody in once, with a name and a password', async () => {
    const administrator = test.server.client(await test.server.keyOf(ana.accountId, 'account-administrator'));
    const { invitationLink } = await administrator.call(grantRole, {
      params: { accountId: ana.accountId },
      body: { email: 'joe.lim@halden.example', role: 'viewer', scope: { kind: 'account' } },
    });
    const page = await test.page();
    await page.goto(pathOf(invitationLink));
    await page.getByLabel('Your name').fill('Joe Lim');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await page.getByRole('button', { name: /Joe Lim · Viewer/ }).waitFor();

    const again = await test.page();
    await again.goto(pathOf(invitationLink));
    await again.getByLabel('Your name').fill('Eve Late');
    await again.getByLabel('Password', { exact: true }).fill(password);
    await again.getByRole('button', { name: 'Start' }).click();
    await again.getByRole('alert').getByText('The link is not valid any more').waitFor();
  });
});

describe('sign-in', () => {
  it('says the same of a wrong password and of an unknown address', async () => {
    const page = await test.page();
    await page.goto('/sign-in');
    const said: string[] = [];
    for (const [email, secret] of [
      [ana.email, 'not this one, surely'],
      ['nobody@halden.example', password],
    ] as const) {
      // A second try takes the problem of the first away until it is answered.
      const answer = page.waitForResponse((response) => response.url().endsWith('/auth/sign-in/email'));
      await enter(page, email, secret);
      await answer;
      said.push(await page.getByRole('alert').innerText());
    }
    expect(said[0]).toContain('Mail address or password is wrong');
    expect(said[1]).toBe(said[0]);
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    await enter(page, ana.email);
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  });

  it('leads back to the page on which a session ended', async () => {
    const page = await test.signedIn(ana);
    await page.goto(`/accounts/${ana.accountId}/licenses?search=branch&by=license`);
    await page.getByRole('heading', { name: 'Licenses', level: 1 }).waitFor();
    const left = await page.request.post('/auth/sign-out', {
      data: {},
      headers: { origin: test.server.address },
    });
    expect(left.ok()).toBe(true);
    await page.getByRole('searchbox', { name: 'Find licenses by name or tag' }).fill('branch sec');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await enter(page, ana.email);
    await page.getByRole('heading', { name: 'Licenses', level: 1 }).waitFor();
    const { pathname, searchParams } = new URL(page.url());
    expect(pathname).toBe(`/accounts/${ana.accountId}/licenses`);
    expect(Object.fromEntries(searchParams)).toEqual({ search: 'branch sec', by: 'license' });
  });

  it('never leads to another site', async () => {
    const page = await test.page();
    await page.goto('/sign-in?next=//elsewhere.example/copy');
    await enter(page, ana.email);
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    expect(new URL(page.url()).origin).toBe(test.server.address);
  });

  it('is undone by sign-out: the pages are closed, also on the way back', async () => {
    const page = await test.signedIn(ana);
    await page.goto(`/accounts/${ana.accountId}`);
    // An account's address without a page leads to its first one.
    await page.waitForURL(`**/accounts/${ana.accountId}/overview`);
    await page.getByRole('button', { name: /Ana Ruiz.*your menu/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect((await page.request.get('/api/v1/me')).status()).toBe(401);
  });
});

describe('the password', () => {
  it('is changed with the current one, and ends the other sessions', async () => {
    const { email } = await test.member(ana.accountId, 'viewer');
    const page = await test.signedIn({ email });
    const other = await test.signedIn({ email });
    await page.getByRole('button', { name: /your menu/ }).click();
    await page.getByRole('menuitem', { name: 'Change password' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change password' });
    const act = dialog.getByRole('button', { name: 'Change password' });
    await dialog.getByLabel('Current password', { exact: true }).fill('not this one, surely');
    await dialog.getByLabel('New password', { exact: true }).fill('too short');
    expect(await act.isDisabled()).toBe(true);
    const next = 'another one, as long as that';
    await dialog.getByLabel('New password', { exact: true }).fill(next);
    await act.click();
    await dialog.getByRole('alert').getByText('The password is wrong').waitFor();
    await dialog.getByLabel('Current password', { exact: true }).fill(password);
    await act.click();
    await page.getByText('Password changed. Your other sessions have ended.').waitFor();

    await page.reload();
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await other.reload();
    await other.getByRole('heading', { name: 'Sign in' }).waitFor();
    await enter(other, email);
    await other.getByRole('alert').getByText('Mail address or password is wrong').waitFor();
    await enter(other, email, next);
    await other.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  });
});
