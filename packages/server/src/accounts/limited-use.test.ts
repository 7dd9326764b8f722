import {
  acceptAccount,
  acceptAgreement,
  acceptInvitation,
  approveAccountRequest,
  type BodyOf,
  closeAccount,
  createTagKey,
  declineAccountRequest,
  getAccount,
  getAgreements,
  getMe,
  getUpgrade,
  grantRole,
  listAccountRequests,
  listTokens,
  publishAgreement,
  revokeGrant,
  upgradeAccount,
  withdrawUpgrade,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAllJobs } from '../jobs/index.ts';
import {
  linkIn,
  type MailServer,
  refusal,
  startMailServer,
  startTestServer,
  type TestBrowser,
  type TestServer,
} from '../testing/index.ts';
import { askAndConfirm, password } from './testing/ask-for-account.ts';
import { signedIn } from './testing/partner.ts';

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

/** Asks for an account for limited use, and answers the link for accepting it. */
const askedBy = (name: string): Promise<string> =>
  askAndConfirm(
    { server, mails },
    {
      companyName: `${name}’s shop`,
      mailDomain: '',
      kind: 'limited-use',
      requester: { name, email: `${name.toLowerCase()}@gmail.com` },
    },
  );

const acceptWith = (
  token: string,
  name: string,
  more: Partial<Pick<BodyOf<typeof acceptAccount>, 'firstToken' | 'partner'>> = {},
) =>
  server.client().call(acceptAccount, {
    body: { token, agreements: [{ agreement: 'terms', version: 1 }], person: { name, password }, ...more },
  });

/** An account for limited use, with its administrator signed in. */
async function shopOf(name: string): Promise<{ accountId: string; browser: TestBrowser }> {
  const { account, email } = await acceptWith(await askedBy(name), name);
  return { accountId: account.accountId, browser: await signedIn(server, email) };
}

/** Another administrator, at the company's own address by now. */
async function companyAdministrator(
  { accountId, browser }: { accountId: string; browser: TestBrowser },
  email: string,
): Promise<TestBrowser> {
  await browser.client.call(grantRole, {
    params: { accountId },
    body: { email, role: 'account-administrator', scope: { kind: 'account' } },
  });
  const token = linkIn(await mails.take(email), '/invitation#');
  await server.client().call(acceptInvitation, { body: { token, name: 'Lea', password } });
  return signedIn(server, email);
}

const upgrade = (browser: TestBrowser, accountId: string, body = {}, dryRun = false) =>
  browser.client.call(upgradeAccount, { params: { accountId }, body, dryRun });

