import { expect, it } from 'vitest';
import { toLookThrough } from './to-look-through.ts';

const key = { kind: 'API key', name: 'Nightly\u001b[2J', prefix: 'esak_4dFq', accountName: 'Northwind' };

it('names what works again after a restore, each with its account, and nothing that a terminal obeys', () => {
  const token = { ...key, kind: 'registration token', name: 'all of Lab', prefix: 'esrt_01ki' };
  expect(toLookThrough([{ ...key, accountName: null }, token])).toEqual([
    expect.stringContaining('also if they were revoked since'),
    '  the platform: API key esak_4dFq (Nightly [2J)',
    '  Northwind: registration token esrt_01ki (all of Lab)',
  ]);
});

it('counts what is too much to name, and is silent about nothing', () => {
  const lines = toLookThrough(Array.from({ length: 53 }, () => key));
  expect(lines).toHaveLength(1 + 50 + 1);
  expect(lines.at(-1)).toBe('  and 3 more');
  expect(toLookThrough([])).toEqual([]);
});
