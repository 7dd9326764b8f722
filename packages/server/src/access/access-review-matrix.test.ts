import type { AccountRole, GrantScope } from '@estover/domain/access';
import {
  addToGroup,
  type Client,
  createGroup,
  deleteVirtualAccount,
  grantRole,
  keepPersonAccess,
  limitToSeller,
  listAccessMatrix,
  listAccessReview,
  listEvents,
  listVirtualAccountAccess,
  type QueryOf,
  revokeGrant,
} from '@estover/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal, type SeededAccount, startTestServer, type TestServer } from '../testing/index.ts';
import { makePersonWithPassword } from './testing/person-with-password.ts';
import { enterPassword, password } from './testing/signed-in-person.ts';

let server: TestServer;
let account: SeededAccount;
let params: { accountId: string };
let ids: Record<string, string>;
/** Administers Berlin with everything nested, and nothing else. */
let berlin: Client;
const grantIds: Record<string, string> = {};
const personIds: Record<string, string> = {};

const whole: GrantScope = { kind: 'account' };
const at = (...places: string[]): GrantScope => ({
  kind: 'virtual-accounts',
  virtualAccounts: places.map((place) => ({
    virtualAccountId: ids[place.replace(/ \+$/, '')] as string,
    nested: place.endsWith(' +'),
  })),
});
const inHours = (hours: number) => server.clock.now().add({ hours }).toString();

async function give(name: string, email: string, role: AccountRole, scope: GrantScope, hours?: number) {
  const until = hours === undefined ? {} : { until: inHours(hours) };
  const { personId, grant } = await account.administrator.call(grantRole, {
    params,
    body: { email, name, role, scope, ...until },
  });
  personIds[name] = personId;
  grantIds[`${name} ${role} ${scope.kind}`] = grant.grantId;
  return grant.grantId;
}

beforeAll(async () => {
  server = await startTestServer({ at: Temporal.Now.instant().round('millisecond').toString() });
  account = await server.account('Customer');
  params = { accountId: account.accountId };
  ids = await server.virtualAccounts(
    account,
    'Europe / Berlin / Mitte',
    'Europe / Paris',
    'asia',
    'A seasonal one',
  );
  await give('Ada', 'ada@customer.example', 'account-user', whole);
  await give('bo', 'bo@partner.example', 'viewer', at('Europe / Berlin +'), 24 * 10);
  await give('Cy', 'cy@partner.example', 'virtual-account-user', at('Europe / Paris', 'asia'));
  await give('Dee', 'dee@customer.example', 'viewer', whole);
  await give('Dee', 'dee@customer.example', 'viewer', at('Europe / Berlin'));
  await give('Dee', 'dee@customer.example', 'virtual-account-administrator', at('Europe / Berlin +'));
  await give('Eve', 'eve@customer.example', 'viewer', at('Europe / Paris'), 1);
  const { group } = await account.administrator.call(createGroup, {
    params,
    body: { name: 'Night shift', role: 'viewer', scope: at('Europe +') },
  });
  await account.administrator.call(addToGroup, {
    params: { ...params, groupId: group.groupId },
    body: { people: [{ email: 'bo@partner.example' }] },
  });
  await account.administrator.call(limitToSeller, {
    params: { ...params, personId: personIds['Cy'] ?? '' },
    body: { soldBy: 'Partner' },
  });
  berlin = server.client(
    await server.keyOf(params.accountId, 'virtual-account-administrator', at('Europe / Berlin +')),
  );
  // Eve's role ends.
  server.clock.advance({ hours: 2 });
});
afterAll(() => server.close());

type MatrixQuery = Partial<QueryOf<typeof listAccessMatrix>>;
type PlacesQuery = Partial<QueryOf<typeof listVirtualAccountAccess>>;

const matrix = (query: MatrixQuery = {}, by = account.administrator) =>
  by.call(listAccessMatrix, { params, query });
const places = (query: PlacesQuery = {}, by = account.administrator) =>
  by.call(listVirtualAccountAccess, { params, query });
const codeOf = async (work: Promise<unknown>) => (await refusal(work)).code;

