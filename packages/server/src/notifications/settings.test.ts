import { randomUUIDv7 } from 'node:crypto';
import {
  addNotificationAddress,
  type BodyOf,
  confirmNotificationAddress,
  getMyData,
  grantRole,
  listEvents,
  listMyNotifications,
  listNews,
  listNotificationAddresses,
  removeMe,
  removeNotificationAddress,
  setMyNotificationHours,
  setMyNotifications,
  unsubscribe,
  updateNotificationAddress,
} from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  deliver,
  linkIn,
  type MailServer,
  refusal,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startMailServer,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { endConfirmations } from './index.ts';
import { digestsOf, linesOf, makeReader, tellAll } from './testing/readers.ts';

let mails: MailServer;
let server: TestServer;
let catalog: SeededCatalog;
let account: SeededAccount;
let digests: ReturnType<typeof digestsOf>;
let domain: string;

beforeAll(async () => {
  mails = await startMailServer();
  server = await startTestServer({ smtpUrl: mails.url });
  catalog = await seedCatalog(server);
  digests = digestsOf(mails);
});
afterAll(async () => {
  await server.close();
  await mails.close();
});
beforeEach(async () => {
  server.clock.set('2026-11-22T12:00:00Z');
  const name = `Company ${randomUUIDv7()}`;
  account = await server.account(name);
  domain = `${name.toLowerCase().replace(' ', '-')}.example`;
});

const refused = (code: string, more = {}) => ({
  problem: expect.objectContaining({ code, ...more }),
});
const newest = async () =>
  (await account.administrator.call(listEvents, { params: { accountId: account.accountId } })).items[0];
const cameIn = async (): Promise<string> => {
  const { orderNumber } = await deliver(server, account, { tag: catalog.security, quantity: 1 });
  return `Licenses of order ${orderNumber} came into Default`;
};