describe('the first steps of an account for limited use', () => {
  it('are one token for one product instance and 30 days; later ones as anybody', async () => {
    const { account, firstToken, partnerLink } = await acceptWith(await askedBy('Tom'), 'Tom', {
      firstToken: true,
    });
    expect(partnerLink).toBeNull();
    expect(firstToken?.secret).toMatch(/^esrt_/);
    expect(firstToken?.token).toMatchObject({
      maximumUses: 1,
      uses: 0,
      state: 'active',
      expiresAt: server.clock
        .now()
        .add({ hours: 30 * 24 })
        .toString(),
    });
    const browser = await signedIn(server, 'tom@gmail.com');
    const { items } = await browser.client.call(listTokens, { params: { accountId: account.accountId } });
    expect(items).toEqual([firstToken?.token]);
    const { rows } = await sql<{ operation: string; text: string }>`
      select operation, after::text as text from events where account_id = ${account.accountId}`.execute(
      server.db,
    );
    expect(rows.map(({ operation }) => operation)).toEqual(['acceptAccount']);
    expect(rows[0]?.text).toContain(firstToken?.token.tokenId);
    expect(rows[0]?.text).not.toContain(firstToken?.secret);
  });

  it('are a partner who sets licensing up: the invitation accepts the agreement, and the partner never can', async () => {
    const token = await askedBy('Una');
    const partner = { name: 'Pat', email: 'pat@partner.example' };
    const { account, firstToken } = await acceptWith(token, 'Una', { partner });
    expect(firstToken).toBeNull();
    const invitation = await mails.take(partner.email);
    expect(invitation.subject).toBe('Una invites you to Una’s shop');
    const link = linkIn(invitation, '/invitation#');
    expect(await refusal(acceptWith(link, 'Pat'))).toMatchObject({ code: 'link-invalid' });
    await server.client().call(acceptInvitation, { body: { token: link, name: 'Pat', password } });
    const { accounts } = await (await signedIn(server, partner.email)).client.call(getMe, {});
    expect(accounts).toMatchObject([
      { accountId: account.accountId, roles: [{ role: 'account-user', scope: { kind: 'account' } }] },
    ]);
    expect(accounts[0]?.actions).toContain('manage-tokens');
    expect(accounts[0]?.actions).not.toContain('edit-account');
    const { rows } = await sql<{ name: string; message: string }>`
      select actor_name as name, message from events where account_id = ${account.accountId}
         and operation = 'acceptAccount'`.execute(server.db);
    expect(rows).toEqual([
      {
        name: 'Una',
        message:
          'accepted Terms of the licensing account, version 1, for Una’s shop (una@gmail.com) by inviting pat@partner.example to set licensing up in it, and became its administrator and approver',
      },
    ]);
  });

  it('leave agreements to whoever accepted the account, whatever role the partner is given later', async () => {
    const partner = { name: 'Pia', email: 'pia@partner.example' };
    const token = await askedBy('Ute');
    const { account } = await acceptWith(token, 'Ute', { partner });
    const link = linkIn(await mails.take(partner.email), '/invitation#');
    await server.client().call(acceptInvitation, { body: { token: link, name: 'Pia', password } });
    const params = { accountId: account.accountId };
    const ute = await signedIn(server, 'ute@gmail.com');
    for (const role of ['approver', 'account-administrator'] as const) {
      await ute.client.call(grantRole, {
        params,
        body: { email: partner.email, role, scope: { kind: 'account' } },
      });
    }
    const { version } = await server.operator.call(publishAgreement, {
      body: { agreement: 'limits', title: 'Limits', text: 'What limited use means' },
    });
    const body = {
      agreement: 'limits',
      version: version.version,
      textHash: version.textHash,
      consent: true as const,
    };
    const pia = await signedIn(server, partner.email);
    expect((await pia.client.call(getMe, {})).accounts[0]?.actions).toContain('accept-agreements');
    expect(await refusal(pia.client.call(acceptAgreement, { params, body }))).toMatchObject({
      code: 'partner-accepts-nothing',
      status: 403,
      detail: 'Ute’s shop is for limited use: only ute@gmail.com accepts for it.',
      onlyAcceptedBy: 'ute@gmail.com',
    });
    const seenBy = async (browser: TestBrowser) => {
      const seen = await browser.client.call(getAgreements, { params });
      return [seen.onlyAcceptedBy, seen.mayAccept, seen.agreements.map(({ standing }) => standing)];
    };
    expect(await seenBy(pia)).toEqual(['ute@gmail.com', false, ['open', 'accepted']]);
    // They stay who they are with another address than the account is named by.
    await server.db
      .updateTable('people')
      .set({ email: 'ute@post.example' })
      .where('email', '=', 'ute@gmail.com')
      .execute();
    expect(await seenBy(ute)).toEqual(['ute@post.example', true, ['open', 'accepted']]);
    await ute.client.call(acceptAgreement, { params, body });
    expect(await seenBy(pia)).toEqual(['ute@post.example', false, ['accepted', 'accepted']]);
    await server.db.deleteFrom('agreement_acceptances').where('agreement', '=', 'limits').execute();
    await server.db.deleteFrom('agreement_versions').where('agreement', '=', 'limits').execute();
  });

  it('are offered to nobody else, and name nobody twice', async () => {
    const token = await askedBy('Vic');
    const own = acceptWith(token, 'Vic', { partner: { name: 'Vic', email: 'vic@gmail.com' } });
    expect(await refusal(own)).toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: 'body/partner/email' }],
    });
    const company = await askAndConfirm(
      { server, mails },
      {
        companyName: 'Company',
        mailDomain: 'company.example',
        requester: { name: 'Ana', email: 'ana@company.example' },
      },
    );
    const partner = { name: 'Pat', email: 'pat@partner.example' };
    for (const more of [{ firstToken: true }, { partner }]) {
      expect(await refusal(acceptWith(company, 'Ana', more))).toMatchObject({ code: 'not-offered' });
    }
    // What was refused changed nothing.
    await acceptWith(company, 'Ana');
    await acceptWith(token, 'Vic');
  });
});

