import { randomUUIDv7 } from 'node:crypto';
import {
  changeSingleSignOn,
  createGroup,
  listMailDomains,
  setSingleSignOn,
  startSingleSignOnTest,
} from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { refusal, type SeededAccount, startTestServer, type TestServer } from '../../testing/index.ts';
import {
  memberAtBrowser,
  newBrowser,
  type PersonAtBrowser,
  provedDomain,
  whoIs,
} from '../testing/company-sign-in.ts';
import { providerCertificate, strangersKey } from '../testing/saml-keys.ts';
import {
  makeResponse,
  providerEntityId,
  type ResponseFacts,
  readRequest,
  type SamlRequest,
  wrappings,
} from '../testing/saml-provider.ts';
import type { Walker } from '../testing/walk.ts';

let server: TestServer;
let home: string;
let seeded: SeededAccount;
let admin: PersonAtBrowser;
let params: { accountId: string; mailDomainId: string };
const domain = 'saml-company.example';
const ana = `ana@${domain}`;
const txtRecords = new Map<string, string[]>();
const connection = {
  protocol: 'saml',
  entityId: providerEntityId,
  signInUrl: 'https://idp.example/sign-in?tenant=1',
  certificate: providerCertificate,
} as const;

beforeAll(async () => {
  server = await startTestServer({
    at: Temporal.Now.instant().toString(),
    atLocalhost: true,
    txtRecords,
    saml: true,
  });
  home = server.installation.publicUrl;
  seeded = await server.account('Saml Company');
  params = { accountId: seeded.accountId, mailDomainId: await provedDomain(seeded, txtRecords, domain) };
  admin = await memberAtBrowser(server, seeded, 'admin@saml-test.example', 'account-administrator');
  await seeded.administrator.call(setSingleSignOn, { params, body: connection });
  const { url } = await admin.client.call(startSingleSignOnTest, { params });
  const request = await asked(admin.walker, url);
  const page = await send(admin.walker, request, makeResponse(request, { nameId: `tester@${domain}` }));
  expect(`${page.pathname}${page.search}`).toBe(
    `/accounts/${params.accountId}/settings/single-sign-on?tested=went-well`,
  );
  const { group } = await seeded.administrator.call(createGroup, {
    params: { accountId: seeded.accountId },
    body: { name: 'Staff', role: 'viewer', scope: { kind: 'account' } },
  });
  const body = { isOn: true, managesPeople: true, groupId: group.groupId };
  await seeded.administrator.call(changeSingleSignOn, { params, body });
  expect((await come({ nameId: ana })).pathname).toBe('/');
});
afterAll(() => server.close());
beforeEach(() => {
  server.clock.set(Temporal.Now.instant().toString());
});

/** The request with which a browser arrives at the provider. */
async function asked(walker: Walker, go: string): Promise<SamlRequest> {
  const answer = await walker.step(go);
  const address = new URL(answer.headers.get('location') ?? '');
  expect(`${address.origin}${address.pathname}`).toBe('https://idp.example/sign-in');
  expect(address.searchParams.get('tenant')).toBe('1');
  return readRequest(address);
}

async function begin(walker: Walker, email = ana): Promise<SamlRequest> {
  const begun = await walker.post(`${home}/auth/sign-in/begin`, { email });
  return asked(walker, ((await begun.json()) as { url: string }).url);
}

/** Posts a response as the provider's page has the browser do it: from another site, without cookies. */
async function send(
  walker: Walker,
  request: Pick<SamlRequest, 'assertionConsumerUrl' | 'relayState'>,
  xml: string,
): Promise<URL> {
  const answer = await fetch(request.assertionConsumerUrl, {
    method: 'POST',
    headers: { origin: 'https://idp.example', 'sec-fetch-site': 'cross-site' },
    body: new URLSearchParams({
      SAMLResponse: Buffer.from(xml).toString('base64'),
      RelayState: request.relayState,
    }),
    redirect: 'manual',
  });
  if (answer.status !== 303) throw new Error(`answered ${answer.status}: ${await answer.text()}`);
  return walker.open(new URL(answer.headers.get('location') ?? '', home).href);
}

