import { randomUUIDv7 } from 'node:crypto';
import {
  addMailDomain,
  changeSingleSignOn,
  checkMailDomain,
  createGroup,
  getMySecurity,
  listEvents,
  listGroups,
  listMailDomains,
  removeMailDomain,
  revokeGrant,
  setSingleSignOn,
} from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { refusal, type SeededAccount, startTestServer, type TestServer } from '../../testing/index.ts';
import { challengeOf } from '../testing/challenge-of.ts';
import {
  companyWithSignIn,
  enterPassword,
  member,
  memberAtBrowser,
  newBrowser,
  provedDomain,
  signInAt,
  whoIs,
} from '../testing/company-sign-in.ts';
import { password, turnOnCodes } from '../testing/signed-in-person.ts';
import { startTestProvider, type TestProvider } from '../testing/test-provider.ts';

let server: TestServer;
let provider: TestProvider;
let own: SeededAccount;
let other: SeededAccount;
const txtRecords = new Map<string, string[]>();

beforeAll(async () => {
  provider = await startTestProvider();
  server = await startTestServer({
    at: Temporal.Now.instant().toString(),
    atLocalhost: true,
    outboundAllow: '127.0.0.1',
    txtRecords,
  });
  own = await server.account('Own Company');
  other = await server.account('Other Company');
});
afterAll(async () => {
  await server.close();
  provider.close();
});
beforeEach(() => {
  server.clock.advance({ minutes: 2 });
});

const account = ({ accountId }: SeededAccount) => ({ accountId });
const add = (seeded: SeededAccount, domain: string) =>
  seeded.administrator.call(addMailDomain, { params: account(seeded), body: { domain } });
const codeOf = async (work: Promise<unknown>) => (await refusal(work)).code;
const messagesOf = async (seeded: SeededAccount, operation: string) =>
  (await seeded.administrator.call(listEvents, { params: account(seeded), query: { operation } })).items.map(
    ({ message }) => message,
  );
const newDomain = () => `${randomUUIDv7()}.example`;
const oidc = { protocol: 'oidc', issuer: 'https://idp.example', clientId: 'estover' } as const;

describe('a mail domain', () => {
  it('is added in its one form, with the record that proves it', async () => {
    const { mailDomain } = await add(own, '@Bücher-Own.Example.');
    expect(mailDomain).toMatchObject({
      domain: 'xn--bcher-own-q9a.example',
      record: {
        name: '_estover-challenge.xn--bcher-own-q9a.example',
        text: expect.stringMatching(/^estover-domain-proof=[\w-]{27}$/),
      },
      provedAt: null,
      checkedAt: null,
      saml: null,
      singleSignOn: null,
    });
    expect(await messagesOf(own, 'addMailDomain')).toEqual([
      'added the mail domain xn--bcher-own-q9a.example, which is not proved yet',
    ]);
  });

  it.each([
    ['gmail.com', 'public-mail-domain'],
    ['ana@own.example', 'domain-identifier-invalid'],
    ['own', 'domain-identifier-invalid'],
    ['BÜCHER-own.example', 'mail-domain-known'],
  ])('%s is refused', async (domain, code) => {
    expect(await codeOf(add(own, domain))).toBe(code);
  });

  it('is proved by the record alone, by one account at a time', async () => {
    const domain = newDomain();
    const { mailDomain } = await add(own, domain);
    const { mailDomainId, record } = mailDomain;
    const check = () =>
      own.administrator.call(checkMailDomain, { params: { ...account(own), mailDomainId } });
    expect(await codeOf(check())).toBe('mail-domain-not-proved');
    for (const wrong of ['', 'estover-domain-proof=', `${record.text}x`, `x ${record.text}`]) {
      txtRecords.set(record.name, [wrong]);
      expect(await codeOf(check())).toBe('mail-domain-not-proved');
    }
    // The record of the domain above it proves nothing.
    txtRecords.delete(record.name);
    txtRecords.set(domain, [record.text]);
    expect(await codeOf(check())).toBe('mail-domain-not-proved');
    txtRecords.set(record.name, ['v=spf1 -all', record.text]);
    const proved = (await check()).mailDomain;
    expect(proved.provedAt).not.toBeNull();

    const theirs = (await add(other, domain)).mailDomain;
    txtRecords.set(record.name, [theirs.record.text]);
    const checkTheirs = () =>
      other.administrator.call(checkMailDomain, {
        params: { ...account(other), mailDomainId: theirs.mailDomainId },
      });
    expect(await codeOf(checkTheirs())).toBe('mail-domain-taken');
    expect(await codeOf(check())).toBe('mail-domain-not-proved');
    const { items } = await own.administrator.call(listMailDomains, { params: account(own) });
    expect(items.find((each) => each.domain === domain)?.provedAt).toBe(proved.provedAt);
    await own.administrator.call(removeMailDomain, { params: { ...account(own), mailDomainId } });
    expect((await checkTheirs()).mailDomain.provedAt).not.toBeNull();
  });

  it('of another account is not there', async () => {
    const mailDomainId = await provedDomain(own, txtRecords, newDomain());
    const params = { ...account(other), mailDomainId };
    const { administrator } = other;
    expect(await codeOf(administrator.call(checkMailDomain, { params }))).toBe('not-found');
    expect(await codeOf(administrator.call(removeMailDomain, { params }))).toBe('not-found');
    expect(await codeOf(administrator.call(changeSingleSignOn, { params, body: { isOn: true } }))).toBe(
      'not-found',
    );
    const body = { ...oidc, clientSecret: 'secret' };
    expect(await codeOf(administrator.call(setSingleSignOn, { params, body }))).toBe('not-found');
  });
});

