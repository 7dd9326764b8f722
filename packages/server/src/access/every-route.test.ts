import { randomUUIDv7 } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/index.ts';
import { signedInPerson } from './testing/signed-in-person.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
type Method = (typeof methods)[number];
const isAsked = (method: string): method is Method => methods.some((each) => each === method);

interface Route {
  method: Method;
  path: string;
}

let server: TestServer;
let cookie: string;
const all: Route[] = [];
beforeAll(async () => {
  server = await startTestServer({
    saml: true,
    onRoute: (method, path) => {
      if (isAsked(method)) all.push({ method, path });
    },
  });
  cookie = (await signedInPerson(server)).browser.cookies();
});
afterAll(() => server.close());
beforeEach(() => server.clock.advance({ minutes: 1 }));

const below = (...beginnings: string[]): Route[] =>
  all.filter(({ path }) => beginnings.some((beginning) => path.startsWith(beginning)));
const changes = (routes: Route[]): Route[] => routes.filter(({ method }) => method !== 'GET');
const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

const kept: Record<string, string> = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
};

/** Asks a route, with ids that nothing has, and sees that the answer is kept to its type, by nobody, and apart. */
async function ask({ method, path }: Route, headers: Record<string, string>, body = '{}') {
  const url = path.replaceAll(/:\w+/g, () => randomUUIDv7()).replace('/*', '/nothing');
  const answer = await server.app.inject({
    method,
    url,
    headers: { ...(method === 'GET' ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(method === 'GET' ? {} : { payload: body }),
  });
  const sent = Object.fromEntries(Object.keys(kept).map((name) => [name, answer.headers[name]]));
  expect([nameOf({ method, path }), sent]).toEqual([nameOf({ method, path }), kept]);
  expect(answer.statusCode, nameOf({ method, path })).toBeLessThan(500);
  expect(
    answer.cookies.filter(({ name, value }) => name.includes('session') && value !== ''),
    nameOf({ method, path }),
  ).toEqual([]);
  const text = answer.headers['content-type']?.toString().includes('json') === true ? answer.json() : {};
  return { status: answer.statusCode, code: (text as { code?: string }).code };
}

/** Everything that is kept, as a number for each table, so that whatever was written shows. */
async function rows(): Promise<unknown> {
  const tables = ['events', 'sessions', 'people', 'accounts', 'api_keys', 'mails', 'sign_in_accounts'];
  const counts = tables.map((table) => sql`(select count(*) from ${sql.table(table)}) as ${sql.ref(table)}`);
  return (await sql`select ${sql.join(counts)}`.execute(server.db)).rows[0];
}

/** Who is signed in at their company comes back by its page, with a form of another site: what it says is signed. */
const fromTheCompany = ['POST /auth/single-sign-on/saml/:mailDomainId'];

it('knows the routes of sign-in, of tokens, of identity providers and of the API', () => {
  expect(changes(below('/auth/')).length).toBeGreaterThanOrEqual(20);
  expect(below('/oauth/').map(nameOf)).toEqual(['POST /oauth/token']);
  expect(below('/scim/').length).toBeGreaterThanOrEqual(17);
  expect(below('/api/').length).toBeGreaterThanOrEqual(150);
});

it('changes nothing for the page of another site, with the cookie of somebody who is signed in', async () => {
  const before = await rows();
  const other: Record<string, string>[] = [
    { cookie, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    { cookie, origin: 'https://evil.example' },
    { cookie, origin: 'null' },
  ];
  for (const route of changes(below('/auth/', '/api/'))) {
    const name = nameOf(route);
    for (const headers of other) {
      const { code } = await ask(route, headers);
      if (!fromTheCompany.includes(name))
        expect([name, headers, code]).toEqual([name, headers, 'cross-origin']);
    }
  }
  for (const name of fromTheCompany) expect(all.map(nameOf)).toContain(name);
  // The session is no way in here at all, from wherever.
  for (const route of below('/scim/')) {
    for (const headers of [...other, { cookie, 'sec-fetch-site': 'same-origin' }]) {
      const { status } = await ask(route, headers);
      expect(route.path.endsWith('/*') ? [404] : [401, 403], nameOf(route)).toContain(status);
    }
  }
  for (const headers of [...other, { cookie, 'sec-fetch-site': 'same-origin' }]) {
    const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
    const [token] = below('/oauth/');
    expect((await ask(token as Route, form, 'grant_type=client_credentials')).status).toBe(401);
  }
  expect(await rows()).toEqual(before);
});

it('reads no form and no plain text that a page of another site may send without being asked', async () => {
  const before = await rows();
  for (const route of changes(below('/auth/', '/oauth/', '/scim/', '/api/'))) {
    const name = nameOf(route);
    for (const type of [
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
    ]) {
      // The two that are made for forms: by a program with its secret, and by the company's page.
      const takesForms = [...fromTheCompany, 'POST /oauth/token'].includes(name);
      if (takesForms && type === 'application/x-www-form-urlencoded') continue;
      const { status } = await ask(route, {
        cookie,
        origin: server.installation.publicUrl,
        'content-type': type,
      });
      expect([name, type, status]).toEqual([name, type, 415]);
    }
  }
  expect(await rows()).toEqual(before);
});

/** What somebody may ask for who is not signed in: sign-in itself, and what a link in a mail does. */
const withoutSession = [
  'POST /auth/confirm-mail',
  'POST /auth/request-password-reset',
  'POST /auth/reset-password',
  'POST /auth/sign-in/begin',
  'POST /auth/sign-in/code',
  'POST /auth/sign-in/email',
  'POST /auth/sign-in/passkey',
  'POST /auth/sign-in/passkey-options',
  'POST /auth/sign-out',
  'POST /auth/single-sign-on/saml/:mailDomainId',
];

it('asks for a session for whatever of one’s own sign-in is changed', async () => {
  const open: string[] = [];
  for (const route of changes(below('/auth/'))) {
    const { code } = await ask(route, { origin: server.installation.publicUrl });
    if (code !== 'sign-in-required') open.push(nameOf(route));
  }
  expect(open.toSorted()).toEqual(withoutSession);
});

it('keeps each answer to its type, by nobody, and apart, also where there is nothing', async () => {
  for (const route of below('/auth', '/oauth', '/scim', '/api', '/.well-known')) await ask(route, {});
  for (const path of ['/auth/nothing', '/oauth/nothing', '/scim/v2/nothing', '/api/v1/nothing', '/api/%ff']) {
    expect((await ask({ method: 'GET', path }, {})).status, path).toBe(404);
  }
});
