import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getMySecurity, removeIdentity } from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { refusal, startTestServer, type TestServer } from '../../testing/index.ts';
import {
  type Company,
  companyWithSignIn,
  linkTo,
  member,
  memberAtBrowser,
  newBrowser,
  signInAt,
  whoIs,
} from '../testing/company-sign-in.ts';
import { eventsAbout, mailsTo, password, turnOnCodes } from '../testing/signed-in-person.ts';
import { startTestProvider, type TestProvider } from '../testing/test-provider.ts';

let server: TestServer;
let provider: TestProvider;
let home: string;
const txtRecords = new Map<string, string[]>();

beforeAll(async () => {
  provider = await startTestProvider();
  // Tokens are judged by the machine's clock.
  server = await startTestServer({
    at: Temporal.Now.instant().toString(),
    atLocalhost: true,
    outboundAllow: '127.0.0.1',
    txtRecords,
  });
  home = server.installation.publicUrl;
});
afterAll(async () => {
  await server.close();
  provider.close();
});
beforeEach(() => {
  // So that all that is tried here from one network is not too much.
  server.clock.advance({ minutes: 2 });
});

/** Says who signs in at the provider next. */
const say = (email: string, more: Partial<TestProvider['answer']> & { emailVerified?: boolean } = {}) => {
  const { emailVerified = true, ...answer } = more;
  provider.answer = {
    subject: email,
    claims: { email, email_verified: emailVerified, name: 'Ana Ruiz' },
    ...answer,
  };
};
const company = (rules: Parameters<typeof companyWithSignIn>[3] = {}) =>
  companyWithSignIn(server, txtRecords, provider, rules, undefined, (email) => say(email));
const identitiesOf = (personId: string) =>
  server.db.selectFrom('identities').select('subject').where('person_id', '=', personId).execute();

