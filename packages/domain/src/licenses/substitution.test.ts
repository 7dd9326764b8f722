import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSubstitution } from './check-substitution.ts';
import { describeRefusal } from './describe-refusal.ts';
import { type PoolUse, planSubstitution, type Substitution, substitute } from './substitution.ts';

/**
 * A table: first the edges (`A > B` or `A > B 2:3 priority 5`, by commas; `none` for none), then one line per pool:
 * license, usable, in use -> lent, borrowed, balance.
 */
function table(name: string, text: string): void {
  test(name, () => {
    const [edges = '', ...rows] = text.trim().split('\n');
    const pools = rows.map((row) => {
      const [, licenseId = '', ...numbers] =
        /^\s*(\S+)\s+(\d+)\s+(\d+)\s+->\s+(\d+)\s+(\d+)\s+(-?\d+)\s*$/.exec(row) ?? [];
      const [usable = 0, inUse = 0, lent, borrowed, balance] = numbers.map(Number);
      return { licenseId, usable, inUse, lent, borrowed, balance };
    });
    const { pools: result } = substitute(
      planSubstitution(readEdges(edges)),
      pools.map(({ licenseId, usable, inUse }) => ({ licenseId, usable, inUse })),
    );
    expect([...result.values()]).toEqual(pools);
  });
}

function readEdges(text: string): Substitution[] {
  if (text.trim() === 'none') return [];
  return text.split(',').map((edge) => {
    const [, upperLicenseId = '', lowerLicenseId = '', upper = '1', lower = '1', priority = '1'] =
      /^\s*(\w+) > (\w+)(?: (\d+):(\d+))?(?: priority (\d+))?\s*$/.exec(edge) ?? [];
    return {
      upperLicenseId,
      lowerLicenseId,
      upperQuantity: Number(upper),
      lowerQuantity: Number(lower),
      priority: Number(priority),
    };
  });
}

describe('surplus stands in for what is short', () => {
  table(
    '100 A owned, 10 A and 50 B in use, no B owned: 50 lent, 40 A left',
    `A > B
    A  100  10  ->  50   0   40
    B    0  50  ->   0  50    0`,
  );
  table(
    'never the reverse',
    `A > B
    A    0  10  ->   0   0  -10
    B  100   0  ->   0   0  100`,
  );
  table(
    'only after own use',
    `A > B
    A   10  10  ->   0   0    0
    B    0   5  ->   0   0   -5`,
  );
  table(
    'a short upper lends nothing',
    `A > B
    A   10  12  ->   0   0   -2
    B    0   5  ->   0   0   -5`,
  );
  table(
    'as much as there is',
    `A > B
    A   13  10  ->   3   0    0
    B    0   5  ->   0   3   -2`,
  );
  table(
    'without substitution every pool is for itself',
    `none
    A  100  10  ->   0   0   90
    B    0  50  ->   0   0  -50`,
  );
  table(
    'an upper license without a pool is no trouble',
    `X > A, A > B
    A    2   1  ->   1   0    0
    B    0   1  ->   0   1    0`,
  );
});

describe('several lowers, several uppers', () => {
  table(
    'the lower priority number goes first',
    `A > B priority 2, A > C priority 1
    A    5   0  ->   5   0    0
    B    0   4  ->   0   1   -3
    C    0   4  ->   0   4    0`,
  );
  table(
    'equal priorities go by id',
    `A > C, A > B
    A    5   0  ->   5   0    0
    B    0   4  ->   0   4    0
    C    0   4  ->   0   1   -3`,
  );
  table(
    'uppers lend by id where neither stands above the other',
    `Z > L, Y > L
    Z    5   0  ->   1   0    4
    Y    3   0  ->   3   0    0
    L    0   4  ->   0   4    0`,
  );
});

