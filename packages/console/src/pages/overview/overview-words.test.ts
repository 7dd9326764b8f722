import { expect, test } from 'vitest';
import { type Overview, overviewSentence, virtualAccountsShown } from './overview-words.ts';

const totals: Overview['totals'] = {
  owned: 100,
  pending: 0,
  reserved: 0,
  held: 0,
  expired: 0,
  inUse: 50,
  balance: 50,
  short: 0,
  pools: 4,
  poolsShort: 0,
  endingWithin90Days: 0,
  productInstances: 3,
};

const sentence = (openAlerts: Overview['openAlerts'], facts: Partial<Overview['totals']> = {}): string =>
  overviewSentence({ openAlerts, totals: { ...totals, ...facts } });

test('says how much needs somebody, and how the rest is', () => {
  expect(sentence({ major: 2, minor: 1, informational: 5 }, { poolsShort: 2 })).toBe(
    'Two things need you today, 1 can wait. Everything else is in compliance.',
  );
  expect(sentence({ major: 0, minor: 1, informational: 0 })).toBe(
    'Nothing needs you today, 1 can wait. Everything is in compliance.',
  );
  expect(sentence({ major: 12, minor: 0, informational: 0 }, { poolsShort: 12 })).toMatch(/^12 things need/);
});

test('never claims compliance over a shortage whose alert was put aside', () => {
  expect(sentence({ major: 0, minor: 0, informational: 0 }, { poolsShort: 1 })).toBe(
    'Nothing needs you today. 1 pool out of compliance.',
  );
});

test('an account without licenses is told where they come from', () => {
  expect(sentence({ major: 0, minor: 0, informational: 0 }, { pools: 0 })).toContain('order is delivered');
});

test('the tree keeps its top and what is short where it does not fit', () => {
  const line = (name: string, depth: number, poolsShort = 0) => ({ name, depth, own: { poolsShort } });
  const tree = [
    line('Americas', 1),
    line('Denver', 2),
    line('Toronto', 2),
    line('EMEA', 1),
    line('Oslo', 2),
    line('Depot North', 3),
    line('Depot South', 3, 1),
    line('Operations', 1),
  ];
  const names = (most: number) => virtualAccountsShown(tree, most).map(({ name }) => name);
  expect(names(4)).toEqual(['Americas', 'EMEA', 'Depot South', 'Operations']);
  expect(names(6)).toEqual(['Americas', 'Denver', 'Toronto', 'EMEA', 'Depot South', 'Operations']);
  expect(names(8)).toEqual(tree.map(({ name }) => name));
  expect(virtualAccountsShown([], 4)).toEqual([]);
});
