import {
  answerAccountRequest,
  approveAccountRequest,
  askAboutAccountRequest,
  confirmAccountRequest,
  createAccount,
  declineAccountRequest,
  getDesk,
  listAccountRequests,
  openAccountRequest,
  requestAccount,
  updateReviewSettings,
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

  it('asks back by mail, waits for the answer, and is overdue after the days that are set', async () => {
    const { params, own } = await reviewed('asked');
    const seen = async () => {
      const { items, overdue, underReview } = await server.operator.call(listAccountRequests, {
        query: { search: 'lab.asked' },
      });
      const [{ state, question, answer, isOverdue } = {} as Record<string, undefined>] = items;
      return { state, question, answer, isOverdue, overdue: overdue < underReview ? overdue : 'all' };
    };
    await server.operator.call(updateReviewSettings, { body: { reviewDays: 2 } });
    const ask_ = (question: string) =>
      server.operator.call(askAboutAccountRequest, { params, body: { question } });
    await ask_('Who keeps the books?');
    const link = linkIn(await mails.take('ana@asked.example'), '/account-request#');
    expect(await refusal(open(own))).toMatchObject({ code: 'link-invalid' });
    const { request } = await ask_('Whose books are these?');
    expect(request).toMatchObject({ state: 'under-review', questionBy: 'operator key', reviewDueAt: null });
    const mail = await mails.take('ana@asked.example');
    expect(mail.subject).toBe('A question about your request for lab.asked.example');
    expect(mail.text).toContain('asks: Whose books are these?');
    const newest = linkIn(mail, '/account-request#');
    expect(newest).not.toBe(link);
    // While it waits for the requester it is nobody's fault.
    server.clock.advance({ hours: 24 * 10 });
    expect(await seen()).toMatchObject({
      question: 'Whose books are these?',
      answer: null,
      isOverdue: false,
    });
    const answer = (text: string) =>
      nobody().call(answerAccountRequest, { body: { token: newest, answer: text } });
    expect((await answer('Those of the lab.')).request).toMatchObject({
      state: 'under-review',
      question: 'Whose books are these?',
      answer: 'Those of the lab.',
    });
    expect(await refusal(answer('Again'))).toMatchObject({ code: 'nothing-asked', status: 409 });
    server.clock.advance({ hours: 47 });
    expect(await seen()).toMatchObject({ answer: 'Those of the lab.', isOverdue: false });
    server.clock.advance({ hours: 1 });
    expect(await seen()).toMatchObject({ isOverdue: true });
    const { accountRequests } = await server.operator.call(getDesk, {});
    const late = accountRequests?.items
      .filter(({ isOverdue }) => isOverdue)
      .map(({ requestId }) => requestId);
    expect(late).toContain(params.requestId);
    expect(accountRequests?.overdue).toBe(
      (await server.operator.call(listAccountRequests, { query: {} })).overdue,
    );
    await server.operator.call(declineAccountRequest, { params, body: { reason: 'One is enough.' } });
    expect(await refusal(ask_('Late?'))).toMatchObject({ code: 'account-request-state' });
    expect(await refusal(answer('Late'))).toMatchObject({ code: 'account-request-state' });
    await server.operator.call(updateReviewSettings, { body: { reviewDays: 5 } });
    const messages = (
      await server.db
        .selectFrom('events')
        .select('message')
        .where('object_id', '=', params.requestId)
        .where('operation', 'in', ['askAboutAccountRequest', 'answerAccountRequest'])
        .orderBy('event_id')
        .execute()
    ).map(({ message }) => message);
    expect(messages).toEqual([
      'asked ana@asked.example about the request for the account lab.asked.example: Who keeps the books?',
      'asked ana@asked.example about the request for the account lab.asked.example: Whose books are these?',
      'answered the question about the request for the account lab.asked.example: Those of the lab.',
    ]);
  });

  it('tells the requester of an approval that somebody else accepts, and the approver that it was taken back', async () => {
    const body = askedFor('nominee', {
      prefix: 'lab',
      justification: 'Its own books',
      approverEmail: 'boss@nominee.example',
    });
    await confirm(await ask({ server, mails }, body));
    const [request] = await found('lab.nominee');
    const params = { requestId: request?.requestId ?? '' };
    const approved = await server.operator.call(approveAccountRequest, {
      params,
      body: { reason: 'A company of its own' },
    });
    expect(approved.request).toMatchObject({ state: 'awaiting-acceptance', reason: 'A company of its own' });
    await mails.take('boss@nominee.example');
    const told = await mails.take('ana@nominee.example');
    expect(told.subject).toBe('Your request for lab.nominee.example is approved');
    expect(told.text).toContain('A company of its own');
    expect(told.text).toContain('boss@nominee.example');
    await withdraw(linkIn(told, '/account-request#'));
    const over = await mails.take('boss@nominee.example');
    expect(over.subject).toBe('The request for lab.nominee.example was taken back');
    expect(over.text).toContain('Ana Ruiz (ana@nominee.example) does not ask any more');
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
    const { request } = await server.operator.call(approveAccountRequest, { params, body: {} });
    expect(request).toMatchObject({ state: 'awaiting-acceptance', reviewedBy: 'operator key' });
    await expect(server.operator.call(approveAccountRequest, { params, body: {} })).rejects.toMatchObject(
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
    expect(await refusal(operator.client.call(approveAccountRequest, { params, body: {} }))).toMatchObject({
      code: 'account-request-own',
    });
    const { request } = await server.operator.call(approveAccountRequest, { params, body: {} });
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
          body: operation === declineAccountRequest ? body : {},
        } as never),
      ).rejects.toMatchObject(refused('not-found'));
    }
  });

  it('refuses a prefix that an account has got meanwhile, and names it to the operator', async () => {
    const { params } = await reviewed('late');
    await takeIdentifier({ server, mails }, 'lab.late.example', 'Late Lab');
    const problem = await refusal(server.operator.call(approveAccountRequest, { params, body: {} }));
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