describe('chains', () => {
  table(
    'where A stands in for B and B for C, A stands in for C',
    `A > B, B > C
    A   10   0  ->   4   0    6
    B    0   0  ->   0   0    0
    C    0   4  ->   0   4    0`,
  );
  table(
    'the top of the chain lends first, the nearest license is served first',
    `A > B, B > C
    A    5   0  ->   5   0    0
    B    3   6  ->   0   3    0
    C    0   4  ->   0   2   -2`,
  );
  table(
    'what a pool borrowed does not flow on',
    `A > B, B > C
    A    3   0  ->   3   0    0
    B    1   4  ->   0   3    0
    C    0   2  ->   0   0   -2`,
  );
  table(
    'ratios multiply along the way',
    `A > B 1:2, B > C 1:3
    A    2   0  ->   2   0    0
    B    0   0  ->   0   0    0
    C    0  12  ->   0  12    0`,
  );
  table(
    'of two ways the one with fewer steps counts, whatever its ratio',
    `A > B 1:9, B > C 1:9, A > C 1:1
    A    5   0  ->   5   0    0
    B    0   0  ->   0   0    0
    C    0   5  ->   0   5    0`,
  );
  table(
    'of two ways with as many steps, the one that begins with the lower priority number',
    `A > B 1:1 priority 2, A > D 1:5 priority 1, B > C, D > C
    A    1   0  ->   1   0    0
    B    0   0  ->   0   0    0
    D    0   0  ->   0   0    0
    C    0   5  ->   0   5    0`,
  );
});

describe('ratios', () => {
  table(
    'two of A cover one of B; one alone covers none',
    `A > B 2:1
    A    5   0  ->   4   0    1
    B    0   3  ->   0   2   -1`,
  );
  table(
    'one of A covers three of B; a part of the cover may stay unused',
    `A > B 1:3
    A    5   0  ->   2   0    3
    B    0   4  ->   0   4    0`,
  );
  table(
    'two of A cover three of B; one of A covers one',
    `A > B 2:3
    A    1   0  ->   1   0    0
    B    0   3  ->   0   1   -2`,
  );
  table(
    'stays exact with the largest numbers',
    `A > B 1000000:999999, B > C 1000000:999999
    A  1000000000  0  ->  1000000000          0           0
    B           0  0  ->           0          0           0
    C           0  999999999  ->   0  999998000  -1999`,
  );
});

describe('the catalog', () => {
  const licenses = ['A', 'B', 'C', 'D'].map((licenseId) => ({
    licenseId,
    exportClass: licenseId === 'D' ? 'strong' : 'none',
  }));
  const check = (existing: string, edge: string) => {
    const [request] = readEdges(edge);
    if (!request) throw new Error('no edge');
    const decision = checkSubstitution({ substitutions: readEdges(existing), licenses }, request);
    return decision.ok ? 'accepted' : `${decision.code}: ${describeRefusal(decision)}`;
  };
  test.each([
    ['none', 'A > B', 'accepted'],
    ['A > B, B > C', 'A > C', 'accepted'],
    ['none', 'A > B 0:1', /^substitution-quantity-invalid: 0 to 1 is not a ratio/],
    ['none', 'A > B 1:1000001', /^substitution-quantity-invalid/],
    ['none', 'A > A', /^substitution-of-itself/],
    ['none', 'A > X', /^substitution-license-unknown: There is no license X/],
    ['none', 'X > A', /^substitution-license-unknown: There is no license X/],
    [
      'none',
      'A > D',
      /^export-classes-differ: A license of export class none cannot stand in for one of class strong/,
    ],
    ['A > B', 'A > B 1:2', /^substitution-exists/],
    ['A > B', 'B > A', /^substitution-cycle: .*\(A → B\)/],
    ['A > B, B > C', 'C > A', /^substitution-cycle: .*\(A → B → C\)/],
  ])('with %s there, %s: %s', (existing, edge, expected) => {
    expect(check(existing, edge)).toMatch(expected);
  });
  test('a cycle that got in all the same is not worked with', () => {
    expect(() => planSubstitution(readEdges('A > B, B > A'))).toThrow('circle');
  });
});