describe('somebody who is linked', () => {
  let there: Company;
  let email: string;
  let personId: string;
  beforeAll(async () => {
    there = await company({ managesPeople: true });
    email = `ana@${there.domain}`;
    ({ personId } = await member(server, there.seeded, email));
    say(email);
    await signInAt(server, newBrowser(server), email);
  });
  beforeEach(() => say(email));

  it('signs in at their company, with PKCE and the client’s secret, and comes to the page they wanted', async () => {
    const walker = newBrowser(server);
    provider.redeemed = [];
    const page = await signInAt(server, walker, email.toUpperCase(), '/accounts/x/licenses?sort=tag');
    expect(page.href).toBe(`${home}/accounts/x/licenses?sort=tag`);
    expect(await whoIs(server, walker)).toBe(email);
    const asked = walker.way.find(({ pathname }) => pathname === '/authorize')?.searchParams;
    expect(Object.fromEntries(asked ?? [])).toMatchObject({
      client_id: 'estover',
      response_type: 'code',
      code_challenge_method: 'S256',
      scope: 'openid email profile',
      redirect_uri: `${home}/auth/single-sign-on/oidc/${there.params.mailDomainId}`,
      login_hint: email.toUpperCase(),
    });
    expect(asked?.get('nonce')).toMatch(/^[\w-]{43}$/);
    // The client's name and secret, written as forms write them (RFC 6749 §2.3.1).
    const credentials = Buffer.from('estover:a+secret+of+the+client').toString('base64');
    expect(provider.redeemed).toEqual([{ credentials: `Basic ${credentials}`, verifierFits: true }]);
  });

  it.each(['https://evil.example/', '//evil.example/', '/\\evil.example', 'javascript:alert(1)', '/\n/evil'])(
    'never comes to %j',
    async (next) => {
      expect((await signInAt(server, newBrowser(server), email, next)).href).toBe(`${home}/`);
    },
  );

  it('is known by issuer and subject alone, whatever address is said', async () => {
    say('somebody@elsewhere.example', { subject: email });
    const walker = newBrowser(server);
    await signInAt(server, walker, email);
    expect(await whoIs(server, walker)).toBe(email);
  });

  it.each<[string, Partial<TestProvider['answer']>, string]>([
    ['an issuer that is another', { lie: { iss: 'https://other.example' } }, 'answer-refused'],
    ['another audience', { lie: { aud: 'another-client' } }, 'answer-refused'],
    [
      'an audience beside us without us as the party',
      { lie: { aud: ['estover', 'other'], azp: 'other' } },
      'answer-refused',
    ],
    ['another nonce', { lie: { nonce: 'made up' } }, 'answer-refused'],
    ['no nonce', { lie: { nonce: undefined } }, 'answer-refused'],
    ['a token that has expired', { lie: { exp: Math.floor(Date.now() / 1000) - 3_600 } }, 'answer-refused'],
    ['a token without an end', { lie: { exp: undefined } }, 'answer-refused'],
    ['a token of tomorrow', { lie: { nbf: Math.floor(Date.now() / 1000) + 86_400 } }, 'answer-refused'],
    ['no subject', { lie: { sub: undefined } }, 'answer-refused'],
    ['no signature', { signing: 'none' }, 'answer-refused'],
    ['a signature of another key', { signing: 'other-key' }, 'answer-refused'],
    ...(['HS256-pem', 'HS256-der', 'HS256-jwk'] as const).map(
      (signing): [string, Partial<TestProvider['answer']>, string] => [
        `a signature made with the published key as a secret (${signing})`,
        { signing },
        'answer-refused',
      ],
    ),
    [
      'a key id that nobody published',
      { signing: 'other-key', header: () => ({ kid: 'other' }) },
      'answer-refused',
    ],
    [
      'a key id that is a path',
      { signing: 'other-key', header: () => ({ kid: '../../dev/null' }) },
      'answer-refused',
    ],
    ['a key of its own in it', { signing: 'other-key', header: ({ jwk }) => ({ jwk }) }, 'answer-refused'],
    [
      'an address of keys in it',
      {
        signing: 'other-key',
        header: ({ issuer }) => ({ jku: `${issuer}/other-keys`, x5u: `${issuer}/other-keys`, kid: 'other' }),
      },
      'answer-refused',
    ],
    [
      'a header that it must understand',
      { header: () => ({ crit: ['exp'], exp: Math.floor(Date.now() / 1000) + 60 }) },
      'answer-refused',
    ],
    [
      'a member twice in what is signed',
      {
        write: (text, part) =>
          part === 'payload' ? text.replace('"sub":', '"sub":"somebody","sub":') : text,
      },
      'answer-refused',
    ],
    [
      'a member twice in the header',
      { write: (text, part) => (part === 'header' ? text.replace('{', '{"alg":"none",') : text) },
      'answer-refused',
    ],
    ['an answer that names another issuer', { issParameter: 'https://other.example' }, 'answer-refused'],
    ['that they stopped', { error: 'access_denied' }, 'declined'],
  ])('does not come in with %s', async (_what, lie, problem) => {
    say(email, lie);
    const walker = newBrowser(server);
    const page = await signInAt(server, walker, email, '/security');
    expect(`${page.pathname}${page.search}`).toBe(`/sign-in?problem=${problem}&next=%2Fsecurity`);
    expect(await whoIs(server, walker)).toBeNull();
    // Keys that a token names are never fetched.
    expect(provider.asked).not.toContain('/other-keys');
  });

  it('comes back once, in the browser that began it, and in time', async () => {
    const { publicUrl } = server.installation;
    const begin = async () => {
      const walker = newBrowser(server);
      const begun = await walker.post(`${publicUrl}/auth/sign-in/begin`, { email });
      const { url } = (await begun.json()) as { url: string };
      const go = await walker.step(url);
      const back = await walker.step(go.headers.get('location') ?? '');
      return { walker, url, back: back.headers.get('location') ?? '' };
    };
    const ended = `${home}/sign-in?problem=ended`;

    const twice = await begin();
    expect((await twice.walker.open(twice.back)).href).toBe(`${home}/`);
    expect((await twice.walker.open(twice.back)).href).toBe(ended);

    const stolen = await begin();
    const thief = newBrowser(server);
    expect((await thief.open(stolen.url)).href).toBe(ended);
    expect((await thief.open(stolen.back)).href).toBe(ended);
    expect(await whoIs(server, thief)).toBeNull();
    expect((await stolen.walker.open(stolen.back)).href).toBe(ended);

    const late = await begin();
    server.clock.advance({ minutes: 10 });
    expect((await late.walker.open(late.back)).href).toBe(ended);

    const madeUp = await begin();
    const other = new URL(madeUp.back);
    other.searchParams.set('state', 'x'.repeat(43));
    expect((await madeUp.walker.open(other.href)).href).toBe(ended);
  });

  it('is not mixed up with another company', async () => {
    const other = await company({ managesPeople: true });
    say(email);
    const walker = newBrowser(server);
    const begun = await walker.post(`${home}/auth/sign-in/begin`, { email });
    const go = await walker.step(((await begun.json()) as { url: string }).url);
    const back = new URL((await walker.step(go.headers.get('location') ?? '')).headers.get('location') ?? '');
    back.pathname = `/auth/single-sign-on/oidc/${other.params.mailDomainId}`;
    expect((await walker.open(back.href)).searchParams.get('problem')).toBe('ended');
    // The same issuer and subject, by the setting of another account, is nobody.
    say(`ana@${other.domain}`, { subject: email });
    const page = await signInAt(server, walker, `ana@${other.domain}`);
    expect(page.searchParams.get('problem')).toBe('mail-sent');
    expect(await whoIs(server, walker)).toBeNull();
  });

  it('comes in no longer with an address elsewhere', async () => {
    await server.db
      .updateTable('people')
      .set({ email: `${personId}@elsewhere.example` })
      .where('id', '=', personId)
      .execute();
    try {
      const page = await signInAt(server, newBrowser(server), email);
      expect(page.searchParams.get('problem')).toBe('address-elsewhere');
    } finally {
      await server.db.updateTable('people').set({ email }).where('id', '=', personId).execute();
    }
  });

  it('is told when the provider does not answer, or is another', async () => {
    const gone = await company();
    const walker = newBrowser(server);
    const row = (issuer: string) =>
      server.db
        .updateTable('single_sign_on')
        .set({
          connection: JSON.stringify({ issuer, clientId: 'estover' }),
          secret_sealed: server.installation.seal(
            `single-sign-on:${gone.params.mailDomainId}:${JSON.stringify([issuer, 'estover'])}`,
            'secret',
          ),
        })
        .where('mail_domain_id', '=', gone.params.mailDomainId)
        .execute();
    await row('http://127.0.0.1:9');
    expect((await signInAt(server, walker, `x@${gone.domain}`)).searchParams.get('problem')).toBe(
      'unreachable',
    );
    await row(`http://localhost:${new URL(provider.issuer).port}`);
    expect((await signInAt(server, walker, `x@${gone.domain}`)).searchParams.get('problem')).toBe(
      'provider-unknown',
    );
    // However it is written, inside is inside; and a name is itself, not one that begins like an allowed one.
    const { port } = new URL(provider.issuer);
    for (const host of [
      '10.0.0.1',
      '167772161',
      '012.0.0.1',
      '0xa000001',
      '[::ffff:10.0.0.1]',
      `127.0.0.2:${port}`,
      `localhost.invalid:${port}`,
      `127.0.0.1.invalid:${port}`,
    ]) {
      await row(`http://${host}`);
      const page = await signInAt(server, walker, `x@${gone.domain}`);
      expect([host, page.searchParams.get('problem')]).toEqual([host, 'unreachable']);
    }
  });

  describe('at a provider that names addresses inside', () => {
    let trap: Server;
    let lines = 0;
    beforeAll(async () => {
      trap = createServer((_, response) => response.end('{}'));
      trap.on('connection', () => {
        lines += 1;
      });
      // An address of this machine that the configuration does not allow.
      await new Promise<void>((listening) => trap.listen(0, '127.0.0.2', listening));
    });
    afterAll(() => {
      trap.close();
      provider.metadata = {};
    });

    it.each(['token_endpoint', 'jwks_uri', 'userinfo_endpoint'])('makes no line to its %s', async (name) => {
      const { port } = trap.address() as AddressInfo;
      for (const host of ['127.0.0.2', '2130706434', '0177.0.0.2', '0x7f000002', '[::ffff:127.0.0.2]']) {
        provider.metadata = { [name]: `http://${host}:${port}/` };
        // Without an address in the token it is asked for at the userinfo endpoint.
        say(email, { claims: { name: 'Ana Ruiz' } });
        const walker = newBrowser(server);
        const page = await signInAt(server, walker, email, '/security');
        expect([host, page.searchParams.get('problem')]).toEqual([host, 'unreachable']);
        expect(await whoIs(server, walker)).toBeNull();
      }
      expect(lines).toBe(0);
    });
  });
});

