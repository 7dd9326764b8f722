import { describe, expect, test } from 'vitest';
import { instanceCompliance, type OverageAllowance, poolCompliance, type TagUse } from './compliance.ts';

describe('a pool', () => {
  const tenUnits: OverageAllowance = { kind: 'quantity', quantity: 10 };
  const tenPercent: OverageAllowance = { kind: 'percent', percent: 10 };
  test.each([
    [0, null, { state: 'in-compliance' }],
    [40, null, { state: 'in-compliance' }],
    [-1, null, { state: 'out-of-compliance', shortBy: 1, allowed: 0 }],
    [-10, tenUnits, { state: 'overage', overBy: 10, allowed: 10 }],
    [-11, tenUnits, { state: 'out-of-compliance', shortBy: 11, allowed: 10 }],
    [-9, tenPercent, { state: 'overage', overBy: 9, allowed: 9 }],
    [-10, tenPercent, { state: 'out-of-compliance', shortBy: 10, allowed: 9 }],
  ] as const)('of 99 units with a balance of %i and allowance %o', (balance, allowance, expected) => {
    expect(poolCompliance({ usable: 99, balance }, allowance)).toEqual(expected);
  });
});

describe('a product instance', () => {
  const use = (tag: string, count: number, pool: TagUse['pool']): TagUse => ({ tag, count, pool });
  test.each([
    ['uses nothing', [], 'no-licenses-in-use'],
    ['has given everything back', [use('gold', 0, 'out-of-compliance')], 'no-licenses-in-use'],
    ['uses what is there', [use('gold', 1, 'in-compliance')], 'authorized'],
    ['uses an overage', [use('gold', 1, 'in-compliance'), use('tin', 1, 'overage')], 'authorized'],
    [
      'uses one that is short',
      [use('gold', 1, 'in-compliance'), use('tin', 1, 'out-of-compliance')],
      'out-of-compliance',
    ],
    ['uses a tag nobody knows', [use('gold', 1, 'in-compliance'), use('lead', 1, null)], 'out-of-compliance'],
    [
      'no longer uses the short one',
      [use('gold', 1, 'in-compliance'), use('tin', 0, 'out-of-compliance')],
      'authorized',
    ],
  ] as const)('that %s', (_, uses, expected) => {
    expect(instanceCompliance(uses).state).toBe(expected);
  });
  test('is told the state of every tag in use, and of no other', () => {
    expect(
      instanceCompliance([use('gold', 2, 'overage'), use('tin', 0, null), use('lead', 1, null)]).tags,
    ).toEqual([
      { tag: 'gold', count: 2, state: 'overage' },
      { tag: 'lead', count: 1, state: 'invalid-tag' },
    ]);
  });
});
