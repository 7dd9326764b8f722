import {
  acceptAccount,
  approveAccountRequest,
  type BodyOf,
  checkAccountRequest,
  confirmAccountRequest,
  createAccount,
  grantRole,
  listCustomerRequests,
  openAccountRequest,
  requestAccountForCustomer,
  withdrawCustomerRequest,
} from '@estover/protocol';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runAllJobs } from '../jobs/index.ts';
import {
  linkIn,
  type MailServer,
  refusal,
  startMailServer,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { accept, ask, askedFor, password, takeIdentifier } from './testing/ask-for-account.ts';
import { type Partner, signedIn, signedInPartner } from './testing/partner.ts';

let mails: MailServer;
let server: TestServer;
let partner: Partner;
beforeAll(async () => {
  mails = await startMailServer();
  server = await startTestServer({ smtpUrl: mails.url });
  partner = await signedInPartner({ server, mails });
});
afterAll(async () => {
  await server.close();
  await mails.close();
});

type Asked = Partial<BodyOf<typeof requestAccountForCustomer>>;

const bodyFor = (company: string, change: Asked = {}) => ({
  companyName: company,
  mailDomain: `${company.toLowerCase()}.example`,
  approverEmail: `mia@${company.toLowerCase()}.example`,
  ...change,
});
const askFor = (company: string, change: Asked = {}) =>
  partner.browser.client.call(requestAccountForCustomer, {
    params: { accountId: partner.accountId },
    body: bodyFor(company, change),
  });
const ownRequests = async (search: string) =>
  (
    await partner.browser.client.call(listCustomerRequests, {
      params: { accountId: partner.accountId },
      query: { search },
    })
  ).items;
const withdraw = (requestId: string, accountId = partner.accountId) =>
  partner.browser.client.call(withdrawCustomerRequest, { params: { accountId, requestId } });

describe('a partner who asks for a customer', () => {
  it('is not asked to confirm; the customer accepts, and the partner sees and hears of it', async () => {
    const { request, warnings, sendsMail } = await askFor('Fabrikam');
    expect({ warnings, sendsMail }).toEqual({ warnings: [], sendsMail: true });
    expect(request).toMatchObject({
      state: 'awaiting-acceptance',
      domainIdentifier: 'fabrikam.example',
      requesterEmail: partner.email,
      approverEmail: 'mia@fabrikam.example',
    });
    const mail = await mails.take('mia@fabrikam.example');
    expect(mail.text).toContain('Pat Ost (pat@partner.example) of Partner asked for the account');
    const { account, email } = await accept(server, linkIn(mail, '/accept-account#'), 'Mia Kern');
    expect({ kind: account.kind, email }).toEqual({ kind: 'customer', email: 'mia@fabrikam.example' });

    expect((await mails.take(partner.email)).subject).toBe('The account of Fabrikam is active');
    expect(await ownRequests('fabrikam')).toMatchObject([{ state: 'active' }]);
    const { rows } = await sql<{ operation: string; who: string; behalf: string; message: string }>`
      select operation, actor_name as who, concat_ws(' ', behalf_kind, behalf_id, behalf_name) as behalf, message from events
       where account_id = ${partner.accountId} and object_kind = 'account-request'`.execute(server.db);
    expect(rows).toEqual([
      {
        operation: 'requestAccountForCustomer',
        who: 'Pat Ost',
        behalf: 'customer fabrikam.example Fabrikam',
        message: 'asked for the account fabrikam.example for Fabrikam, with mia@fabrikam.example as approver',
      },
    ]);
    // The partner asked, and has no role in it.
    const { rows: people } = await sql<{ email: string }>`
      select distinct email from grants join people on people.id = person_id
       where account_id = ${account.accountId}`.execute(server.db);
    expect(people).toEqual([{ email: 'mia@fabrikam.example' }]);
  });

  it('withdraws while it is open, after which the link accepts nothing', async () => {
    const { request } = await askFor('Takenback');
    const link = linkIn(await mails.take('mia@takenback.example'), '/accept-account#');
    expect((await withdraw(request.requestId)).request.state).toBe('withdrawn');
    expect(await refusal(withdraw(request.requestId))).toMatchObject({ code: 'account-request-state' });
    expect(await refusal(accept(server, link))).toMatchObject({ code: 'link-invalid' });
  });

  it('has a prefix reviewed, as anybody', async () => {
    const change = { prefix: 'lab', justification: 'Its own books' };
    const { request } = await askFor('Prefixed', change);
    expect(request.state).toBe('under-review');
    await server.operator.call(approveAccountRequest, { params: { requestId: request.requestId }, body: {} });
    await mails.take('mia@prefixed.example');
    expect(await ownRequests('prefixed')).toMatchObject([{ state: 'awaiting-acceptance' }]);
  });

  it.each<[string, string, Asked]>([
    [
      'self-approval',
      'body/approverEmail',
      { mailDomain: 'partner.example', approverEmail: 'kim@partner.example' },
    ],
    ['self-approval', 'body/approverEmail', { approverEmail: 'pat@partner.example' }],
    ['approver-domain-differs', 'body/approverEmail', { approverEmail: 'mia@elsewhere.example' }],
    ['public-mail-domain', 'body/mailDomain', { mailDomain: 'gmail.com', approverEmail: 'mia@gmail.com' }],
    ['domain-identifier-invalid', 'body/mailDomain', { mailDomain: 'nodot' }],
    ['justification-needed', 'body/justification', { prefix: 'lab' }],
  ])('is refused %s at %s', async (code, pointer, change) => {
    server.clock.advance({ hours: 2 });
    expect(await refusal(askFor('Refused', change))).toMatchObject({
      code,
      status: 422,
      errors: [{ pointer }],
    });
    expect(await ownRequests('refused')).toEqual([]);
  });

  it('is not kept from asking by somebody who may not ask there', async () => {
    const stranger = await signedInPartner({ server, mails }, { name: 'Elsewhere' });
    const params = { accountId: partner.accountId };
    const body = bodyFor('Crowded');
    for (let each = 0; each < 3; each++) {
      const asked = stranger.browser.client.call(requestAccountForCustomer, { params, body });
      expect(await refusal(asked)).toMatchObject({ code: 'not-found' });
    }
    expect((await askFor('Crowded')).request.state).toBe('awaiting-acceptance');
  });

  it('is a person with a right in a holding account', async () => {
    const params = { accountId: partner.accountId };
    const body = bodyFor('Rights');
    const as = async (role: 'account-administrator' | 'viewer') =>
      server.client(await server.keyOf(partner.accountId, role));
    expect(
      await refusal((await as('account-administrator')).call(requestAccountForCustomer, { params, body })),
    ).toMatchObject({ code: 'person-required' });
    expect(
      await refusal((await as('viewer')).call(requestAccountForCustomer, { params, body })),
    ).toMatchObject({ code: 'not-allowed' });
    const other = await signedInPartner({ server, mails }, { name: 'Customer', kind: 'customer' });
    expect(
      await refusal(
        other.browser.client.call(requestAccountForCustomer, {
          params: { accountId: other.accountId },
          body,
        }),
      ),
    ).toMatchObject({ code: 'account-not-holding' });
    server.clock.advance({ minutes: 20 });
    const { request } = await askFor('Rights');
    const foreign = other.browser.client.call(withdrawCustomerRequest, {
      params: { accountId: other.accountId, requestId: request.requestId },
    });
    expect(await refusal(foreign)).toMatchObject({ code: 'not-found' });
  });
});

describe('an account that is there already', () => {
  const make = (company: string) =>
    server.operator.call(createAccount, {
      body: {
        name: `${company} Group`,
        domainIdentifier: `${company.toLowerCase()}.example`,
        administrator: { name: 'Boss', email: `boss@${company.toLowerCase()}.example` },
      },
    });

  it('makes no more and no less work than one that is not there: the same statements, and one mail', async () => {
    await make('Wellknown');
    const spy = vi.spyOn(pg.Client.prototype, 'query');
    const workFor = async (company: string) => {
      spy.mockClear();
      await askFor(company);
      const calls = spy.mock.calls.map(([given], index) => ({
        connection: spy.mock.contexts[index],
        text: typeof given === 'string' ? given : (given as unknown as { text: string }).text,
      }));
      // Other connections send mails and run what else a server does.
      const own = calls.find(({ text }) => text.startsWith('insert into "account_requests"'))?.connection;
      const statements = calls.filter(({ connection }) => connection === own).map(({ text }) => text);
      return statements.slice(statements.indexOf('begin'), statements.indexOf('commit') + 1);
    };
    try {
      const free = await workFor('Notatall');
      const taken = await workFor('Wellknown');
      expect(free.filter((text) => text.includes('"mails"'))).toHaveLength(1);
      expect(free.length).toBeGreaterThan(8);
      expect(taken).toEqual(free);
      expect((await mails.take('mia@wellknown.example')).subject).toBe(
        'Wellknown Group has an account already',
      );
      expect((await mails.take('mia@notatall.example')).subject).toBe('Accept the account of Notatall');
    } finally {
      spy.mockRestore();
    }
  });

  it('is not told to a partner, by answer, state, job or mail; the approver hears of it', async () => {
    await make('Hidden');
    const free = await askFor('Absent');
    const taken = await askFor('Hidden', { mailDomain: 'HIDDEN.example.' });
    const shape = (request: typeof free.request, company: string) =>
      JSON.stringify({ ...request, requestId: 'id' }).replaceAll(new RegExp(company, 'gi'), 'X');
    expect(shape(taken.request, 'Hidden')).toBe(shape(free.request, 'Absent'));
    const mail = await mails.take('mia@hidden.example');
    expect(mail.subject).toBe('Hidden Group has an account already');
    expect(linkIn(mail, '/request-access?identifier=hidden.example')).toBeTruthy();
    await runAllJobs(server.jobDependencies);
    expect(await ownRequests('hidden')).toMatchObject([{ state: 'awaiting-acceptance', reason: null }]);
    expect(
      mails.received
        .filter(({ to }) => to.includes(partner.email))
        .map(({ text }) => text)
        .join(),
    ).not.toContain('Hidden Group');
    // Both end in the same way.
    await mails.take('mia@absent.example');
    server.clock.advance({ days: 31 });
    await runAllJobs(server.jobDependencies);
    for (const company of ['hidden', 'absent']) {
      expect(await ownRequests(company)).toMatchObject([{ state: 'expired' }]);
    }
    partner = { ...partner, browser: await signedIn(server, partner.email) };
  });

  it('is named to a partner who has a role in it', async () => {
    const { account } = await make('Known');
    const administrator = server.client(await server.keyOf(account.accountId, 'account-administrator'));
    await administrator.call(grantRole, {
      params: { accountId: account.accountId },
      body: { email: partner.email, role: 'viewer', scope: { kind: 'account' } },
    });
    const refused = await refusal(askFor('Known'));
    expect(refused).toMatchObject({ code: 'domain-identifier-taken' });
    expect(refused.detail).toContain('Known Group, where you have a role.');
  });

  it('is named to the approver who comes too late, with a way to ask for access', async () => {
    await askFor('Overtaken');
    const link = linkIn(await mails.take('mia@overtaken.example'), '/accept-account#');
    await takeIdentifier({ server, mails }, 'overtaken.example', 'Overtaken Group');
    await runAllJobs(server.jobDependencies);
    const { request } = await server.client().call(openAccountRequest, { body: { token: link } });
    expect(request.state).toBe('awaiting-acceptance');
    const refused = await refusal(
      server.client().call(acceptAccount, {
        body: {
          token: link,
          agreements: [{ agreement: 'terms', version: 1 }],
          person: { name: 'Mia', password },
        },
      }),
    );
    expect(refused).toMatchObject({
      code: 'domain-identifier-taken',
      accountName: 'Overtaken Group',
      domainIdentifier: 'overtaken.example',
    });
  });

  it('that holds a partner’s orders leaves room for a customer account with a prefix, which is said', async () => {
    const hint =
      'That is a holding account: ask with a prefix, such as lab.partner.example, for a customer account beside it.';
    const body = askedFor('Partner', { requester: { name: 'Kim', email: 'kim@partner.example' } });
    const token = await ask({ server, mails }, body);
    const { request } = await server.client().call(confirmAccountRequest, { body: { token } });
    expect(request.state).toBe('declined');
    expect((await mails.take('kim@partner.example')).text).toContain(hint);
    const make_ = server.operator.call(createAccount, {
      body: {
        name: 'Partner itself',
        domainIdentifier: 'partner.example',
        administrator: { name: 'Kim', email: 'kim@partner.example' },
      },
    });
    expect(await refusal(make_)).toMatchObject({
      code: 'domain-identifier-taken',
      detail: `partner.example is the identifier of the account Partner. ${hint}`,
    });
    // Of one kind there is one account: whoever asks joins it.
    const same = askedFor('Partner', {
      kind: 'holding',
      requester: { name: 'Lou', email: 'lou@partner.example' },
    });
    const second = await ask({ server, mails }, same);
    await server.client().call(confirmAccountRequest, { body: { token: second } });
    expect((await mails.take('lou@partner.example')).text).not.toContain('prefix');
  });

  it('is found before asking by those who may know of it, however it is written', async () => {
    await make('Found');
    const check = (client: typeof partner.browser.client, mailDomain: string) =>
      client.call(checkAccountRequest, { body: { mailDomain } });
    const nobody = server.client();
    const { account } = await make('Friends');
    const admin = server.client(await server.keyOf(account.accountId, 'account-administrator'));
    await admin.call(grantRole, {
      params: { accountId: account.accountId },
      body: { email: partner.email, role: 'viewer', scope: { kind: 'account' } },
    });
    // Hidden and absent are one answer, to strangers and to nobody.
    for (const client of [nobody, partner.browser.client]) {
      expect(await check(client, 'found.example')).toEqual({
        domainIdentifier: 'found.example',
        existing: null,
      });
      expect(await check(client, 'nowhere.example')).toEqual({
        domainIdentifier: 'nowhere.example',
        existing: null,
      });
    }
    expect((await check(partner.browser.client, 'FRIENDS.example.')).existing).toEqual({
      name: 'Friends Group',
      kind: 'customer',
    });
    const own = { domainIdentifier: 'partner.example', existing: { name: 'Partner', kind: 'holding' } };
    expect(await check(partner.browser.client, '@Partner.EXAMPLE')).toEqual(own);
    expect(await check(nobody, 'ｂücher.example')).toMatchObject({
      domainIdentifier: 'xn--bcher-kva.example',
    });
    expect(await refusal(check(nobody, 'gmail.com'))).toMatchObject({ code: 'public-mail-domain' });
    expect(await refusal(check(nobody, 'nodot'))).toMatchObject({
      code: 'domain-identifier-invalid',
      errors: [{ pointer: 'body/mailDomain' }],
    });
  });
});
