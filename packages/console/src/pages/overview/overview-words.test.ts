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
  const place = { name: 'EMEA / Lyon', nested: false };
  const calm = { major: 0, minor: 0, informational: 0 };
  expect(overviewSentence({ openAlerts: calm, totals }, place)).toBe(
    'EMEA / Lyon, alone. Nothing needs you today. Everything is in compliance.',
  );
  expect(
    overviewSentence({ openAlerts: calm, totals: { ...totals, pools: 0 } }, { ...place, nested: true }),
  ).toBe('EMEA / Lyon, with everything nested. No licenses here.');
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
  const line = (path: string, poolsShort = 0) => {
    const names = path.split('/');
    return { path: names, depth: names.length, own: { poolsShort } };
  };
  const tree = [
    line('Americas'),
    line('Americas/Denver'),
    line('Americas/Toronto'),
    line('EMEA'),
    line('EMEA/Milan'),
    line('EMEA/Oslo'),
    line('EMEA/Oslo/Depot North'),
    line('EMEA/Oslo/Depot South', 1),
    line('Operations'),
  ];
  const names = (most: number) => virtualAccountsShown(tree, most).map(({ path }) => path.at(-1));
  expect(names(3)).toEqual(['Americas', 'EMEA', 'Operations']);
  expect(names(5)).toEqual(['Americas', 'EMEA', 'Oslo', 'Depot South', 'Operations']);
  expect(names(7)).toEqual(['Americas', 'Denver', 'Toronto', 'EMEA', 'Oslo', 'Depot South', 'Operations']);
  expect(virtualAccountsShown(tree, 9)).toEqual(tree);
  expect(virtualAccountsShown([], 4)).toEqual([]);
});
