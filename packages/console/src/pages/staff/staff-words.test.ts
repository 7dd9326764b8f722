import { expect, it } from 'vitest';
import { rolesInWords, staffInWords } from './staff-words.ts';

const settings = { secondFactorRequired: false, supportMostMinutes: 480 };

it('says how many there are, and who has no second factor', () => {
  expect(staffInWords({ people: 1, withoutSecondFactor: 0, settings })).toBe(
    '1 person of the publisher has a platform role, all with a second factor.',
  );
  expect(staffInWords({ people: 3, withoutSecondFactor: 2, settings })).toBe(
    '3 people of the publisher have a platform role; 2 without a second factor.',
  );
  const required = { ...settings, secondFactorRequired: true };
  expect(staffInWords({ people: 3, withoutSecondFactor: 2, settings: required })).toBe(
    '3 people of the publisher have a platform role; 2 without a second factor, whose roles wait until they set one up.',
  );
});

it('names roles with their ends', () => {
  const given = { grantedBy: null, grantedAt: '2026-11-22T12:00:00Z' };
  expect(
    rolesInWords({
      roles: [
        { role: 'operator', until: null, ...given },
        { role: 'order-desk', until: '2026-12-31T12:00:00Z', ...given },
      ],
    }),
  ).toMatch(/^Operator, Order desk until .*31.*2026$/);
});
