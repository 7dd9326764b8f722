import { randomUUIDv7 } from 'node:crypto';
import type { AccountRole, GrantScope } from '@estover/domain/access';
import {
  type AnswerOf,
  type BodyOf,
  type CallInput,
  type Client,
  createTagKey,
  deleteTagKey,
  deleteVirtualAccount,
  listEvents,
  listTagKeys,
  listVirtualAccounts,
  tagVirtualAccount,
  updateTagKey,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type SeededAccount, startTestServer, type TestServer } from '../testing/index.ts';

let server: TestServer;
let seeded: SeededAccount;
let accountId: string;
let administrator: Client;
let ids: Record<string, string>;
let department: AnswerOf<typeof createTagKey>['tagKey'];

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  seeded = await server.account(`Tags ${randomUUIDv7()}`);
  ({ accountId, administrator } = seeded);
  ids = await server.virtualAccounts(seeded, 'Europe / Berlin', 'Europe / Paris', 'Asia');
  department = await define('Department', 'Sales', 'IT');
});

const refused = (code: string, facts: Record<string, unknown> = {}) => ({
  problem: expect.objectContaining({ code, ...facts }),
});
const id = (path: string): string => ids[path] as string;
const valueId = (name: string, key = department): string =>
  key.values.find((value) => value.name === name)?.tagValueId as string;
const keyClient = async (role: AccountRole, scope?: GrantScope) =>
  server.client(await server.keyOf(accountId, role, scope));
const inside = (path: string, nested = true): GrantScope => ({
  kind: 'virtual-accounts',
  virtualAccounts: [{ virtualAccountId: id(path), nested }],
});

const define = async (name: string, ...values: string[]) =>
  (await administrator.call(createTagKey, { params: { accountId }, body: { name, values } })).tagKey;
const change = (
  body: CallInput<typeof updateTagKey>['body'],
  { key = department, dryRun = false, client = administrator } = {},
) => client.call(updateTagKey, { params: { accountId, tagKeyId: key.tagKeyId }, body, dryRun });
const remove = (confirmedVirtualAccounts: number, { dryRun = false, client = administrator } = {}) =>
  client.call(deleteTagKey, {
    params: { accountId, tagKeyId: department.tagKeyId },
    query: { confirmedVirtualAccounts },
    dryRun,
  });
const carry = (
  path: string,
  tagValueId: string | null,
  { client = administrator, tagKeyId = department.tagKeyId } = {},
) =>
  client.call(tagVirtualAccount, {
    params: { accountId, virtualAccountId: id(path) },
    body: { tags: [{ tagKeyId, tagValueId }] },
  });

/** The keys with how many carry each, as `Department 2: IT 0, Sales 2`. */
const keys = async (client: Client = administrator): Promise<string[]> => {
  const { items } = await client.call(listTagKeys, { params: { accountId } });
  return items.map(
    ({ name, virtualAccounts, values }) =>
      `${name} ${virtualAccounts}: ${values.map((value) => `${value.name} ${value.virtualAccounts}`).join(', ')}`,
  );
};

/** The tags of all virtual accounts that carry any, as `Berlin: Department=IT`. */
const tags = async (client: Client = administrator): Promise<string[]> => {
  const { items } = await client.call(listVirtualAccounts, { params: { accountId } });
  return items
    .filter((item) => item.tags.length > 0)
    .map((item) => `${item.name}: ${item.tags.map(({ key, value }) => `${key}=${value}`).join(', ')}`);
};

const events = async (client: Client = administrator) =>
  (await client.call(listEvents, { params: { accountId }, query: { search: 'Department' } })).items.map(
    ({ operation, message, virtualAccountPath, before, after }) => ({
      operation,
      message,
      place: virtualAccountPath.join(' / '),
      before,
      after,
    }),
  );

it('defines keys with values, by name, and tells them with who carries them', async () => {
  await define('country', '  Norway ', 'Austria');
  expect(await keys()).toEqual(['country 0: Austria 0, Norway 0', 'Department 0: IT 0, Sales 0']);
  await carry('Europe / Berlin', valueId('IT'));
  await carry('Europe / Paris', valueId('IT'));
  await carry('Asia', valueId('Sales'));
  expect(await keys()).toEqual(['country 0: Austria 0, Norway 0', 'Department 3: IT 2, Sales 1']);
});