type Cell = Awaited<ReturnType<typeof matrix>>['items'][number]['cells'][number];
const inWords = (cell: Cell): string =>
  [
    cell.role,
    ...(cell.wholeAccount ? ['*'] : []),
    ...cell.virtualAccounts.map(({ path, nested }) => `${path.join('/')}${nested ? '+' : ''}`),
    ...cell.groups.map((name) => `by ${name}`),
    ...(cell.soldBy === null ? [] : [`of ${cell.soldBy}`]),
    ...(cell.until === null ? [] : [`${cell.ending} ends`]),
    `${cell.neverKept}/${cell.grantIds.length}`,
  ].join(' ');
/** The rows but for the account's first administrator. */
const listed = async (query: MatrixQuery = {}, by?: Client) =>
  (await matrix(query, by)).items
    .filter(({ person }) => person.name !== 'Ana Ruiz')
    .map(({ person, cells }) => [person.name, ...cells.map(inWords)]);

const ada = ['Ada', 'account-user * 1/1'];
const bo = ['bo', 'viewer Europe+ Europe/Berlin+ by Night shift 1 ends 2/2'];
const cy = ['Cy', 'virtual-account-user asia Europe/Paris of Partner 1/1'];
const dee = ['Dee', 'virtual-account-administrator Europe/Berlin+ 1/1', 'viewer * Europe/Berlin 2/2'];

