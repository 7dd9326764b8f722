import { describe, expect, it } from 'vitest';
import {
  allPlaces,
  cellHead,
  cellMarks,
  peopleSentence,
  type Reviewed,
  waysOf,
  whyHere,
} from './review-words.ts';

const place = (path: string, nested = false) => ({ virtualAccountId: path, path: path.split('/'), nested });
const marks = {
  grantIds: ['1', '2'],
  groups: [],
  until: null,
  ending: 0,
  soldBy: null,
  neverKept: 0,
  kept: null,
};

describe('a cell of the matrix', () => {
  it('names the first place, says how many more there are, and holds all of them', () => {
    const two = { wholeAccount: false, virtualAccounts: [place('EMEA/Lyon/Depot', true), place('USA')] };
    expect(cellHead(two)).toEqual({ first: '… / Lyon / Depot and nested', more: 1 });
    expect(allPlaces(two)).toEqual(['EMEA / Lyon / Depot and nested', 'USA']);
    const whole = { ...two, wholeAccount: true };
    expect(cellHead(whole)).toEqual({ first: 'Whole account', more: 2 });
    expect(allPlaces(whole)).toHaveLength(3);
  });

  it('marks groups, ends, sellers and looks', () => {
    const year = new Date().getUTCFullYear();
    expect(cellMarks({ ...marks, groups: ['Night shift'], soldBy: 'Partner', neverKept: 2 })).toEqual([
      'by Night shift',
      'lots sold by Partner',
      'never looked at',
    ]);
    const until = `${year}-12-24T10:00:00Z`;
    expect(cellMarks({ ...marks, until, ending: 1, neverKept: 1 })).toEqual([
      '1 of 2 end, first 24 Dec',
      '1 of 2 never looked at',
    ]);
    const kept = { by: 'Ana Ruiz', at: new Date().toISOString() };
    expect(cellMarks({ ...marks, grantIds: ['1'], until, ending: 1, kept })).toEqual([
      'ends 24 Dec',
      'looked at just now by Ana Ruiz',
    ]);
  });
});

describe('a role in a virtual account', () => {
  const role = (scope: Reviewed['grant']['scope'], ...paths: string[]) =>
    ({ grant: { scope }, virtualAccountPaths: paths.map((path) => path.split('/')) }) as Reviewed;
  const here = { virtualAccountId: 'lyon', aboveIds: ['emea'] };

  it('comes by the whole account, from here, or from above', () => {
    expect(whyHere(role({ kind: 'account' }), here)).toBe('for the whole account');
    const places = [
      { virtualAccountId: 'usa', nested: true },
      { virtualAccountId: 'emea', nested: true },
    ];
    const scope = { kind: 'virtual-accounts' as const, virtualAccounts: places };
    expect(whyHere(role(scope, 'USA', 'EMEA'), here)).toBe('from above: EMEA with all in it');
    const own = [...places, { virtualAccountId: 'lyon', nested: false }];
    expect(whyHere(role({ ...scope, virtualAccounts: own }), here)).toBe('given here');
  });

  it('is counted by its ways', () => {
    expect(waysOf({ here: 2, fromAbove: 0, wholeAccount: 0 })).toBe('here');
    expect(waysOf({ here: 0, fromAbove: 3, wholeAccount: 0 })).toBe('from above');
    expect(waysOf({ here: 1, fromAbove: 2, wholeAccount: 3 })).toBe('1 here, 2 from above, 3 whole account');
  });

  it('is summed up in a sentence', () => {
    expect(peopleSentence({ people: 1, roles: 2, neverKept: 1 })).toBe(
      '1 person holds 2 roles, 1 of them never looked at.',
    );
    expect(peopleSentence({ people: 3, roles: 3, neverKept: 0 })).toBe(
      '3 people hold 3 roles. Somebody has looked at each of them.',
    );
  });
});