/** A whole sign-in in a new browser. */
async function come(facts: ResponseFacts, walker = newBrowser(server)): Promise<URL> {
  const request = await begin(walker);
  return send(walker, request, makeResponse(request, facts));
}

it('shows what providers ask for', async () => {
  const { items } = await seeded.administrator.call(listMailDomains, {
    params: { accountId: params.accountId },
  });
  const { saml } = items[0] ?? {};
  const metadata = await fetch(saml?.metadataUrl ?? '');
  const xml = await metadata.text();
  expect(metadata.headers.get('content-type')).toBe('application/samlmetadata+xml; charset=utf-8');
  expect(xml).toContain(`entityID="${saml?.entityId}"`);
  expect(xml).toContain(`Location="${saml?.assertionConsumerUrl}"`);
  expect(xml).toContain('WantAssertionsSigned="true"');
});

it.each([
  ['', 'invalid-request'],
  ['nonsense', 'saml-certificate-invalid'],
  ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'saml-certificate-invalid'],
])('takes no certificate %j', async (certificate, code) => {
  const body = { ...connection, certificate };
  const set = seeded.administrator.call(setSingleSignOn, { params, body });
  expect((await refusal(set)).code).toBe(code);
});

describe('somebody', () => {
  it('is made at their first sign-in and known at the next', async () => {
    const email = `${randomUUIDv7()}@${domain}`;
    for (const signed of [['assertion'], ['assertion', 'response']] as const) {
      const walker = newBrowser(server);
      expect((await come({ nameId: 'stable-id', email, signed }, walker)).href).toBe(`${home}/`);
      expect(await whoIs(server, walker)).toBe(email);
    }
    const identities = await server.db
      .selectFrom('identities')
      .select('issuer')
      .where('subject', '=', 'stable-id')
      .execute();
    expect(identities).toEqual([{ issuer: providerEntityId }]);
  });

  it('has the whole text of their name, whatever comments stand in it', async () => {
    const walker = newBrowser(server);
    const email = `${ana}.evil`;
    const page = await come({ nameId: `${ana}<!-- comment -->.evil`, email }, walker);
    expect(page.searchParams.get('problem')).toBe('address-elsewhere');
    expect(await whoIs(server, walker)).toBeNull();
    const hidden = newBrowser(server);
    await come({ nameId: `${ana}<!-- comment -->x`, email: `${randomUUIDv7()}@${domain}` }, hidden);
    expect(await whoIs(server, hidden)).not.toBe(ana);
  });

  it.each<[string, ResponseFacts]>([
    ['without a signature', { nameId: ana, signed: [] }],
    ['with a signature of the response alone', { nameId: ana, signed: ['response'] }],
    ['signed by another key', { nameId: ana, key: strangersKey }],
    ['for another audience', { nameId: ana, audience: 'https://other.example' }],
    ['for no audience', { nameId: ana, audience: null }],
    ['from another provider', { nameId: ana, issuer: 'https://other.example' }],
    ['for another address', { nameId: ana, recipient: 'https://other.example/acs' }],
    ['in answer to another request', { nameId: ana, inResponseTo: '_another' }],
    ['in answer to no request', { nameId: ana, inResponseTo: null }],
    ['after its end', { nameId: ana, notOnOrAfter: -120 }],
    ['before its time', { nameId: ana, notBefore: 120 }],
    [
      'with a name that does not last',
      { nameId: ana, nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' },
    ],
    ['without a name', { nameId: '', email: ana }],
    ['that they failed', { nameId: ana, status: 'Responder', signed: [] }],
  ])('does not come in %s', async (_what, facts) => {
    const walker = newBrowser(server);
    const page = await come(facts, walker);
    expect([page.searchParams.get('problem'), await whoIs(server, walker)]).toEqual(['answer-refused', null]);
  });

  it.each(Object.entries(wrappings))('does not come in by %s', async (_name, wrap) => {
    const walker = newBrowser(server);
    const request = await begin(walker);
    const genuine = { nameId: `eve@${domain}` };
    const xml = wrap(
      {
        assertion: makeResponse(request, genuine),
        response: makeResponse(request, { ...genuine, signed: ['response'] }),
      },
      ana,
    );
    expect(xml).toContain(`>${ana}<`);
    await send(walker, request, xml);
    expect(await whoIs(server, walker)).not.toBe(ana);
  });

  it('does not come in when a word of the assertion was changed', async () => {
    const walker = newBrowser(server);
    const request = await begin(walker);
    const xml = makeResponse(request, { nameId: `eve@${domain}` }).replaceAll('eve@', 'ana@');
    expect((await send(walker, request, xml)).searchParams.get('problem')).toBe('answer-refused');
    expect(await whoIs(server, walker)).toBeNull();
  });

  it('comes in a little before the time of a clock that is ahead', async () => {
    expect((await come({ nameId: ana, notBefore: 30 })).href).toBe(`${home}/`);
  });
});

describe('a response', () => {
  it('is taken once, and an assertion once', async () => {
    const walker = newBrowser(server);
    const request = await begin(walker);
    const xml = makeResponse(request, { nameId: ana, assertionId: '_once' });
    expect((await send(walker, request, xml)).href).toBe(`${home}/`);
    const again = newBrowser(server);
    expect((await send(again, request, xml)).searchParams.get('problem')).toBe('ended');
    const second = await begin(again);
    const reused = makeResponse(second, { nameId: ana, assertionId: '_once' });
    expect((await send(again, second, reused)).searchParams.get('problem')).toBe('answer-refused');
    // The response to one request, sent with the state of another.
    const third = await begin(again);
    expect((await send(again, third, xml)).searchParams.get('problem')).toBe('answer-refused');
    expect(await whoIs(server, again)).toBeNull();
  });

  it('belongs to the browser that began it, and to its domain', async () => {
    const walker = newBrowser(server);
    const thief = newBrowser(server);
    const request = await begin(walker);
    const xml = makeResponse(request, { nameId: ana });
    expect((await send(thief, request, xml)).searchParams.get('problem')).toBe('ended');
    expect([await whoIs(server, thief), await whoIs(server, walker)]).toEqual([null, null]);
    const elsewhere = await begin(walker);
    const other = elsewhere.assertionConsumerUrl.replace(params.mailDomainId, randomUUIDv7());
    const page = await send(
      walker,
      { ...elsewhere, assertionConsumerUrl: other },
      makeResponse(elsewhere, { nameId: ana }),
    );
    expect(page.searchParams.get('problem')).toBe('ended');
    // Nobody comes by the way back before the response did.
    const early = await walker.open(`${home}/auth/single-sign-on/saml-return?flow=${elsewhere.relayState}`);
    expect(early.searchParams.get('problem')).toBe('ended');
    // What a provider sends by itself answers nothing.
    const unasked = { ...elsewhere, relayState: '' };
    expect(
      (await send(walker, unasked, makeResponse(elsewhere, { nameId: ana }))).searchParams.get('problem'),
    ).toBe('ended');
  });

  it('that is no SAML, or too large, opens nothing', async () => {
    const walker = newBrowser(server);
    for (const xml of ['', 'nonsense', '<a/>', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>']) {
      const request = await begin(walker);
      expect((await send(walker, request, xml)).searchParams.get('problem')).toBe('answer-refused');
    }
    const request = await begin(walker);
    await expect(send(walker, request, 'x'.repeat(300_000))).rejects.toThrow('answered 413');
  });

  it('proves again who somebody is, where they have signed in again', async () => {
    const walker = newBrowser(server);
    await come({ nameId: ana }, walker);
    await server.db.updateTable('sessions').set({ proved_at: null }).execute();
    const prove = async (facts: ResponseFacts) => {
      const begun = await walker.post(`${home}/auth/step-up/single-sign-on`, { next: '/x' });
      const request = await asked(walker, ((await begun.json()) as { url: string }).url);
      expect(request.forceAuthn).toBe(true);
      const page = await send(walker, request, makeResponse(request, facts));
      return `${page.pathname}${page.search}`;
    };
    expect(await prove({ nameId: ana, authenticated: -3_600 })).toBe('/security?proof=not-proved');
    expect(await prove({ nameId: `eve@${domain}` })).toBe('/security?proof=not-proved');
    expect(await prove({ nameId: ana })).toBe('/x');
  });
});