it('refuses a name that is taken without regard to case, of a key and of a value', async () => {
  await expect(define('DEPARTMENT', 'A')).rejects.toMatchObject(
    refused('tag-name-taken', { what: 'key', name: 'DEPARTMENT', status: 409 }),
  );
  await expect(define('Country', 'Norway', 'NORWAY')).rejects.toMatchObject(
    refused('tag-name-taken', { what: 'value', name: 'NORWAY' }),
  );
  await expect(change({ add: ['sales'] })).rejects.toMatchObject(
    refused('tag-name-taken', { what: 'value', name: 'sales' }),
  );
  expect(await keys()).toEqual(['Department 0: IT 0, Sales 0']);
});

it.each<[string, BodyOf<typeof createTagKey>]>([
  ['no value', { name: 'Country', values: [] }],
  ['101 values', { name: 'Country', values: Array.from({ length: 101 }, (_, index) => `V${index}`) }],
  ['an empty name', { name: '  ', values: ['A'] }],
  ['a name of 61 characters', { name: 'x'.repeat(61), values: ['A'] }],
  ['a value with an empty name', { name: 'Country', values: [' '] }],
  ['a value of 61 characters', { name: 'Country', values: ['x'.repeat(61)] }],
])('refuses a key with %s', async (_, body) => {
  await expect(administrator.call(createTagKey, { params: { accountId }, body })).rejects.toMatchObject(
    refused('invalid-request'),
  );
  expect(await keys()).toEqual(['Department 0: IT 0, Sales 0']);
});

it('takes at most 20 keys and 100 values of each', async () => {
  for (let index = 1; index < 20; index++) await define(`Key ${index}`, 'x'.repeat(60));
  await expect(define('One more', 'A')).rejects.toMatchObject(
    refused('tag-limit', { what: 'key', maximum: 20, count: 21 }),
  );
  const add = Array.from({ length: 98 }, (_, index) => `Value ${index}`);
  expect((await change({ add })).tagKey.values).toHaveLength(100);
  await expect(change({ add: ['One more'] })).rejects.toMatchObject(
    refused('tag-limit', { what: 'value', maximum: 100, count: 101 }),
  );
});

it('renames a key and its values, and those that carry them show it', async () => {
  await carry('Europe / Berlin', valueId('IT'));
  const { tagKey, removedFrom } = await change({
    name: 'Team',
    // The two change names with each other.
    rename: [
      { tagValueId: valueId('IT'), name: 'Sales' },
      { tagValueId: valueId('Sales'), name: 'IT' },
    ],
    add: ['Legal'],
  });
  expect(removedFrom).toBe(0);
  expect(tagKey.values.map(({ name, virtualAccounts }) => [name, virtualAccounts])).toEqual([
    ['IT', 0],
    ['Legal', 0],
    ['Sales', 1],
  ]);
  expect(await tags()).toEqual(['Berlin: Team=Sales']);
  await expect(change({ name: 'Team' })).rejects.toMatchObject(refused('nothing-to-do'));
  await expect(change({ remove: [randomUUIDv7()] })).rejects.toMatchObject(
    refused('unknown-tag-value', { status: 422 }),
  );
  await expect(change({ remove: [valueId('IT'), valueId('IT')] })).rejects.toMatchObject(
    refused('invalid-request'),
  );
  await expect(
    change({ name: 'X' }, { key: { ...department, tagKeyId: randomUUIDv7() } }),
  ).rejects.toMatchObject(refused('not-found'));
});

