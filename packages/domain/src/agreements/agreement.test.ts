import { describe, expect, it } from 'vitest';
import {
  type AgreementFacts,
  type AgreementGate,
  agreementGates,
  dueAtOf,
  judgeGate,
  standingOf,
} from './agreement.ts';

const at = (text: string) => Temporal.Instant.from(text);
const published = at('2026-11-01T00:00:00Z');
const older = at('2026-01-01T00:00:00Z');

const terms = (change: Partial<AgreementFacts> = {}): AgreementFacts => ({
  agreement: 'terms',
  title: 'Terms',
  version: 3,
  publishedAt: published,
  deadlineDays: 30,
  acceptedVersion: 2,
  ...change,
});

describe('the deadline', () => {
  it.each([
    ['an older account counts from the publication', older, 30, '2026-12-01T00:00:00Z'],
    [
      'a younger account counts from its own beginning',
      at('2026-11-20T06:00:00Z'),
      30,
      '2026-12-20T06:00:00Z',
    ],
    ['one of a day', older, 1, '2026-11-02T00:00:00Z'],
  ])('%s', (_name, createdAt, deadlineDays, due) => {
    expect(dueAtOf(terms({ deadlineDays }), createdAt).toString()).toBe(due);
  });
});

describe('how an account stands', () => {
  it.each([
    ['2026-11-30T23:59:59Z', 2, 'open'],
    ['2026-12-01T00:00:00Z', 2, 'overdue'],
    ['2026-12-01T00:00:00Z', 3, 'accepted'],
    ['2026-12-01T00:00:00Z', 4, 'accepted'],
    ['2026-12-01T00:00:00Z', null, 'overdue'],
    ['2026-11-02T00:00:00Z', null, 'open'],
  ])('at %s with version %s accepted it is %s', (now, acceptedVersion, standing) => {
    expect(standingOf(terms({ acceptedVersion }), older, at(now))).toBe(standing);
  });
});

describe('a gate', () => {
  const late = at('2027-01-01T00:00:00Z');
  const gatesClosed = (
    blocked: readonly AgreementGate[],
    agreements: readonly AgreementFacts[],
    now = late,
  ) => agreementGates.filter((gate) => !judgeGate(gate, blocked, agreements, older, now).ok);

  it('is closed only where the platform says so, and only after the deadline', () => {
    expect(gatesClosed(['tokens', 'delivery'], [terms()])).toEqual(['tokens', 'delivery']);
    expect(gatesClosed(['downloads'], [terms()])).toEqual(['downloads']);
    expect(gatesClosed([], [terms()])).toEqual([]);
    expect(gatesClosed(agreementGates, [terms({ acceptedVersion: 3 })])).toEqual([]);
    expect(gatesClosed(agreementGates, [terms()], at('2026-11-30T00:00:00Z'))).toEqual([]);
    expect(gatesClosed(agreementGates, [])).toEqual([]);
  });

  it('names every agreement that is overdue, and none that is not', () => {
    const data = terms({ agreement: 'data', acceptedVersion: null });
    const young = terms({ agreement: 'young', publishedAt: late });
    const judged = judgeGate('tokens', ['tokens'], [terms(), data, young], older, late);
    expect(judged).toMatchObject({ ok: false, code: 'agreement-overdue' });
    expect(judged.ok ? [] : judged.overdue.map(({ agreement }) => agreement)).toEqual(['terms', 'data']);
  });
});
