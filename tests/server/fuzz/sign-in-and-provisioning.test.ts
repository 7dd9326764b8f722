import { problems } from '@estover/protocol';
import { errorSchema } from '@estover/protocol/scim';
import { type Random, randomFrom } from '@estover/protocol/testing';
import {
  createBrowser,
  examine,
  fingerprintOf,
  startTestServer,
  type TestServer,
} from '@estover/server/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makePersonWithPassword } from '../../../packages/server/src/access/testing/person-with-password.ts';
import { nastyText } from './values.ts';

/*
 * What the OpenAPI document does not name: sign-in below /auth, access tokens below /oauth, provisioning below /scim. Whatever
 * comes in: no answer is a failure of the server, each refusal has the form of its edge, and what is refused changes nothing.
 */

const seed = Number(process.env.FUZZ_SEED ?? 20_261_130);
const shotsOfEach = 600;
const password = 'correct horse battery staple';
let server: TestServer;
let accountId: string;
let foreignId: string;
let key: string;
let viewerKey: string;
let email: string;
let cookie: string;

beforeAll(async () => {
  server = await startTestServer();
  ({ accountId } = await server.account('Fuzz Ways'));
  foreignId = (await server.account('Fuzz Others')).accountId;
  key = await server.keyOf(accountId, 'account-administrator');
  viewerKey = await server.keyOf(accountId, 'viewer');
  ({ email } = await makePersonWithPassword(server, password));
  const browser = createBrowser(server.address);
  await browser.post('/auth/sign-in/email', { email, password });
  cookie = browser.cookies();
});
afterAll(() => server.close());

interface Shot {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
}
interface Told {
  status: number;
  headers: Headers;
  text: string;
}