describe('a provider', () => {
  it('is set for a proved domain alone', async () => {
    const { mailDomain } = await add(own, newDomain());
    const params = { ...account(own), mailDomainId: mailDomain.mailDomainId };
    const set = own.administrator.call(setSingleSignOn, {
      params,
      body: { ...oidc, clientSecret: 'secret' },
    });
    expect(await codeOf(set)).toBe('mail-domain-not-proved');
    const change = own.administrator.call(changeSingleSignOn, { params, body: { isOn: true } });
    expect(await codeOf(change)).toBe('single-sign-on-not-set');
  });

  it('keeps its secret to itself, and asks for it again when it lies elsewhere', async () => {
    const params = { ...account(own), mailDomainId: await provedDomain(own, txtRecords, newDomain()) };
    const set = (body: Parameters<typeof own.administrator.call<typeof setSingleSignOn>>[1]['body']) =>
      own.administrator.call(setSingleSignOn, { params, body });
    expect(await codeOf(set(oidc))).toBe('client-secret-needed');
    const secret = 'canary-secret-of-a-client';
    const answer = await set({ ...oidc, clientSecret: secret });
    expect(answer.mailDomain.singleSignOn?.connection).toEqual(oidc);
    expect(await codeOf(set({ ...oidc, issuer: 'https://evil.example' }))).toBe('client-secret-needed');
    expect(await codeOf(set({ ...oidc, clientId: 'another' }))).toBe('client-secret-needed');
    const sealed = () =>
      server.db
        .selectFrom('single_sign_on')
        .select('secret_sealed')
        .where('mail_domain_id', '=', params.mailDomainId)
        .executeTakeFirstOrThrow();
    const before = await sealed();
    await set(oidc);
    expect(await sealed()).toEqual(before);
    await set({ ...oidc, issuer: 'https://new.example', clientSecret: 'another' });
    expect(await sealed()).not.toEqual(before);
    const { rows } = await dumped();
    expect(rows).not.toContain(secret);
    expect(rows).toContain('https://new.example');
  });

  it.each([
    'ftp://idp.example',
    'idp.example',
    'https://user@idp.example',
    'https://idp.example?x=1',
    'https://idp.example#x',
    'javascript:alert(1)',
  ])('is not %s', async (issuer) => {
    const params = { ...account(own), mailDomainId: randomUUIDv7() };
    const body = { ...oidc, issuer, clientSecret: 'secret' };
    expect(await codeOf(own.administrator.call(setSingleSignOn, { params, body }))).toBe('invalid-request');
  });

  it('by SAML is refused where SAML is off, and unknown there', async () => {
    const params = { ...account(own), mailDomainId: await provedDomain(own, txtRecords, newDomain()) };
    const body = {
      protocol: 'saml',
      entityId: 'idp',
      signInUrl: 'https://idp.example',
      certificate: 'x',
    } as const;
    expect(await codeOf(own.administrator.call(setSingleSignOn, { params, body }))).toBe('saml-off');
    const { publicUrl } = server.installation;
    const metadata = await fetch(`${publicUrl}/auth/single-sign-on/saml/${params.mailDomainId}/metadata`);
    expect(metadata.status).toBe(404);
  });

  it('is changed only by somebody who has proved lately who they are', async () => {
    const company = await companyWithSignIn(server, txtRecords, provider, {}, undefined, (email) => {
      provider.answer = { subject: 'tester', claims: { email } };
    });
    const { client } = company.admin;
    const { params } = company;
    server.clock.advance({ minutes: 16 });
    const body = { ...oidc, clientSecret: 'secret' };
    expect(await codeOf(client.call(setSingleSignOn, { params, body }))).toBe('step-up-required');
    expect(await codeOf(client.call(changeSingleSignOn, { params, body: { isOn: false } }))).toBe(
      'step-up-required',
    );
    expect(await codeOf(client.call(removeMailDomain, { params }))).toBe('step-up-required');
    await company.admin.walker.post(`${server.installation.publicUrl}/auth/step-up`, { password });
  });

  it('lets people come only into a group that exists and whose role the caller could give', async () => {
    const params = { ...account(own), mailDomainId: await provedDomain(own, txtRecords, newDomain()) };
    await own.administrator.call(setSingleSignOn, { params, body: { ...oidc, clientSecret: 'secret' } });
    const change = (groupId: string) =>
      own.administrator.call(changeSingleSignOn, { params, body: { groupId } });
    const made = async (more: { until?: string }) =>
      (
        await own.administrator.call(createGroup, {
          params: account(own),
          body: { name: randomUUIDv7(), role: 'viewer', scope: { kind: 'account' }, ...more },
        })
      ).group.groupId;
    expect(await codeOf(change(randomUUIDv7()))).toBe('not-found');
    const ending = await made({ until: server.clock.now().add({ minutes: 1 }).toString() });
    server.clock.advance({ minutes: 2 });
    expect(await codeOf(change(ending))).toBe('group-ended');
    const good = await made({});
    expect((await change(good)).mailDomain.singleSignOn?.group?.groupId).toBe(good);
    expect(await codeOf(change(good))).toBe('nothing-to-do');
    const { items } = await own.administrator.call(listGroups, { params: account(own), query: {} });
    expect(items.map(({ groupId }) => groupId)).toContain(good);
  });
});

