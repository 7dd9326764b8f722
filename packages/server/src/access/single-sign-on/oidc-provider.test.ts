import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { changeSingleSignOn, createGroup, setSingleSignOn } from '@estover/protocol';
import { Provider } from 'oidc-provider';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../testing/index.ts';
import {
  memberAtBrowser,
  newBrowser,
  provedDomain,
  signInAt,
  testAndSwitchOn,
  whoIs,
} from '../testing/company-sign-in.ts';
import { addressesOf } from './mail-domains-view.ts';

/* The whole way with a certified provider, beside the one of oidc.test.ts that lies. */

let server: TestServer;
let listening: Server;
const txtRecords = new Map<string, string[]>();

beforeAll(async () => {
  server = await startTestServer({
    at: Temporal.Now.instant().toString(),
    atLocalhost: true,
    outboundAllow: '127.0.0.1',
    txtRecords,
  });
});
afterAll(async () => {
  await server.close();
  listening.closeAllConnections();
  listening.close();
});

/** Who signs in at the provider: whoever comes, by a page that asks nothing. */
let visitor = '';

async function startProvider(
  redirectUri: string,
  tokenEndpointAuth: 'client_secret_basic' | 'client_secret_post',
) {
  listening = createServer();
  await new Promise<void>((ready) => listening.listen(0, '127.0.0.1', ready));
  const issuer = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'estover',
        client_secret: 'a secret that is long enough',
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: tokenEndpointAuth,
      },
    ],
    clientAuthMethods: [tokenEndpointAuth],
    pkce: { required: () => true },
    // As OpenID Connect says: claims of scopes are told at the userinfo endpoint.
    conformIdTokenClaims: true,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/visit/${uid}` },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, email: id, email_verified: true, name: 'Ana Ruiz' }),
    }),
    async loadExistingGrant({ oidc }) {
      const grant = new provider.Grant({
        clientId: oidc.client?.clientId ?? '',
        accountId: oidc.session?.accountId ?? '',
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const handle = provider.callback();
  listening.on('request', (request, response) => {
    if (request.url?.startsWith('/visit/') !== true) return void handle(request, response);
    void provider.interactionFinished(request, response, { login: { accountId: visitor } });
  });
  return issuer;
}

it.each(['client_secret_basic', 'client_secret_post'] as const)(
  'signs people in at a real provider, by %s, and proves again who they are',
  async (method) => {
    const domain = `${method.replaceAll('_', '-')}.example`;
    const seeded = await server.account(domain);
    const mailDomainId = await provedDomain(seeded, txtRecords, domain);
    const params = { accountId: seeded.accountId, mailDomainId };
    const issuer = await startProvider(addressesOf(server.installation, mailDomainId).redirectUri, method);
    await seeded.administrator.call(setSingleSignOn, {
      params,
      body: { protocol: 'oidc', issuer, clientId: 'estover', clientSecret: 'a secret that is long enough' },
    });
    const admin = await memberAtBrowser(
      server,
      seeded,
      `admin@${domain}.test.example`,
      'account-administrator',
    );
    visitor = `tester@${domain}`;
    await testAndSwitchOn(server, admin, params, { managesPeople: true });
    const { group } = await seeded.administrator.call(createGroup, {
      params: { accountId: seeded.accountId },
      body: { name: 'Staff', role: 'viewer', scope: { kind: 'account' } },
    });
    await seeded.administrator.call(changeSingleSignOn, { params, body: { groupId: group.groupId } });

    visitor = `ana@${domain}`;
    const walker = newBrowser(server);
    expect((await signInAt(server, walker, visitor, '/security')).pathname).toBe('/security');
    expect(await whoIs(server, walker)).toBe(visitor);

    await server.db.updateTable('sessions').set({ proved_at: null }).execute();
    const { publicUrl } = server.installation;
    const begun = await walker.post(`${publicUrl}/auth/step-up/single-sign-on`, { next: '/security' });
    const page = await walker.open(((await begun.json()) as { url: string }).url);
    expect(`${page.pathname}${page.search}`).toBe('/security');
    const proved = await server.db
      .selectFrom('sessions')
      .innerJoin('people', 'people.id', 'sessions.person_id')
      .select(['people.email'])
      .where('proved_at', 'is not', null)
      .execute();
    expect(proved).toEqual([{ email: visitor }]);

    await seeded.administrator.call(setSingleSignOn, {
      params,
      body: { protocol: 'oidc', issuer, clientId: 'estover', clientSecret: 'not this one' },
    });
    await expect(testAndSwitchOn(server, admin, params)).rejects.toThrow(/tested=client-refused/);
    listening.closeAllConnections();
    listening.close();
  },
);
