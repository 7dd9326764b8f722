import type { GrantScope } from '@estover/domain/access';
import {
  type AnswerOf,
  type Client,
  createTagKey,
  deleteVirtualAccount,
  listVirtualAccounts,
  tagVirtualAccount,
} from '@estover/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  deliver,
  type SeededAccount,
  seedCatalog,
  startTestServer,
  type TestServer,
  useLicenses,
} from '../testing/index.ts';

type Item = AnswerOf<typeof listVirtualAccounts>['items'][number];
type Query = Partial<{
  within: string;
  levels: number;
  short: number;
  search: string;
  rollUp: boolean;
  tagKeyId: string;
  tagValueId: string;
}>;

let server: TestServer;
let account: SeededAccount;
let ids: Record<string, string>;
let callers: Record<string, Client>;
let site: AnswerOf<typeof createTagKey>['tagKey'];

const idOf = (path: string): string => ids[path] as string;
const siteOf = (name: string): string =>
  site.values.find((value) => value.name === name)?.tagValueId as string;
const textOf = ({ path }: Item): string => path.join(' / ');

/** Short: Berlin by 4, its Mitte by 7, Osaka by 2. */
beforeAll(async () => {
  server = await startTestServer();
  const catalog = await seedCatalog(server);
  account = await server.account('Parts of a tree');
  ids = await server.virtualAccounts(
    account,
    'Europe / Berlin / Mitte / Floor 1',
    'Europe / Paris',
    'europe north / Oslo',
    'Asia / Tokyo',
    'Asia / Osaka / Port',
    'Gone',
  );
  for (const [virtualAccount, quantity] of [
    ['Europe', 10],
    ['Europe / Berlin / Mitte / Floor 1', 3],
    ['europe north / Oslo', 6],
    ['Asia / Osaka / Port', 8],
  ] as const) {
    await deliver(server, account, {
      tag: catalog.security,
      quantity,
      virtualAccount,
      term: { kind: 'term', months: quantity === 6 ? 1 : 36 },
    });
  }
  for (const [path, count] of [
    ['Europe / Berlin', 4],
    ['Europe / Berlin / Mitte', 7],
    ['Asia / Osaka', 2],
    ['Asia / Osaka / Port', 5],
  ] as const) {
    await useLicenses(server, {
      accountId: account.accountId,
      virtualAccountId: idOf(path),
      counts: { [catalog.security]: count },
    });
  }
  await account.administrator.call(deleteVirtualAccount, {
    params: { accountId: account.accountId, virtualAccountId: idOf('Gone') },
    query: {},
  });
  // Some are tagged as offices, others as harbours: above, below and beside each other.
  ({ tagKey: site } = await account.administrator.call(createTagKey, {
    params: { accountId: account.accountId },
    body: { name: 'Site', values: ['Office', 'Harbour', 'Unused'] },
  }));
  for (const [path, value] of [
    ['Europe', 'Office'],
    ['Europe / Berlin / Mitte', 'Office'],
    ['Europe / Berlin / Mitte / Floor 1', 'Office'],
    ['europe north / Oslo', 'Harbour'],
    ['Asia / Tokyo', 'Office'],
    ['Asia / Osaka', 'Harbour'],
    ['Asia / Osaka / Port', 'Harbour'],
  ] as const) {
    await account.administrator.call(tagVirtualAccount, {
      params: { accountId: account.accountId, virtualAccountId: idOf(path) },
      body: { tags: [{ tagKeyId: site.tagKeyId, tagValueId: siteOf(value) }] },
    });
  }
  const withScope = async (...places: [path: string, nested: boolean][]) => {
    const virtualAccounts = places.map(([path, nested]) => ({ virtualAccountId: idOf(path), nested }));
    const scope: GrantScope = { kind: 'virtual-accounts', virtualAccounts };
    return server.client(await server.keyOf(account.accountId, 'viewer', scope));
  };
  callers = {
    administrator: account.administrator,
    'one branch': await withScope(['Europe', true]),
    'parts with gaps': await withScope(
      ['Europe', false],
      ['Europe / Berlin / Mitte', true],
      ['Asia / Osaka', false],
      ['Asia / Tokyo', true],
    ),
  };
});
afterAll(() => server.close());

