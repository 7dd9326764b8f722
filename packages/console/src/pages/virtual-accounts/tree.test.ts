import { describe, expect, test } from 'vitest';
import type { VirtualAccount } from '../../parts/virtual-accounts.ts';
import { initiallyFolded, inSight, matching, subtreeOf, unfoldedIn } from './tree.ts';

const one = (path: string[], children = 0): VirtualAccount => ({
  virtualAccountId: path.join('/'),
  parentId: path.length === 1 ? null : path.slice(0, -1).join('/'),
  name: path.at(-1) ?? '',
  path,
  description: '',
  accessLevel: 'restricted',
  isDefault: false,
  depth: path.length,
  children,
  tags: [],
});

const tree = [
  one(['Americas']),
  one(['EMEA'], 2),
  one(['EMEA', 'Lyon'], 1),
  one(['EMEA', 'Lyon', 'Depot']),
  one(['EMEA', 'Madrid']),
  one(['Zeta']),
];
const names = (items: VirtualAccount[]) => items.map((item) => item.name);

describe('folding', () => {
  test('hides everything below a folded line, and nothing beside it', () => {
    expect(names(inSight(tree, new Set(['EMEA'])))).toEqual(['Americas', 'EMEA', 'Zeta']);
    expect(names(inSight(tree, new Set(['EMEA/Lyon'])))).toEqual([
      'Americas',
      'EMEA',
      'Lyon',
      'Madrid',
      'Zeta',
    ]);
  });

  test('a small tree opens whole, a large one at its top two levels', () => {
    expect(initiallyFolded(tree).size).toBe(0);
    const large = [...tree, ...Array.from({ length: 60 }, (_, n) => one([`Extra ${n}`]))];
    expect([...initiallyFolded(large)]).toEqual(['EMEA/Lyon']);
  });
});

test('children in sight are below what is not folded and not at the top; an open line out of sight has its own', () => {
  expect(unfoldedIn(tree, new Set(), undefined)).toEqual(['EMEA/Lyon']);
  expect(unfoldedIn(tree, new Set(['EMEA']), undefined)).toEqual([]);
  expect(unfoldedIn(tree, new Set(['EMEA']), 'EMEA/Lyon/Depot')).toEqual(['EMEA/Lyon']);
  expect(unfoldedIn(tree, new Set(), 'Zeta')).toEqual(['EMEA/Lyon']);
});

test('a match stays in its place: with all above it, without its siblings', () => {
  expect(names(matching(tree, (item) => item.name === 'Depot'))).toEqual(['EMEA', 'Lyon', 'Depot']);
});

test('a subtree is the line itself and everything below', () => {
  expect([...subtreeOf(tree, 'EMEA')]).toEqual(['EMEA', 'EMEA/Lyon', 'EMEA/Lyon/Depot', 'EMEA/Madrid']);
});
