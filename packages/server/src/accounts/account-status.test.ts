import {
  approveAccessRequest,
  closeAccount,
  closeAccountAsOperator,
  consentToAccountMove,
  createOrder,
  createToken,
  getAccount,
  getMe,
  getOrder,
  listAlerts,
  listInventory,
  listVirtualAccounts,
  proposeMerge,
  publishAgreement,
  reactivateAccount,
  requestAccess,
  revokeToken,
  suspendAccount,
  updateAccount,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settleAccessRequests } from '../access/index.ts';
import { tellOfAgreements } from '../agreements/index.ts';
import {
  deliver,
  type MailServer,
  refusal,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startMailServer,
  startTestServer,
  type TestServer,
  useLicenses,
} from '../testing/index.ts';
import { administratorOf } from './testing/administrator.ts';

let mails: MailServer;
let server: TestServer;
let catalog: SeededCatalog;
beforeAll(async () => {
  mails = await startMailServer();
  server = await startTestServer({ smtpUrl: mails.url });
  catalog = await seedCatalog(server);
});
afterAll(async () => {
  await server.close();
  await mails.close();
});

const paramsOf = ({ accountId }: SeededAccount) => ({ accountId });
const suspend = (account: SeededAccount, reason = 'The bill is not paid.') =>
  server.operator.call(suspendAccount, { params: paramsOf(account), body: { reason } });
const reactivate = (account: SeededAccount) =>
  server.operator.call(reactivateAccount, { params: paramsOf(account) });
const close = (account: SeededAccount, dryRun = false) =>
  account.administrator.call(closeAccount, {
    params: paramsOf(account),
    body: { reason: 'The company was sold.' },
    dryRun,
  });
const eventsOf = async ({ accountId }: SeededAccount) => {
  const { rows } = await sql<{ operation: string; message: string }>`
    select operation, message from events where account_id = ${accountId} and object_kind = 'account'
       and operation <> 'createAccount' order by event_id`.execute(server.db);
  return rows.map(({ operation, message }) => `${operation}: ${message}`);
};
const addressOf = async ({ accountId }: SeededAccount) => {
  const { rows } = await sql<{ email: string }>`
    select email from people join grants on person_id = people.id where account_id = ${accountId} limit 1`.execute(
    server.db,
  );
  return rows[0]?.email ?? '';
};
const tokenOf = (account: SeededAccount) =>
  account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId: account.defaultVirtualAccountId },
    body: {},
  });

