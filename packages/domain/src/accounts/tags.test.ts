import { describe, expect, it } from 'vitest';
import { carryTags, changeTagKey, confirmTagRemoval, defineTagKey, type TagKey } from './tags.ts';

const valuesOf = (...names: string[]) => names.map((name) => ({ tagValueId: `id of ${name}`, name }));
const department: TagKey = { tagKeyId: 'department', name: 'Department', values: valuesOf('Sales', 'IT') };
const country: TagKey = { tagKeyId: 'country', name: 'Country', values: valuesOf('Norway', 'Österreich') };
const keys = (count: number): TagKey[] =>
  Array.from({ length: count }, (_, index) => ({ ...country, tagKeyId: `k${index}`, name: `Key ${index}` }));
const many = (count: number) => valuesOf(...Array.from({ length: count }, (_, index) => `Value ${index}`));
const nothing = { add: [], rename: [], remove: [] };

describe('a tag key', () => {
  it('is defined with its values', () => {
    expect(defineTagKey(department, [country])).toEqual({ ok: true, value: department });
    expect(defineTagKey({ ...department, values: many(100) }, [])).toMatchObject({ ok: true });
  });

  it.each([
    ['DEPARTMENT', [department], { code: 'tag-name-taken', what: 'key', name: 'DEPARTMENT' }],
    ['Team', keys(20), { code: 'tag-limit', what: 'key', maximum: 20, count: 21 }],
  ])('named %s is refused', (name, others, refusal) => {
    expect(defineTagKey({ ...department, tagKeyId: 'new', name }, others)).toEqual({ ok: false, ...refusal });
  });

  it.each([
    ['none', [], { code: 'tag-limit', what: 'value', maximum: 100, count: 0 }],
    ['101', many(101), { code: 'tag-limit', what: 'value', maximum: 100, count: 101 }],
    ['two alike', valuesOf('Sales', 'sales'), { code: 'tag-name-taken', what: 'value', name: 'sales' }],
    [
      'two whose accents are encoded differently',
      valuesOf('Österreich', 'O\u0308sterreich'),
      { code: 'tag-name-taken', what: 'value', name: 'O\u0308sterreich' },
    ],
  ])('with values: %s is refused', (_, values, refusal) => {
    expect(defineTagKey({ ...department, values }, keys(19))).toEqual({ ok: false, ...refusal });
  });
});

describe('a change of a tag key', () => {
  it('renames the key, also in its case alone', () => {
    expect(changeTagKey(department, [country], { ...nothing, name: 'DEPARTMENT' })).toEqual({
      ok: true,
      value: { ...department, name: 'DEPARTMENT' },
    });
  });

  it('removes, renames and adds in this order, so that a name becomes free in the same step', () => {
    const decision = changeTagKey(department, [], {
      remove: ['id of Sales'],
      rename: [{ tagValueId: 'id of IT', name: 'Sales' }],
      add: [{ tagValueId: 'new', name: 'IT' }],
    });
    expect(decision).toEqual({
      ok: true,
      value: {
        ...department,
        values: [
          { tagValueId: 'id of IT', name: 'Sales' },
          { tagValueId: 'new', name: 'IT' },
        ],
      },
    });
  });

  it('lets two values change names with each other', () => {
    const rename = [
      { tagValueId: 'id of IT', name: 'Sales' },
      { tagValueId: 'id of Sales', name: 'IT' },
    ];
    expect(changeTagKey(department, [], { ...nothing, rename })).toMatchObject({ ok: true });
  });

  it.each([
    ['of nothing', {}, { code: 'nothing-to-do' }],
    ['to the same name', { name: 'Department' }, { code: 'nothing-to-do' }],
    [
      'of a value to the same name',
      { rename: [{ tagValueId: 'id of IT', name: 'IT' }] },
      { code: 'nothing-to-do' },
    ],
    [
      'to the name of another key',
      { name: 'country' },
      { code: 'tag-name-taken', what: 'key', name: 'country' },
    ],
    [
      'that adds a value there is',
      { add: valuesOf('it').map((value) => ({ ...value, tagValueId: 'new' })) },
      { code: 'tag-name-taken', what: 'value', name: 'it' },
    ],
    [
      'that renames a value to another',
      { rename: [{ tagValueId: 'id of IT', name: 'sales' }] },
      { code: 'tag-name-taken', what: 'value', name: 'sales' },
    ],
    [
      'that removes all values',
      { remove: ['id of IT', 'id of Sales'] },
      { code: 'tag-limit', what: 'value', maximum: 100, count: 0 },
    ],
    ['that adds too many', { add: many(99) }, { code: 'tag-limit', what: 'value', maximum: 100, count: 101 }],
    [
      'that removes what is not there',
      { remove: ['id of Norway'] },
      { code: 'unknown-tag-value', id: 'id of Norway' },
    ],
    [
      'that renames what it removes',
      { remove: ['id of IT'], rename: [{ tagValueId: 'id of IT', name: 'ICT' }] },
      { code: 'unknown-tag-value', id: 'id of IT' },
    ],
  ])('%s is refused', (_, change, refusal) => {
    expect(changeTagKey(department, [country], { ...nothing, ...change })).toEqual({
      ok: false,
      ...refusal,
    });
  });

  it('takes from virtual accounts only what was confirmed', () => {
    expect(confirmTagRemoval(3, 3)).toEqual({ ok: true, value: null });
    expect(confirmTagRemoval(0, 0)).toEqual({ ok: true, value: null });
    expect(confirmTagRemoval(3, 2)).toEqual({
      ok: false,
      code: 'tag-in-use',
      virtualAccounts: 3,
      confirmed: 2,
    });
  });
});

describe('the tags of a virtual account', () => {
  const carried = [{ tagKeyId: 'department', tagValueId: 'id of IT' }];
  const all = [department, country];

  it('change where a choice differs', () => {
    expect(
      carryTags(carried, all, [
        { tagKeyId: 'department', tagValueId: 'id of IT' },
        { tagKeyId: 'country', tagValueId: 'id of Norway' },
      ]),
    ).toEqual({ ok: true, value: [{ tagKeyId: 'country', tagValueId: 'id of Norway' }] });
    expect(carryTags(carried, all, [{ tagKeyId: 'department', tagValueId: null }])).toEqual({
      ok: true,
      value: [{ tagKeyId: 'department', tagValueId: null }],
    });
  });

  it.each([
    ['department', 'id of IT', { code: 'nothing-to-do' }],
    ['country', null, { code: 'nothing-to-do' }],
    ['country', 'id of IT', { code: 'unknown-tag-value', id: 'id of IT' }],
    ['team', 'id of IT', { code: 'unknown-tag-value', id: 'team' }],
    ['team', null, { code: 'unknown-tag-value', id: 'team' }],
  ])('%s: %s is refused', (tagKeyId, tagValueId, refusal) => {
    expect(carryTags(carried, all, [{ tagKeyId, tagValueId }])).toEqual({ ok: false, ...refusal });
  });
});
