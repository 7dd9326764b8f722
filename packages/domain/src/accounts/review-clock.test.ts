import { expect, it } from 'vitest';
import { requestStates } from './request-states.ts';
import { reviewDueAt } from './review-clock.ts';

const at = (day: number) => Temporal.Instant.from(`2026-03-${String(day).padStart(2, '0')}T12:00:00Z`);
const waits = { state: 'under-review', stateSince: at(1), questionAt: null, answeredAt: null } as const;

it('runs from the review’s beginning, stands for a question, and begins anew with the answer', () => {
  expect(reviewDueAt(waits, 5)).toEqual(at(6));
  expect(reviewDueAt({ ...waits, questionAt: at(3) }, 5)).toBeNull();
  expect(reviewDueAt({ ...waits, questionAt: at(3), answeredAt: at(4) }, 5)).toEqual(at(9));
  const running = requestStates.filter((state) => reviewDueAt({ ...waits, state }, 5) !== null);
  expect(running).toEqual(['under-review']);
});