describe('a suspended account', () => {
  it('is read and not changed, says why, and goes on where it was when it is reactivated', async () => {
    const account = await server.account('Suspended');
    const email = await addressOf(account);
    await mails.take(email);
    const { account: suspended } = await suspend(account);
    expect(suspended).toMatchObject({
      status: 'suspended',
      statusReason: 'The bill is not paid.',
      statusSince: server.clock.now().toString(),
    });
    const mail = await mails.take(email);
    expect(mail.subject).toBe('The account of Suspended is suspended');
    expect(mail.text).toContain('The bill is not paid.');

    const params = paramsOf(account);
    const { administrator } = account;
    expect((await administrator.call(getAccount, { params })).account).toEqual(suspended);
    expect((await administrator.call(listVirtualAccounts, { params })).items).toHaveLength(1);
    expect((await administrator.call(getMe, {})).accounts).toMatchObject([{ status: 'suspended' }]);
    for (const change of [
      () => administrator.call(updateAccount, { params, body: { name: 'Other' } }),
      () => tokenOf(account),
      () => close(account),
      () => close(account, true),
    ]) {
      expect(await refusal(change())).toMatchObject({
        code: 'account-not-active',
        status: 409,
        accountStatus: 'suspended',
        detail: expect.stringContaining('The bill is not paid.'),
      });
    }
    expect(await refusal(suspend(account))).toMatchObject({ code: 'account-status' });
    const closing = server.operator.call(closeAccountAsOperator, { params, body: { reason: 'x' } });
    expect(await refusal(closing)).toMatchObject({ code: 'account-status', accountStatus: 'suspended' });

    const { account: active, deliveredLines } = await reactivate(account);
    expect(active).toMatchObject({ status: 'active', statusReason: null });
    expect(deliveredLines).toBe(0);
    expect((await mails.take(email)).subject).toBe('The account of Suspended is active again');
    expect(await refusal(reactivate(account))).toMatchObject({ code: 'account-status' });
    await administrator.call(updateAccount, { params, body: { name: 'Other' } });
    expect(await eventsOf(account)).toEqual([
      'suspendAccount: suspended the account: The bill is not paid.',
      'reactivateAccount: reactivated the account; 0 order lines that waited were delivered',
      'updateAccount: changed name from Suspended to Other',
    ]);
  });

  it('has approvers who approve nothing meanwhile, whatever waits for them, and go on once it is active', async () => {
    const account = await server.account('Approves later');
    const { accountId } = account;
    const ana = await administratorOf(server, [accountId]);
    const other = await server.account('Asks it');
    const bo = await administratorOf(server, [other.accountId]);
    const { move } = await bo.client.call(proposeMerge, {
      params: paramsOf(other),
      body: { otherAccount: accountId, goes: 'this', reason: 'One company' },
    });
    const { client } = await administratorOf(server, []);
    const body = { identifier: 'approves-later.example', role: 'viewer', reason: 'Audit' } as const;
    const { request } = await client.call(requestAccess, { body });
    await settleAccessRequests(server.jobDependencies);
    const approve = () =>
      ana.client.call(approveAccessRequest, {
        params: { accountId, requestId: request.requestId },
        body: { role: 'viewer', scope: { kind: 'account' } },
      });
    const consent = () =>
      ana.client.call(consentToAccountMove, { params: { moveId: move.moveId }, body: {} });
    await suspend(account);
    const { rows: before } = await sql`select count(*) from events where account_id = ${accountId}`.execute(
      server.db,
    );
    expect(await refusal(approve())).toMatchObject({
      code: 'account-not-active',
      accountStatus: 'suspended',
    });
    expect(await refusal(consent())).toMatchObject({ code: 'account-move-blocked' });
    expect((await client.call(getMe, {})).accounts).toEqual([]);
    const { rows: after } = await sql`select count(*) from events where account_id = ${accountId}`.execute(
      server.db,
    );
    expect(after).toEqual(before);
    // Only the operator opens it again, which its event says; then both go on.
    await reactivate(account);
    expect((await eventsOf(account)).at(-1)).toBe(
      'reactivateAccount: reactivated the account; 0 order lines that waited were delivered',
    );
    await approve();
    expect((await client.call(getMe, {})).accounts).toMatchObject([{ accountId }]);
    expect((await consent()).move.state).toBe('done');
  });

  it('gets what was ordered meanwhile when it is active again: what has shipped, and no more', async () => {
    const account = await server.account('Waits for orders');
    const { sku } = await deliver(server, account, { tag: catalog.security, quantity: 1 });
    await suspend(account);
    const line = { sku, account: account.accountId };
    for (const [orderNumber, quantity] of [
      ['WAIT-1', 3],
      ['WAIT-2', 5],
    ] as const) {
      const { order } = await server.operator.call(createOrder, {
        body: {
          orderNumber,
          buyer: 'Buyer',
          lines: [
            { ...line, quantity },
            { ...line, quantity: 100, state: 'booked' },
          ],
        },
      });
      expect(order.lines.map(({ state }) => state)).toEqual(['on-hold', 'on-hold']);
    }
    expect((await reactivate(account)).deliveredLines).toBe(2);
    const { order } = await server.operator.call(getOrder, { params: { orderNumber: 'WAIT-2' } });
    expect(order.lines).toMatchObject([
      { state: 'delivered', deliveredAt: server.clock.now().toString() },
      { state: 'booked', deliveredAt: null },
    ]);
    const { items } = await account.administrator.call(listInventory, { params: paramsOf(account) });
    expect(items.map(({ owned }) => owned)).toEqual([9]);
    const { rows } = await sql<{ operation: string; message: string }>`
      select operation, message from events where account_id = ${account.accountId} and object_kind = 'order'
         and operation = 'reactivateAccount' order by message`.execute(server.db);
    expect(rows.map(({ message }) => message)).toEqual([
      `delivered 3 × ${sku} of order WAIT-1 to Default`,
      `delivered 5 × ${sku} of order WAIT-2 to Default`,
    ]);
  });

  it('is told of agreements that were published meanwhile, which it could not accept', async () => {
    const account = await server.account('Waits for texts');
    await suspend(account);
    for (const title of ['Data', 'Conduct'])
      await server.operator.call(publishAgreement, {
        body: { agreement: title.toLowerCase(), title, text: 'Text', deadlineDays: 1 },
      });
    await tellOfAgreements(server.jobDependencies);
    server.clock.advance({ days: 2 });
    await reactivate(account);
    const { items } = await account.administrator.call(listAlerts, {
      params: paramsOf(account),
      query: { kind: 'agreement-open' },
    });
    expect(items.map(({ message }) => message).sort()).toEqual([
      'Conduct, version 1, waits to be accepted',
      'Data, version 1, waits to be accepted',
    ]);
  });

  it('is suspended only for a reason, and by the operator alone', async () => {
    const account = await server.account('Rights');
    const params = paramsOf(account);
    expect(await refusal(suspend(account, ' '))).toMatchObject({ code: 'invalid-request' });
    expect(
      await refusal(account.administrator.call(suspendAccount, { params, body: { reason: 'x' } })),
    ).toMatchObject({ code: 'not-allowed' });
    const user = server.client(await server.keyOf(account.accountId, 'account-user'));
    expect(await refusal(user.call(closeAccount, { params, body: { reason: 'x' } }))).toMatchObject({
      code: 'not-allowed',
    });
    expect(await eventsOf(account)).toEqual([]);
  });
});

