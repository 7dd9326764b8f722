import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideRegistration } from './register.ts';
import { decideSequence } from './sequence.ts';
import { type AnsweredLicenseState, authorizationStateOf } from './states.ts';
import {
  authorizationDeadline,
  certificateTerm,
  clockDifference,
  evaluationWarningDue,
  evaluationWarnings,
  nextContactSeconds,
} from './timers.ts';

const at = (text: string) => Temporal.Instant.from(text);
const day = 86_400;

describe('the overall authorization state', () => {
  it.each<[string, AnsweredLicenseState[], string]>([
    ['nothing', [], 'no-licenses-in-use'],
    ['all in compliance', ['in-compliance', 'in-compliance'], 'authorized'],
    ['one within its overage', ['in-compliance', 'overage'], 'authorized'],
    ['one short', ['in-compliance', 'out-of-compliance'], 'out-of-compliance'],
    ['one unknown', ['in-compliance', 'invalid-tag'], 'out-of-compliance'],
    ['one disabled', ['disabled'], 'out-of-compliance'],
  ])('with %s is right', (_, states, expected) => {
    expect(authorizationStateOf(states.map((state) => ({ count: 1, state })))).toBe(expected);
  });

  it('looks only at licenses that are in use', () => {
    expect(authorizationStateOf([{ count: 0, state: 'out-of-compliance' }])).toBe('no-licenses-in-use');
  });
});

describe('timers', () => {
  it('are the field’s: 30 days, 12 hours, 90 days, 6 months, one year', () => {
    const now = at('2026-11-22T12:00:00Z');
    expect(nextContactSeconds('authorized')).toBe(2_592_000);
    expect(nextContactSeconds('no-licenses-in-use')).toBe(2_592_000);
    expect(nextContactSeconds('out-of-compliance')).toBe(43_200);
    expect(authorizationDeadline(now).toString()).toBe('2027-02-20T12:00:00Z');
    const term = certificateTerm(now);
    expect(term.notBefore.toString()).toBe('2026-11-22T11:00:00Z');
    expect(term.renewAfter.toString()).toBe('2027-05-21T12:00:00Z');
    expect(term.notAfter.toString()).toBe('2027-11-22T12:00:00Z');
  });

  it.each([
    ['2026-11-22T13:00:00Z', 3600, false],
    ['2026-11-22T13:00:01Z', 3601, true],
    ['2026-11-22T11:00:00Z', -3600, false],
    ['2026-11-22T10:59:59.500Z', -3600, true],
  ])('a clock at %s differs by %d seconds', (sentAt, differenceSeconds, tooFar) => {
    expect(clockDifference(at(sentAt), at('2026-11-22T12:00:00Z'))).toEqual({ differenceSeconds, tooFar });
  });
});

describe('evaluation warnings', () => {
  it('come at 60, 30, 21, 14, 7 days, daily in the last week, hourly on the last day', () => {
    const given: number[] = [];
    let last: number | undefined;
    for (let remaining = 90 * day; remaining >= -day; remaining -= 600) {
      const due = evaluationWarningDue(remaining, last);
      if (due !== undefined) {
        given.push(due);
        last = due;
      }
    }
    expect(given).toEqual([...evaluationWarnings]);
    expect(given.slice(0, 12).map((seconds) => seconds / day)).toEqual([
      60,
      30,
      21,
      14,
      7,
      6,
      5,
      4,
      3,
      2,
      1,
      23 / 24,
    ]);
    expect(given).toHaveLength(34);
  });

  it('give only the latest when several were missed, and none after the end', () => {
    expect(evaluationWarningDue(10 * day, 60 * day)).toBe(14 * day);
    expect(evaluationWarningDue(10 * day, 14 * day)).toBeUndefined();
    expect(evaluationWarningDue(0, undefined)).toBeUndefined();
    expect(evaluationWarningDue(61 * day, undefined)).toBeUndefined();
  });
});

describe('registering the same product id and serial number again', () => {
  const earlier = { instanceId: 'i', virtualAccountId: 'here' };
  it.each([
    ['the first time', undefined, false, 'here', { ok: true, replaces: undefined }],
    ['without force', earlier, false, 'here', { ok: false, code: 'already-registered', earlier }],
    ['without force, elsewhere', earlier, false, 'there', { ok: false, code: 'already-registered', earlier }],
    ['with force', earlier, true, 'here', { ok: true, replaces: earlier, alert: undefined }],
    [
      'with force, elsewhere',
      earlier,
      true,
      'there',
      { ok: true, replaces: earlier, alert: 'duplicate-instance' },
    ],
  ])('%s', (_, known, force, virtualAccountId, expected) => {
    expect(decideRegistration({ force, virtualAccountId, earlier: known })).toEqual(expected);
  });
});

describe('sequence numbers', () => {
  it('going back are flagged or refused, and the last one never falls', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 })),
        fc.constantFrom('flag', 'refuse'),
        (numbers, policy) => {
          let highest = 0;
          for (const sequence of numbers) {
            const decision = decideSequence(sequence, highest, policy);
            const regressed = sequence <= highest;
            expect(decision.ok).toBe(!(regressed && policy === 'refuse'));
            if (decision.ok) expect(decision.alert).toBe(regressed ? 'sequence-regressed' : undefined);
            expect(decision.lastSequence).toBe(Math.max(highest, sequence));
            highest = decision.lastSequence;
          }
        },
      ),
    );
  });
});