it('removes a value that is carried only when it is confirmed from how many', async () => {
  await carry('Europe / Berlin', valueId('IT'));
  await carry('Europe / Paris', valueId('IT'));
  await carry('Asia', valueId('Sales'));
  const gone = { remove: [valueId('IT')] };
  expect((await change(gone, { dryRun: true })).removedFrom).toBe(2);
  expect(await tags()).toHaveLength(3);
  await expect(change(gone)).rejects.toMatchObject(
    refused('tag-in-use', { virtualAccounts: 2, confirmedVirtualAccounts: 0, status: 409 }),
  );
  await expect(change({ ...gone, confirmedVirtualAccounts: 1 })).rejects.toMatchObject(refused('tag-in-use'));
  expect(await tags()).toHaveLength(3);
  const { tagKey, removedFrom } = await change({ ...gone, confirmedVirtualAccounts: 2 });
  expect([removedFrom, tagKey.virtualAccounts, tagKey.values.map(({ name }) => name)]).toEqual([
    2,
    1,
    ['Sales'],
  ]);
  expect(await tags()).toEqual(['Asia: Department=Sales']);
  await expect(change({ remove: [valueId('Sales')], confirmedVirtualAccounts: 1 })).rejects.toMatchObject(
    refused('tag-limit', { what: 'value', count: 0 }),
  );
});

it('removes a value that nobody carries without a confirmation', async () => {
  expect((await change({ remove: [valueId('IT')] })).removedFrom).toBe(0);
  expect(await keys()).toEqual(['Department 0: Sales 0']);
});

it('deletes a key that is carried only when it is confirmed from how many', async () => {
  await carry('Europe / Berlin', valueId('IT'));
  await carry('Asia', valueId('Sales'));
  expect((await remove(0, { dryRun: true })).removedFrom).toBe(2);
  await expect(remove(1)).rejects.toMatchObject(
    refused('tag-in-use', { virtualAccounts: 2, confirmedVirtualAccounts: 1 }),
  );
  expect(await tags()).toHaveLength(2);
  expect((await remove(2)).removedFrom).toBe(2);
  expect([await keys(), await tags()]).toEqual([[], []]);
  await expect(remove(0)).rejects.toMatchObject(refused('not-found'));
});

it('a virtual account carries at most one value of a key', async () => {
  const country = await define('Country', 'Norway');
  const set = await administrator.call(tagVirtualAccount, {
    params: { accountId, virtualAccountId: id('Europe / Berlin') },
    body: {
      tags: [
        { tagKeyId: department.tagKeyId, tagValueId: valueId('IT') },
        { tagKeyId: country.tagKeyId, tagValueId: valueId('Norway', country) },
      ],
    },
  });
  expect(set.virtualAccount.tags).toEqual([
    {
      tagKeyId: country.tagKeyId,
      key: 'Country',
      tagValueId: valueId('Norway', country),
      value: 'Norway',
    },
    { tagKeyId: department.tagKeyId, key: 'Department', tagValueId: valueId('IT'), value: 'IT' },
  ]);
  await carry('Europe / Berlin', valueId('Sales'));
  expect(await tags()).toEqual(['Berlin: Country=Norway, Department=Sales']);
  await carry('Europe / Berlin', null);
  expect(await tags()).toEqual(['Berlin: Country=Norway']);
  await expect(carry('Europe / Berlin', null)).rejects.toMatchObject(refused('nothing-to-do'));
  await expect(carry('Europe / Berlin', valueId('Norway', country))).rejects.toMatchObject(
    refused('unknown-tag-value'),
  );
  await expect(carry('Europe / Berlin', valueId('IT'), { tagKeyId: randomUUIDv7() })).rejects.toMatchObject(
    refused('unknown-tag-value'),
  );
  const twice = { tagKeyId: department.tagKeyId, tagValueId: null };
  await expect(
    administrator.call(tagVirtualAccount, {
      params: { accountId, virtualAccountId: id('Asia') },
      body: { tags: [twice, twice] },
    }),
  ).rejects.toMatchObject(refused('invalid-request'));
  expect(await tags()).toEqual(['Berlin: Country=Norway']);
});

