import { expect, test } from 'vitest';
import { date, instant } from './shapes.ts';

const complaint = (shape: typeof date | typeof instant, text: string) =>
  shape.safeParse(text).error?.issues.map(({ message }) => message);

test('an instant or a date that is none says how one is written', () => {
  expect(complaint(instant, '2026-11-22')).toContain(
    'must be an instant in UTC such as 2026-11-22T12:00:00Z',
  );
  expect(complaint(instant, '2026-11-22T12:00:00+01:00')).toContain(
    'must be an instant in UTC such as 2026-11-22T12:00:00Z',
  );
  expect(complaint(date, '2026-13-01')).toContain('must be a date such as 2026-11-22');
  expect(instant.safeParse('2026-11-22T12:00:00Z').success).toBe(true);
  expect(date.safeParse('2026-11-22').success).toBe(true);
});
