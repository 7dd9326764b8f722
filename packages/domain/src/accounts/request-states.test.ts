import { expect, it } from 'vitest';
import {
  confirmedState,
  daysOfRequest,
  declinesTaken,
  isOpenRequest,
  mayBecome,
  requestPurposes,
  requestStates,
} from './request-states.ts';

it('goes on as the lifecycle says, and never backwards', () => {
  const lines = requestStates.map((from) =>
    `${from}: ${requestStates.filter((to) => mayBecome(from, to)).join(' ')}`.trim(),
  );
  expect(lines).toEqual([
    'requested: under-review awaiting-acceptance declined expired withdrawn',
    'under-review: awaiting-acceptance active declined expired withdrawn',
    'awaiting-acceptance: active declined expired withdrawn',
    'active:',
    'declined:',
    'expired:',
    'withdrawn:',
  ]);
});

it('expires exactly where it has an end', () => {
  for (const state of requestStates) {
    const ends = requestPurposes.some((purpose) => daysOfRequest(state, purpose) !== null);
    expect(mayBecome(state, 'expired'), state).toBe(ends);
  }
  const ofReview = requestPurposes.map((purpose) => [purpose, daysOfRequest('under-review', purpose)]);
  expect(Object.fromEntries(ofReview)).toEqual({ own: null, customer: null, order: null, upgrade: 30 });
  expect(requestStates.filter(isOpenRequest)).toEqual(['requested', 'under-review', 'awaiting-acceptance']);
});

it('reviews a prefix, and declines what another account has', () => {
  expect(confirmedState({ isTaken: false, needsReview: false })).toBe('awaiting-acceptance');
  expect(confirmedState({ isTaken: false, needsReview: true })).toBe('under-review');
  expect(confirmedState({ isTaken: true, needsReview: false })).toBe('declined');
  expect(confirmedState({ isTaken: true, needsReview: true })).toBe('declined');
});

it('tells by its state that there is such an account only to somebody of its company, and never to a partner', () => {
  const told = (requesterEmail: string, domainIdentifier = 'lab.example.com') =>
    requestPurposes.filter((purpose) => declinesTaken({ purpose, domainIdentifier, requesterEmail }));
  expect(told('ana@example.com')).toEqual(['own', 'order', 'upgrade']);
  expect(told('ana@lab.example.com')).toEqual(['own', 'order', 'upgrade']);
  for (const stranger of ['ana@gmail.com', 'ana@b.example.com', 'ana@ample.com'])
    expect(told(stranger)).toEqual([]);
  expect(told('ana@gmail.com', 'ana@gmail.com')).toEqual(['own', 'order', 'upgrade']);
  expect(told('eve@gmail.com', 'ana@gmail.com')).toEqual([]);
});
