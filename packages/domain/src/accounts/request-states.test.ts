import { expect, it } from 'vitest';
import {
  confirmedState,
  declinesTaken,
  isOpenRequest,
  mayBecome,
  requestDays,
  requestPurposes,
  requestStates,
} from './request-states.ts';

it('goes on as the lifecycle says, and never backwards', () => {
  const lines = requestStates.map((from) =>
    `${from}: ${requestStates.filter((to) => mayBecome(from, to)).join(' ')}`.trim(),
  );
  expect(lines).toEqual([
    'requested: under-review awaiting-acceptance declined expired withdrawn',
    'under-review: awaiting-acceptance active declined withdrawn',
    'awaiting-acceptance: active declined expired withdrawn',
    'active:',
    'declined:',
    'expired:',
    'withdrawn:',
  ]);
});

it('expires exactly where it has an end', () => {
  for (const state of requestStates) {
    expect(mayBecome(state, 'expired'), state).toBe(requestDays[state] !== null);
  }
  expect(requestStates.filter(isOpenRequest)).toEqual(['requested', 'under-review', 'awaiting-acceptance']);
});

it('reviews a prefix, and declines what another account has', () => {
  expect(confirmedState({ isTaken: false, hasPrefix: false })).toBe('awaiting-acceptance');
  expect(confirmedState({ isTaken: false, hasPrefix: true })).toBe('under-review');
  expect(confirmedState({ isTaken: true, hasPrefix: false })).toBe('declined');
  expect(confirmedState({ isTaken: true, hasPrefix: true })).toBe('declined');
});

it('never tells a partner by its state that there is such an account', () => {
  expect(requestPurposes.filter(declinesTaken)).toEqual(['own', 'order', 'upgrade']);
});