const LICENSES = ['A', 'B', 'C', 'D', 'E'];
const pools = fc.tuple(
  ...LICENSES.map((licenseId) =>
    fc.record({ licenseId: fc.constant(licenseId), usable: fc.nat(40), inUse: fc.nat(40) }),
  ),
);
/** Edges only from an earlier letter to a later one: without cycles, whatever is drawn. */
const edges = (largestRatio: number) =>
  fc.uniqueArray(
    fc
      .record({
        from: fc.nat(LICENSES.length - 2),
        down: fc.integer({ min: 1, max: LICENSES.length - 1 }),
        upperQuantity: fc.integer({ min: 1, max: largestRatio }),
        lowerQuantity: fc.integer({ min: 1, max: largestRatio }),
        priority: fc.integer({ min: 1, max: 3 }),
      })
      .map(({ from, down, ...edge }) => ({
        ...edge,
        upperLicenseId: LICENSES[from] ?? 'A',
        lowerLicenseId: LICENSES[Math.min(from + down, LICENSES.length - 1)] ?? 'E',
      })),
    { selector: ({ upperLicenseId, lowerLicenseId }) => upperLicenseId + lowerLicenseId, maxLength: 8 },
  );
const shortage = (balance: number) => Math.max(0, -balance);

describe('laws', () => {
  test('what is lent and borrowed adds up, loan by loan', () => {
    fc.assert(
      fc.property(edges(4), pools, (substitutions, uses) => {
        const { pools: result, loans } = substitute(planSubstitution(substitutions), uses);
        for (const { licenseId, usable, inUse, lent, borrowed, balance } of result.values()) {
          const sum = (key: 'lent' | 'borrowed', side: 'upperLicenseId' | 'lowerLicenseId') =>
            loans.filter((loan) => loan[side] === licenseId).reduce((total, loan) => total + loan[key], 0);
          expect(lent).toBe(sum('lent', 'upperLicenseId'));
          expect(borrowed).toBe(sum('borrowed', 'lowerLicenseId'));
          expect(balance).toBe(usable + borrowed - lent - inUse);
        }
      }),
    );
  });
  test('nobody becomes short by lending, nobody borrows more than is needed, nobody lends and borrows', () => {
    fc.assert(
      fc.property(edges(4), pools, (substitutions, uses) => {
        const { pools: result } = substitute(planSubstitution(substitutions), uses);
        for (const { usable, inUse, lent, borrowed, balance } of result.values()) {
          expect(lent).toBeLessThanOrEqual(Math.max(0, usable - inUse));
          expect(borrowed).toBeLessThanOrEqual(Math.max(0, inUse - usable));
          expect(lent * borrowed).toBe(0);
          if (usable >= inUse) expect(balance).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
  test('at 1:1 a unit more owned anywhere makes no pool shorter', () => {
    fc.assert(
      fc.property(edges(1), pools, fc.constantFrom(...LICENSES), (substitutions, uses, richer) => {
        const plan = planSubstitution(substitutions);
        const more = uses.map((use) => (use.licenseId === richer ? { ...use, usable: use.usable + 1 } : use));
        const before = substitute(plan, uses).pools;
        for (const { licenseId, balance } of substitute(plan, more).pools.values()) {
          expect(shortage(balance)).toBeLessThanOrEqual(shortage(before.get(licenseId)?.balance ?? 0));
        }
      }),
    );
  });
  test('at 1:1 nobody stays short below somebody with units to spare', () => {
    fc.assert(
      fc.property(edges(1), pools, (substitutions, uses) => {
        const { pools: result } = substitute(planSubstitution(substitutions), uses);
        for (const { upperLicenseId, lowerLicenseId } of substitutions) {
          const upper = result.get(upperLicenseId)?.balance ?? 0;
          const lower = result.get(lowerLicenseId)?.balance ?? 0;
          expect(upper > 0 && lower < 0).toBe(false);
        }
      }),
    );
  });
  test('the order in which pools and edges are given does not matter', () => {
    fc.assert(
      fc.property(edges(4), pools, (substitutions, uses) => {
        const byId = (result: ReturnType<typeof substitute>) =>
          [...result.pools.values()].sort((left, right) => (left.licenseId < right.licenseId ? -1 : 1));
        const one = substitute(planSubstitution(substitutions), uses);
        const other = substitute(
          planSubstitution(substitutions.toReversed()),
          uses.toReversed() as PoolUse[],
        );
        expect(byId(one)).toEqual(byId(other));
      }),
    );
  });
});
