import { expect, it } from 'vitest';
import { judgeProof } from './recent-proof.ts';

const now = Temporal.Instant.from('2026-11-22T12:00:00Z');

it.each([
  ['2026-11-22T12:00:00Z', true],
  ['2026-11-22T11:45:00Z', true],
  ['2026-11-22T11:44:59.999Z', false],
  ['2026-11-15T12:00:00Z', false],
])('a proof of %s holds at noon: %s', (provedAt, holds) => {
  expect(judgeProof(Temporal.Instant.from(provedAt), now).ok).toBe(holds);
});

it('asks again where nobody knows when the person proved who they are', () => {
  expect(judgeProof(null, now)).toMatchObject({ ok: false, code: 'step-up-required' });
});