describe('somebody who is here and was never linked', () => {
  it('is linked at once where the company manages its people and the address was checked', async () => {
    const there = await company({ managesPeople: true });
    const email = `bo@${there.domain}`;
    const { personId } = await member(server, there.seeded, email);
    say(email);
    const walker = newBrowser(server);
    expect((await signInAt(server, walker, email)).pathname).toBe('/');
    expect(await whoIs(server, walker)).toBe(email);
    expect(await identitiesOf(personId)).toEqual([{ subject: email }]);
    expect((await eventsAbout(server, personId)).at(-1)).toEqual([
      'linkIdentity',
      `was linked with their sign-in at ${there.domain}`,
    ]);
    expect((await mailsTo(server, email)).at(-1)).toBe(`Your sign-in at ${there.domain} was linked`);
  });

  it('loses a password that somebody may have chosen for an address nobody proved', async () => {
    const there = await company({ managesPeople: true });
    const email = `cy@${there.domain}`;
    const { walker: before, personId } = await memberAtBrowser(server, there.seeded, email);
    await server.db.updateTable('people').set({ email_verified: false }).where('id', '=', personId).execute();
    say(email);
    const walker = newBrowser(server);
    await signInAt(server, walker, email);
    expect(await whoIs(server, walker)).toBe(email);
    expect(await whoIs(server, before)).toBeNull();
    expect((await walker.post(`${home}/auth/sign-in/email`, { email, password })).status).toBe(401);
  });

  it.each<[string, Parameters<typeof company>[0], boolean]>([
    ['the company does not manage its people', {}, true],
    ['the provider has not checked the address', { managesPeople: true }, false],
  ])('is asked by mail where %s', async (_why, rules, emailVerified) => {
    const there = await company(rules);
    const email = `di@${there.domain}`;
    const { personId, walker: own } = await memberAtBrowser(server, there.seeded, email);
    say(email, { emailVerified });
    const walker = newBrowser(server);
    const page = await signInAt(server, walker, email);
    expect(`${page.pathname}${page.search}`).toBe('/sign-in?problem=mail-sent');
    expect([await whoIs(server, walker), await identitiesOf(personId)]).toEqual([null, []]);

    const token = await linkTo(server, email);
    const elsewhere = await newBrowser(server).post(`${home}/auth/confirm-mail`, { token });
    expect([elsewhere.status, ((await elsewhere.json()) as { code: string }).code]).toEqual([
      409,
      'other-browser',
    ]);
    expect(await identitiesOf(personId)).toEqual([]);
    const confirmed = await walker.post(`${home}/auth/confirm-mail`, { token });
    expect(await confirmed.json()).toEqual({ proved: 'identity', email });
    expect(await whoIs(server, walker)).toBeNull();
    expect((await walker.post(`${home}/auth/confirm-mail`, { token })).status).toBe(404);
    expect((await signInAt(server, walker, email)).pathname).toBe('/');
    expect(await whoIs(server, walker)).toBe(email);
    // The address was proved before, so password and sessions stay.
    expect(await whoIs(server, own)).toBe(email);
  });

  it('is asked by mail, and not taken over, where codes or a role on the platform are theirs', async () => {
    const there = await company({ managesPeople: true });
    const staff = await member(server, there.seeded, `staff@${there.domain}`);
    await server.db
      .insertInto('platform_grants')
      .values({ person_id: staff.personId, role: 'support', granted_at: server.clock.now() })
      .execute();
    const coded = await memberAtBrowser(server, there.seeded, `coded@${there.domain}`);
    await turnOnCodes(server, {
      ...coded,
      browser: { post: (path: string, body: unknown) => coded.walker.post(`${home}${path}`, body) } as never,
    });
    for (const { email, personId } of [staff, coded]) {
      say(email);
      const page = await signInAt(server, newBrowser(server), email);
      expect([page.searchParams.get('problem'), await identitiesOf(personId)]).toEqual(['mail-sent', []]);
    }
  });

  it('gets no more than three such mails in an hour', async () => {
    const there = await company();
    const email = `ed@${there.domain}`;
    await member(server, there.seeded, email);
    say(email);
    for (let times = 0; times < 4; times++) await signInAt(server, newBrowser(server), email);
    const subjects = await mailsTo(server, email);
    expect(subjects.filter((subject) => subject.startsWith('Confirm'))).toHaveLength(3);
  });

  it('links themselves while they are signed in, after a recent proof', async () => {
    const there = await company();
    const email = `flo@${there.domain}`;
    const own = await memberAtBrowser(server, there.seeded, email);
    say(`other-name@${there.domain}`, { subject: 'flo-there' });
    const link = async () => {
      const begun = await own.walker.post(`${home}/auth/single-sign-on/link`, {});
      return (await begun.json()) as { url: string; code?: string };
    };
    server.clock.advance({ minutes: 16 });
    expect((await link()).code).toBe('step-up-required');
    await own.walker.post(`${home}/auth/step-up`, { password });
    const { url } = await link();
    // Another browser, signed in as somebody else, does not link itself to it.
    const eve = await memberAtBrowser(server, there.seeded, `eve@${there.domain}`);
    expect((await eve.walker.open(url)).searchParams.get('problem')).toBe('ended');
    const page = await own.walker.open((await link()).url);
    expect(`${page.pathname}${page.search}`).toBe('/security?linked=went-well');
    const security = await own.client.call(getMySecurity, {});
    expect(security).toMatchObject({
      email,
      emailProved: true,
      hasPassword: true,
      singleSignOn: { domain: there.domain, isRequired: false },
      identities: [{ subject: 'flo-there', issuer: provider.issuer, domain: there.domain }],
    });
    // What is linked with one is not linked with another.
    const begun = await eve.walker.post(`${home}/auth/single-sign-on/link`, {});
    const refused = await eve.walker.open(((await begun.json()) as { url: string }).url);
    expect(refused.searchParams.get('linked')).toBe('linked-elsewhere');

    const identityId = security.identities[0]?.identityId ?? '';
    expect(await refusal(eve.client.call(removeIdentity, { params: { identityId } }))).toMatchObject({
      code: 'not-found',
    });
    await own.client.call(removeIdentity, { params: { identityId } });
    expect(await identitiesOf(own.personId)).toEqual([]);
    expect((await mailsTo(server, email)).slice(-2)).toEqual([
      `Your sign-in at ${there.domain} was linked`,
      `Your sign-in at ${there.domain} was unlinked`,
    ]);
  });
});