describe('one’s own settings', () => {
  it('list each account with the kinds that the roles there let one hear of, and keep only what differs', async () => {
    const ana = await makeReader(server, account, 'viewer');
    const other = await server.account(`Another ${randomUUIDv7()}`);
    await other.administrator.call(grantRole, {
      params: { accountId: other.accountId },
      body: { email: ana.email, role: 'approver', scope: { kind: 'account' } },
    });
    const { client } = ana.browser;
    const list = (query = {}) => client.call(listMyNotifications, { query });
    const { items, hours, nextCursor } = await list();
    expect(hours).toEqual({ timeZone: null, hour: 7, weekday: 1 });
    expect(nextCursor).toBeNull();
    const kindsIn = (accountId: string) =>
      items.find((item) => item.accountId === accountId)?.kinds.map(({ kind }) => kind);
    expect(kindsIn(account.accountId)).toEqual([
      'shortage',
      'ending-90',
      'ending-60',
      'ending-30',
      'ended',
      'orders',
      'instances',
      'certificates',
      'own-role',
    ]);
    expect(kindsIn(other.accountId)).toEqual(['agreements', 'own-role']);
    const first = await list({ limit: 1 });
    expect(first.items.map(({ accountName }) => accountName.slice(0, 7))).toEqual(['Another']);
    const second = await list({ limit: 1, cursor: first.nextCursor });
    expect(second.items.map(({ accountId }) => accountId)).toEqual([account.accountId]);
    expect((await list({ search: 'ANOTHER' })).items).toHaveLength(1);
    expect((await list({ search: '%' })).items).toEqual([]);
    expect((await list({ accountId: other.accountId })).items).toHaveLength(1);
    expect((await list({ accountId: randomUUIDv7() })).items).toEqual([]);

    const params = { accountId: account.accountId };
    const { notifications } = await client.call(setMyNotifications, {
      params,
      body: { choices: [{ kind: 'orders', cadence: 'weekly' }] },
    });
    expect(notifications.kinds.filter(({ isDefault }) => !isDefault)).toEqual([
      { kind: 'orders', cadence: 'weekly', isDefault: false },
    ]);
    expect(await newest()).toMatchObject({
      operation: 'setMyNotifications',
      message: 'changed how often they hear of “Orders”',
    });
    const back = await client.call(setMyNotifications, {
      params,
      body: { choices: [{ kind: 'orders', cadence: null }] },
    });
    expect(back.notifications.kinds.find(({ kind }) => kind === 'orders')).toEqual({
      kind: 'orders',
      cadence: 'daily',
      isDefault: true,
    });
  });

  it('refuse kinds of others, accounts of others, unknown time zones, and API keys', async () => {
    const ana = await makeReader(server, account, 'viewer');
    const { client } = ana.browser;
    const params = { accountId: account.accountId };
    const set = (kind: 'agreements' | 'orders', times = 1) => ({
      params,
      body: { choices: Array.from({ length: times }, () => ({ kind, cadence: 'off' as const })) },
    });
    await expect(client.call(setMyNotifications, set('agreements'))).rejects.toMatchObject(
      refused('notification-kind', { detail: '“Agreements” is not told here.' }),
    );
    await expect(client.call(setMyNotifications, set('orders', 2))).rejects.toMatchObject(
      refused('invalid-request'),
    );
    const other = await server.account(`Another ${randomUUIDv7()}`);
    await expect(
      client.call(setMyNotifications, { ...set('orders'), params: { accountId: other.accountId } }),
    ).rejects.toMatchObject(refused('not-found'));
    await expect(
      client.call(setMyNotificationHours, { body: { timeZone: 'Europe/Atlantis', hour: 8, weekday: 1 } }),
    ).rejects.toMatchObject(refused('time-zone-unknown'));
    await expect(
      client.call(setMyNotificationHours, { body: { timeZone: null, hour: 24, weekday: 1 } }),
    ).rejects.toMatchObject(refused('invalid-request'));
    expect((await client.call(listMyNotifications, {})).hours.timeZone).toBeNull();
    const { administrator: key } = account;
    for (const call of [
      () => key.call(listMyNotifications, {}),
      () => key.call(setMyNotifications, set('orders')),
      () => key.call(listNews, { params }),
    ]) {
      await expect(call()).rejects.toMatchObject(refused('person-required'));
    }
  });

  it('go with the person', async () => {
    const ana = await makeReader(server, account);
    await ana.choose({ orders: 'weekly' });
    await cameIn();
    await tellAll(server);
    const { notifications } = await ana.browser.client.call(getMyData, {});
    expect(notifications).toEqual({
      hours: null,
      choices: [{ accountName: expect.stringMatching(/^Company /), kind: 'orders', cadence: 'weekly' }],
    });
    await ana.browser.client.call(removeMe, { body: { confirmation: ana.email } });
    for (const table of ['notification_choices', 'notice_queue'] as const) {
      const rows = await server.db
        .selectFrom(table)
        .selectAll()
        .where('reader_id', '=', ana.personId)
        .execute();
      expect(rows, table).toEqual([]);
    }
  });
});

