import { describe, expect, test } from 'vitest';
import { type Movement, movementSentence, undoReason } from './movement-words.ts';

const entry = (path: string[], delta: number, state = 'available'): Movement['entries'][number] => ({
  lotId: '01940000-0000-7000-8000-000000000001',
  tag: 'regid.2026-01.example.estover.NET_ADV,1.0_6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
  licenseName: 'Network Advantage',
  virtualAccountId: path.length === 0 ? null : '01940000-0000-7000-8000-000000000002',
  virtualAccountPath: path,
  state,
  delta,
});

const movement = (facts: Partial<Movement>): Movement => ({
  movementId: '01940000-0000-7000-8000-000000000003',
  kind: 'transfer',
  at: '2026-11-20T12:00:00Z',
  reason: '',
  by: 'Ana Ruiz',
  requestId: null,
  orderNumber: null,
  undoOf: null,
  undoneBy: null,
  undoableUntil: '2026-11-27T12:00:00Z',
  entries: [entry(['EMEA', 'Madrid'], -31), entry(['EMEA', 'Lyon'], 31)],
  ...facts,
});

describe('a movement in one sentence', () => {
  test('a transfer names both places and counts its units once', () => {
    expect(movementSentence(movement({}))).toBe('Moved 31 from EMEA / Madrid to EMEA / Lyon');
  });

  test('the outside is not a place', () => {
    const delivered = movement({ kind: 'deposit', entries: [entry([], -100), entry(['Lyon'], 100)] });
    expect(movementSentence(delivered)).toBe('Delivered 100 to Lyon');
  });

  test('a change of state stays where it is', () => {
    const started = movement({
      kind: 'start',
      entries: [entry(['Lyon'], -5, 'pending'), entry(['Lyon'], 5, 'available')],
    });
    expect(movementSentence(started)).toBe('Started 5 in Lyon');
  });
});

test('undo is refused with a reason once it is too late, done, or was never possible', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  expect(undoReason(movement({}), now)).toBeNull();
  expect(undoReason(movement({ undoableUntil: '2026-11-22T12:00:00Z' }), now)).toContain('7 days');
  expect(undoReason(movement({ undoneBy: '01940000-0000-7000-8000-000000000009' }), now)).toContain(
    'already',
  );
  expect(undoReason(movement({ undoableUntil: null }), now)).toContain('Only transfers');
});
