import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { failed, formatValue, judge, mergeFigures, readFigures, renderFigures } from './results.ts';
import type { Figure } from './scenario.ts';
import { insertTable, renderTable } from './table.ts';

const figure = (name: string, value: number, note = ''): Figure => ({ name, value, unit: '1/s', note });

test('a run of some scenarios replaces their figures and keeps the others', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'estover-results-'));
  const file = join(folder, 'latest.json');
  try {
    expect(await readFigures(file)).toEqual([]);
    await mergeFigures([figure('a', 1), figure('b', 2)], file);
    await mergeFigures([figure('b', 3), figure('c', 4)], file);
    expect(await readFigures(file)).toEqual([figure('a', 1), figure('b', 3), figure('c', 4)]);
    expect(JSON.parse(await readFile(file, 'utf8'))[0]).toEqual({
      name: 'a',
      value: 1,
      unit: '1/s',
      note: '',
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each([
  ['registrations.per-second', 1_000, 'ok'],
  ['registrations.per-second', 999, 'short'],
  ['start.existing.seconds', 2, 'ok'],
  ['start.existing.seconds', 2.1, 'short'],
  ['http.bare-fastify.256.per-second', 1, ''],
])('%s at %d is judged "%s"', (name, value, word) => {
  expect(judge(figure(name, value))).toBe(word);
});

test('a figure whose run failed is void, however good it looks', () => {
  const void_ = failed(figure('registrations.per-second', 5_000, 'fast'), '3 × 503 too-busy');
  expect(judge(void_)).toBe('failed');
  expect(void_.note).toBe('failed: 3 × 503 too-busy; fast');
  expect(renderFigures([void_])).toMatch(
    /registrations\.per-second +5,000 +1\/s +≥ 1,000 +failed +failed: 3/,
  );
});

test.each([
  [12_345.6, '12,346'],
  [99.95, '100'],
  [14.26, '14.3'],
  [0.012345, '0.0123'],
  [Number.NaN, '–'],
])('%d is written %s', (value, text) => {
  expect(formatValue(value)).toBe(text);
});

test('the table replaces what lies between the markers, and nothing else', () => {
  const before = 'a\n<!-- figures: npm run bench -- --document -->\nold\n<!-- /figures -->\nz';
  const once = insertTable(before, [figure('b.10', 1), figure('b.9', 2, 'one | two')]);
  expect(once).toContain('one \\| two');
  expect(once).not.toContain('old');
  expect(once.startsWith('a\n') && once.endsWith('\nz')).toBe(true);
  expect(once.indexOf('b.9')).toBeLessThan(once.indexOf('b.10'));
  expect(insertTable(once, [figure('b.10', 1), figure('b.9', 2, 'one | two')])).toBe(once);
  expect(() => insertTable('no markers', [figure('a', 1)])).toThrow('no place');
  expect(renderTable([figure('a', 1)]).split('\n')).toHaveLength(3);
});