const look = async (caller: string, query: Query): Promise<Item[]> => {
  const { items } = await (callers[caller] as Client).call(listVirtualAccounts, {
    params: { accountId: account.accountId },
    query: { rollUp: true, ...query },
  });
  return items;
};

/** How many of what the caller sees lie around an item, itself included, below one of them if it is named. */
const levelOf = (item: Item, whole: readonly Item[], within?: Item): number =>
  whole.filter(
    (one) => isWithin(item, one) && (within === undefined || (one !== within && isWithin(one, within))),
  ).length;
const isWithin = (item: Item, outer: Item): boolean =>
  outer.path.every((name, index) => item.path[index] === name);

/** Whether a search for a text finds an item. */
const says = ({ name, tags }: Item, search: string): boolean =>
  [name, ...tags.map(({ value }) => value)].some((text) => text.toLowerCase().includes(search.toLowerCase()));

describe.each(['administrator', 'one branch', 'parts with gaps'])('for the caller: %s', (caller) => {
  it('the lines of some levels are those of the whole tree', async () => {
    const whole = await look(caller, {});
    expect(whole.length).toBeGreaterThan(3);
    for (const within of [undefined, ...whole]) {
      const inside = whole.filter(
        (item) => within === undefined || (item !== within && isWithin(item, within)),
      );
      const named = within === undefined ? {} : { within: within.virtualAccountId };
      for (const levels of [1, 2, 10]) {
        const part = await look(caller, { ...named, levels });
        expect(part).toEqual(inside.filter((item) => levelOf(item, whole, within) <= levels));
      }
      if (within !== undefined) expect(await look(caller, named)).toEqual(inside);
    }
  });

  it('the lines of what is short are those of the whole tree, with all around them', async () => {
    const whole = await look(caller, {});
    const short = whole
      .filter(({ own }) => (own?.poolsShort ?? 0) > 0)
      .sort((one, other) => (other.own?.short ?? 0) - (one.own?.short ?? 0));
    for (const most of [1, 2, 200]) {
      const wanted = short.slice(0, most);
      expect(await look(caller, { short: most })).toEqual(
        whole.filter((item) => wanted.some((one) => isWithin(one, item))),
      );
    }
  });

  it('the lines that are found by their names and tags are those of the whole tree, with all around them', async () => {
    const whole = await look(caller, {});
    for (const search of ['e', 'ASIA', 'oo', '%', 'nowhere']) {
      const wanted = whole.filter((item) => says(item, search));
      expect(await look(caller, { search })).toEqual(
        whole.filter((item) => wanted.some((one) => isWithin(one, item))),
      );
    }
  });

  it('the lines that carry a tag are those of the whole tree, with all around them', async () => {
    const whole = await look(caller, {});
    expect(whole.filter(({ tags }) => tags.length > 0).length).toBeGreaterThan(2);
    const shown = (wanted: readonly Item[], among: readonly Item[] = whole) =>
      among.filter((item) => wanted.some((one) => isWithin(one, item)));
    for (const value of [undefined, 'Office', 'Harbour', 'Unused']) {
      const tag = value === undefined ? { tagKeyId: site.tagKeyId } : { tagValueId: siteOf(value) };
      const carries = ({ tags }: Item) =>
        tags.some((carried) => value === undefined || carried.value === value);
      expect(await look(caller, tag)).toEqual(shown(whole.filter(carries)));
      for (const levels of [1, 2, 10]) {
        const near = whole.filter((item) => levelOf(item, whole) <= levels);
        expect(await look(caller, { ...tag, levels })).toEqual(shown(near.filter(carries)));
      }
      for (const search of ['e', 'ASIA', 'o', '']) {
        const named = whole.filter((item) => carries(item) && says(item, search));
        expect(await look(caller, { ...tag, search })).toEqual(shown(named));
      }
      const [worst] = whole
        .filter((item) => carries(item) && (item.own?.poolsShort ?? 0) > 0)
        .sort((one, other) => (other.own?.short ?? 0) - (one.own?.short ?? 0));
      expect(await look(caller, { ...tag, short: 1 })).toEqual(shown(worst === undefined ? [] : [worst]));
      for (const within of whole) {
        const inside = whole.filter((item) => item !== within && isWithin(item, within));
        const named = { ...tag, within: within.virtualAccountId };
        expect(await look(caller, named)).toEqual(shown(inside.filter(carries), inside));
        const children = inside.filter((item) => levelOf(item, whole, within) <= 1);
        expect(await look(caller, { ...named, levels: 1 })).toEqual(shown(children.filter(carries), inside));
      }
    }
  });

  it('a search finds the values of tags', async () => {
    const whole = await look(caller, {});
    const wanted = whole.filter(({ tags }) => tags.some(({ value }) => value === 'Office'));
    expect(wanted.length).toBeGreaterThan(1);
    expect(await look(caller, { search: 'oFFI' })).toEqual(
      whole.filter((item) => wanted.some((one) => isWithin(one, item))),
    );
  });

  it('without figures they are the same lines', async () => {
    const part = await look(caller, { levels: 2, short: 1 });
    expect(await look(caller, { levels: 2, short: 1, rollUp: false })).toEqual(
      part.map(({ own, nested, ...item }) => item),
    );
  });
});

