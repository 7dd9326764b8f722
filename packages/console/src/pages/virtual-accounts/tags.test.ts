import { expect, it } from 'vitest';
import type { VirtualAccount } from '../../parts/virtual-accounts.ts';
import { chosenTag, says, type TagKey, tagChoices } from './tags.ts';

const department: TagKey = {
  tagKeyId: 'department',
  name: 'Department',
  virtualAccounts: 1,
  values: [
    { tagValueId: 'it', name: 'IT', virtualAccounts: 1 },
    { tagValueId: 'sales', name: 'Sales', virtualAccounts: 0 },
  ],
};
const lyon: VirtualAccount = {
  virtualAccountId: 'lyon',
  parentId: null,
  name: 'Lyon',
  path: ['Lyon'],
  description: 'Depot',
  accessLevel: 'restricted',
  isDefault: false,
  depth: 1,
  children: 0,
  tags: [{ tagKeyId: 'department', key: 'Department', tagValueId: 'it', value: 'IT' }],
};

it('offers each key and its values', () => {
  expect(tagChoices([department]).map(({ id, label, asked }) => [id, label, asked])).toEqual([
    ['department', 'Department', { tagKeyId: 'department' }],
    ['it', 'Department: IT', { tagValueId: 'it' }],
    ['sales', 'Department: Sales', { tagValueId: 'sales' }],
  ]);
});

it.each([
  ['department', true],
  ['it', true],
  ['sales', false],
])('%s is carried: %s', (id, carried) => {
  expect(chosenTag([department], id)?.isCarriedBy(lyon)).toBe(carried);
});

it('an address may name no tag, or one that is gone', () => {
  expect(chosenTag([department], undefined)).toBeUndefined();
  expect(chosenTag([department], 'gone')).toBeUndefined();
});

it.each([
  ['lyon', true],
  ['depot', true],
  ['it', true],
  ['department', false],
])('the words %s are said: %s', (words, said) => {
  expect(says(lyon, words)).toBe(said);
});