it('a tag of another account is unknown', async () => {
  const other = await server.account(`Other ${randomUUIDv7()}`);
  const made = await other.administrator.call(createTagKey, {
    params: { accountId: other.accountId },
    body: { name: 'Department', values: ['IT'] },
  });
  const foreign = { tagKeyId: made.tagKey.tagKeyId, tagValueId: made.tagKey.values[0]?.tagValueId as string };
  await expect(carry('Asia', foreign.tagValueId, foreign)).rejects.toMatchObject(
    refused('unknown-tag-value'),
  );
  await expect(carry('Asia', foreign.tagValueId)).rejects.toMatchObject(refused('unknown-tag-value'));
  for (const query of [{ tagKeyId: foreign.tagKeyId }, { tagValueId: foreign.tagValueId }]) {
    await expect(
      administrator.call(listVirtualAccounts, { params: { accountId }, query }),
    ).rejects.toMatchObject(refused('unknown-tag-value'));
  }
  await expect(change({ name: 'X' }, { key: made.tagKey })).rejects.toMatchObject(refused('not-found'));
});

it('a virtual account that is deleted carries nothing any more, and its event tells what it carried', async () => {
  await carry('Asia', valueId('IT'));
  await administrator.call(deleteVirtualAccount, {
    params: { accountId, virtualAccountId: id('Asia') },
    query: {},
  });
  expect(await keys()).toEqual(['Department 0: IT 0, Sales 0']);
  const { items } = await administrator.call(listEvents, {
    params: { accountId },
    query: { operation: 'deleteVirtualAccount' },
  });
  expect(items[0]?.before).toMatchObject({ tags: [{ key: 'Department', value: 'IT' }] });
});

it('exactly one of two goes through that set a value and remove it at the same time', async () => {
  for (let round = 0; round < 5; round++) {
    const key = await define(`Round ${round}`, 'Stays', 'Goes');
    const goes = valueId('Goes', key);
    const [set, removed] = await Promise.allSettled([
      carry('Asia', goes, { tagKeyId: key.tagKeyId }),
      change({ remove: [goes] }, { key }),
    ]);
    expect([set.status, removed.status].sort()).toEqual(['fulfilled', 'rejected']);
    const lost = set.status === 'rejected' ? set : removed;
    expect(lost).toMatchObject({
      reason: refused(set.status === 'rejected' ? 'unknown-tag-value' : 'tag-in-use'),
    });
    const carrying = (await tags()).some((text) => text.includes(`Round ${round}=Goes`));
    expect(carrying).toBe(set.status === 'fulfilled');
  }
});

it('writes one event for every change, with before and after', async () => {
  await carry('Europe / Berlin', valueId('IT'));
  await carry('Europe / Berlin', valueId('Sales'));
  await change({
    name: 'Departments',
    add: ['Legal'],
    rename: [{ tagValueId: valueId('IT'), name: 'ICT' }],
    remove: [valueId('Sales')],
    confirmedVirtualAccounts: 1,
  });
  await remove(0);
  const told = (await events()).reverse();
  expect(told.map(({ operation, message, place }) => [operation, message, place])).toEqual([
    ['createTagKey', 'defined the tag Department with the values Sales, IT', ''],
    ['tagVirtualAccount', 'set Department to IT of Europe / Berlin', 'Europe / Berlin'],
    ['tagVirtualAccount', 'set Department to Sales of Europe / Berlin', 'Europe / Berlin'],
    [
      'updateTagKey',
      'changed the tag Department: renamed it Departments; removed Sales, also from 1 virtual account; renamed IT to ICT; added Legal',
      '',
    ],
    ['deleteTagKey', 'deleted the tag Departments', ''],
  ]);
  expect(told[1]).toMatchObject({ before: { Department: null }, after: { Department: 'IT' } });
  expect(told[2]).toMatchObject({ before: { Department: 'IT' }, after: { Department: 'Sales' } });
  expect(told[3]).toMatchObject({
    before: { name: 'Department', removedFrom: [id('Europe / Berlin')], removedFromCount: 1 },
    after: { name: 'Departments' },
  });
  expect(told[4]).toMatchObject({ before: { name: 'Departments', removedFrom: [] }, after: null });
});

