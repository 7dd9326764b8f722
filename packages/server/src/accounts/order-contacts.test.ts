import {
  type BodyOf,
  createDeliveryRule,
  createOrder,
  getAccountOrder,
  getMyData,
  getOrder,
  inviteOrderContact,
  listAccountRequests,
  listAccounts,
  listEvents,
  listInventory,
  openOrderContact,
  removeMe,
  requestOrderAccount,
  suspendAccount,
  takeOrders,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePersonWithPassword } from '../access/testing/person-with-password.ts';
import { runAllJobs } from '../jobs/index.ts';
import {
  deliver,
  linkIn,
  type MailServer,
  refusal,
  type SeededCatalog,
  seedCatalog,
  startMailServer,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { accept, password } from './testing/ask-for-account.ts';
import { signedIn, signedInPartner } from './testing/partner.ts';

let mails: MailServer;
let server: TestServer;
let catalog: SeededCatalog;
let sku: string;
beforeAll(async () => {
  mails = await startMailServer();
  server = await startTestServer({ smtpUrl: mails.url });
  catalog = await seedCatalog(server);
  ({ sku } = await deliver(server, await server.account('Seeder'), { tag: catalog.security, quantity: 1 }));
});
afterAll(async () => {
  await server.close();
  await mails.close();
});

const nobody = () => server.client();
const open = (token: string) => nobody().call(openOrderContact, { body: { token } });

/** Asks a contact, and books an order for the pending account: 4 that have shipped, 6 that have not. */
async function waitingOrder(company: string) {
  const email = `bo@${company.toLowerCase()}.example`;
  const { account, until } = await server.operator.call(inviteOrderContact, {
    body: { companyName: company, contact: { name: 'Bo Lind', email } },
  });
  const orderNumber = `PO-${company}`;
  const line = { sku, account: account.accountId };
  const { order } = await server.operator.call(createOrder, {
    body: {
      orderNumber,
      buyer: company,
      lines: [
        { ...line, quantity: 4 },
        { ...line, quantity: 6, state: 'booked' },
      ],
    },
  });
  const mail = await mails.take(email);
  const token = linkIn(mail, '/order-account#esoc_');
  return { account, until, orderNumber, order, email, mail, token };
}

const linesOf = async (orderNumber: string) => {
  const { order } = await server.operator.call(getOrder, { params: { orderNumber } });
  return order.lines.map(({ accountName, state }) => `${accountName}: ${state}`);
};
const openRequestsOf = async (pendingAccountId: string) => {
  const { items } = await server.operator.call(listAccountRequests, {
    query: { state: 'awaiting-acceptance', limit: 200 },
  });
  return items.filter(({ originAccountId }) => originAccountId === pendingAccountId);
};
const askFrom = (token: string, change: Partial<BodyOf<typeof requestOrderAccount>> = {}) =>
  nobody().call(requestOrderAccount, { body: { token, companyName: 'Asked', ...change } });

describe('orders whose account is not known yet', () => {
  it('wait in a pending account, and the contact sees with the link what waits', async () => {
    const { account, until, order, email, mail, token } = await waitingOrder('Alpha');
    expect(account).toMatchObject({ status: 'pending', name: 'Alpha' });
    expect(order.lines.map(({ state }) => state)).toEqual(['on-hold', 'on-hold']);
    expect(mail.subject).toBe('Which account are the orders of Alpha for?');
    expect(await open(token)).toEqual({
      companyName: 'Alpha',
      contactName: 'Bo Lind',
      contactEmail: email,
      until,
      lines: [1, 2].map((lineNumber) => ({
        orderNumber: 'PO-Alpha',
        lineNumber,
        sku,
        productName: expect.any(String),
        quantity: lineNumber === 1 ? 4 : 6,
      })),
      request: null,
    });
    const params = { accountId: account.accountId };
    const suspended = server.operator.call(suspendAccount, { params, body: { reason: 'x' } });
    expect(await refusal(suspended)).toMatchObject({ code: 'account-status', accountStatus: 'pending' });
  });

  it('go to an existing account of whoever has the link and a right there, and nowhere else', async () => {
    const { account, orderNumber, token } = await waitingOrder('Beta');
    const theirs = await server.account('Beta Works');
    const params = { accountId: theirs.accountId };
    const body = { token };
    const viewer = server.client(await server.keyOf(theirs.accountId, 'viewer'));
    expect(await refusal(viewer.call(takeOrders, { params, body }))).toMatchObject({ code: 'not-allowed' });
    const other = await server.account('Other');
    expect(await refusal(other.administrator.call(takeOrders, { params, body }))).toMatchObject({
      code: 'not-found',
    });
    for (const wrong of ['', 'esoc_x', `${token}x`]) {
      expect(
        await refusal(theirs.administrator.call(takeOrders, { params, body: { token: wrong } })),
      ).toMatchObject({ code: 'link-invalid' });
    }
    const stranger = { token, virtualAccountId: other.defaultVirtualAccountId };
    expect(await refusal(theirs.administrator.call(takeOrders, { params, body: stranger }))).toMatchObject({
      code: 'unknown-virtual-account',
    });
    const holding = await signedInPartner({ server, mails });
    expect(
      await refusal(
        holding.browser.client.call(takeOrders, { params: { accountId: holding.accountId }, body }),
      ),
    ).toMatchObject({ code: 'holding-account' });

    const ids = await server.virtualAccounts(theirs, 'Lyon');
    const taken = await theirs.administrator.call(takeOrders, {
      params,
      body: { token, virtualAccountId: ids['Lyon'] as string },
    });
    expect(taken).toEqual({ lines: 2, deliveredLines: 1 });
    expect(await linesOf(orderNumber)).toEqual(['Beta Works: delivered', 'Beta Works: booked']);
    const { items } = await theirs.administrator.call(listInventory, {
      params,
      query: { virtualAccountId: ids['Lyon'] as string },
    });
    expect(items.map(({ owned }) => owned)).toEqual([4]);
    // The pending account and the link are gone.
    const { items: left } = await server.operator.call(listAccounts, { query: { search: 'Beta' } });
    expect(left.map(({ accountId }) => accountId)).toEqual([theirs.accountId]);
    expect(await refusal(open(token))).toMatchObject({ code: 'link-invalid' });
    expect(await refusal(theirs.administrator.call(takeOrders, { params, body }))).toMatchObject({
      code: 'link-invalid',
    });
    const again = server.operator.call(inviteOrderContact, {
      body: {
        companyName: 'Beta',
        contact: { name: 'Bo', email: 'bo@beta.example' },
        accountId: account.accountId,
      },
    });
    expect(await refusal(again)).toMatchObject({ code: 'account-not-pending' });
  });

  it('stay bound to the request for an account, and are delivered as soon as it is accepted', async () => {
    const { orderNumber, token, email } = await waitingOrder('Gamma');
    expect(
      await askFrom(token, { mailDomain: 'gamma.example', approverEmail: 'typo@gamma.example' }),
    ).toEqual({
      state: 'awaiting-acceptance',
      warnings: [],
    });
    const mistyped = linkIn(await mails.take('typo@gamma.example'), '/accept-account#');
    // Asking anew takes the earlier request back.
    await askFrom(token, { mailDomain: 'gamma.example', approverEmail: 'mia@gamma.example' });
    expect((await open(token)).request).toEqual({
      state: 'awaiting-acceptance',
      domainIdentifier: 'gamma.example',
      approverEmail: 'mia@gamma.example',
    });
    expect(await refusal(accept(server, mistyped))).toMatchObject({ code: 'link-invalid' });
    expect(await linesOf(orderNumber)).toEqual(['Gamma: on-hold', 'Gamma: on-hold']);

    const accepted = await accept(server, linkIn(await mails.take('mia@gamma.example'), '/accept-account#'));
    expect(accepted.deliveredLines).toBe(1);
    expect(await linesOf(orderNumber)).toEqual(['Asked: delivered', 'Asked: booked']);
    expect((await mails.take(email)).subject).toBe('The account of Asked is active');
    expect(await refusal(open(token))).toMatchObject({ code: 'link-invalid' });
  });

  it('wait on where the identifier is taken or the request runs out, and the contact asks again', async () => {
    const { orderNumber, token, email } = await waitingOrder('Delta');
    const existing = await server.account('Delta Taken');
    // To somebody of another company nothing says that there is such an account; its people hear of it.
    const asked = { mailDomain: 'delta-taken.example', approverEmail: 'x@delta-taken.example' };
    expect((await askFrom(token, asked)).state).toBe('awaiting-acceptance');
    expect((await mails.take('x@delta-taken.example')).subject).toBe('Delta Taken has an account already');
    await askFrom(token, { mailDomain: 'delta.example' });
    await mails.take(email);
    server.clock.advance({ days: 31 });
    await runAllJobs(server.jobDependencies);
    expect((await open(token)).request?.state).toBe('expired');
    expect((await mails.take(email)).text).toContain('The orders still wait');
    await server.account('Delta');
    expect((await askFrom(token, { mailDomain: 'delta.example' })).state).toBe('declined');
    expect((await mails.take(email)).text).toContain('already: Delta.');
    await existing.administrator.call(takeOrders, {
      params: { accountId: existing.accountId },
      body: { token },
    });
    expect(await linesOf(orderNumber)).toEqual(['Delta Taken: delivered', 'Delta Taken: booked']);
  });

  it('go where the delivery rules of the account say, if no virtual account is named', async () => {
    const other = await deliver(server, await server.account('Second seeder'), {
      tag: catalog.advantage,
      quantity: 1,
    });
    const theirs = await server.account('Ruled');
    const params = { accountId: theirs.accountId };
    const ids = await server.virtualAccounts(theirs, 'Lyon', 'Oslo');
    const rule = { sku, buyer: 'ruled*', virtualAccountId: ids['Lyon'] as string };
    await theirs.administrator.call(createDeliveryRule, { params, body: rule });
    const book = async (company: string) => {
      const waiting = await waitingOrder(company);
      await server.operator.call(createOrder, {
        body: {
          orderNumber: `PO-${company}-2`,
          buyer: company,
          lines: [{ sku: other.sku, quantity: 1, account: waiting.account.accountId }],
        },
      });
      return waiting;
    };
    const placesOf = async (orderNumber: string) =>
      (
        await theirs.administrator.call(getAccountOrder, { params: { ...params, orderNumber } })
      ).order.lines.map(
        ({ virtualAccountPath, deliveryRule }) =>
          `${virtualAccountPath.join(' / ')} by ${deliveryRule?.position ?? 'none'}`,
      );
    const first = await book('Ruled-One');
    const taken = await theirs.administrator.call(takeOrders, { params, body: { token: first.token } });
    expect(taken).toEqual({ lines: 3, deliveredLines: 2 });
    expect(await placesOf('PO-Ruled-One')).toEqual(['Lyon by 1', 'Lyon by 1']);
    expect(await placesOf('PO-Ruled-One-2')).toEqual(['Default by none']);
    const { items } = await theirs.administrator.call(listEvents, {
      params,
      query: { operation: 'takeOrders', objectKind: 'account' },
    });
    expect(items[0]?.message).toBe(
      'took 3 order lines of Ruled-One that waited for an account to Default, 2 of them to where delivery rules say; 2 were delivered',
    );
    // A place that is named is the place.
    const second = await book('Ruled-Two');
    const body = { token: second.token, virtualAccountId: ids['Oslo'] as string };
    await theirs.administrator.call(takeOrders, { params, body });
    expect(await placesOf('PO-Ruled-Two')).toEqual(['Oslo by none', 'Oslo by none']);
    expect(await placesOf('PO-Ruled-Two-2')).toEqual(['Oslo by none']);
  });

  it('have one open request, of several that are made with one link at once', async () => {
    const { account, token } = await waitingOrder('Eta');
    await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) =>
        askFrom(token, { mailDomain: 'eta.example', approverEmail: `${name}@eta.example` }),
      ),
    );
    expect(await openRequestsOf(account.accountId)).toHaveLength(1);
  });

  it('leave no request open whose orders are taken at the same moment', async () => {
    const { account, token, orderNumber } = await waitingOrder('Theta');
    const theirs = await server.account('Theta Works');
    const [asked] = await Promise.allSettled([
      askFrom(token, { mailDomain: 'theta.example', approverEmail: 'x@theta.example' }),
      theirs.administrator.call(takeOrders, { params: { accountId: theirs.accountId }, body: { token } }),
    ]);
    expect(await linesOf(orderNumber)).toEqual(['Theta Works: delivered', 'Theta Works: booked']);
    expect(await openRequestsOf(account.accountId)).toEqual([]);
    if (asked.status === 'rejected') expect(asked.reason.problem).toMatchObject({ code: 'link-invalid' });
  });

  it('are asked about with one link only so often, and with any link for one approver', async () => {
    const { token } = await waitingOrder('Iota');
    const other = await waitingOrder('Kappa');
    server.clock.advance({ hours: 2 });
    const codes = async (link: string, approvers: readonly string[]) => {
      const told: string[] = [];
      for (const name of approvers) {
        const body = { mailDomain: 'iota.example', approverEmail: `${name}@iota.example` };
        const outcome = await askFrom(link, body).then(
          () => 'asked',
          ({ problem }) => problem.code as string,
        );
        told.push(outcome);
      }
      return told;
    };
    const refused = 'too-many-requests';
    expect(await codes(token, ['a', 'b', 'c', 'd', 'e', 'f'])).toEqual([
      ...Array.from({ length: 5 }, () => 'asked'),
      refused,
    ]);
    // The secret alone is the same link.
    expect(await codes(token.slice(token.indexOf('#') + 1), ['g'])).toEqual([refused]);
    expect(await codes(other.token, ['a', 'a', 'a'])).toEqual(['asked', 'asked', refused]);
  });

  it.each([
    ['public-mail-domain', 'mailDomain', { mailDomain: 'gmail.com' }],
    ['domain-identifier-invalid', 'mailDomain', { mailDomain: 'nodot' }],
    ['approver-domain-differs', 'approverEmail', { mailDomain: 'other.example' }],
    ['public-mail-domain-needed', 'approverEmail', { kind: 'limited-use' }],
  ] as const)('are not asked for with %s', async (code, field, change) => {
    const { token } = await waitingOrder(`Refused-${code}`);
    expect(await refusal(askFrom(token, change))).toMatchObject({
      code,
      errors: [{ pointer: `body/${field}` }],
    });
    expect((await open(token)).request).toBeNull();
  });

  it('have a link that ends: with a new one, and after 90 days', async () => {
    const { account, token } = await waitingOrder('Epsilon');
    const contact = { name: 'Cy', email: 'cy@epsilon.example' };
    await server.operator.call(inviteOrderContact, {
      body: { companyName: 'Epsilon Ltd', contact, accountId: account.accountId },
    });
    expect(await refusal(open(token))).toMatchObject({ code: 'link-invalid' });
    const renewed = linkIn(await mails.take(contact.email), '/order-account#');
    expect(await open(renewed)).toMatchObject({ companyName: 'Epsilon Ltd', contactName: 'Cy' });
    server.clock.advance({ days: 90 });
    expect(await refusal(open(renewed))).toMatchObject({ code: 'link-invalid' });
  });

  it('are asked about of people who are told so in their data, and whose names go with them', async () => {
    const { email, until, token } = await waitingOrder('Lambda');
    const namesake = await waitingOrder('Mu');
    const { personId } = await makePersonWithPassword(server, password, email);
    const named = server.db.updateTable('people').set({ name: 'Bo Lind' }).where('id', '=', personId);
    await named.execute();
    const invited = server.db.updateTable('order_contacts').set({ invited_by: 'Bo Lind' });
    await invited.where('account_id', '=', namesake.account.accountId).execute();
    const { client } = await signedIn(server, email);
    expect((await client.call(getMyData, {})).orderContacts).toEqual([
      { companyName: 'Lambda', askedAt: server.clock.now().toString(), until },
    ]);
    await client.call(removeMe, { body: { confirmation: email } });
    expect(await refusal(open(token))).toMatchObject({ code: 'link-invalid' });
    server.clock.advance({ minutes: 3 });
    await runAllJobs(server.jobDependencies);
    const { rows } = await sql<{ name: string; by: string }>`
      select contact_name as name, invited_by as by from order_contacts
       where contact_email in (${email}, ${namesake.email})`.execute(server.db);
    expect(rows).toEqual([{ name: 'Bo Lind', by: expect.stringMatching(/^Removed person/) }]);
    // Whoever was asked and says nothing is forgotten as well, and the orders wait on.
    server.clock.advance({ days: 180 });
    await runAllJobs(server.jobDependencies);
    const left = await server.db.selectFrom('order_contacts').select('account_id').execute();
    expect(left).toEqual([]);
    expect(await linesOf(namesake.orderNumber)).toEqual(['Mu: on-hold', 'Mu: on-hold']);
  });

  it('are taken once, of two who choose at the same moment', async () => {
    const { orderNumber, token } = await waitingOrder('Zeta');
    const accounts = [await server.account('Zeta One'), await server.account('Zeta Two')];
    const outcomes = await Promise.allSettled(
      accounts.map(({ accountId, administrator }) =>
        administrator.call(takeOrders, { params: { accountId }, body: { token } }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const lines = await linesOf(orderNumber);
    expect(new Set(lines.map((line) => line.split(':')[0])).size).toBe(1);
  });
});
