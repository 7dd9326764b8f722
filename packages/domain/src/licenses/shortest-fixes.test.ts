import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Fix, shortestFixes, spareOf } from './shortest-fixes.ts';
import { planSubstitution, substitute } from './substitution.ts';

const NOW = Temporal.Instant.from('2026-11-22T12:00:00Z');
const daysAgo = (days: number) => NOW.subtract({ hours: days * 24 });

/** Sources as `lab 12/15` (balance of available), instances as `router 5 used 90 days ago`. */
function fixes(shortBy: number, sources: readonly string[], instances: readonly string[] = []): string[] {
  return shortestFixes({
    shortBy,
    sources: sources.map((text) => {
      const [virtualAccountId = '', numbers = ''] = text.split(' ');
      const [balance = 0, available = balance] = numbers.split('/').map(Number);
      return { virtualAccountId, balance, available };
    }),
    instances: instances.map((text) => {
      const [instanceId = '', count, , days] = text.split(' ');
      return { instanceId, count: Number(count), lastContactAt: daysAgo(Number(days)) };
    }),
    silentSince: daysAgo(30),
  }).map(told);
}

function told({ steps }: Fix): string {
  return steps
    .map((step) => {
      if (step.kind === 'transfer')
        return `transfer ${step.quantity} from ${step.fromVirtualAccountId}, which keeps ${step.keepsSpare}`;
      return step.kind === 'release'
        ? `release ${step.instanceId} (${step.quantity})`
        : `buy ${step.quantity}`;
    })
    .join('; ');
}

describe('the shortest fixes', () => {
  test('nothing to fix', () => expect(fixes(0, ['lab 12'])).toEqual([]));
  test('nobody can help: buy', () => expect(fixes(3, ['lab 0', 'shop -4'])).toEqual(['buy 3']));
  test('transfer from the one that has most to spare', () => {
    expect(fixes(3, ['lab 4', 'shop 12'])).toEqual(['transfer 3 from shop, which keeps 9', 'buy 3']);
  });
  test('from as few as possible', () => {
    expect(fixes(10, ['a 3', 'b 6', 'c 5'])).toEqual([
      'transfer 6 from b, which keeps 0; transfer 4 from c, which keeps 1',
      'buy 10',
    ]);
  });
  test('never more than can be moved: held units count for the balance but stay', () => {
    expect(fixes(3, ['lab 9/2'])).toEqual(['transfer 2 from lab, which keeps 0; buy 1', 'buy 3']);
  });
  test('release those silent longest, and not those heard of lately', () => {
    expect(
      fixes(3, [], ['lately 9 used 30', 'old 2 used 60', 'oldest 2 used 90', 'older 2 used 80']),
    ).toEqual(['release oldest (2); release older (2)', 'buy 3']);
  });
  test('release none that the others make needless', () => {
    expect(fixes(5, [], ['oldest 1 used 90', 'older 5 used 80'])).toEqual(['release older (5)', 'buy 5']);
  });
  test('mix when neither is enough alone', () => {
    expect(fixes(5, ['lab 2'], ['old 2 used 60', 'older 1 used 80'])).toEqual([
      'transfer 2 from lab, which keeps 0; release older (1); release old (2)',
      'buy 5',
    ]);
    expect(fixes(5, ['lab 2'], ['oldest 1 used 90', 'old 3 used 60'])).toEqual([
      'transfer 2 from lab, which keeps 0; release old (3)',
      'buy 5',
    ]);
    expect(fixes(9, ['lab 2'], ['old 2 used 60'])).toEqual([
      'transfer 2 from lab, which keeps 0; release old (2); buy 5',
      'buy 9',
    ]);
  });
});