describe('a closed account', () => {
  it('was empty: all that is in the way is named, by a dry run as well', async () => {
    const account = await server.account('Full');
    const { sku } = await deliver(server, account, { tag: catalog.essentials, quantity: 7 });
    await useLicenses(server, {
      accountId: account.accountId,
      virtualAccountId: account.defaultVirtualAccountId,
      counts: {},
    });
    await server.operator.call(createOrder, {
      body: {
        orderNumber: 'OPEN-1',
        buyer: 'Buyer',
        lines: [{ sku, quantity: 1, account: account.accountId, state: 'booked' }],
      },
    });
    await tokenOf(account);
    const contents = { licenses: 7, productInstances: 1, openOrderLines: 1, openRequests: 0 };
    for (const dryRun of [true, false]) {
      const refused = await refusal(close(account, dryRun));
      expect(refused).toMatchObject({ code: 'account-not-empty', status: 409, contents });
      expect(refused.detail).toContain('7 licenses, 1 product instance');
    }
    expect(await eventsOf(account)).toEqual([]);
  });

  it('is read for good, keeps its identifier, and takes nothing any more', async () => {
    const account = await server.account('Gone');
    const { token } = await tokenOf(account);
    expect(await refusal(close(account))).toMatchObject({
      code: 'account-not-empty',
      detail: 'Gone has 1 registration token.',
    });
    const params = paramsOf(account);
    await account.administrator.call(revokeToken, {
      params: { ...params, tokenId: token.tokenId },
    });
    expect((await close(account, true)).account.status).toBe('closed');
    expect((await account.administrator.call(getAccount, { params })).account.status).toBe('active');
    await close(account);
    expect(await eventsOf(account)).toEqual([
      'closeAccount: closed the account gone.example: The company was sold.',
    ]);
    const email = await addressOf(account);
    await mails.take(email);
    expect((await mails.take(email)).text).toContain('The company was sold.');

    expect((await account.administrator.call(getAccount, { params })).account.status).toBe('closed');
    expect(await refusal(tokenOf(account))).toMatchObject({
      code: 'account-not-active',
      accountStatus: 'closed',
    });
    for (const again of [suspend, reactivate]) {
      expect(await refusal(again(account))).toMatchObject({
        code: 'account-status',
        accountStatus: 'closed',
      });
    }
    expect(await refusal(server.account('Gone'))).toMatchObject({ code: 'domain-identifier-taken' });
    const { sku } = await deliver(server, await server.account('Buys'), {
      tag: catalog.security,
      quantity: 1,
    });
    const order = server.operator.call(createOrder, {
      body: { orderNumber: 'LATE-1', buyer: 'B', lines: [{ sku, quantity: 1, account: account.accountId }] },
    });
    expect(await refusal(order)).toMatchObject({
      code: 'account-closed',
      errors: [{ pointer: 'body/lines/0/account' }],
    });
  });

  it('is closed by the operator as well, and never around a token that is being made', async () => {
    const account = await server.account('Raced');
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 4 }, () => tokenOf(account)),
      server.operator.call(closeAccountAsOperator, {
        params: paramsOf(account),
        body: { reason: 'A duplicate.' },
      }),
    ]);
    const made = outcomes.slice(0, 4).filter(({ status }) => status === 'fulfilled').length;
    const { account: after } = await account.administrator.call(getAccount, { params: paramsOf(account) });
    expect(after.status === 'closed').toBe(made === 0);
    expect(made === 0 || made === 4).toBe(true);
  });
});