async function ask({ path, ...init }: Shot): Promise<Told> {
  const answer = await fetch(`${server.address}${path}`, { ...init, redirect: 'manual' });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

/** Shoots several at once, and tells what is wrong with the answers; the statuses that came. */
async function shoot(shots: readonly Shot[], faultOf: (told: Told, shot: Shot) => string | null) {
  const faults: string[] = [];
  const statuses = new Map<number, number>();
  const left = shots[Symbol.iterator]();
  const shooter = async () => {
    for (const shot of left) {
      if (faults.length >= 10) return;
      // Tries come back with time, so that bounds do not answer everything.
      server.clock.advance({ milliseconds: 700 });
      const told = await ask(shot);
      statuses.set(told.status, (statuses.get(told.status) ?? 0) + 1);
      const fault = told.status >= 500 ? 'the server failed' : faultOf(told, shot);
      if (fault !== null) {
        faults.push(
          `${fault}: ${shot.method} ${shot.path} ${shot.body?.slice(0, 200) ?? ''}\n  ${told.status} ${told.text.slice(0, 300)}`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, shooter));
  expect(faults.join('\n\n')).toBe('');
  return statuses;
}

/** A refusal of sign-in is a problem that is known, with the status that it names. */
function problemFault({ status, headers, text }: Told): string | null {
  if (status < 400) return null;
  if (headers.get('content-type')?.startsWith('application/problem+json') !== true) return 'no problem';
  const body = JSON.parse(text) as { status: number; code: string; next: string; requestId: string };
  if (body.status !== status) return 'the problem names another status';
  if (!(body.code in problems)) return 'the problem is not known';
  return body.next === '' || body.requestId === '' ? 'the problem does not say what to do' : null;
}

const oauthErrors = [
  'invalid_request',
  'invalid_client',
  'invalid_scope',
  'unsupported_grant_type',
  'temporarily_unavailable',
];

/** RFC 6749 §5.1 and §5.2. */
function oauthFault({ status, headers, text }: Told): string | null {
  if (headers.get('cache-control') !== 'no-store') return 'somebody may keep it';
  if (headers.get('content-type')?.startsWith('application/json') !== true) return 'it is no JSON';
  const body = JSON.parse(text) as Record<string, unknown>;
  if (status === 200) return body['token_type'] === 'Bearer' ? null : 'no token';
  if (![400, 401, 413, 415, 429].includes(status)) return 'the status is not one of RFC 6749';
  if (!oauthErrors.includes(String(body['error']))) return 'the error is not one of RFC 6749';
  return typeof body['error_description'] === 'string' ? null : 'it is not described';
}

const scimStatuses = [200, 201, 204, 304, 400, 401, 403, 404, 409, 412, 413, 415, 429];

/** RFC 7644 §3.12. */
function scimFault({ status, headers, text }: Told): string | null {
  if (!scimStatuses.includes(status)) return 'the status is not declared';
  if (status === 204 || status === 304) return text === '' ? null : 'there is a body';
  if (headers.get('content-type')?.startsWith('application/scim+json') !== true) return 'it is not SCIM';
  const body = JSON.parse(text) as { schemas?: string[]; status?: string; detail?: string };
  if (status < 400) return Array.isArray(body.schemas) ? null : 'it has no schemas';
  if (body.schemas?.[0] !== errorSchema || body.status !== String(status)) return 'it is no error of SCIM';
  return (body.detail ?? '') === '' ? 'it says nothing' : null;
}

/** What nobody may set, and what would reach into the program. */
const foreignMembers = {
  id: '0193c5a0-0000-7000-8000-00000000dead',
  role: 'operator',
  roles: [{ value: 'operator', primary: true }],
  platformRoles: ['operator'],
  accountId: '0193c5a0-0000-7000-8000-00000000dead',
  emailVerified: true,
  mailProvedAt: '2020-01-01T00:00:00Z',
  isAdmin: true,
  meta: { resourceType: 'Group', created: '2020-01-01T00:00:00Z' },
  callbackURL: 'https://evil.example',
};
const intoTheProgram = '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}';

function anything(random: Random): unknown {
  return random.pick<() => unknown>([
    () => random.pick(nastyText),
    () => random.pick([0, -1, 2 ** 53, 1e308, 0.5, true, false, null]),
    () => [random.pick(nastyText)],
    () => ({ [random.pick(nastyText)]: random.pick(nastyText) }),
    () => Array.from({ length: 200 }, () => ({ value: random.pick(nastyText) })),
  ])();
}

/** A body of JSON that is nearly right: some members are replaced, left out or added. */
function nearly(right: Record<string, unknown>, random: Random): string {
  if (random.chance(0.05))
    return random.pick(['', '{', '[]', 'null', '"x"', '{"a":1,"a":2}', '[[[[[[[[]]]]]]]]']);
  const members = Object.entries(right).flatMap(([name, value]): [string, unknown][] =>
    random.chance(0.1) ? [] : [[name, random.chance(0.25) ? anything(random) : value]],
  );
  const added = random.chance(0.3) ? Object.entries(foreignMembers).filter(() => random.chance(0.5)) : [];
  const text = JSON.stringify(Object.fromEntries([...members, ...added]));
  return random.chance(0.1) && text !== '{}' ? `{${intoTheProgram},${text.slice(1)}` : text;
}

const types = [
  'application/json',
  'application/json',
  'application/json',
  'text/plain',
  'application/xml',
  '',
];

/** Every way below /auth, with what it takes. */
const ways: readonly [string, Record<string, unknown>][] = [
  ['/sign-out', {}],
  ['/sign-in/email', { email: 'nobody@x.example', password: 7 }],
  ['/sign-in/code', { challenge: 'c'.repeat(43), code: '123456' }],
  ['/sign-in/passkey', { challenge: 'c'.repeat(43), passkey: { id: 'x', response: {} } }],
  ['/change-password', { currentPassword: '', newPassword: 'x' }],
  ['/reset-password', { token: 'espr_0', password: 'short' }],
  ['/step-up', { code: '123456' }],
  ['/step-up/passkey-options', {}],
  ['/step-up/single-sign-on', { next: '//evil.example' }],
  ['/totp/start', { password: '' }],
  ['/totp/confirm', { code: '000000' }],
  ['/totp/recovery-codes', { code: '000000' }],
  ['/totp/turn-off', { code: '000000' }],
  ['/passkeys/options', {}],
  ['/passkeys', { name: 'Key', passkey: { id: 'x', rawId: 'x', type: 'public-key', response: {} } }],
  ['/mail-address/prove', {}],
  ['/mail-address', { email: 'not an address' }],
  ['/confirm-mail', { token: 'esmc_0' }],
  ['/single-sign-on/link', {}],
  ['/nothing', {}],
];

function signInShot(random: Random, cookies: string | null): Shot {
  const [path, right] = random.pick(ways);
  const type = random.pick(types);
  return {
    method: random.chance(0.9) ? 'POST' : random.pick(['PUT', 'PATCH', 'DELETE']),
    path: `/auth${path}${random.chance(0.1) ? `?next=${encodeURIComponent(random.pick(nastyText).toWellFormed())}` : ''}`,
    headers: {
      ...(type !== '' && { 'content-type': type }),
      ...(random.chance(0.8) && {
        origin: random.chance(0.8) ? server.address : random.pick(['null', 'https://evil.example']),
      }),
      ...(cookies !== null && { cookie: cookies }),
    },
    body: nearly(right, random),
  };
}

function tokenShot(random: Random): Shot {
  const form = new URLSearchParams();
  const text = () => random.pick(nastyText).toWellFormed();
  if (random.chance(0.9)) form.append('grant_type', random.chance(0.8) ? 'client_credentials' : text());
  if (random.chance(0.6)) form.append('client_id', random.chance(0.5) ? foreignMembers.id : text());
  if (random.chance(0.6))
    form.append('client_secret', random.chance(0.5) ? `esak_${'0'.repeat(40)}` : text());
  if (random.chance(0.1)) form.append('scope', text());
  if (random.chance(0.1)) form.append('client_id', text());
  const basic = Buffer.from(`${random.pick(nastyText)}:${random.pick(nastyText)}`).toString('base64');
  return {
    method: 'POST',
    path: '/oauth/token',
    headers: {
      ...(random.chance(0.95) && {
        'content-type': random.chance(0.9) ? 'application/x-www-form-urlencoded' : 'application/json',
      }),
      ...(random.chance(0.3) && {
        authorization: random.pick([
          `Basic ${basic.slice(0, 2_000)}`,
          'Basic ',
          'Basic =',
          `Bearer ${key}`,
          'x',
        ]),
      }),
    },
    body: random.chance(0.05) ? `x=${'y'.repeat(20_000)}` : form.toString(),
  };
}

const user = (name: string) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: name,
  externalId: `ext-${name}`,
  active: true,
  name: { givenName: 'Mira', familyName: 'Holt', formatted: 'Mira Holt' },
  displayName: 'Mira Holt',
  emails: [{ value: name, type: 'work', primary: true }],
});

function scimShot(random: Random, secret: string | null, at = accountId): Shot {
  const ids = [foreignMembers.id, 'x', '%00', '..%2f..', 'a'.repeat(300)];
  const kind = random.pick([
    'Users',
    'Users',
    'Groups',
    'Schemas',
    'ResourceTypes',
    'ServiceProviderConfig',
    'Me',
  ]);
  const method = random.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
  const path = kind + (method === 'POST' || random.chance(0.3) ? '' : `/${random.pick(ids)}`);
  const text = () => encodeURIComponent(random.pick(nastyText).toWellFormed().slice(0, 2_000));
  const query = [
    ...(random.chance(0.3)
      ? [`filter=${random.pick(['userName%20eq%20%22a%22', 'externalId%20eq', text()])}`]
      : []),
    ...(random.chance(0.2) ? [`startIndex=${random.pick(['0', '-1', '1e9', text()])}`] : []),
    ...(random.chance(0.2) ? [`count=${random.pick(['0', '999999999', text()])}`] : []),
    ...(random.chance(0.2) ? [`attributes=${text()}`] : []),
  ].join('&');
  const patch = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [
      { op: random.pick(['add', 'replace', 'remove', 'x']), path: anything(random), value: anything(random) },
    ],
  };
  const body = method === 'PATCH' ? patch : user(`user${random.below(50)}@fuzz-ways.example`);
  return {
    method,
    path: `/scim/v2/accounts/${at}/${path}${query === '' ? '' : `?${query}`}`,
    headers: {
      ...(method !== 'GET' && {
        'content-type': random.pick(['application/scim+json', 'application/json', 'text/plain']),
      }),
      ...(secret !== null && { authorization: `Bearer ${secret}` }),
      ...(random.chance(0.1) && { 'if-match': random.pick(['*', 'W/"x"', '"']) }),
    },
    ...(method !== 'GET' && { body: nearly(body, random) }),
  };
}

