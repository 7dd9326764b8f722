import {
  approveAccountRequest,
  confirmAccountRequest,
  createAccount,
  createOrder,
  declineAccountRequest,
  getOrder,
  importOrders,
  inviteOrderContact,
  listAccountOrders,
  listAccountRequests,
  listDeskNews,
  listEvents,
  listInventory,
  removeMe,
  requestAccountForCustomer,
  suspendAccount,
  takeOrders,
  withdrawAccountRequest,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePersonWithPassword } from '../access/testing/person-with-password.ts';
import { runAllJobs } from '../jobs/index.ts';
import { tellAll } from '../notifications/testing/readers.ts';
import { noteDesk } from '../support/index.ts';
import { makeStaff } from '../support/testing/staff.ts';
import {
  deliver,
  linkIn,
  type MailServer,
  refusal,
  seedCatalog,
  startMailServer,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { checkLedgerLaws } from '../testing/ledger-laws.ts';
import { accept, ask, askAndConfirm, askedFor, password } from './testing/ask-for-account.ts';
import { signedIn, signedInPartner } from './testing/partner.ts';

let mails: MailServer;
let server: TestServer;
let sku: string;
beforeAll(async () => {
  mails = await startMailServer();
  server = await startTestServer({ smtpUrl: mails.url });
  const catalog = await seedCatalog(server);
  ({ sku } = await deliver(server, await server.account('Seeder'), { tag: catalog.security, quantity: 1 }));
});
afterAll(async () => {
  await server.close();
  await mails.close();
});

/** Books 4 that have shipped and 6 that have not. */
const book = (orderNumber: string, account: string, more: { virtualAccount?: string } = {}) =>
  server.operator.call(createOrder, {
    body: {
      orderNumber,
      buyer: 'Buyer',
      lines: [
        { sku, account, quantity: 4, ...more },
        { sku, account, quantity: 6, state: 'booked' as const, ...more },
      ],
    },
  });
const linesOf = async (orderNumber: string) => {
  const { order } = await server.operator.call(getOrder, { params: { orderNumber } });
  return order.lines.map(({ accountName, state, waitsFor }) => ({
    accountName,
    state,
    waits: waitsFor?.sentence ?? null,
  }));
};
const waiting = (accountName: string, waits: string) =>
  ['on-hold', 'on-hold'].map((state) => ({ accountName, state, waits }));
const arrived = (accountName: string) =>
  ['delivered', 'booked'].map((state) => ({ accountName, state, waits: null }));
const requestFor = async (identifier: string) => {
  const { items } = await server.operator.call(listAccountRequests, { query: { search: identifier } });
  const [request] = items;
  if (request === undefined) throw new Error(`nobody asked for ${identifier}`);
  return request.requestId;
};

describe('an order for an account that was asked for', () => {
  it('waits from the asking on, says for what, and is delivered when the account is accepted', async () => {
    const token = await ask(
      { server, mails },
      askedFor('Alpha', { prefix: 'Lab', justification: 'Its own books' }),
    );
    const name = 'lab.alpha.example';
    await book('A-1', 'Lab.Alpha.Example.');
    expect(await linesOf('A-1')).toEqual(
      waiting(name, `The account ${name} was asked for; whoever asked has not confirmed it yet.`),
    );
    await server.client().call(confirmAccountRequest, { body: { token } });
    expect(await linesOf('A-1')).toEqual(
      waiting(name, `The account ${name} was asked for, and is reviewed.`),
    );
    const requestId = await requestFor(name);
    await server.operator.call(approveAccountRequest, { params: { requestId }, body: {} });
    // The id of the request names it as well, and both orders lie in one place.
    await book('A-2', requestId);
    const waits = `The account ${name} was asked for, and waits for its approver.`;
    expect([await linesOf('A-1'), await linesOf('A-2')]).toEqual([
      waiting(name, waits),
      waiting(name, waits),
    ]);
    const { timeline } = await server.operator.call(getOrder, { params: { orderNumber: 'A-2' } });
    expect(timeline.filter(({ kind }) => kind === 'on-hold').map(({ sentence }) => sentence)).toEqual([
      `4 × ${sku} on hold: ${waits}`,
      `6 × ${sku} on hold: ${waits}`,
    ]);

    const link = linkIn(await mails.take('ana@alpha.example'), '/accept-account#esaa_');
    const { account, deliveredLines } = await accept(server, link);
    expect(deliveredLines).toBe(2);
    expect([await linesOf('A-1'), await linesOf('A-2')]).toEqual([arrived('Alpha'), arrived('Alpha')]);
    const { client } = await signedIn(server, 'ana@alpha.example');
    const params = { accountId: account.accountId };
    expect((await client.call(listInventory, { params })).items.map(({ owned }) => owned)).toEqual([8]);
    const orders = await client.call(listAccountOrders, { params });
    expect(orders.items.map(({ orderNumber }) => orderNumber).toSorted()).toEqual(['A-1', 'A-2']);
    // The id of a request that is accepted names its account from then on.
    await book('A-3', requestId);
    expect(await linesOf('A-3')).toEqual(arrived('Alpha'));
  });

  it('may be booked by import, and names no virtual account', async () => {
    await askAndConfirm({ server, mails }, askedFor('Beta'));
    const csv = (place: string) =>
      `order_number,buyer,sku,quantity,account,virtual_account\nB-1,Beta,${sku},3,beta.example,${place}\n`;
    const refused = await refusal(
      server.operator.call(importOrders, { body: csv('Lyon'), contentType: 'text/csv' }),
    );
    expect(refused).toMatchObject({ code: 'import-refused' });
    expect(refused.errors).toEqual([
      expect.objectContaining({
        code: 'unknown-virtual-account',
        detail:
          'beta.example has no virtual account Lyon. It is not there yet: leave the virtual account out.',
      }),
    ]);
    await server.operator.call(importOrders, { body: csv(''), contentType: 'text/csv' });
    expect((await linesOf('B-1')).map(({ state }) => state)).toEqual(['on-hold']);
    // A dry run leaves nothing behind, and what nobody asked for is no account.
    await ask({ server, mails }, askedFor('Iota'));
    const line = { sku, quantity: 1 };
    const dry = await server.operator.call(createOrder, {
      body: { orderNumber: 'B-2', buyer: 'B', lines: [{ ...line, account: 'iota.example' }] },
      dryRun: true,
    });
    expect(dry.order.lines.map(({ state }) => state)).toEqual(['on-hold']);
    const awaited = await server.db
      .selectFrom('awaited_accounts')
      .select('domain_identifier as name')
      .execute();
    expect(awaited).toEqual([{ name: 'beta.example' }]);
    expect(await refusal(book('B-3', 'kappa.example'))).toMatchObject({
      code: 'unknown-account',
      detail: 'There is no account kappa.example. (and 1 more)',
    });
  });

  it('waits for a partner’s request as well, of which the partner’s account sees nothing', async () => {
    const partner = await signedInPartner({ server, mails }, { name: 'Gammapartner' });
    const params = { accountId: partner.accountId };
    await partner.browser.client.call(requestAccountForCustomer, {
      params,
      body: { companyName: 'Gamma', mailDomain: 'gamma.example', approverEmail: 'mia@gamma.example' },
    });
    await book('G-1', 'gamma.example');
    expect((await partner.browser.client.call(listAccountOrders, { params })).items).toEqual([]);
    expect(
      await refusal(partner.browser.client.call(getOrder, { params: { orderNumber: 'G-1' } })),
    ).toMatchObject({ code: 'not-allowed' });
    await accept(server, linkIn(await mails.take('mia@gamma.example'), '/accept-account#'), 'Mia Kern');
    expect(await linesOf('G-1')).toEqual(arrived('Gamma'));
  });

  it('comes to the account however that is made: by an operator, or later than the order by an upgrade', async () => {
    await ask({ server, mails }, askedFor('Delta'));
    await book('D-1', 'delta.example');
    await server.operator.call(createAccount, {
      body: {
        name: 'Delta Made',
        domainIdentifier: 'delta.example',
        administrator: { name: 'Di', email: 'di@delta.example' },
      },
    });
    expect(await linesOf('D-1')).toEqual(arrived('Delta Made'));

    await ask({ server, mails }, askedFor('Epsilon'));
    await book('E-1', 'epsilon.example');
    const limited = await server.account('Epsilon Limited');
    await server.db
      .updateTable('accounts')
      .set({ domain_identifier: 'epsilon.example' })
      .where('account_id', '=', limited.accountId)
      .execute();
    await server.operator.call(suspendAccount, {
      params: { accountId: limited.accountId },
      body: { reason: 'x' },
    });
    await runAllJobs(server.jobDependencies);
    expect((await linesOf('E-1')).map(({ accountName }) => accountName)).toEqual([
      'epsilon.example',
      'epsilon.example',
    ]);
    await server.db
      .updateTable('accounts')
      .set({ status: 'active' })
      .where('account_id', '=', limited.accountId)
      .execute();
    await runAllJobs(server.jobDependencies);
    await runAllJobs(server.jobDependencies);
    expect(await linesOf('E-1')).toEqual(arrived('Epsilon Limited'));
    const { items } = await limited.administrator.call(listEvents, {
      params: { accountId: limited.accountId },
      query: { operation: 'bindAwaitedOrders' },
    });
    expect(items.map(({ message }) => message)).toEqual([
      'got the order lines that waited for an account epsilon.example; 1 were delivered',
      `delivered 4 × ${sku} of order E-1 to Default`,
    ]);
  });
});

it('loses no line that is booked at the moment in which the account is accepted', async () => {
  const link = await askAndConfirm({ server, mails }, askedFor('Racing'));
  const numbers = ['R-1', 'R-2', 'R-3', 'R-4', 'R-5', 'R-6'];
  const [first, ...others] = numbers.map((number) => () => book(number, 'racing.example'));
  await first?.();
  await Promise.all([accept(server, link), ...others.map((bookIt) => bookIt())]);
  // Whatever was booked too late to be bound with the acceptance is bound by the job.
  await runAllJobs(server.jobDependencies);
  for (const number of numbers) expect(await linesOf(number), number).toEqual(arrived('Racing'));
  const { rows } = await sql`select from awaited_accounts where domain_identifier = 'racing.example'`.execute(
    server.db,
  );
  expect(rows).toEqual([]);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

describe('an order whose account is not coming', () => {
  it('stays on hold when the request is declined, expires or is withdrawn, and the desk is told once what to do', async () => {
    const kim = await makeStaff(server, 'order-desk', 'Kim Desk');
    const told = async () => {
      await noteDesk(server.db, server.clock.now());
      await tellAll(server);
      const { items } = await kim.browser.client.call(listDeskNews, {});
      return items.map(({ message }) => message);
    };
    await askAndConfirm({ server, mails }, askedFor('Zeta'));
    await ask({ server, mails }, askedFor('Eta'));
    const own = await ask({ server, mails }, askedFor('Theta'));
    await book('Z-1', 'zeta.example');
    await book('Z-2', 'eta.example');
    await book('Z-3', 'theta.example');
    expect(await told()).toEqual([]);

    const requestId = await requestFor('zeta.example');
    await server.operator.call(declineAccountRequest, { params: { requestId }, body: { reason: 'No.' } });
    await server.client().call(withdrawAccountRequest, { body: { token: own } });
    server.clock.advance({ days: 4 });
    const over = (name: string, state: string) =>
      waiting(
        name,
        `The request for the account ${name} is ${state}. Ask a contact for the account, or cancel the line.`,
      );
    expect(await linesOf('Z-1')).toEqual(over('zeta.example', 'declined'));
    expect(await linesOf('Z-2')).toEqual(over('eta.example', 'expired'));
    expect(await linesOf('Z-3')).toEqual(over('theta.example', 'withdrawn'));
    const message = (name: string, state: string) =>
      `Orders wait for the account ${name}, and the request for it is ${state}: ask a contact for the account, or cancel the lines`;
    const all = [
      message('eta.example', 'expired'),
      message('theta.example', 'withdrawn'),
      message('zeta.example', 'declined'),
    ];
    expect((await told()).toSorted()).toEqual(all);
    expect((await told()).toSorted()).toEqual(all);

    // Nothing more is booked for it, by identifier or by the id of the request.
    for (const name of ['zeta.example', requestId]) {
      expect(await refusal(book('Z-4', name))).toMatchObject({
        code: 'unknown-account',
        detail: expect.stringContaining(
          'zeta.example was asked for, and the request is declined: it can be asked for anew.',
        ),
      });
    }

    expect((await mails.take('ana@zeta.example')).text).toContain('declined');
    // Asked for anew, the same lines wait for that; a contact who is asked takes others; the bell is quiet again.
    await askAndConfirm({ server, mails }, askedFor('Zeta'));
    expect(await linesOf('Z-1')).toEqual(
      waiting('zeta.example', 'The account zeta.example was asked for, and waits for its approver.'),
    );
    const { order } = await server.operator.call(getOrder, { params: { orderNumber: 'Z-3' } });
    const accountId = order.lines[0]?.accountId as string;
    await server.operator.call(inviteOrderContact, {
      body: { accountId, companyName: 'Theta', contact: { name: 'Bo Lind', email: 'bo@theta.example' } },
    });
    expect(await linesOf('Z-3')).toEqual(waiting('Theta', 'A contact at Theta was asked for the account.'));
    expect(await told()).toEqual([message('eta.example', 'expired')]);
    const theirs = await server.account('Theta Works');
    await theirs.administrator.call(takeOrders, {
      params: { accountId: theirs.accountId },
      body: { token: linkIn(await mails.take('bo@theta.example'), '/order-account#esoc_') },
    });
    expect(await linesOf('Z-3')).toEqual(arrived('Theta Works'));
  });

  it('forgets the address by which an account for limited use was asked for, with the person', async () => {
    const email = 'ivy@gmail.com';
    const link = await askAndConfirm(
      { server, mails },
      askedFor('Ivy', { mailDomain: '', kind: 'limited-use', requester: { name: 'Ivy Stone', email } }),
    );
    await book('I-1', email);
    const waits = `The account ${email} was asked for, and waits for its approver.`;
    expect(await linesOf('I-1')).toEqual(waiting(email, waits));
    await makePersonWithPassword(server, password, email);
    const { client } = await signedIn(server, email);
    await client.call(removeMe, { body: { confirmation: email } });
    expect(await refusal(accept(server, link))).toMatchObject({ code: 'link-invalid' });
    const name = 'Account that was asked for';
    expect(await linesOf('I-1')).toEqual(
      waiting(
        name,
        `Nobody is asked for the account of ${name} any more. Ask a contact for the account, or cancel the line.`,
      ),
    );
    const { rows } = await sql<{ text: string }>`
      select domain_identifier as text from awaited_accounts
      union all select name from accounts where status = 'pending'`.execute(server.db);
    expect(rows.map(({ text }) => text)).not.toContain(email);
  });
});
