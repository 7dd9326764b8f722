import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressKindNames,
  cadences,
  judgeAddedAddress,
  kindOfAlert,
  nextDigestAt,
  readTimeZone,
  staffKindNames,
  subscribedKindNames,
  transactionalKinds,
} from './index.ts';

const at = (text: string) => Temporal.Instant.from(text);
const next = (hours: string, cadence: 'daily' | 'weekly', now: string): string | undefined => {
  const [timeZone = '', hour, weekday] = hours.split(' ');
  const given = {
    timeZone: timeZone === '-' ? null : timeZone,
    hour: Number(hour),
    weekday: Number(weekday),
  };
  return nextDigestAt(given, cadence, at(now))?.toString();
};

describe('the next digest', () => {
  it.each([
    // 2026-11-22 is a Sunday.
    ['- 7 1', 'daily', '2026-11-22T06:59:59Z', '2026-11-22T07:00:00Z'],
    ['- 7 1', 'daily', '2026-11-22T07:00:00Z', '2026-11-23T07:00:00Z'],
    ['- 7 1', 'weekly', '2026-11-22T12:00:00Z', '2026-11-23T07:00:00Z'],
    ['- 7 7', 'weekly', '2026-11-22T06:00:00Z', '2026-11-22T07:00:00Z'],
    ['- 7 7', 'weekly', '2026-11-22T07:00:00Z', '2026-11-29T07:00:00Z'],
    ['Europe/Madrid 7 1', 'daily', '2026-11-22T05:00:00Z', '2026-11-22T06:00:00Z'],
    ['Asia/Tokyo 7 1', 'daily', '2026-11-22T21:00:00Z', '2026-11-22T22:00:00Z'],
    // It is Monday in Tokyo already.
    ['Asia/Tokyo 9 1', 'weekly', '2026-11-22T23:00:00Z', '2026-11-23T00:00:00Z'],
    // Seven in the morning stays seven in the morning, before and after the clocks change.
    ['Europe/Madrid 7 1', 'daily', '2026-03-28T12:00:00Z', '2026-03-29T05:00:00Z'],
    ['Europe/Madrid 7 1', 'daily', '2026-10-24T12:00:00Z', '2026-10-25T06:00:00Z'],
    ['Europe/Madrid 7 1', 'weekly', '2026-03-28T12:00:00Z', '2026-03-30T05:00:00Z'],
    ['Europe/Madrid 7 1', 'weekly', '2026-10-24T12:00:00Z', '2026-10-26T06:00:00Z'],
    // Summer begins at 02:00, which there is not that day.
    ['Europe/Madrid 2 1', 'daily', '2026-03-28T12:00:00Z', '2026-03-29T01:00:00Z'],
    ['Europe/Madrid 2 1', 'daily', '2026-10-24T12:00:00Z', '2026-10-25T00:00:00Z'],
  ] as const)('of %s, %s, after %s is at %s', (hours, cadence, now, due) => {
    expect(next(hours, cadence, now)).toBe(due);
  });

  it('is now where it is immediate, and never where it is off', () => {
    const hours = { timeZone: null, hour: 7, weekday: 1 };
    const now = at('2026-11-22T12:00:00Z');
    expect(nextDigestAt(hours, 'immediate', now)).toEqual(now);
    expect(nextDigestAt(hours, 'off', now)).toBeNull();
  });

  it('is always after now, and within the period and a changed clock', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('UTC', 'Europe/Madrid', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
        fc.integer({ min: 0, max: 23 }),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom('daily' as const, 'weekly' as const),
        fc.integer({ min: 1_700_000_000, max: 1_900_000_000 }),
        (timeZone, hour, weekday, cadence, seconds) => {
          const now = Temporal.Instant.fromEpochMilliseconds(seconds * 1000);
          const due = nextDigestAt({ timeZone, hour, weekday }, cadence, now);
          const hours = due?.since(now).total('hours') ?? 0;
          expect(hours).toBeGreaterThan(0);
          expect(hours).toBeLessThanOrEqual((cadence === 'daily' ? 24 : 168) + 1);
          if (cadence === 'weekly') expect(due?.toZonedDateTimeISO(timeZone).dayOfWeek).toBe(weekday);
        },
      ),
    );
  });
});

it('knows time zones by name and refuses everything else', () => {
  expect(readTimeZone('Europe/Madrid')).toEqual({ ok: true, value: 'Europe/Madrid' });
  expect(readTimeZone('europe/madrid')).toEqual({ ok: true, value: 'Europe/Madrid' });
  for (const given of ['Europe/Atlantis', '+02:00', '', '../etc']) {
    expect(readTimeZone(given)).toMatchObject({ ok: false, code: 'time-zone-unknown' });
  }
});

it('tells each alert as one kind, and ends by their notice', () => {
  expect([90, 60, 30, null].map((days) => kindOfAlert('licenses-expiring', days))).toEqual([
    'ending-90',
    'ending-60',
    'ending-30',
    'ending-90',
  ]);
  expect(kindOfAlert('insufficient-licenses', null)).toBe('shortage');
  expect(kindOfAlert('something-else', null)).toBeUndefined();
});

it('has no kind that is both always sent and chosen, and keeps what is about one person from added addresses', () => {
  expect(subscribedKindNames.filter((name) => name in transactionalKinds)).toEqual([]);
  expect(subscribedKindNames.filter((name) => !addressKindNames.includes(name))).toEqual([
    'own-role',
    'account-requests',
    'order-desk',
    'recoveries',
  ]);
  expect(staffKindNames).toEqual(['account-requests', 'order-desk', 'recoveries']);
  expect(cadences).toEqual(['immediate', 'daily', 'weekly', 'off']);
});

it.each([
  ['licenses@northwind.example', 'customer', 'northwind.example', 'licenses@northwind.example'],
  ['Licenses@NORTHWIND.example.', 'holding', 'northwind.example', 'licenses@northwind.example'],
  // An identifier with a prefix belongs to the domain behind it.
  ['licenses@northwind.example', 'customer', 'lab.northwind.example', 'licenses@northwind.example'],
  ['licenses@evil.northwind.example', 'customer', 'northwind.example', null],
  ['licenses@elsewhere.example', 'customer', 'northwind.example', null],
  ['licenses@public.example', 'customer', 'lab.public.example', null],
  ['ana@public.example', 'limited-use', 'ana@public.example', null],
] as const)('an added address %s of a %s account %s is %s', (email, kind, domainIdentifier, accepted) => {
  const judged = judgeAddedAddress(
    email,
    { kind, domainIdentifier },
    (domain) => domain === 'public.example',
  );
  expect(judged.ok ? judged.value : null).toBe(accepted);
});
