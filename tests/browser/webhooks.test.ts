import { createHmac } from 'node:crypto';
import { createWebhook, updateAccount } from '@estover/protocol';
import { startWebhookReceiver, type WebhookReceiver } from '@estover/server/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleTest, type Person, startConsoleTest } from './browser.ts';
import { lookAt, press, type View } from './views.ts';

/** Webhooks from making one to sending again what failed, and the line that finds events. */

let test: ConsoleTest;
let receiver: WebhookReceiver;
let ana: Person;
let page: Page;

beforeAll(async () => {
  receiver = await startWebhookReceiver();
  test = await startConsoleTest({ at: Temporal.Now.instant().toString(), outboundAllow: '127.0.0.1' });
  ana = await test.company();
  page = await test.signedIn(ana);
  page.setDefaultTimeout(15_000);
}, 120_000);
afterAll(async () => {
  await test?.close();
  await receiver?.close();
});

const dialog = (name?: string) => page.getByRole('dialog', name === undefined ? {} : { name });
const webhooks = () => `/accounts/${ana.accountId}/settings/webhooks`;
const rename = async (name: string) => {
  const administrator = test.server.client(await test.server.keyOf(ana.accountId, 'account-administrator'));
  await administrator.call(updateAccount, { params: { accountId: ana.accountId }, body: { name } });
};

describe('the page of webhooks', () => {
  it('makes one, shows its secret once, and sends a test that the receiver can check', async () => {
    await page.goto(`/accounts/${ana.accountId}/settings`);
    await page.getByRole('link', { name: 'Webhooks' }).click();
    await page.getByText('Events stay here: nothing is sent anywhere.').waitFor();
    await page.getByRole('button', { name: 'New webhook…' }).first().click();
    await dialog().getByLabel('What it is for').fill('Security watch');
    await dialog().getByLabel('Address').fill('https://10.0.0.1/in');
    await dialog().getByLabel('By a secret (HMAC)').check();
    await dialog().getByRole('button', { name: 'Make the webhook' }).click();
    await dialog().getByText('is not one of the public Internet').first().waitFor();
    await dialog().getByLabel('Address').fill(receiver.url);
    await dialog().getByRole('combobox', { name: 'Operations (optional)' }).fill('updateAccount');
    await page.keyboard.press('Enter');
    await dialog().getByRole('button', { name: 'Make the webhook' }).click();
    const secret = await dialog('Security watch is made').locator('code').first().innerText();
    expect(secret).toMatch(/^whsec_/);
    await dialog().getByRole('button', { name: 'I have kept it' }).click();
    await page.getByText('Events are sent to 1 address as they happen.').waitFor();
    expect(await page.content()).not.toContain(secret);

    await page.getByRole('main').getByRole('link', { name: 'Security watch' }).click();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByRole('button', { name: /webhook\.test.*Delivered/s }).click();
    await dialog('Delivery').getByText('Answered 204').waitFor();
    await dialog().getByText('"type": "webhook.test"').waitFor();
    await page.keyboard.press('Escape');
    const [got] = receiver.received;
    const signed = `${got?.headers['webhook-id']}.${got?.headers['webhook-timestamp']}.${got?.body}`;
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
    const signature = createHmac('sha256', key).update(signed).digest('base64');
    expect(got?.headers['webhook-signature']).toBe(`v1,${signature}`);
  });

  it('shows what was answered, and sends it again', async () => {
    receiver.answer((_, response) => response.writeHead(500).end('the disk is full'));
    await rename('Halden Rail AG');
    await test.server.webhooks.sendDue();
    await page.reload();
    await page.getByText('1 fails at the moment').waitFor();
    await page.getByRole('button', { name: /updateAccount.*Waiting/s }).click();
    await dialog('Delivery').getByText('the disk is full').waitFor();
    receiver.answer((_, response) => response.writeHead(204).end());
    await dialog().getByRole('button', { name: 'Send again' }).click();
    await page.getByText('It is sent again.').waitFor();
    await test.server.webhooks.sendDue();
    await dialog().getByRole('button', { name: 'Read again' }).click();
    await dialog().getByText('Answered 204').waitFor();
    await page.keyboard.press('Escape');
  });

  it('is switched off and on, gets another secret, and is deleted by its name', async () => {
    await page.getByRole('button', { name: 'Rotate…' }).click();
    await dialog().getByRole('button', { name: 'Make a new secret' }).click();
    await dialog('New secret of Security watch').getByRole('button', { name: 'I have kept it' }).click();
    await page.getByText('Old one signs until').waitFor();
    await page.getByRole('button', { name: 'Switch off…' }).click();
    await dialog().getByRole('button', { name: 'Switch off' }).click();
    await page.getByText('Security watch is off.').waitFor();
    const send = page.getByRole('button', { name: 'Send a test' });
    await expect.poll(() => send.getAttribute('aria-disabled')).toBe('true');
    await page.getByRole('button', { name: 'Switch on…' }).click();
    await dialog().getByRole('button', { name: 'Switch on' }).click();
    await page.getByText('Security watch is on.').waitFor();
    await page.getByRole('button', { name: 'Delete…' }).click();
    await dialog().getByLabel(/^Type/).fill('Security watch');
    await dialog().getByRole('button', { name: 'Delete Security watch' }).click();
    await page.getByText('There is no webhook yet').waitFor();
  });
});