const many = (make: (random: Random) => Shot, random = randomFrom(seed)) =>
  Array.from({ length: shotsOfEach }, () => make(random));

/** What the use of a key notes of it, and what is refused to an identity provider, as the console shows it. */
const changing = ['api_keys', 'provisioning_clients'];
const kept = async () =>
  Object.fromEntries(
    Object.entries(await fingerprintOf(server)).filter(([table]) => !changing.includes(table)),
  );

it(`refuses what strangers send to sign-in, tokens and provisioning, and changes nothing (FUZZ_SEED=${seed})`, async () => {
  const before = await kept();
  const signIn = await shoot(
    many((random) => signInShot(random, random.chance(0.5) ? null : 'estover.session_token=made.up')),
    problemFault,
  );
  const tokens = await shoot(many(tokenShot), oauthFault);
  const strangers = await shoot(
    many((random) =>
      scimShot(
        random,
        random.pick([null, viewerKey, 'esak_x', key]),
        random.pick([foreignId, 'nowhere', foreignMembers.id]),
      ),
    ),
    scimFault,
  );
  expect(await kept()).toEqual(before);
  // The shots must hit: each edge refuses in many ways, and takes none of this.
  for (const status of [401, 403, 404, 422]) expect(signIn.get(status) ?? 0).toBeGreaterThan(0);
  for (const status of [400, 401]) expect(tokens.get(status) ?? 0).toBeGreaterThan(0);
  for (const status of [401, 404]) expect(strangers.get(status) ?? 0).toBeGreaterThan(0);
  expect([tokens.has(200), strangers.has(200), strangers.has(201)]).toEqual([false, false, false]);
}, 120_000);

