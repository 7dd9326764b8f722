import {
  approveAccountRequest,
  confirmAccountRequest,
  createAccount,
  declineAccountRequest,
  listAccountRequests,
  openAccountRequest,
  requestAccount,
  withdrawAccountRequest,
} from '@estover/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePersonWithPassword } from '../access/testing/person-with-password.ts';
import {
  createBrowser,
  linkIn,
  type MailServer,
  refusal,
  startMailServer,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { accept, ask, askedFor, password, takeIdentifier } from './testing/ask-for-account.ts';

let mails: MailServer;
let server: TestServer;
beforeAll(async () => {
  mails = await startMailServer();
  server = await startTestServer({ smtpUrl: mails.url });
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

describe('the review', () => {
  const reviewed = async (name: string) => {
    const body = askedFor(name, { prefix: 'Lab', justification: 'Its own books' });
    const own = await ask({ server, mails }, body);
    expect((await confirm(own)).request.state).toBe('under-review');
    const [request] = await found(`lab.${name}`);
    return { own, params: { requestId: request?.requestId ?? '' } };
  };

  it('is of an identifier given whole as well, and of every one below that of an account', async () => {
    const lab = askedFor('whole', {
      mailDomain: 'lab.whole.example',
      requester: { name: 'Ana Ruiz', email: 'ana@lab.whole.example' },
    });
    const refusedLab = await refusal(nobody().call(requestAccount, { body: lab }));
    expect(refusedLab).toMatchObject({
      code: 'justification-needed',
      errors: [{ pointer: 'body/justification' }],
      detail: 'Say why lab.whole.example needs an account apart from that of whole.example.',
    });
    const own = await ask({ server, mails }, { ...lab, justification: 'Its own books' });
    expect((await confirm(own)).request.state).toBe('under-review');
    expect(await found('lab.whole')).toMatchObject([{ hasPrefix: true, justification: 'Its own books' }]);
    // A name that anybody may register below, and an account has: nobody is let in below it unseen.
    const registry = { name: 'Registry', domainIdentifier: 'uk.com' };
    const administrator = { name: 'A', email: 'a@uk.com' };
    await server.operator.call(createAccount, { body: { ...registry, administrator } });
    const below = await ask(
      { server, mails },
      askedFor('Below', {
        mailDomain: 'below.uk.com',
        requester: { name: 'Ana Ruiz', email: 'ana@below.uk.com' },
      }),
    );
    expect((await confirm(below)).request.state).toBe('under-review');
    expect(await found('below.uk.com')).toMatchObject([{ hasPrefix: false, state: 'under-review' }]);
  });

  it('keeps operators from making the account beside the request: they answer it', async () => {
    const { params } = await reviewed('beside');
    const make = () =>
      server.operator.call(createAccount, {
        body: {
          name: 'Beside',
          domainIdentifier: 'lab.beside.example',
          administrator: { name: 'A', email: 'a@beside.example' },
          overrideReason: 'In a hurry',
        },
      });
    expect(await refusal(make())).toMatchObject({
      code: 'account-request-to-answer',
      status: 409,
      detail: 'ana@beside.example asked for lab.beside.example, and the request is under-review.',
      accountRequestId: params.requestId,
    });
    await server.operator.call(declineAccountRequest, { params, body: { reason: 'We make it.' } });
    expect((await make()).account.domainIdentifier).toBe('lab.beside.example');
  });

  it('approves a prefix, after which the approver may accept', async () => {
    const { params, own } = await reviewed('approved');
    const { items, underReview } = await server.operator.call(listAccountRequests, {});
    expect(items[0]).toMatchObject({
      state: 'under-review',
      justification: 'Its own books',
      hasPrefix: true,
    });
    expect(underReview).toBeGreaterThan(0);
    const { request } = await server.operator.call(approveAccountRequest, { params });
    expect(request).toMatchObject({ state: 'awaiting-acceptance', reviewedBy: 'operator key' });
    await expect(server.operator.call(approveAccountRequest, { params })).rejects.toMatchObject(
      refused('account-request-state'),
    );
    expect((await open(own)).state).toBe('awaiting-acceptance');
    const link = linkIn(await mails.take('ana@approved.example'), '/accept-account#');
    expect((await accept(server, link)).account.domainIdentifier).toBe('lab.approved.example');
  });

  it('declines with a reason that the requester gets by mail', async () => {
    const { params, own } = await reviewed('rejected');
    const body = { reason: 'The company has one already.' };
    const { request } = await server.operator.call(declineAccountRequest, { params, body });
    expect(request).toMatchObject({ state: 'declined', reason: body.reason, endsAt: null });
    const mail = await mails.take('ana@rejected.example');
    expect(mail.text).toContain('declined it: The company has one already.');
    await expect(withdraw(own)).rejects.toMatchObject(refused('account-request-state'));
    await expect(server.operator.call(declineAccountRequest, { params, body })).rejects.toMatchObject(
      refused('account-request-state'),
    );
  });

  it('is somebody else’s than of whoever asks or accepts', async () => {
    const { params } = await reviewed('selfish');
    const { personId, email } = await makePersonWithPassword(server, password, 'ana@selfish.example');
    const operator = createBrowser(server.address);
    await operator.post('/auth/sign-in/email', { email, password });
    await server.db
      .insertInto('platform_grants')
      .values({ person_id: personId, role: 'operator', granted_at: server.clock.now() })
      .execute();
    expect(await refusal(operator.client.call(approveAccountRequest, { params }))).toMatchObject({
      code: 'account-request-own',
    });
    const { request } = await server.operator.call(approveAccountRequest, { params });
    expect(request.state).toBe('awaiting-acceptance');
  });

  it('declines nothing that was not confirmed, and knows nothing of others', async () => {
    await ask({ server, mails }, askedFor('unconfirmed'));
    const [request] = await found('unconfirmed');
    const params = { requestId: request?.requestId ?? '' };
    const body = { reason: 'x' };
    await expect(server.operator.call(declineAccountRequest, { params, body })).rejects.toMatchObject(
      refused('account-request-state'),
    );
    const unknown = { requestId: '01940000-0000-7000-8000-000000000001' };
    for (const operation of [approveAccountRequest, declineAccountRequest] as const) {
      await expect(
        server.operator.call(operation, {
          params: unknown,
          ...(operation === declineAccountRequest ? { body } : {}),
        } as never),
      ).rejects.toMatchObject(refused('not-found'));
    }
  });

  it('refuses a prefix that an account has got meanwhile, and names it to the operator', async () => {
    const { params } = await reviewed('late');
    await takeIdentifier({ server, mails }, 'lab.late.example', 'Late Lab');
    const problem = await refusal(server.operator.call(approveAccountRequest, { params }));
    expect(problem).toMatchObject({
      code: 'domain-identifier-taken',
      detail: 'lab.late.example is the identifier of the account Late Lab.',
    });
  });

  it('pages those that wait first', async () => {
    const all = (await server.operator.call(listAccountRequests, { query: { limit: 200 } })).items;
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await server.operator.call(listAccountRequests, {
        query: { limit: 3, ...(cursor === undefined ? {} : { cursor }) },
      });
      paged.push(...page.items.map(({ requestId }) => requestId));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(paged).toEqual(all.map(({ requestId }) => requestId));
    const waits = all.map(({ state }) => state === 'under-review');
    expect(waits).toEqual(waits.toSorted((a, b) => Number(b) - Number(a)));
    const open_ = await server.operator.call(listAccountRequests, {
      query: { state: 'withdrawn', limit: 200 },
    });
    expect(open_.items.every(({ state }) => state === 'withdrawn')).toBe(true);
  });
});