describe('added addresses', () => {
  type Choices = BodyOf<typeof addNotificationAddress>['choices'];
  const add = (email: string, choices: Choices = [{ kind: 'orders', cadence: 'immediate' }]) =>
    account.administrator.call(addNotificationAddress, {
      params: { accountId: account.accountId },
      body: { email, choices },
    });
  const confirm = (token: string) => server.client().call(confirmNotificationAddress, { body: { token } });

  it('hear of nothing before they confirm by their link, then of the chosen kinds and no others', async () => {
    const team = `Licenses@${domain}`.toLowerCase();
    const { address, mailed } = await add(`Licenses@${domain.toUpperCase()}`);
    expect(mailed).toBe(true);
    expect(address).toMatchObject({
      email: team,
      confirmedAt: null,
      confirmUntil: '2026-11-29T12:00:00Z',
      kinds: [{ kind: 'orders', cadence: 'immediate' }],
    });
    await cameIn();
    await tellAll(server);
    expect(digests(team)).toEqual([]);
    const mail = await mails.take(team);
    expect(mail.subject).toMatch(/^Confirm this address for Company /);
    const link = linkIn(mail, '/confirm-address#esna_');
    expect(await confirm(link)).toEqual({ email: team, accountName: expect.stringMatching(/^Company /) });
    expect(await newest()).toMatchObject({ message: `confirmed the address ${team}`, actor: { name: team } });
    await expect(confirm(link)).rejects.toMatchObject(refused('link-invalid'));
    const came = await cameIn();
    await tellAll(server);
    const [digest, ...more] = digests(team);
    expect(more).toEqual([]);
    expect(digest === undefined ? [] : linesOf(digest)).toEqual([came]);
    expect(digest?.text).not.toContain('/notifications');

    const params = { accountId: account.accountId, addressId: address.addressId };
    const changed = await account.administrator.call(updateNotificationAddress, {
      params,
      body: {
        choices: [
          { kind: 'orders', cadence: 'off' },
          { kind: 'shortage', cadence: 'daily' },
        ],
      },
    });
    expect(changed.address.kinds).toEqual([{ kind: 'shortage', cadence: 'daily' }]);
    await cameIn();
    await account.administrator.call(removeNotificationAddress, { params });
    await tellAll(server);
    expect(digests(team)).toEqual([]);
    const list = await account.administrator.call(listNotificationAddresses, {
      params: { accountId: account.accountId },
    });
    expect(list.addresses).toEqual([]);
    await expect(account.administrator.call(removeNotificationAddress, { params })).rejects.toMatchObject(
      refused('not-found'),
    );
  });

  it('are inside the mail domain of the account, each once, at most 20, and not asked again and again', async () => {
    for (const outside of ['licenses@elsewhere.example', `licenses@sub.${domain}`]) {
      await expect(add(outside)).rejects.toMatchObject(
        refused('address-outside', { errors: [expect.objectContaining({ pointer: 'body/email' })] }),
      );
    }
    await expect(add(`a@${domain}`, [{ kind: 'own-role', cadence: 'daily' }])).rejects.toMatchObject(
      refused('notification-kind'),
    );
    const { address } = await add(`a@${domain}`);
    await expect(add(`A@${domain}`)).rejects.toMatchObject(refused('address-added'));
    const params = { accountId: account.accountId, addressId: address.addressId };
    await account.administrator.call(removeNotificationAddress, { params });
    for (let again = 0; again < 2; again++) {
      const { address: next } = await add(`a@${domain}`);
      const { addressId } = next;
      await account.administrator.call(removeNotificationAddress, { params: { ...params, addressId } });
    }
    await expect(add(`a@${domain}`)).rejects.toMatchObject(refused('too-many-requests'));
    for (let index = 0; index < 20; index++) await add(`team${index}@${domain}`);
    await expect(add(`more@${domain}`)).rejects.toMatchObject(refused('address-limit'));
    const user = server.client(await server.keyOf(account.accountId, 'account-user'));
    await expect(
      user.call(listNotificationAddresses, { params: { accountId: account.accountId } }),
    ).rejects.toMatchObject(refused('not-allowed'));
  });

  it('cannot be confirmed after a week, or after a restore', async () => {
    await add(`late@${domain}`);
    const late = linkIn(await mails.take(`late@${domain}`), '/confirm-address#');
    server.clock.advance({ hours: 7 * 24 });
    await expect(confirm(late)).rejects.toMatchObject(refused('link-invalid'));
    await add(`restored@${domain}`);
    const restored = linkIn(await mails.take(`restored@${domain}`), '/confirm-address#');
    await server.db.transaction().execute((trx) => endConfirmations(trx));
    await expect(confirm(restored)).rejects.toMatchObject(refused('link-invalid'));
    await expect(confirm('esna_nonsense')).rejects.toMatchObject(refused('link-invalid'));
  });

  it('are forgotten with the person whose address it is', async () => {
    const { administrator, accountId } = account;
    const ana = await makeReader(server, account);
    await server.db
      .updateTable('people')
      .set({ email: `ana@${domain}` })
      .where('id', '=', ana.personId)
      .execute();
    await add(`ana@${domain}`);
    await ana.browser.client.call(removeMe, { body: { confirmation: `ana@${domain}` } });
    const { addresses } = await administrator.call(listNotificationAddresses, { params: { accountId } });
    expect(addresses).toEqual([]);
  });
});