it('names the first hundred of ten thousand carriers in its event, and how many there are', async () => {
  const carriers = Array.from({ length: 10_000 }, () => randomUUIDv7());
  const tagAll = (tagValueId: string) =>
    sql`insert into virtual_account_tags (account_id, virtual_account_id, tag_key_id, tag_value_id)
        select ${accountId}, id, ${department.tagKeyId}, ${tagValueId}
          from unnest(${carriers}::uuid[]) as carrier(id)`.execute(server.db);
  await tagAll(valueId('IT'));
  await change({ remove: [valueId('IT')], confirmedVirtualAccounts: 10_000 });
  await tagAll(valueId('Sales'));
  expect((await remove(10_000)).removedFrom).toBe(10_000);
  const [deleted, changed] = await events();
  for (const event of [deleted, changed]) {
    expect(event?.message).toContain('also from 10000 virtual accounts');
    expect(event?.before).toMatchObject({
      name: 'Department',
      removedFrom: carriers.toSorted().slice(0, 100),
      removedFromCount: 10_000,
    });
    expect(JSON.stringify(event?.before).length).toBeLessThan(6_000);
  }
});

it('a refusal and a dry run write no event', async () => {
  const before = await events();
  await change({ name: 'Team' }, { dryRun: true });
  await remove(0, { dryRun: true });
  await expect(carry('Asia', randomUUIDv7())).rejects.toMatchObject(refused('unknown-tag-value'));
  expect(await events()).toEqual(before);
  expect(await keys()).toEqual(['Department 0: IT 0, Sales 0']);
});

it('a virtual account administrator tags what is theirs and learns nothing of the rest', async () => {
  const client = await keyClient('virtual-account-administrator', inside('Europe'));
  await carry('Asia', valueId('IT'));
  await carry('Europe / Paris', valueId('IT'));
  await carry('Europe / Berlin', valueId('Sales'), { client });
  // Who sees all counts three; who sees Europe counts two, in the list and in the answer of the tree.
  expect(await keys()).toEqual(['Department 3: IT 2, Sales 1']);
  expect(await keys(client)).toEqual(['Department 2: IT 1, Sales 1']);
  expect(await tags(client)).toEqual(['Berlin: Department=Sales', 'Paris: Department=IT']);
  const { items } = await client.call(listVirtualAccounts, {
    params: { accountId },
    query: { tagValueId: valueId('IT') },
  });
  expect(items.map(({ path }) => path.join(' / '))).toEqual(['Europe', 'Europe / Paris']);

  await expect(carry('Asia', null, { client })).rejects.toMatchObject(refused('not-found'));
  await expect(change({ name: 'Team' }, { client })).rejects.toMatchObject(refused('not-allowed'));
  await expect(remove(9, { client })).rejects.toMatchObject(refused('not-allowed'));
  await expect(remove(0, { client, dryRun: true })).rejects.toMatchObject(refused('not-allowed'));
  const seen = await events(client);
  expect(seen.map(({ place }) => place)).toEqual(['Europe / Berlin', 'Europe / Paris']);
});

it('the default virtual account is tagged by an account administrator alone', async () => {
  const client = await keyClient('virtual-account-administrator', {
    kind: 'virtual-accounts',
    virtualAccounts: [{ virtualAccountId: seeded.defaultVirtualAccountId, nested: true }],
  });
  ids['Default'] = seeded.defaultVirtualAccountId;
  await expect(carry('Default', valueId('IT'), { client })).rejects.toMatchObject(refused('not-allowed'));
  await carry('Default', valueId('IT'));
  expect(await tags(client)).toEqual(['Default: Department=IT']);
});

it('who only reads sees the tags and changes none; the publisher’s staff see none', async () => {
  await carry('Asia', valueId('IT'));
  for (const role of ['viewer', 'account-user', 'approver'] as const) {
    const client = await keyClient(role);
    expect(await tags(client)).toEqual(['Asia: Department=IT']);
    expect(await keys(client)).toEqual(['Department 1: IT 1, Sales 0']);
    await expect(carry('Asia', null, { client })).rejects.toMatchObject(refused('not-allowed'));
    await expect(change({ name: 'Team' }, { client })).rejects.toMatchObject(refused('not-allowed'));
  }
  expect(await keys(server.operator)).toEqual([]);
});
