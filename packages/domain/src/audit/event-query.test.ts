import { describe, expect, it } from 'vitest';
import { completeEventQuery, type EventQuery, formatEventQuery, parseEventQuery } from './index.ts';

const names = {
  virtualAccounts: [
    { virtualAccountId: 'emea', path: ['EMEA'] },
    { virtualAccountId: 'lyon', path: ['EMEA', 'Lyon'] },
    { virtualAccountId: 'lyon2', path: ['Old', 'Lyon'] },
    { virtualAccountId: 'main', path: ['Main account'] },
  ],
};
const parse = (line: string) => parseEventQuery(line, names);

describe('a line', () => {
  it.each<[string, EventQuery]>([
    ['', {}],
    ['   ', {}],
    ['madrid', { search: 'madrid' }],
    ['moved 31 "from Madrid"', { search: 'moved 31 from Madrid' }],
    ['operation:transferLicenses', { operation: 'transferLicenses' }],
    ['OPERATION:transferLicenses', { operation: 'transferLicenses' }],
    ['person:anna@example.com', { person: 'anna@example.com' }],
    ['person:"Anna Ruiz"', { person: 'Anna Ruiz' }],
    ['object:product-instance', { objectKind: 'product-instance' }],
    ['object:movement/0194-aa', { objectKind: 'movement', objectId: '0194-aa' }],
    ['object:ORDER-7', { objectId: 'ORDER-7' }],
    ['object:/order', { objectId: 'order' }],
    ['in:emea', { virtualAccountId: 'emea' }],
    ['in:"EMEA / Lyon"', { virtualAccountId: 'lyon' }],
    ['in:"emea/lyon"', { virtualAccountId: 'lyon' }],
    ['at:"Main account"', { virtualAccountId: 'main', nested: false }],
    ['from:2026-11-01 to:2026-11-22', { from: '2026-11-01', until: '2026-11-22' }],
    ['refused:no', {}],
    ['"operation:x"', { search: 'operation:x' }],
    [
      'operation:transferLicenses person:anna@example.com in:"Main account" from:2026-11-01 refused:no two words',
      {
        operation: 'transferLicenses',
        person: 'anna@example.com',
        virtualAccountId: 'main',
        from: '2026-11-01',
        search: 'two words',
      },
    ],
  ])('%s', (line, query) => {
    expect(parse(line)).toEqual({ query, faults: [] });
  });

  it.each<[string, [from: number, to: number, words: string][]]>([
    ['colour:red', [[0, 10, 'There is no key colour']]],
    ['madrid operation:', [[7, 17, 'What should operation be?']]],
    ['operation:"move licenses"', [[10, 25, 'An operation is one word']]],
    ['operation:a operation:b', [[12, 23, 'operation is there already']]],
    ['in:EMEA at:Old', [[8, 14, 'at is there already']]],
    ['in:Lyon', [[3, 7, 'There are 2 of this name']]],
    ['in:Oslo', [[3, 7, 'There is no virtual account Oslo']]],
    ['in:"EMEA / Lyon', [[3, 15, 'The quote is not closed.']]],
    ['from:yesterday', [[5, 14, 'A day is written as']]],
    ['to:2026-02-30', [[3, 13, 'A day is written as']]],
    ['from:1026-01-01', [[5, 15, 'A day is written as']]],
    ['from:2026-11-22 to:2026-11-01', [[16, 29, 'from is after to.']]],
    ['refused:yes', [[8, 11, 'Only what was done is kept here.']]],
    ['object:Two/x', [[7, 12, 'A kind of object is written like']]],
    [
      'x:1 y:2',
      [
        [0, 3, 'There is no key x'],
        [4, 7, 'There is no key y'],
      ],
    ],
    ['a'.repeat(101), [[0, 101, 'At most 100 signs']]],
  ])('%s says what is wrong, and where', (line, wanted) => {
    const found = parse(line).faults.map(({ start, end, message }) => [start, end, message] as const);
    expect(found).toEqual(wanted.map(([start, end, words]) => [start, end, expect.stringContaining(words)]));
  });

  it.each<[EventQuery, string]>([
    [{}, ''],
    [{ search: 'two words', operation: 'updateAccount' }, 'operation:updateAccount two words'],
    [{ search: 'a:b c' }, '"a:b" c'],
    [{ virtualAccountId: 'lyon', nested: false }, 'at:"EMEA / Lyon"'],
    [{ virtualAccountId: 'emea' }, 'in:EMEA'],
    [{ objectId: 'order' }, 'object:/order'],
    [{ objectKind: 'token', objectId: 'a b' }, 'object:"token/a b"'],
    [
      { person: 'Anna Ruiz', from: '2026-11-01', until: '2026-11-02' },
      'person:"Anna Ruiz" from:2026-11-01 to:2026-11-02',
    ],
  ])('is written from %j and read back', (query, line) => {
    expect(formatEventQuery(query, names)).toBe(line);
    expect(parse(line)).toEqual({ query, faults: [] });
  });

  it('is read whatever it is', () => {
    const signs = ['"', ':', ' ', 'in', 'a', '/', '\t', '2026-01-01', 'from:'];
    for (let seed = 1; seed < 4_000; seed += 1) {
      let left = seed;
      let line = '';
      for (; left > 0; left = Math.floor(left / signs.length)) line += signs[left % signs.length];
      for (const { start, end } of parse(line).faults) {
        expect(start).toBeLessThanOrEqual(end);
        expect(end).toBeLessThanOrEqual(line.length);
      }
    }
  });
});

describe('completion', () => {
  const values = {
    operation: [
      { value: 'transferLicenses', hint: 'Move licenses' },
      { value: 'updateAccount', hint: 'Change an account' },
    ],
    in: [{ value: 'Main account', hint: '' }],
  };
  const offered = (marked: string) => {
    const caret = marked.indexOf('|');
    return completeEventQuery(marked.replace('|', ''), caret, values).map(
      ({ text, line, caret: at }) => [text, `${line.slice(0, at)}|${line.slice(at)}`] as const,
    );
  };

  it.each([
    ['op|', [['operation:', 'operation:|']]],
    ['OP|', [['operation:', 'operation:|']]],
    ['operation:tr|', [['transferLicenses', 'operation:transferLicenses |']]],
    // By what it means, too.
    ['operation:change|', [['updateAccount', 'operation:updateAccount |']]],
    ['operation:licen| madrid', [['transferLicenses', 'operation:transferLicenses |madrid']]],
    ['in:ma|', [['Main account', 'in:"Main account" |']]],
    ['in:"ma|', [['Main account', 'in:"Main account" |']]],
    ['operation:zzz|', []],
    ['colour:|', []],
    ['madrid|', []],
  ])('%s', (line, wanted) => {
    expect(offered(line)).toEqual(wanted);
  });

  it('offers every key that is not there yet where a word begins', () => {
    expect(offered('operation:updateAccount |').map(([text]) => text)).toEqual([
      'person:',
      'object:',
      'in:',
      'at:',
      'from:',
      'to:',
      'refused:',
    ]);
  });
});
