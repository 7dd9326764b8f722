import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deleteVirtualAccount } from './deletion.ts';
import { maximumDepth, type Place, placeVirtualAccount } from './place.ts';

const under = (id: string, depth: number, ancestorIds: string[] = [], ...names: string[]): Place => ({
  parent: { virtualAccountId: id, depth, ancestorIds },
  siblings: names.map((name) => ({ virtualAccountId: `of ${name}`, name })),
});
const top: Place = { parent: null, siblings: [] };
const empty = { licenses: 0, productInstances: 0, tokens: 0, openOrderLines: 0 };
/** Everything goes to the parent of a place, and tokens are revoked; or nothing was said. */
const allTo = (children: Place | null) => {
  const id = children?.parent?.virtualAccountId ?? null;
  const tokens = id === null ? null : ('revoked' as const);
  return { licenses: id, productInstances: id, tokens, children };
};

it('places at the top and under a parent', () => {
  const placed = { virtualAccountId: null, name: 'Berlin', height: 1 };
  expect(placeVirtualAccount(placed, top)).toEqual({ ok: true, value: { depth: 1 } });
  expect(placeVirtualAccount(placed, under('europe', 9))).toEqual({ ok: true, value: { depth: 10 } });
});

it('refuses what would be deeper than 10 levels, counting what is nested in it', () => {
  expect(placeVirtualAccount({ virtualAccountId: 'a', name: 'A', height: 4 }, under('p', 7))).toEqual({
    ok: false,
    code: 'nested-too-deep',
    depth: 11,
    maximumDepth: 10,
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 10 }), (depth, height) => {
      const decision = placeVirtualAccount({ virtualAccountId: 'a', name: 'A', height }, under('p', depth));
      expect(decision.ok).toBe(depth + height <= maximumDepth);
    }),
  );
});

it('refuses a place in itself or in what is nested in it', () => {
  const placed = { virtualAccountId: 'europe', name: 'Europe', height: 2 };
  expect(placeVirtualAccount(placed, under('europe', 1))).toMatchObject({ code: 'nested-in-itself' });
  expect(placeVirtualAccount(placed, under('mitte', 3, ['berlin', 'europe']))).toMatchObject({
    code: 'nested-in-itself',
  });
  expect(placeVirtualAccount(placed, under('asia', 1))).toMatchObject({ ok: true });
});

it('holds names equal that differ in case or in the encoding of accents, and only siblings against each other', () => {
  const place = under('p', 1, [], 'Zürich', 'eu');
  const named = (name: string) => placeVirtualAccount({ virtualAccountId: null, name, height: 1 }, place);
  expect(named('ZÜRICH')).toMatchObject({ code: 'name-taken', name: 'Zürich' });
  expect(named('Zu\u0308rich')).toMatchObject({ code: 'name-taken', name: 'Zürich' });
  expect(named('eu-west')).toMatchObject({ ok: true });
});

it('deletes an empty virtual account, and one whose contents go elsewhere', () => {
  const facts = {
    virtualAccountId: 'a',
    isDefault: false,
    contents: empty,
    children: [],
    goesTo: allTo(null),
  };
  expect(deleteVirtualAccount(facts)).toEqual({ ok: true, value: { children: [] } });
  for (const kind of Object.keys(empty) as (keyof typeof empty)[]) {
    const contents = { ...empty, [kind]: 3 };
    expect(deleteVirtualAccount({ ...facts, contents })).toMatchObject({
      code: 'virtual-account-not-empty',
      [kind]: 3,
    });
    expect(deleteVirtualAccount({ ...facts, contents, goesTo: allTo(under('b', 1)) })).toMatchObject({
      ok: true,
    });
  }
});

it('brings children to where the contents go, in their order of names, or refuses for all', () => {
  const children = [
    { virtualAccountId: 'c2', name: 'Hall 2', height: 1 },
    { virtualAccountId: 'c1', name: 'Hall 1', height: 3 },
  ];
  const facts = { virtualAccountId: 'a', isDefault: false, contents: empty, children, goesTo: allTo(null) };
  expect(deleteVirtualAccount(facts)).toMatchObject({ code: 'virtual-account-not-empty', children: 2 });
  expect(deleteVirtualAccount({ ...facts, goesTo: allTo(under('b', 7)) })).toEqual({
    ok: true,
    value: {
      children: [
        { virtualAccountId: 'c1', depth: 8 },
        { virtualAccountId: 'c2', depth: 8 },
      ],
    },
  });
  expect(deleteVirtualAccount({ ...facts, goesTo: allTo(under('b', 8)) })).toMatchObject({
    code: 'nested-too-deep',
  });
  expect(deleteVirtualAccount({ ...facts, goesTo: allTo(under('b', 1, [], 'hall 2')) })).toMatchObject({
    code: 'name-taken',
  });
});

it('lets a child take the name of the one that goes', () => {
  const decision = deleteVirtualAccount({
    virtualAccountId: 'a',
    isDefault: false,
    contents: empty,
    children: [{ virtualAccountId: 'c', name: 'Lab', height: 1 }],
    goesTo: allTo({
      parent: { virtualAccountId: 'p', depth: 1, ancestorIds: [] },
      siblings: [{ virtualAccountId: 'a', name: 'Lab' }],
    }),
  });
  expect(decision).toMatchObject({ ok: true });
});

it('never deletes the default one, and sends contents neither to itself nor below itself', () => {
  const facts = { virtualAccountId: 'a', isDefault: false, contents: empty, children: [] };
  expect(deleteVirtualAccount({ ...facts, isDefault: true, goesTo: allTo(under('b', 1)) })).toMatchObject({
    code: 'default-virtual-account',
  });
  expect(deleteVirtualAccount({ ...facts, goesTo: allTo(under('a', 1)) })).toMatchObject({
    code: 'nested-in-itself',
  });
  expect(deleteVirtualAccount({ ...facts, goesTo: allTo(under('c', 3, ['b', 'a'])) })).toMatchObject({
    code: 'nested-in-itself',
  });
});

it('sends each kind where it is said, and refuses while one of them has no place', () => {
  const children = [{ virtualAccountId: 'c', name: 'C', height: 2 }];
  const contents = { licenses: 1, productInstances: 1, tokens: 1, openOrderLines: 1 };
  const goesTo = { licenses: 'b', productInstances: 'c', tokens: 'd', children: top };
  const facts = { virtualAccountId: 'a', isDefault: false, contents, children, goesTo };
  // What is nested may take things, for it is kept.
  expect(deleteVirtualAccount(facts)).toEqual({
    ok: true,
    value: { children: [{ virtualAccountId: 'c', depth: 1 }] },
  });
  for (const kind of ['licenses', 'productInstances', 'tokens', 'children'] as const) {
    expect(deleteVirtualAccount({ ...facts, goesTo: { ...goesTo, [kind]: null } }), kind).toEqual({
      ok: false,
      code: 'virtual-account-not-empty',
      ...contents,
      children: 1,
    });
    if (kind === 'children') continue;
    expect(deleteVirtualAccount({ ...facts, goesTo: { ...goesTo, [kind]: 'a' } }), kind).toMatchObject({
      code: 'nested-in-itself',
    });
  }
  const taken = { parent: null, siblings: [{ virtualAccountId: 'x', name: 'c' }] };
  expect(deleteVirtualAccount({ ...facts, goesTo: { ...goesTo, children: taken } })).toMatchObject({
    code: 'name-taken',
  });
});
