import { randomUUIDv7 } from 'node:crypto';
import type { AccountRole, GrantScope } from '@estover/domain/access';
import {
  addToGroup,
  type Client,
  createApiKey,
  createGroup,
  createVirtualAccount,
  grantRole,
  keepAccess,
  limitToSeller,
  listAccessReview,
  listEvents,
  type QueryOf,
  revokeGrant,
} from '@estover/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { refusal, type SeededAccount, startTestServer, type TestServer } from '../testing/index.ts';
import { purgeAccessReviews } from './access-review-store.ts';
import { makePersonWithPassword } from './testing/person-with-password.ts';
import { enterPassword, password } from './testing/signed-in-person.ts';

let server: TestServer;
let account: SeededAccount;
let params: { accountId: string };
let ids: Record<string, string>;
const people: Record<string, { personId: string; email: string; grantId: string }> = {};

const whole: GrantScope = { kind: 'account' };
const at = (name: string, nested = true): GrantScope => ({
  kind: 'virtual-accounts',
  virtualAccounts: [{ virtualAccountId: ids[name] as string, nested }],
});

async function give(name: string, email: string, role: AccountRole, scope: GrantScope, days?: number) {
  const until =
    days === undefined
      ? {}
      : {
          until: server.clock
            .now()
            .add({ hours: 24 * days })
            .toString(),
        };
  const given = await account.administrator.call(grantRole, {
    params,
    body: { email, name, role, scope, ...until },
  });
  people[name] = { personId: given.personId, email, grantId: given.grant.grantId };
}

beforeAll(async () => {
  // The machine's clock, by which the sign-in library says when somebody signed in.
  server = await startTestServer({ at: Temporal.Now.instant().toString() });
  account = await server.account('Customer');
  params = { accountId: account.accountId };
  ids = await server.virtualAccounts(account, 'Europe / Berlin', 'Asia');
  await give('Ada', 'ada@customer.example', 'account-user', whole);
  await give('Bo', 'bo@partner.example', 'viewer', at('Europe / Berlin'), 10);
  await give('Cy', 'cy@partner.example', 'virtual-account-user', at('Asia', false), 60);
  const { group } = await account.administrator.call(createGroup, {
    params,
    body: { name: 'Night shift', role: 'viewer', scope: at('Europe') },
  });
  await account.administrator.call(addToGroup, {
    params: { ...params, groupId: group.groupId },
    body: { people: [{ email: 'bo@partner.example' }] },
  });
  await account.administrator.call(limitToSeller, {
    params: { ...params, personId: people['Cy']?.personId ?? '' },
    body: { soldBy: 'Partner' },
  });
});
afterAll(() => server.close());

type Query = Partial<QueryOf<typeof listAccessReview>>;
const review = (query: Query = {}, by = account.administrator) =>
  by.call(listAccessReview, { params, query });
const listed = async (query: Query = {}, by?: Client) =>
  (await review(query, by)).items
    .filter(({ person }) => !person.email.startsWith('ana@'))
    .map(({ person, grant, virtualAccountPaths }) =>
      [
        person.name,
        grant.role,
        virtualAccountPaths.map((path) => path.join('/')).join() || '*',
        grant.group?.name,
      ]
        .filter((part) => part !== undefined)
        .join(' '),
    );
const keep = (name: string, by = account.administrator) =>
  by.call(keepAccess, {
    params,
    body: { grantId: people[name]?.grantId ?? '', personId: people[name]?.personId ?? '' },
  });
const codeOf = async (work: Promise<unknown>) => (await refusal(work)).code;
const keyOf = async (role: AccountRole, scope?: GrantScope) =>
  server.client(await server.keyOf(params.accountId, role, scope));

const ada = 'Ada account-user *';
const bo = 'Bo viewer Europe/Berlin';
const boByGroup = 'Bo viewer Europe Night shift';
const cy = 'Cy virtual-account-user Asia';