describe('required single sign-on', () => {
  it('lets nobody of the domain in with a password but those who are exempt, who keep codes and role', async () => {
    const company = await companyWithSignIn(
      server,
      txtRecords,
      provider,
      { managesPeople: true },
      undefined,
      (email) => {
        provider.answer = { subject: 'tester', claims: { email } };
      },
    );
    const { seeded, params, domain } = company;
    const { administrator } = seeded;
    const { publicUrl } = server.installation;
    const ana = await memberAtBrowser(server, seeded, `ana@${domain}`);
    const glass = await memberAtBrowser(server, seeded, `glass@${domain}`, 'account-administrator');
    const change = (body: Parameters<typeof administrator.call<typeof changeSingleSignOn>>[1]['body']) =>
      administrator.call(changeSingleSignOn, { params, body });

    expect(await codeOf(change({ isRequired: true }))).toBe('break-glass-needed');
    const named = { isRequired: true, exemptPersonIds: [glass.personId] };
    expect(await codeOf(change(named))).toBe('break-glass-needed');
    const { code } = await turnOnCodes(server, {
      ...glass,
      browser: {
        post: (path: string, body: unknown) => glass.walker.post(`${publicUrl}${path}`, body),
      } as never,
    });
    expect(await codeOf(change({ ...named, exemptPersonIds: [glass.personId, ana.personId] }))).toBe(
      'break-glass-needed',
    );
    const { mailDomain } = await change(named);
    expect(mailDomain.singleSignOn).toMatchObject({
      isOn: true,
      isRequired: true,
      exempt: [{ personId: glass.personId, email: glass.email }],
    });
    const { administrators } = await administrator.call(listMailDomains, { params: account(seeded) });
    expect(administrators.filter(({ couldBeExempt }) => couldBeExempt).map(({ email }) => email)).toEqual([
      glass.email,
    ]);
    expect(administrators.map(({ email }) => email)).toContain(company.admin.email);

    const walker = newBrowser(server);
    const refused = await enterPassword(server, walker, ana.email);
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
      403,
      'single-sign-on-required',
    ]);
    expect(await whoIs(server, walker)).toBeNull();
    // A wrong password says no more than ever.
    const wrong = await walker.post(`${publicUrl}/auth/sign-in/email`, {
      email: ana.email,
      password: 'not this one',
    });
    expect(wrong.status).toBe(401);
    provider.answer = { subject: 'ana', claims: { email: ana.email, email_verified: true } };
    expect((await signInAt(server, walker, ana.email)).pathname).toBe('/');
    expect(await whoIs(server, walker)).toBe(ana.email);
    // The company would lose sight of them.
    const moved = await walker.post(`${publicUrl}/auth/mail-address`, { email: 'ana@elsewhere.example' });
    expect([moved.status, ((await moved.json()) as { code: string }).code]).toEqual([
      403,
      'single-sign-on-required',
    ]);

    const elsewhere = newBrowser(server);
    const entered = await enterPassword(server, elsewhere, glass.email);
    const challenge = await challengeOf(entered);
    const withCode = await elsewhere.post(`${publicUrl}/auth/sign-in/code`, {
      challenge,
      code: await code(),
    });
    expect([withCode.status, await whoIs(server, elsewhere)]).toEqual([200, glass.email]);

    const off = await glass.walker.post(`${publicUrl}/auth/totp/turn-off`, { password, code: await code() });
    expect(((await off.json()) as { code: string }).code).toBe('break-glass-needed');
    const { grant_id: grantId } = await server.db
      .selectFrom('grants')
      .select('grant_id')
      .where('person_id', '=', glass.personId)
      .executeTakeFirstOrThrow();
    const revoke = () =>
      administrator.call(revokeGrant, { params: { accountId: seeded.accountId, grantId } });
    expect(await codeOf(revoke())).toBe('break-glass-needed');
    expect(await codeOf(change({ exemptPersonIds: [] }))).toBe('break-glass-needed');

    // A sign-in that was begun with the password before it became required does not end well after.
    await change({ isRequired: false });
    const half = newBrowser(server);
    const coded = await member(server, seeded, `coded@${domain}`);
    await enterPassword(server, coded.walker, coded.email);
    const codes = await turnOnCodes(server, {
      ...coded,
      browser: {
        post: (path: string, body: unknown) => coded.walker.post(`${publicUrl}${path}`, body),
      } as never,
    });
    const begun = await challengeOf(await enterPassword(server, half, coded.email));
    await change(named);
    const finished = await half.post(`${publicUrl}/auth/sign-in/code`, {
      challenge: begun,
      code: await codes.code(),
    });
    expect([finished.status, await whoIs(server, half)]).toEqual([403, null]);

    expect((await change({ isOn: false })).mailDomain.singleSignOn).toMatchObject({
      isOn: false,
      isRequired: false,
    });
    expect((await enterPassword(server, newBrowser(server), ana.email)).status).toBe(200);
    await revoke();
    const security = await ana.client.call(getMySecurity, {});
    expect(security.singleSignOn).toBeNull();
  });
});

/** What of the settings and events could be read by whoever has the database. */
async function dumped(): Promise<{ rows: string }> {
  const tables = ['single_sign_on', 'mail_domains', 'events', 'idempotency_keys'] as const;
  const all = await Promise.all(tables.map((table) => server.db.selectFrom(table).selectAll().execute()));
  return { rows: JSON.stringify(all) };
}
