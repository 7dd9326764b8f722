import { createGroup } from '@estover/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';
import { lookAt, panel, press } from './views.ts';

let test: ConsoleTest;
let ana: Person;
let page: Page;
let prefix: string;
let secret: string;
let clientId: string;

beforeAll(async () => {
  test = await startConsoleTest({ at: Temporal.Now.instant().toString() });
  ana = await test.company();
  const { server } = test;
  const administrator = server.client(await server.keyOf(ana.accountId, 'account-administrator'));
  await administrator.call(createGroup, {
    params: { accountId: ana.accountId },
    body: { name: 'Night shift', role: 'viewer', scope: { kind: 'account' } },
  });
  page = await test.signedIn(ana);
  prefix = `/accounts/${ana.accountId}/`;
}, 120_000);
afterAll(() => test?.close());

const dialog = () => page.getByRole('dialog');
const box = () => page.getByRole('region', { name: 'Provisioning (SCIM)' });
/** What an identity provider asks. */
const scim = (path: string) =>
  fetch(`${test.server.address}/scim/v2/accounts/${ana.accountId}${path}`, {
    headers: { authorization: `Bearer ${secret}` },
  });

describe('an identity provider', () => {
  it('gets a client, whose id and call for a token are shown with its secret', async () => {
    await page.goto(`${prefix}settings`);
    await box().getByText('No client has asked yet').waitFor();
    await box().getByText('none yet: mark one as provisioned', { exact: false }).waitFor();
    await box().getByRole('link', { name: 'API client' }).click();
    await page.getByRole('heading', { name: 'API clients', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'New API client…' }).first().click();
    await dialog().getByLabel('Name').fill('Entra');
    await dialog().getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: 'Account administrator', exact: true }).click();
    await dialog().getByLabel('Valid for days (optional)').fill('');
    await dialog().getByRole('button', { name: 'Make client Entra' }).click();
    const codes = dialog().locator('code');
    await codes.first().waitFor();
    secret = (await codes.first().textContent()) ?? '';
    clientId = (await codes.last().textContent()) ?? '';
    const call = (await dialog().locator('pre').textContent()) ?? '';
    expect(call).toContain(`/oauth/token`);
    expect(call).toContain(`-u ${clientId}:$CLIENT_SECRET`);
    expect(call).not.toContain(secret);
    const answer = await fetch(`${test.server.address}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: secret,
      }),
    });
    expect(await answer.json()).toMatchObject({ token_type: 'Bearer', expires_in: 900 });
    await dialog().getByRole('button', { name: 'I have kept it' }).click();
    await page.getByRole('button', { name: 'Copy the client id of Entra' }).waitFor();
  });

  it('sees a group as soon as it is marked, and no longer', async () => {
    expect(((await (await scim('/Groups')).json()) as { totalResults: number }).totalResults).toBe(0);
    await page.goto(`${prefix}groups`);
    await page.getByRole('link', { name: 'Night shift' }).click();
    const details = page.getByRole('complementary', { name: 'Details' });
    await details.getByRole('button', { name: 'Change…' }).click();
    await dialog().getByLabel('Provisioned by the identity provider').check();
    await dialog().getByRole('button', { name: 'Change Night shift' }).click();
    await details.getByText('kept by the identity provider').waitFor();
    await page.getByRole('row', { name: /Night shift provisioned.*Viewer/ }).waitFor();
    expect(await (await scim('/Groups')).json()).toMatchObject({
      totalResults: 1,
      Resources: [{ displayName: 'Night shift' }],
    });
  });

  it('is told of in the settings: where it asks, what it may change, and how it goes', async () => {
    await scim('/Users?filter=title%20eq%20"x"');
    await page.goto(`${prefix}settings`);
    await box().getByText(`/scim/v2/accounts/${ana.accountId}`, { exact: false }).waitFor();
    await box().getByRole('button', { name: 'Copy the address for SCIM' }).waitFor();
    await box().getByText('1 client of an identity provider keeps the people', { exact: false }).waitFor();
    await box()
      .getByRole('table', { name: 'Clients that provision' })
      .getByRole('row', { name: /Entra.*GET \/Users.*Nothing is filtered by title here\./ })
      .waitFor();
    await box().getByRole('list', { name: 'Provisioned groups' }).getByText('(Viewer, 0 people)').waitFor();
    await box().getByRole('link', { name: 'Night shift' }).click();
    await page.getByRole('complementary', { name: 'Details' }).waitFor();
  });

  it('is no matter of people who manage nobody', async () => {
    const theirs = await test.signedIn(await test.member(ana.accountId, 'viewer'));
    await theirs.goto(`${prefix}settings`);
    await theirs.getByRole('region', { name: 'About' }).waitFor();
    expect(await theirs.getByText('Provisioning (SCIM)').count()).toBe(0);
  });
});

describe.each([1280, 400])('at %i pixels', (width) => {
  it('has no serious finding, light and dark', async () => {
    const viewport = { viewport: { width, height: 860 }, reducedMotion: 'reduce' as const };
    const still = await test.signedIn(ana, viewport);
    const findings = await lookAt(
      still,
      [
        { name: 'settings provisioning', path: 'settings' },
        {
          name: 'API client made',
          path: 'api-keys',
          act: async (there) => {
            await press('New API client…')(there);
            await there.getByRole('dialog').getByLabel('Name').fill('Okta');
            await there.getByRole('button', { name: 'Make client Okta' }).click();
            await there.getByText('This client secret is shown once.').waitFor();
          },
        },
        {
          name: 'group provisioned',
          path: 'groups',
          act: async (there) => {
            await panel(/Night shift/)(there);
            await press('Change…')(there);
          },
        },
      ],
      { prefix },
    );
    expect(findings).toEqual([]);
  }, 120_000);
});