it('lists every role of everybody with where it comes from, page by page', async () => {
  expect((await listed()).toSorted()).toEqual([ada, bo, boByGroup, cy].toSorted());
  const seen: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await review({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.items.map(({ grant }) => grant.grantId));
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  const whole_ = await review();
  expect(seen).toEqual(whole_.items.map(({ grant }) => grant.grantId));
  expect(whole_).toMatchObject({ total: seen.length, neverKept: seen.length });
  expect(whole_.items.find(({ person }) => person.name === 'Cy')?.grant.soldBy).toBe('Partner');
});

it.each<[string, Query, string[]]>([
  ['role', { role: 'viewer' }, [bo, boByGroup]],
  ['partner', { partner: false }, [ada]],
  ['ending', { endingWithinDays: 14 }, [bo]],
  ['ending later', { endingWithinDays: 90 }, [bo, cy]],
  ['search', { search: 'CY@' }, [cy]],
  ['two at once', { partner: true, endingWithinDays: 90, role: 'virtual-account-user' }, [cy]],
])('filters by %s', async (_, query, expected) => {
  expect((await listed(query)).toSorted()).toEqual(expected.toSorted());
});

it('filters by the last sign-in, which any way of signing in notes', async () => {
  const { email, personId } = await makePersonWithPassword(server, password, 'dee@customer.example');
  await give('Dee', email, 'viewer', whole);
  const of = async (query: Query) => (await listed({ search: 'dee@', ...query })).length;
  expect(await of({ notSignedInForDays: 1 })).toBe(1);
  await enterPassword(server, email);
  expect(await of({ notSignedInForDays: 1 })).toBe(0);
  const { items } = await review({ search: 'dee@' });
  const ago = Temporal.Instant.from(items[0]?.person.lastSignedInAt ?? '').until(Temporal.Now.instant());
  expect(Math.abs(ago.total('minutes'))).toBeLessThan(2);
  // It stays when the session is gone.
  await server.db.deleteFrom('sessions').where('person_id', '=', personId).execute();
  expect(await of({ notSignedInForDays: 1 })).toBe(0);
  await account.administrator.call(revokeGrant, {
    params: { ...params, grantId: people['Dee']?.grantId ?? '' },
  });
});

it('notes who looked and when, with one event, and forgets it with the role', async () => {
  const { kept } = await keep('Ada');
  expect(kept).toEqual({ by: 'account-administrator key', at: server.clock.now().toString() });
  expect(await listed({ notKeptForDays: 30 })).not.toContain(ada);
  const before = await review();
  expect(before.neverKept).toBe(before.total - 1);
  const events = await account.administrator.call(listEvents, { params, query: { operation: 'keepAccess' } });
  expect(events.items.map(({ message }) => message)).toEqual([
    'looked at the role account-user of ada@customer.example and kept it',
  ]);
  server.clock.advance({ days: 31 });
  expect(await listed({ notKeptForDays: 30 })).toContain(ada);
  expect(await purgeAccessReviews(server.db)).toBe(0);
  await account.administrator.call(revokeGrant, {
    params: { ...params, grantId: people['Ada']?.grantId ?? '' },
  });
  expect(await purgeAccessReviews(server.db)).toBe(1);
  expect(await codeOf(keep('Ada'))).toBe('not-found');
});

it('shows and keeps in the part one manages, and never one’s own', async () => {
  const berlin = await keyOf('virtual-account-administrator', at('Europe / Berlin'));
  // Bo's own role there ended by now; of the group's, this part of the account sees nothing.
  server.clock.set(Temporal.Now.instant().toString());
  expect(await listed({}, berlin)).toEqual([bo]);
  expect(await codeOf(keep('Cy', berlin))).toBe('not-found');
  await keep('Bo', berlin);
  for (const role of ['viewer', 'account-user', 'approver'] as const) {
    expect(await codeOf(review({}, await keyOf(role)))).toBe('not-allowed');
  }
  const { email } = await makePersonWithPassword(server, password, 'eve@customer.example');
  await give('Eve', email, 'account-administrator', whole);
  const { client } = await enterPassword(server, email);
  expect(await codeOf(keep('Eve', client))).toBe('own-review');
  const { secret } = await client.call(createApiKey, {
    params,
    body: { name: 'Mine', role: 'account-administrator', scope: whole },
  });
  expect(await codeOf(keep('Eve', server.client(secret)))).toBe('own-review');
});

it('is downloaded with the same filters, and no cell is a formula', async () => {
  await give('=HYPERLINK("x")', `${randomUUIDv7()}@customer.example`, 'viewer', whole);
  await account.administrator.call(createVirtualAccount, { params, body: { name: 'Later', parentId: null } });
  const key = await server.keyOf(params.accountId, 'account-administrator');
  const answer = await fetch(
    `${server.address}/api/v1/accounts/${params.accountId}/access-review/download?role=viewer`,
    { headers: { authorization: `Bearer ${key}` } },
  );
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  const text = await answer.text();
  const lines = text.trim().split('\r\n');
  expect(lines[0]).toContain('Person,Mail address,Partner');
  const { total } = await review({ role: 'viewer' });
  expect(lines).toHaveLength(total + 1);
  expect(text).toContain('Bo,bo@partner.example,yes,invited,,viewer,Europe / Berlin with all in it');
  expect(text).toContain(`"'=HYPERLINK(""x"")"`);
});