describe('laws', () => {
  const facts = fc.record({
    shortBy: fc.integer({ min: 1, max: 30 }),
    sources: fc.uniqueArray(
      fc.record({
        virtualAccountId: fc.string({ minLength: 1, maxLength: 3 }),
        available: fc.nat(20),
        balance: fc.integer({ min: -10, max: 20 }),
      }),
      { selector: ({ virtualAccountId }) => virtualAccountId, maxLength: 6 },
    ),
    instances: fc.uniqueArray(
      fc.record({
        instanceId: fc.string({ minLength: 1, maxLength: 3 }),
        count: fc.nat(8),
        lastContactAt: fc.integer({ min: 0, max: 99 }).map(daysAgo),
      }),
      { selector: ({ instanceId }) => instanceId, maxLength: 8 },
    ),
    silentSince: fc.constant(daysAgo(30)),
  });
  test('carried out, every fix brings the balance to 0 or more, makes no source short, and leaves out no step', () => {
    fc.assert(
      fc.property(facts, (drawn) => {
        const found = shortestFixes(drawn);
        expect(found.at(-1)).toEqual({ steps: [{ kind: 'buy', quantity: drawn.shortBy }] });
        for (const { steps } of found) {
          const total = steps.reduce((sum, { quantity }) => sum + quantity, 0);
          expect(total).toBeGreaterThanOrEqual(drawn.shortBy);
          for (const step of steps) {
            expect(step.quantity).toBeGreaterThan(0);
            expect(total - step.quantity).toBeLessThan(drawn.shortBy);
            if (step.kind === 'transfer') {
              const source = drawn.sources.find(
                (each) => each.virtualAccountId === step.fromVirtualAccountId,
              );
              expect((source?.balance ?? -1) - step.quantity).toBeGreaterThanOrEqual(0);
              expect((source?.available ?? -1) - step.quantity).toBeGreaterThanOrEqual(0);
              expect(step.keepsSpare).toBe(spareOf(source ?? { available: 0, balance: 0 }) - step.quantity);
            }
            if (step.kind === 'release') {
              expect(drawn.instances.find((each) => each.instanceId === step.instanceId)?.count).toBe(
                step.quantity,
              );
            }
          }
        }
      }),
    );
  });
  test('no smaller number of sources could do it', () => {
    fc.assert(
      fc.property(facts, (drawn) => {
        const [first] = shortestFixes(drawn);
        const sources = first?.steps.filter(({ kind }) => kind === 'transfer') ?? [];
        fc.pre(first !== undefined && sources.length === first.steps.length);
        const largest = drawn.sources.map(spareOf).sort((left, right) => right - left);
        const fewer = largest.slice(0, sources.length - 1).reduce((sum, spare) => sum + spare, 0);
        expect(fewer).toBeLessThan(drawn.shortBy);
      }),
    );
  });
  test('with substitution on both sides too, a transfer fix ends the shortage and makes nobody short', () => {
    const ratio = fc.integer({ min: 1, max: 3 });
    const pool = fc.record({ usable: fc.nat(20), inUse: fc.nat(20) });
    fc.assert(
      fc.property(
        ratio,
        ratio,
        fc.tuple(pool, pool, pool),
        fc.tuple(pool, pool, pool),
        (upper, lower, short, giver) => {
          const plan = planSubstitution([
            {
              upperLicenseId: 'A',
              lowerLicenseId: 'B',
              upperQuantity: upper,
              lowerQuantity: lower,
              priority: 1,
            },
            {
              upperLicenseId: 'B',
              lowerLicenseId: 'C',
              upperQuantity: lower,
              lowerQuantity: upper,
              priority: 1,
            },
          ]);
          const balances = (pools: typeof short, change: number) =>
            substitute(
              plan,
              pools.map((each, index) => ({
                ...each,
                licenseId: 'ABC'.charAt(index),
                usable: each.usable + (index === 1 ? change : 0),
              })),
            ).pools;
          const before = balances(short, 0).get('B')?.balance ?? 0;
          const source = { available: giver[1].usable, balance: balances(giver, 0).get('B')?.balance ?? 0 };
          fc.pre(before < 0 && spareOf(source) >= -before);
          expect(balances(short, -before).get('B')?.balance).toBeGreaterThanOrEqual(0);
          const gave = balances(giver, before);
          for (const { licenseId, balance } of balances(giver, 0).values()) {
            expect(gave.get(licenseId)?.balance).toBeGreaterThanOrEqual(Math.min(0, balance));
          }
        },
      ),
    );
  });
});