describe('the line that finds events', () => {
  const line = () => page.getByRole('combobox', { name: 'Find events' });
  const search = () => new URL(page.url()).searchParams;

  it('is written with the keyboard alone, kept in the address, and told by the chips', async () => {
    await page.goto(`/accounts/${ana.accountId}/events`);
    await page.getByText('changed name').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('oper');
    await page.getByRole('option', { name: 'operation: what was done' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.type('updateAcc');
    await page.getByRole('option', { name: /^updateAccount/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.type('from:2026-01-01');
    expect(await line().inputValue()).toBe('operation:updateAccount from:2026-01-01');
    await page.keyboard.press('Enter');
    await expect.poll(() => search().get('operation')).toBe('updateAccount');
    expect(search().get('from')).toBe('2026-01-01');
    await page
      .getByRole('row', { name: /updateAccount/ })
      .first()
      .waitFor();
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    // The line follows a chip, and the address brings the same line back.
    await page.getByLabel('Until').fill('2099-12-31');
    await expect
      .poll(() => line().inputValue())
      .toBe('operation:updateAccount from:2026-01-01 to:2099-12-31');
    await page.reload();
    expect(await line().inputValue()).toBe('operation:updateAccount from:2026-01-01 to:2099-12-31');
  });

  it('finds by person and virtual account, and says at its place what cannot be read', async () => {
    await line().fill('in:"Nowhere" colour:red refused:yes');
    await page.keyboard.press('Enter');
    const faults = page.getByRole('search', { name: 'Query' }).getByRole('alert');
    expect(await faults.locator('mark').allInnerTexts()).toEqual(['"Nowhere"', 'colour:red', 'yes']);
    await faults.getByText('There is no virtual account Nowhere that you may see.').waitFor();
    // Nothing was asked with it.
    expect(search().get('operation')).toBe('updateAccount');
    await line().fill(`person:${ana.email} madrid`);
    await page.keyboard.press('Enter');
    await expect.poll(() => search().get('person')).toBe(ana.email);
    await page.getByText('No event matches these filters').waitFor();
    await page.getByRole('button', { name: 'Words madrid: remove this filter' }).click();
    await page.getByText('deleted the webhook Security watch').waitFor();
    expect(await line().inputValue()).toBe(`person:${ana.email}`);
  });
});

it('looks right', async () => {
  const administrator = test.server.client(await test.server.keyOf(ana.accountId, 'account-administrator'));
  const params = { accountId: ana.accountId };
  const made = await administrator.call(createWebhook, {
    params,
    body: { description: 'Security watch', url: receiver.url },
  });
  await administrator.call(createWebhook, {
    params,
    body: { description: 'Tickets', url: 'https://tickets.halden.example/estover/in', signing: 'hmac' },
  });
  receiver.answer((_, response) => response.writeHead(500).end('the disk is full'));
  await rename('Halden Rail');
  await test.server.webhooks.sendDue();
  const open = `${webhooks()}?open=${made.webhook.webhookId}`;
  const views: View[] = [
    { name: 'webhook-new', path: webhooks(), act: press('New webhook…') },
    { name: 'webhook-panel', path: open },
    {
      name: 'webhook-delivery',
      path: open,
      act: async (shown) => {
        await shown
          .getByRole('button', { name: /updateAccount/ })
          .first()
          .click();
        await shown.getByRole('dialog').getByText('Answered 500').waitFor();
      },
    },
    {
      name: 'events-query',
      path: `/accounts/${ana.accountId}/events?operation=updateAccount`,
      act: async (shown) => {
        await shown
          .getByRole('combobox', { name: 'Find events' })
          .fill('operation:updateAccount colour:red ');
        await shown.keyboard.press('Enter');
        await shown.getByRole('alert').waitFor();
        await shown.keyboard.press('Escape');
      },
    },
  ];
  for (const width of [1280, 400]) {
    const shown = await test.signedIn(ana, { viewport: { width, height: 860 } });
    // Colors are the same at every width.
    const themes = width === 400 ? ['light'] : ['light', 'dark'];
    expect(await lookAt(shown, views, { themes })).toEqual([]);
  }
}, 120_000);
