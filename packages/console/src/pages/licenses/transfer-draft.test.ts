import { describe, expect, test } from 'vitest';
import { actOf, callOf, type Draft, emptyLine, missing } from './transfer-draft.ts';

const tag = 'regid.2026-01.example.estover.NET_ADV,1.0_6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
const complete: Draft = {
  from: 'madrid',
  to: 'lyon',
  lines: [emptyLine({ tag, licenseName: 'Network Advantage', quantity: 31 })],
  reason: '  ',
};

describe('a transfer being filled in', () => {
  test('is not tried before it is complete, and says what is missing', () => {
    expect(missing({ ...complete, from: null })).toContain('come from');
    expect(missing({ ...complete, to: 'madrid' })).toContain('different');
    expect(missing({ ...complete, lines: [emptyLine()] })).toContain('license');
    expect(missing({ ...complete, lines: [emptyLine({ tag })] })).toContain('how many');
    expect(callOf('account', { ...complete, to: null })).toBeNull();
  });

  test('names a license once, so that two lines do not compete for the same lots', () => {
    const twice = { ...complete, lines: [...complete.lines, emptyLine({ tag, quantity: 1 })] };
    expect(missing(twice)).toContain('one line only');
  });

  test('becomes a call with a precedence, and without a reason that is only blanks', () => {
    expect(callOf('account', complete)).toEqual({
      params: { accountId: 'account' },
      body: {
        fromVirtualAccountId: 'madrid',
        toVirtualAccountId: 'lyon',
        lines: [{ tag, quantity: 31, precedence: 'longest-term-first' }],
      },
    });
  });

  test('with named lots the quantity is their sum, and lots of nothing are left out', () => {
    const lots = new Map([
      ['a', 2],
      ['b', 0],
      ['c', 5],
    ]);
    const call = callOf('account', { ...complete, lines: [emptyLine({ tag, order: 'named-lots', lots })] });
    expect(call?.body.lines).toEqual([
      {
        tag,
        quantity: 7,
        lots: [
          { lotId: 'a', quantity: 2 },
          { lotId: 'c', quantity: 5 },
        ],
      },
    ]);
  });

  test('names its act and amount', () => {
    expect(actOf(complete, 'Madrid')).toBe('Move 31 from Madrid');
  });
});