it(`answers somebody who is signed in, and an identity provider, only as declared (FUZZ_SEED=${seed})`, async () => {
  const othersBefore = await fingerprintOf(server, foreignId);
  const signIn = await shoot(
    many((random) => signInShot(random, cookie)).filter(({ path }) => path !== '/auth/sign-out'),
    problemFault,
  );
  const provisioning = await shoot(
    many((random) => scimShot(random, key)),
    scimFault,
  );
  expect(await fingerprintOf(server, foreignId)).toEqual(othersBefore);
  expect(signIn.get(422) ?? 0).toBeGreaterThan(20);
  for (const status of [200, 201, 400, 404, 409]) expect(provisioning.get(status) ?? 0).toBeGreaterThan(0);
  // Nobody got a role or an id by a member that nobody may set.
  const { rows } = await sql<{ roles: number; ids: number }>`
    select (select count(*)::int from grants where role not in ('account-administrator', 'approver')) as roles,
           (select count(*)::int from people where id = ${foreignMembers.id}) as ids`.execute(server.db);
  expect(rows).toEqual([{ roles: 0, ids: 0 }]);
  expect(await examine(server.db)).toEqual([]);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
}, 120_000);

it('passes over members that it does not name, below /auth and /scim, and writes none of them', async () => {
  const personRow = async () =>
    (
      await sql<Record<string, unknown>>`
        select id, name, email, email_verified, created_at, updated_at, image from people where email = ${email}`.execute(
        server.db,
      )
    ).rows;
  const before = await personRow();
  server.clock.advance({ hours: 1 });
  const browser = createBrowser(server.address);
  const signedIn = await browser.post('/auth/sign-in/email', { ...foreignMembers, email, password });
  expect([signedIn.status, await signedIn.json()]).toEqual([200, { state: 'signed-in' }]);
  expect(signedIn.headers.get('location')).toBeNull();
  expect(await personRow()).toEqual(before);
  const name = 'named@fuzz-ways.example';
  const made = await ask({
    method: 'POST',
    path: `/scim/v2/accounts/${accountId}/Users`,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/scim+json' },
    body: JSON.stringify({ ...foreignMembers, ...user(name), entitlements: [{ value: 'operator' }] }),
  });
  expect(made.status).toBe(201);
  const answered = JSON.parse(made.text) as Record<string, unknown>;
  expect(answered['id']).not.toBe(foreignMembers.id);
  expect(answered).toMatchObject({ userName: name, meta: { resourceType: 'User' } });
  for (const member of ['role', 'roles', 'platformRoles', 'accountId', 'isAdmin', 'entitlements']) {
    expect(answered).not.toHaveProperty(member);
  }
  const { rows } = await sql`
    select from people p where p.email = ${name}
     and (exists (select from grants g where g.person_id = p.id)
          or exists (select from platform_grants s where s.person_id = p.id))`.execute(server.db);
  expect(rows).toEqual([]);
});