describe('an upgrade', () => {
  it('waits for an address of the company, takes its domain, and lifts the limits', async () => {
    const shop = await shopOf('Wim');
    const { accountId, browser } = shop;
    const params = { accountId };
    expect(await refusal(upgrade(browser, accountId))).toMatchObject({
      code: 'public-mail-domain',
      status: 422,
    });
    const tag = { params, body: { name: 'Country', values: ['FR'] } };
    expect(await refusal(browser.client.call(createTagKey, tag))).toMatchObject({
      code: 'not-for-limited-use',
    });
    const lea = await companyAdministrator(shop, 'lea@wim-works.example');
    const preview = await upgrade(lea, accountId, {}, true);
    expect(preview.account).toMatchObject({ kind: 'customer', domainIdentifier: 'wim-works.example' });
    expect((await browser.client.call(getAccount, { params })).account.kind).toBe('limited-use');
    const { account, request } = await upgrade(lea, accountId);
    expect(request).toBeNull();
    expect(account).toEqual(preview.account);
    await browser.client.call(createTagKey, tag);
    for (const to of ['wim@gmail.com', 'lea@wim-works.example']) {
      expect((await mails.take(to)).text).toContain('Its identifier is wim-works.example');
    }
    expect(await refusal(upgrade(lea, accountId))).toMatchObject({ code: 'upgrade-not-needed' });
    const { rows } = await sql<{ message: string }>`
      select message from events where account_id = ${accountId} and operation = 'upgradeAccount'`.execute(
      server.db,
    );
    expect(rows).toEqual([
      {
        message:
          'upgraded the account from wim@gmail.com, for limited use, to the customer account wim-works.example',
      },
    ]);
  });

  it('with a prefix is reviewed: declined with a reason, or done with the approval', async () => {
    const shop = await shopOf('Xen');
    const { accountId } = shop;
    const email = 'lea@xen-works.example';
    const lea = await companyAdministrator(shop, email);
    const body = { prefix: 'lab', justification: 'Its own books' };
    expect(await refusal(upgrade(lea, accountId, { prefix: 'lab' }))).toMatchObject({
      code: 'justification-needed',
      errors: [{ pointer: 'body/justification' }],
    });
    const waiting = async () => (await lea.client.call(getUpgrade, { params: { accountId } })).request;
    const { account, request } = await upgrade(lea, accountId, body);
    expect(account.kind).toBe('limited-use');
    expect(request).toMatchObject({ state: 'under-review', domainIdentifier: 'lab.xen-works.example' });
    expect(await waiting()).toEqual(request);
    expect(await refusal(upgrade(lea, accountId))).toMatchObject({ code: 'account-request-open' });
    const { items } = await server.operator.call(listAccountRequests, { query: { search: 'xen-works' } });
    expect(items).toMatchObject([{ purpose: 'upgrade', originAccountId: accountId }]);
    await server.operator.call(declineAccountRequest, {
      params: { requestId: request?.requestId ?? '' },
      body: { reason: 'One is enough.' },
    });
    const declined = await mails.take(email);
    expect(declined.text).toContain('One is enough.');
    expect(linkIn(declined, `/accounts/${accountId}/settings`)).toBeTruthy();
    expect(await waiting()).toBeNull();

    const second = (await upgrade(lea, accountId, body)).request;
    await server.operator.call(approveAccountRequest, {
      params: { requestId: second?.requestId ?? '' },
      body: {},
    });
    expect((await mails.take(email)).subject).toBe('Xen’s shop is a customer account now');
    expect((await lea.client.call(getAccount, { params: { accountId } })).account).toMatchObject({
      kind: 'customer',
      domainIdentifier: 'lab.xen-works.example',
    });
  });

  it('that is reviewed can be taken back by an administrator, and expires after 30 days', async () => {
    const shop = await shopOf('Rob');
    const { accountId } = shop;
    const params = { accountId };
    const email = 'lea@rob-works.example';
    const lea = await companyAdministrator(shop, email);
    const withdraw = (browser: TestBrowser) => browser.client.call(withdrawUpgrade, { params });
    expect(await refusal(withdraw(lea))).toMatchObject({ code: 'no-upgrade-waits', status: 409 });
    const body = { prefix: 'lab', justification: 'Its own books' };
    const { request } = await upgrade(lea, accountId, body);
    const days = (count: number) => server.clock.now().add({ hours: 24 * count });
    expect(request).toMatchObject({ state: 'under-review', endsAt: days(30).toString() });
    const user = server.client(await server.keyOf(accountId, 'account-user'));
    expect(await refusal(user.call(withdrawUpgrade, { params }))).toMatchObject({ code: 'not-allowed' });
    // Another administrator than who asked.
    expect((await withdraw(shop.browser)).request).toEqual({ ...request, state: 'withdrawn', endsAt: null });
    const approved = server.operator.call(approveAccountRequest, {
      params: { requestId: request?.requestId ?? '' },
      body: {},
    });
    expect(await refusal(approved)).toMatchObject({ code: 'account-request-state', state: 'withdrawn' });
    expect(await refusal(withdraw(shop.browser))).toMatchObject({ code: 'no-upgrade-waits' });

    await upgrade(lea, accountId, body);
    const close = (browser: TestBrowser) =>
      browser.client.call(closeAccount, { params, body: { reason: 'x' }, dryRun: true });
    expect(await refusal(close(shop.browser))).toMatchObject({
      code: 'account-not-empty',
      detail: 'Rob’s shop has 1 request for an account that is open.',
    });
    server.clock.advance({ hours: 24 * 30 });
    await runAllJobs(server.jobDependencies);
    const mail = await mails.take(email);
    expect(mail.subject).toBe('Your request for lab.rob-works.example has expired');
    expect(mail.text).toContain('No operator of this installation answered it in time.');
    const again = await signedIn(server, email);
    expect((await again.client.call(getUpgrade, { params })).request).toBeNull();
    expect((await close(again)).account.status).toBe('closed');
    const { rows } = await sql<{ operation: string; message: string }>`
      select operation, message from events
       where operation in ('withdrawUpgrade', 'expireAccountRequest') and message like '%rob-works%'
       order by event_id`.execute(server.db);
    expect(rows).toEqual([
      {
        operation: 'withdrawUpgrade',
        message: 'withdrew the upgrade of the account to lab.rob-works.example',
      },
      {
        operation: 'expireAccountRequest',
        message:
          'ended the request for the account lab.rob-works.example, which no operator answered in time',
      },
    ]);
  });

  it('is not approved once whoever asked administers the account no more', async () => {
    const shop = await shopOf('Ulf');
    const { accountId } = shop;
    const params = { accountId };
    const email = 'lea@ulf-works.example';
    const lea = await companyAdministrator(shop, email);
    const { request } = await upgrade(lea, accountId, { prefix: 'lab', justification: 'Its own books' });
    const { rows } = await sql<{ grantId: string }>`
      select grant_id as "grantId" from grants join people on people.id = grants.person_id
       where account_id = ${accountId} and email = ${email}`.execute(server.db);
    await shop.browser.client.call(revokeGrant, { params: { accountId, grantId: rows[0]?.grantId ?? '' } });
    const requestId = request?.requestId ?? '';
    expect(
      await refusal(server.operator.call(approveAccountRequest, { params: { requestId }, body: {} })),
    ).toMatchObject({ code: 'requester-not-administrator' });
    expect((await shop.browser.client.call(getAccount, { params })).account.kind).toBe('limited-use');
    await server.operator.call(declineAccountRequest, {
      params: { requestId },
      body: { reason: 'They left.' },
    });
  });

  it('takes no identifier that an account has, and is an administrator’s who is a person', async () => {
    const shop = await shopOf('Yan');
    const { accountId } = shop;
    await server.account('Yan Works');
    const lea = await companyAdministrator(shop, 'lea@yan-works.example');
    expect(await refusal(upgrade(lea, accountId))).toMatchObject({
      code: 'domain-identifier-taken',
      accountName: 'Yan Works',
    });
    const params = { accountId };
    const key = server.client(await server.keyOf(accountId, 'account-administrator'));
    expect(await refusal(key.call(upgradeAccount, { params, body: {} }))).toMatchObject({
      code: 'person-required',
    });
    const user = server.client(await server.keyOf(accountId, 'account-user'));
    expect(await refusal(user.call(upgradeAccount, { params, body: {} }))).toMatchObject({
      code: 'not-allowed',
    });
    server.clock.advance({ minutes: 16 });
    expect(await refusal(upgrade(lea, accountId))).toMatchObject({ code: 'step-up-required' });
    // A look changes nothing, so it asks nobody.
    expect(await refusal(upgrade(lea, accountId, {}, true))).toMatchObject({
      code: 'domain-identifier-taken',
    });
  });

  it('makes one account of two that are upgraded to one identifier at once', async () => {
    const shops: { accountId: string; email: string }[] = [];
    for (const name of ['Zoe', 'Zac']) {
      const shop = await shopOf(name);
      const email = `${name.toLowerCase()}@z-works.example`;
      await companyAdministrator(shop, email);
      shops.push({ accountId: shop.accountId, email });
    }
    const administrators = await Promise.all(shops.map(({ email }) => signedIn(server, email)));
    const outcomes = await Promise.allSettled(
      administrators.map((browser, index) => upgrade(browser, shops[index]?.accountId ?? '')),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const [lost] = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(lost?.reason.problem).toMatchObject({ code: 'domain-identifier-taken' });
  });
});