describe('people and roles', () => {
  it('have a row for each person and a cell for each role, and none for roles that have ended', async () => {
    expect(await listed()).toEqual([ada, bo, cy, dee]);
    const answer = await matrix();
    const roles = answer.items.flatMap(({ cells }) => cells.flatMap((cell) => cell.grantIds));
    expect(answer).toMatchObject({ people: 5, roles: roles.length, neverKept: roles.length });
    expect(answer.items.find(({ person }) => person.name === 'bo')).toMatchObject({
      person: { email: 'bo@partner.example', status: 'invited', partner: true, lastSignedInAt: null },
      cells: [{ until: server.clock.now().add({ hours: 238 }).toString(), kept: null }],
    });
    expect(answer.items[0]?.person).toMatchObject({ name: 'Ada', partner: false });
  });

  it('come page by page, by names without regard to case', async () => {
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await matrix({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map(({ person }) => person.name));
      expect(page.people).toBe(5);
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(['Ada', 'Ana Ruiz', 'bo', 'Cy', 'Dee']);
    const { nextCursor } = await places({ limit: 2 });
    expect(await codeOf(matrix({ cursor: nextCursor ?? '' }))).toBe('cursor-invalid');
  });

  it.each<[string, MatrixQuery, string[][]]>([
    ['search', { search: 'CY@' }, [cy]],
    ['role', { role: 'virtual-account-administrator' }, [['Dee', dee[1] as string]]],
    ['company', { partner: true }, [bo, cy]],
    ['end', { endingWithinDays: 14 }, [['bo', 'viewer Europe/Berlin+ 1 ends 1/1']]],
    ['sign-in', { notSignedInForDays: 1, partner: false }, [ada, dee]],
  ])('are narrowed by %s as the list is', async (_, query, expected) => {
    expect(await listed(query)).toEqual(expected);
  });

  it('are cut to the part of the account that one administers', async () => {
    const answer = await matrix({}, berlin);
    expect(await listed({}, berlin)).toEqual([
      ['bo', 'viewer Europe/Berlin+ 1 ends 1/1'],
      ['Dee', 'virtual-account-administrator Europe/Berlin+ 1/1', 'viewer Europe/Berlin 1/1'],
    ]);
    expect(answer).toMatchObject({ people: 2, roles: 3, neverKept: 3 });
    for (const role of ['approver', 'account-user', 'viewer'] as const) {
      const by = server.client(await server.keyOf(params.accountId, role));
      expect(await codeOf(matrix({}, by))).toBe('not-allowed');
      expect(await codeOf(places({}, by))).toBe('not-allowed');
    }
  });
});

/** The rows as `path: role people=here+fromAbove+wholeAccount`, without the roles that Ana and Ada have everywhere. */
const counted = async (query: PlacesQuery = {}, by?: Client) =>
  (await places(query, by)).items
    .filter(({ virtualAccountId }) => virtualAccountId !== account.defaultVirtualAccountId)
    .map(({ path, cells }) =>
      [
        path.join('/'),
        ...cells
          .filter(({ role }) => !['approver', 'account-administrator', 'account-user'].includes(role))
          .map((cell) =>
            `${cell.role} ${cell.people}=${cell.here}+${cell.fromAbove}+${cell.wholeAccount}`.replace(
              'virtual-account',
              'VA',
            ),
          ),
      ].join(', '),
    );

const tree = [
  'A seasonal one, viewer 1=0+0+1',
  'asia, VA-user 1=1+0+0, viewer 1=0+0+1',
  'Europe, viewer 2=1+0+1',
  'Europe/Berlin, VA-administrator 1=1+0+0, viewer 2=2+0+0',
  'Europe/Berlin/Mitte, VA-administrator 1=0+1+0, viewer 2=0+1+1',
  'Europe/Paris, VA-user 1=1+0+0, viewer 2=0+1+1',
];

describe('virtual accounts and roles', () => {
  it('count everybody once, by the nearest way they have the role', async () => {
    expect(await counted()).toEqual(tree);
    const { items, total, everythingSeen } = await places();
    expect([total, everythingSeen]).toEqual([7, true]);
    expect(items[0]?.cells.slice(0, 3)).toEqual([
      { role: 'approver', people: 1, here: 0, fromAbove: 0, wholeAccount: 1 },
      { role: 'account-administrator', people: 1, here: 0, fromAbove: 0, wholeAccount: 1 },
      { role: 'account-user', people: 1, here: 0, fromAbove: 0, wholeAccount: 1 },
    ]);
    const mitte = items.find(({ path }) => path.at(-1) === 'Mitte');
    expect(mitte?.aboveIds).toEqual([ids['Europe'], ids['Europe / Berlin']]);
  });

  it('open to who it is and why, in the list of roles', async () => {
    const open = async (query: Partial<QueryOf<typeof listAccessReview>>, by = account.administrator) =>
      (await by.call(listAccessReview, { params, query })).items
        .map(({ person, grant, virtualAccountPaths }) =>
          [
            person.name,
            virtualAccountPaths.map((path) => path.join('/')).join() || '*',
            grant.group?.name,
          ].join(' '),
        )
        .map((text) => text.trim());
    const inBerlin = { virtualAccountId: ids['Europe / Berlin'] as string, role: 'viewer' } as const;
    expect((await open(inBerlin)).sort()).toEqual([
      'Dee *',
      'Dee Europe/Berlin',
      'bo Europe Night shift',
      'bo Europe/Berlin',
    ]);
    const inMitte = { virtualAccountId: ids['Europe / Berlin / Mitte'] as string, role: 'viewer' } as const;
    expect((await open(inMitte)).sort()).toEqual(['Dee *', 'bo Europe Night shift', 'bo Europe/Berlin']);
    expect(await open({ ...inMitte, personId: personIds['Dee'] as string })).toEqual(['Dee *']);
    expect((await open(inMitte, berlin)).sort()).toEqual(['bo Europe/Berlin']);
    const { total, neverKept } = await account.administrator.call(listAccessReview, {
      params,
      query: inBerlin,
    });
    expect([total, neverKept]).toEqual([4, 4]);
    const elsewhere = { virtualAccountId: ids['asia'] as string };
    expect(await codeOf(open(elsewhere, berlin))).toBe('unknown-virtual-account');
    expect(await codeOf(places(elsewhere, berlin))).toBe('unknown-virtual-account');
  });

  it('are narrowed by filters, and to a part of the tree', async () => {
    expect(await counted({ role: 'viewer', partner: true })).toEqual([
      'A seasonal one',
      'asia',
      'Europe, viewer 1=1+0+0',
      'Europe/Berlin, viewer 1=1+0+0',
      'Europe/Berlin/Mitte, viewer 1=0+1+0',
      'Europe/Paris, viewer 1=0+1+0',
    ]);
    const part = { virtualAccountId: ids['Europe / Berlin'] as string };
    expect(await counted(part)).toEqual(tree.slice(3, 5));
    expect(await counted({ ...part, nested: false })).toEqual(tree.slice(3, 4));
  });

  it('are cut to the part that one administers, which says that people may reach in from above', async () => {
    expect(await counted({}, berlin)).toEqual([
      'Europe/Berlin, VA-administrator 1=1+0+0, viewer 2=2+0+0',
      'Europe/Berlin/Mitte, VA-administrator 1=0+1+0, viewer 1=0+1+0',
    ]);
    const { items, total, everythingSeen } = await places({}, berlin);
    expect([total, everythingSeen]).toEqual([2, false]);
    expect(items.map(({ aboveIds }) => aboveIds)).toEqual([[], [ids['Europe / Berlin']]]);
  });

  it('tell a partner no restricted names above what they administer', async () => {
    const { email } = await makePersonWithPassword(server, password, 'fay@partner.example');
    const grantId = await give('Fay', email, 'virtual-account-administrator', at('Europe / Berlin / Mitte'));
    const { client } = await enterPassword(server, email);
    expect((await places({}, client)).items.map(({ path }) => path)).toEqual([['…', '…', 'Mitte']]);
    const [row] = (await matrix({}, client)).items;
    expect(row?.cells[0]?.virtualAccounts.map(({ path }) => path)).toEqual([['…', '…', 'Mitte']]);
    expect(row?.person.lastSignedInAt).not.toBeNull();
    await account.administrator.call(revokeGrant, { params: { ...params, grantId } });
  });

  it('come page by page in the order of the tree, until a page’s end is gone', async () => {
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await places({ limit: 3, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map(({ virtualAccountId }) => virtualAccountId));
      expect(page.total).toBe(7);
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(seen).toEqual((await places()).items.map(({ virtualAccountId }) => virtualAccountId));
    const { items, nextCursor } = await places({ limit: 1 });
    expect(items.map(({ path }) => path)).toEqual([['A seasonal one']]);
    expect((await places({ cursor: nextCursor ?? '' })).items).toHaveLength(6);
    const forged = Buffer.from(JSON.stringify(['virtual-account-access', 'no id'])).toString('base64url');
    expect(await codeOf(places({ cursor: forged }))).toBe('cursor-invalid');
    await account.administrator.call(deleteVirtualAccount, {
      params: { ...params, virtualAccountId: seen[0] as string },
      query: {},
    });
    expect(await codeOf(places({ cursor: nextCursor ?? '' }))).toBe('cursor-invalid');
  });
});

describe('all of a person', () => {
  const keep = (name: string, ...grants: (string | undefined)[]) =>
    keepBy(account.administrator, name, grants);
  const keepBy = (by: Client, name: string, grants: (string | undefined)[]) =>
    by.call(keepPersonAccess, {
      params: { ...params, personId: personIds[name] as string },
      body: { grantIds: grants.map((grantId) => grantId ?? '') },
    });

  it('is kept at once, with one event, or nothing where a role is gone or out of sight', async () => {
    const everywhere = grantIds['Dee viewer account'] as string;
    const inBerlin = grantIds['Dee viewer virtual-accounts'] as string;
    const administrator = grantIds['Dee virtual-account-administrator virtual-accounts'] as string;
    const bos = grantIds['bo viewer virtual-accounts'] as string;
    expect(await codeOf(keep('Dee', everywhere, bos))).toBe('not-found');
    expect(await codeOf(keepBy(berlin, 'Dee', [inBerlin, everywhere]))).toBe('not-found');
    expect(await codeOf(keep('Dee'))).toBe('invalid-request');
    expect((await matrix()).neverKept).toBe((await matrix()).roles);

    const { kept, roles } = await keepBy(berlin, 'Dee', [inBerlin, administrator, inBerlin]);
    expect([kept.by, kept.at, roles]).toEqual([
      'virtual-account-administrator key',
      server.clock.now().toString(),
      2,
    ]);
    expect((await listed({ search: 'dee' })).flat()).toEqual([
      'Dee',
      'virtual-account-administrator Europe/Berlin+ 0/1',
      'viewer * Europe/Berlin 1/2',
    ]);
    server.clock.advance({ hours: 1 });
    await keep('Dee', everywhere, inBerlin, administrator);
    const { items } = await matrix({ search: 'dee' });
    expect(items[0]?.cells.map((cell) => [cell.neverKept, cell.kept])).toEqual([
      [0, { by: 'account-administrator key', at: server.clock.now().toString() }],
      [0, { by: 'account-administrator key', at: server.clock.now().toString() }],
    ]);
    expect(await listed({ notKeptForDays: 30, partner: false })).toEqual([ada]);
    const events = await account.administrator.call(listEvents, {
      params,
      query: { operation: 'keepPersonAccess' },
    });
    expect(events.items.map(({ message }) => message)).toEqual([
      'looked at 3 roles of dee@customer.example and kept all: viewer, virtual-account-administrator',
      'looked at 2 roles of dee@customer.example and kept all: viewer, virtual-account-administrator',
    ]);
  });

  it('is kept by nobody for themselves, and by nobody who manages no people', async () => {
    const { email } = await makePersonWithPassword(server, password, 'gil@customer.example');
    const grantId = await give('Gil', email, 'virtual-account-administrator', at('asia'));
    const { client } = await enterPassword(server, email);
    expect(await codeOf(keepBy(client, 'Gil', [grantId]))).toBe('own-review');
    const viewer = server.client(await server.keyOf(params.accountId, 'viewer'));
    expect(await codeOf(keepBy(viewer, 'Gil', [grantId]))).toBe('not-allowed');
    await account.administrator.call(revokeGrant, { params: { ...params, grantId } });
  });
});

describe('files', () => {
  const linesOf = async (path: string): Promise<string[]> => {
    const key = await server.keyOf(params.accountId, 'account-administrator');
    const answer = await fetch(
      `${server.address}/api/v1/accounts/${params.accountId}/access-review/${path}`,
      { headers: { authorization: `Bearer ${key}` } },
    );
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    return (await answer.text()).replace('\uFEFF', '').trim().split('\r\n');
  };

  it('hold the matrix of people as it is shown, and no cell is a formula', async () => {
    await give('=1+1', 'formula@partner.example', 'viewer', at('asia'));
    const lines = await linesOf('matrix/download?partner=true&search=partner.example');
    const end = (await matrix({ search: 'bo@' })).items[0]?.cells[0]?.until;
    expect(lines).toEqual([
      'Person,Mail address,Partner,Last sign-in (UTC),Approver,Account administrator,Account user,Virtual account administrator,Virtual account user,Viewer',
      `'=1+1,formula@partner.example,yes,,,,,,,asia (never looked at)`,
      `bo,bo@partner.example,yes,,,,,,,"Europe and nested; Europe / Berlin and nested (by the group Night shift, 1 of 2 end, first ${end}, never looked at)"`,
      'Cy,cy@partner.example,yes,,,,,,"asia; Europe / Paris (lots sold by Partner, never looked at)",',
    ]);
    expect(await linesOf('matrix/download')).toHaveLength((await matrix()).people + 1);
  });

  it('hold the figures of virtual accounts as they are shown', async () => {
    const lines = await linesOf(
      `virtual-accounts/download?role=viewer&search=dee&virtualAccountId=${ids['Europe']}`,
    );
    expect(lines[0]).toContain('Viewer,Viewer: given here,Viewer: from above,Viewer: in the whole account');
    const rest = '0,'.repeat(20);
    expect(lines.slice(1)).toEqual([
      `Europe,${rest}1,0,0,1`,
      `Europe / Berlin,${rest}1,1,0,0`,
      `Europe / Berlin / Mitte,${rest}1,0,0,1`,
      `Europe / Paris,${rest}1,0,0,1`,
    ]);
  });
});
