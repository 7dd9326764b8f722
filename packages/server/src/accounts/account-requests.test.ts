import {
  acceptAccount,
  approveAccountRequest,
  confirmAccountRequest,
  getMe,
  listAccountRequests,
  listAccounts,
  openAccountRequest,
  requestAccount,
  withdrawAccountRequest,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAllJobs } from '../jobs/index.ts';
import {
  createBrowser,
  linkIn,
  type MailServer,
  refusal,
  startMailServer,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import {
  accept,
  ask,
  askAndConfirm,
  askedFor,
  password,
  takeIdentifier,
  terms,
} from './testing/ask-for-account.ts';

let mails: MailServer;
let server: TestServer;
beforeAll(async () => {
  mails = await startMailServer();
  server = await startTestServer({
    smtpUrl: mails.url,
    publicMailDomains: { added: new Set(['post.example']), removed: new Set(['gmx.de']) },
  });
});
afterAll(async () => {
  await server.close();
  await mails.close();
});

const refused = (code: string) => ({ problem: expect.objectContaining({ code }) });
const nobody = () => server.client();
const confirm = (token: string) => nobody().call(confirmAccountRequest, { body: { token } });
const withdraw = (token: string) => nobody().call(withdrawAccountRequest, { body: { token } });
const open = async (token: string) => (await nobody().call(openAccountRequest, { body: { token } })).request;
const found = async (search: string) =>
  (await server.operator.call(listAccountRequests, { query: { search } })).items;
const eventsOf = async (objectId: string) => {
  const { rows } = await sql<{ operation: string; actor: string; message: string }>`
    select operation, actor_name as actor, message from events where object_id = ${objectId} order by event_id`.execute(
    server.db,
  );
  return rows;
};

describe('from the request to the account', () => {
  it('confirms, sends the link to the approver, and makes the account with its first person', async () => {
    const body = askedFor('Fabrikam', { approverEmail: 'Mia@FABRIKAM.example' });
    const own = await ask({ server, mails }, body);
    expect(await open(own)).toMatchObject({
      linkOf: 'requester',
      state: 'requested',
      choosesPassword: false,
    });
    const { request } = await confirm(own);
    expect(request).toMatchObject({
      state: 'awaiting-acceptance',
      domainIdentifier: 'fabrikam.example',
      approverEmail: 'mia@fabrikam.example',
      endsAt: server.clock
        .now()
        .add({ hours: 30 * 24 })
        .toString(),
    });

    const mail = await mails.take('mia@fabrikam.example');
    expect(mail.subject).toBe('Accept the account of Fabrikam');
    expect(mail.text).toContain('Ana Ruiz (ana@fabrikam.example) asked for the account fabrikam.example');
    const link = linkIn(mail, '/accept-account#esaa_');
    expect(await open(link)).toMatchObject({
      linkOf: 'approver',
      companyName: 'Fabrikam',
      kind: 'customer',
      choosesPassword: true,
      agreements: [
        { agreement: 'terms', title: 'Terms of the licensing account', version: 1, language: 'en' },
      ],
    });
    const { account, email } = await accept(server, link, 'Mia Kern');
    expect(account).toMatchObject({ name: 'Fabrikam', kind: 'customer', status: 'active' });
    expect(email).toBe('mia@fabrikam.example');
    expect((await mails.take('ana@fabrikam.example')).subject).toBe('The account of Fabrikam is active');

    const browser = createBrowser(server.address);
    await browser.post('/auth/sign-in/email', { email, password });
    const me = await browser.client.call(getMe, {});
    expect(me.accounts).toMatchObject([
      {
        accountId: account.accountId,
        roles: [
          { role: 'account-administrator', scope: { kind: 'account' } },
          { role: 'approver', scope: { kind: 'account' } },
        ],
      },
    ]);
    const { rows } = await sql<Record<string, unknown>>`
      select operation, actor_kind as kind, actor_name as name, from_address as "from", at, after -> 'agreements' as agreements
        from events where account_id = ${account.accountId}`.execute(server.db);
    expect(rows).toEqual([
      {
        operation: 'acceptAccount',
        kind: 'person',
        name: 'Mia Kern',
        from: '127.0.0.1',
        at: server.clock.now(),
        agreements: [
          {
            agreement: 'terms',
            title: 'Terms of the licensing account',
            version: 1,
            textHash: expect.stringMatching(/^[0-9a-f]{64}$/),
          },
        ],
      },
    ]);
    const { rows: places } = await sql`
      select name, is_default from virtual_accounts where account_id = ${account.accountId}`.execute(
      server.db,
    );
    expect(places).toEqual([{ name: 'Default', is_default: true }]);
    expect(await found('fabrikam')).toMatchObject([
      { state: 'active', accountId: account.accountId, endsAt: null },
    ]);
  });

  it('writes one event of the platform for each step, without secrets', async () => {
    const own = await ask({ server, mails }, askedFor('Steps'));
    await confirm(own);
    await withdraw(own);
    const [request] = await found('steps.example');
    const events = await eventsOf(request?.requestId ?? '');
    expect(events.map(({ operation, actor }) => [operation, actor])).toEqual([
      ['requestAccount', 'Nobody'],
      ['confirmAccountRequest', 'ana@steps.example'],
      ['withdrawAccountRequest', 'ana@steps.example'],
    ]);
    const { rows } = await sql<{ all: string }>`select events::text as all from events`.execute(server.db);
    expect(rows.filter(({ all }) => /esa[ra]_/.test(all))).toEqual([]);
  });

  it('asks nobody for a password who has one, and takes none from them', async () => {
    const first = await askAndConfirm({ server, mails }, askedFor('Twofold'));
    await expect(
      nobody().call(acceptAccount, { body: { token: first, agreements: terms(1) } }),
    ).rejects.toMatchObject(refused('password-needed'));
    await expect(
      nobody().call(acceptAccount, {
        body: { token: first, agreements: terms(1), person: { name: 'A', password: 'password1234' } },
      }),
    ).rejects.toMatchObject(refused('password-weak'));
    await expect(
      nobody().call(acceptAccount, { body: { token: first, agreements: terms(2) } }),
    ).rejects.toMatchObject(refused('agreement-version'));
    // What was refused changed nothing: the link still works.
    await accept(server, first);

    const again = askedFor('Twofold', { prefix: 'lab', justification: 'A company of its own' });
    await confirm(await ask({ server, mails }, again));
    const [request] = await found('lab.twofold');
    await server.operator.call(approveAccountRequest, {
      params: { requestId: request?.requestId ?? '' },
      body: {},
    });
    const second = linkIn(await mails.take('ana@twofold.example'), '/accept-account#esaa_');
    expect(await open(second)).toMatchObject({ choosesPassword: false });
    await expect(accept(server, second)).rejects.toMatchObject(refused('person-exists'));
    const { account } = await nobody().call(acceptAccount, { body: { token: second, agreements: terms(1) } });
    expect(account.domainIdentifier).toBe('lab.twofold.example');
  });

  it('makes one account of two who accept at once, with one link or with two', async () => {
    const one = await askAndConfirm({ server, mails }, askedFor('Racers'));
    const other = await askAndConfirm(
      { server, mails },
      askedFor('Racers', { requester: { name: 'Joe', email: 'joe@racers.example' } }),
    );
    const outcomes = await Promise.allSettled([one, one, other, other].map((token) => accept(server, token)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { items } = await server.operator.call(listAccounts, { query: { search: 'racers.example' } });
    expect(items).toHaveLength(1);
    // The other request is declined as soon as the job sees it, and its requester told.
    await runAllJobs(server.jobDependencies);
    expect((await found('racers')).map(({ state }) => state).toSorted()).toEqual(['active', 'declined']);
  });
});

describe('what is refused', () => {
  it.each([
    ['domain-identifier-invalid', 'body/mailDomain', { mailDomain: 'nodot' }],
    ['domain-identifier-invalid', 'body/prefix', { prefix: 'a b', justification: 'x' }],
    ['approver-domain-differs', 'body/approverEmail', { approverEmail: 'joe@partner.example' }],
    ['approver-domain-differs', 'body/requester/email', { mailDomain: 'other.example' }],
    ['public-mail-domain', 'body/mailDomain', { mailDomain: 'GMail.com.' }],
    ['public-mail-domain', 'body/mailDomain', { kind: 'holding', mailDomain: 'post.example' }],
    ['public-mail-domain-needed', 'body/requester/email', { kind: 'limited-use', mailDomain: '' }],
    ['justification-needed', 'body/justification', { prefix: 'lab' }],
  ] as const)('%s at %s', async (code, pointer, change) => {
    server.clock.advance({ hours: 2 });
    const problem = await refusal(
      nobody().call(requestAccount, { body: askedFor('Refused', { ...change }) }),
    );
    expect(problem).toMatchObject({ code, status: 422, errors: [{ pointer }] });
    expect(await found('refused.example')).toEqual([]);
  });

  it('takes what compares equal, and a domain that the configuration takes off the list', async () => {
    const body = askedFor('Forms', {
      mailDomain: 'BÜCHER.example.',
      requester: { name: 'Mia', email: 'Mia@bücher.example' },
    });
    server.clock.advance({ hours: 2 });
    await nobody().call(requestAccount, { body });
    // A mail server shows the domain as people write it.
    await mails.take('mia@bücher.example');
    expect(await found('bcher')).toMatchObject([{ domainIdentifier: 'xn--bcher-kva.example' }]);
    await nobody().call(requestAccount, {
      body: askedFor('Gmx', { mailDomain: 'gmx.de', requester: { name: 'M', email: 'm@gmx.de' } }),
    });
    await mails.take('m@gmx.de');
  });

  it('warns of an address that a team shares', async () => {
    server.clock.advance({ hours: 2 });
    const answer = await nobody().call(requestAccount, {
      body: askedFor('Team', { approverEmail: 'licensing@team.example' }),
    });
    expect(answer).toEqual({ warnings: ['team-alias'], sendsMail: true });
    expect(await found('team.example')).toMatchObject([{ approverIsTeam: true }]);
  });

  it('links of another kind, of nobody, and of what is over', async () => {
    const own = await ask({ server, mails }, askedFor('Links'));
    await expect(accept(server, own)).rejects.toMatchObject(refused('link-invalid'));
    for (const token of ['', 'esar_x', `${own}x`]) {
      await expect(open(token)).rejects.toMatchObject(refused('link-invalid'));
      await expect(confirm(token)).rejects.toMatchObject(refused('link-invalid'));
    }
    await confirm(own);
    await expect(confirm(own)).rejects.toMatchObject(refused('account-request-state'));
    const link = linkIn(await mails.take('ana@links.example'), '/accept-account#');
    await expect(withdraw(link)).rejects.toMatchObject(refused('link-invalid'));
    expect((await withdraw(own)).request.state).toBe('withdrawn');
    await expect(withdraw(own)).rejects.toMatchObject(refused('account-request-state'));
    await expect(open(link)).rejects.toMatchObject(refused('link-invalid'));
    await expect(accept(server, link)).rejects.toMatchObject(refused('link-invalid'));
    // Whoever asked still sees what became of it.
    expect(await open(own)).toMatchObject({ state: 'withdrawn', endsAt: null });
  });

  it('more than three for a mail address in an hour, the approver’s as well, and thirty from a network', async () => {
    server.clock.advance({ hours: 2 });
    const send = (email: string, approverEmail: string) =>
      createBrowser(server.address).request('POST', '/api/v1/account-requests', {
        ...askedFor('Flood', { requester: { name: 'A', email }, approverEmail }),
      });
    const statuses: number[] = [];
    for (let each = 0; each < 4; each++) {
      statuses.push((await send(`a${each}@flood.example`, 'ceo@flood.example')).status);
    }
    expect(statuses).toEqual([201, 201, 201, 429]);
    const late = await send('a9@flood.example', 'ceo@flood.example');
    expect(Number(late.headers.get('retry-after'))).toBe(1200);
    const more: number[] = [];
    for (let each = 0; each < 28; each++) {
      more.push((await send(`b${each}@flood.example`, `b${each}@flood.example`)).status);
    }
    expect(more.filter((status) => status === 201)).toHaveLength(25);
    expect(more.slice(-3)).toEqual([429, 429, 429]);
    server.clock.advance({ hours: 2 });
  });
});

describe('an identifier that an account has', () => {
  const taken = (name: string) => takeIdentifier({ server, mails }, `${name}.example`, `The ${name} Company`);

  it('is not told by the answer, and declined once the address is confirmed', async () => {
    await taken('known');
    server.clock.advance({ hours: 2 });
    const answers = await Promise.all(
      ['known', 'unknown'].map((name) =>
        createBrowser(server.address).request('POST', '/api/v1/account-requests', askedFor(name)),
      ),
    );
    const [known, unknown] = answers as [Response, Response];
    expect(known.status).toBe(unknown.status);
    expect(await known.text()).toBe(await unknown.text());
    const { request } = await confirm(linkIn(await mails.take('ana@known.example'), '/account-request#'));
    expect(request).toMatchObject({ state: 'declined', endsAt: null });
    const mail = await mails.take('ana@known.example');
    expect(mail.subject).toBe('Your request for known.example was declined');
    expect(mail.text).toContain('The known Company');
  });

  it('is told to nobody outside of its mail domain; the approver hears of it, who may know', async () => {
    await taken('hidden');
    const eve = 'eve@partner.example';
    const askAs = (name: string) => {
      const requester = { name: 'Eve', email: eve };
      return ask({ server, mails }, askedFor(name, { requester, approverEmail: `boss@${name}.example` }));
    };
    const hidden = await confirm(await askAs('hidden'));
    const free = await confirm(await askAs('unheard'));
    const shown = ({ request }: typeof free) => [request.state, request.endsAt !== null];
    expect(shown(hidden)).toEqual(['awaiting-acceptance', true]);
    expect(shown(hidden)).toEqual(shown(free));
    const told = await mails.take('boss@hidden.example');
    expect(told.subject).toBe('The hidden Company has an account already');
    expect(told.text).toContain('Eve (eve@partner.example) asked for the account hidden.example');
    expect(told.text).not.toContain('partner in');
    // One that waits while the account comes waits on as well.
    await taken('unheard');
    const before = mails.received.length;
    await runAllJobs(server.jobDependencies);
    expect((await found('unheard')).map(({ state }) => state)).toEqual(['awaiting-acceptance']);
    expect(mails.received.slice(before).filter(({ to }) => to.includes(eve))).toEqual([]);
  });

  it('is not accepted either when the account came in between', async () => {
    const link = await askAndConfirm({ server, mails }, askedFor('between'));
    await taken('between');
    const problem = await refusal(accept(server, link));
    // Whoever reads the approver's mail is of the company, so they may know.
    expect(problem).toMatchObject({
      code: 'domain-identifier-taken',
      accountName: 'The between Company',
    });
    await runAllJobs(server.jobDependencies);
    expect((await mails.take('ana@between.example')).text).toContain('The between Company');
    expect(await found('between')).toMatchObject([{ state: 'declined' }]);
  });
});

describe('time', () => {
  it('ends a request that is not confirmed within 3 days, in silence', async () => {
    const own = await ask({ server, mails }, askedFor('silent'));
    server.clock.advance({ hours: 3 * 24 });
    expect((await open(own)).state).toBe('expired');
    await expect(confirm(own)).rejects.toMatchObject(refused('account-request-state'));
    const before = mails.received.length;
    await runAllJobs(server.jobDependencies);
    const [request] = await found('silent');
    expect(request).toMatchObject({ state: 'expired', endsAt: null });
    expect((await eventsOf(request?.requestId ?? '')).map(({ operation }) => operation)).toEqual([
      'requestAccount',
      'expireAccountRequest',
    ]);
    expect(mails.received.slice(before).filter(({ to }) => to.includes('ana@silent.example'))).toEqual([]);
  });

  it('ends one that nobody accepts within 30 days, tells the requester, and forgets it after 90 more', async () => {
    const link = await askAndConfirm({ server, mails }, askedFor('slow'));
    server.clock.advance({ hours: 30 * 24 - 1 });
    expect((await open(link)).state).toBe('awaiting-acceptance');
    server.clock.advance({ hours: 1 });
    await expect(accept(server, link)).rejects.toMatchObject(refused('link-invalid'));
    await runAllJobs(server.jobDependencies);
    expect((await mails.take('ana@slow.example')).subject).toBe('Your request for slow.example has expired');
    await runAllJobs(server.jobDependencies);
    expect(await found('slow')).toHaveLength(1);
    server.clock.advance({ hours: 91 * 24 });
    await runAllJobs(server.jobDependencies);
    expect(await found('slow')).toEqual([]);
  });
});