describe('unsubscribing', () => {
  const digestLink = async () => {
    const ana = await makeReader(server, account);
    await ana.choose({ orders: 'immediate', shortage: 'immediate' });
    await cameIn();
    await tellAll(server);
    const [mail] = digests(ana.email);
    if (mail === undefined) throw new Error('no mail came');
    const link = linkIn(mail, '/unsubscribe/');
    return { ana, mail, link, token: link.split('/').at(-1) ?? '' };
  };
  const post = (token: string, body: string, type = 'application/x-www-form-urlencoded') =>
    fetch(`${server.address}/unsubscribe/${token}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });

  it('takes one click in the reader’s program, and ends the kinds of that mail alone', async () => {
    const { ana, mail, link, token } = await digestLink();
    expect(mail.headers['list-unsubscribe']).toBe(`<${link}>`);
    expect(mail.headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click');
    const answer = await post(token, 'List-Unsubscribe=One-Click');
    expect([answer.status, await answer.text()]).toEqual([200, 'These mails are switched off.\n']);
    expect(await newest()).toMatchObject({
      operation: 'unsubscribe',
      actor: { name: ana.email },
      message: `switched off mails about “Orders” to ${ana.email}, with the link from one`,
    });
    const { items } = await ana.browser.client.call(listMyNotifications, {});
    const chosen = items[0]?.kinds.filter(({ isDefault }) => !isDefault);
    expect(chosen?.map(({ kind, cadence }) => [kind, cadence])).toEqual([
      ['shortage', 'immediate'],
      ['orders', 'off'],
    ]);
    await cameIn();
    await tellAll(server);
    expect(digests(ana.email)).toEqual([]);
    // Once more is no mistake.
    const form = '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--';
    expect((await post(token, form, 'multipart/form-data; boundary=x')).status).toBe(200);
  });

  it('is not done by whoever only follows the link, nor by a token that was changed', async () => {
    const { ana, token } = await digestLink();
    const got = await fetch(`${server.address}/unsubscribe/${token}`);
    expect(got.status).toBe(404);
    expect((await post(token, 'a=b')).status).toBe(422);
    const other = `${token.slice(0, -4)}AAAA`;
    expect((await post(other, 'List-Unsubscribe=One-Click')).status).toBe(404);
    expect(await refusal(server.client().call(unsubscribe, { body: { token: other } }))).toMatchObject({
      code: 'link-invalid',
    });
    const { items } = await ana.browser.client.call(listMyNotifications, {});
    expect(items[0]?.kinds.find(({ kind }) => kind === 'orders')?.cadence).toBe('immediate');
    // The page behind the link asks, and then does the same.
    const done = await server.client().call(unsubscribe, { body: { token } });
    expect(done).toEqual({ accountName: expect.stringMatching(/^Company /), kinds: ['orders'] });
  });

  it('is for added addresses as well', async () => {
    const team = `team@${domain}`;
    const { address } = await account.administrator.call(addNotificationAddress, {
      params: { accountId: account.accountId },
      body: { email: team, choices: [{ kind: 'orders', cadence: 'immediate' }] },
    });
    const token = linkIn(await mails.take(team), '/confirm-address#');
    await server.client().call(confirmNotificationAddress, { body: { token } });
    await cameIn();
    await tellAll(server);
    const [mail] = digests(team);
    const link = mail === undefined ? '' : linkIn(mail, '/unsubscribe/');
    expect((await post(link.split('/').at(-1) ?? '', 'List-Unsubscribe=One-Click')).status).toBe(200);
    const { addresses } = await account.administrator.call(listNotificationAddresses, {
      params: { accountId: account.accountId },
    });
    expect(addresses).toEqual([expect.objectContaining({ addressId: address.addressId, kinds: [] })]);
  });
});