it('what is short, and how much, as it was made', async () => {
  expect((await look('administrator', { short: 2 })).map(textOf)).toEqual([
    'Europe',
    'Europe / Berlin',
    'Europe / Berlin / Mitte',
  ]);
  expect((await look('administrator', { levels: 1, short: 1 })).map(textOf)).toEqual([
    'Asia',
    'Default',
    'Europe',
    'Europe / Berlin',
    'Europe / Berlin / Mitte',
    'europe north',
  ]);
  const [asia] = await look('administrator', { levels: 1 });
  expect(asia).toMatchObject({ children: 2, own: { owned: 0 }, nested: { owned: 8, inUse: 7, short: 2 } });
});

it('what is asked for under a virtual account is of what is nested in it alone', async () => {
  const berlin = idOf('Europe / Berlin');
  expect((await look('administrator', { within: berlin, short: 1 })).map(textOf)).toEqual([
    'Europe / Berlin / Mitte',
  ]);
  expect((await look('administrator', { within: idOf('Asia / Osaka'), short: 1 })).map(textOf)).toEqual([]);
  expect((await look('administrator', { within: idOf('Europe'), search: 'r' })).map(textOf)).toEqual([
    'Europe / Berlin',
    'Europe / Berlin / Mitte',
    'Europe / Berlin / Mitte / Floor 1',
    'Europe / Paris',
  ]);
});

it('under a virtual account that is not to be seen there is nothing to ask for', async () => {
  for (const path of ['Asia', 'Gone']) {
    await expect(look('one branch', { within: idOf(path) })).rejects.toMatchObject({
      problem: { code: 'unknown-virtual-account' },
    });
  }
});

it('a tag narrows what is asked for to those that carry it, as it was made', async () => {
  const office = { tagValueId: siteOf('Office') };
  expect((await look('administrator', office)).map(textOf)).toEqual([
    'Asia',
    'Asia / Tokyo',
    'Europe',
    'Europe / Berlin',
    'Europe / Berlin / Mitte',
    'Europe / Berlin / Mitte / Floor 1',
  ]);
  expect(await look('administrator', { ...office, tagKeyId: site.tagKeyId })).toHaveLength(6);
  expect((await look('administrator', { ...office, short: 1 })).map(textOf)).toEqual([
    'Europe',
    'Europe / Berlin',
    'Europe / Berlin / Mitte',
  ]);
  expect((await look('parts with gaps', office)).map(textOf)).toEqual([
    'Asia / Tokyo',
    'Europe',
    'Europe / Berlin / Mitte',
    'Europe / Berlin / Mitte / Floor 1',
  ]);
  expect(await look('administrator', { tagValueId: siteOf('Unused') })).toEqual([]);
});
