import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';
import type { Cadence } from './catalogue.ts';

/** When digests come to somebody. */
export interface DigestHours {
  /** IANA name, such as `Europe/Madrid`; null is UTC, because nobody said where they are. */
  timeZone: string | null;
  /** 0 to 23. */
  hour: number;
  /** Of weekly digests: 1 is Monday, 7 Sunday. */
  weekday: number;
}

export const defaultHours: DigestHours = { timeZone: null, hour: 7, weekday: 1 };

/** At most so many lines are in a mail; how many more there are is told. */
export const mostDigestLines = 50;

/**
 * When what changes now is told: at once, or at the next hour that was chosen, which is after `now` even when that is
 * the hour itself. Null for `off`. An hour that a change of the clock leaves out is an hour later that day.
 */
export function nextDigestAt(
  { timeZone, hour, weekday }: DigestHours,
  cadence: Cadence,
  now: Temporal.Instant,
): Temporal.Instant | null {
  if (cadence === 'off') return null;
  if (cadence === 'immediate') return now;
  const zone = timeZone ?? 'UTC';
  const today = now.toZonedDateTimeISO(zone).toPlainDate();
  const days = cadence === 'daily' ? 0 : (weekday - today.dayOfWeek + 7) % 7;
  const on = (date: Temporal.PlainDate) =>
    date.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from({ hour }) }).toInstant();
  const first = on(today.add({ days }));
  if (Temporal.Instant.compare(first, now) > 0) return first;
  return on(today.add({ days: days + (cadence === 'daily' ? 1 : 7) }));
}

export type TimeZoneRefusal = Refusal<'time-zone-unknown', { readonly detail: string }>;

/** A time zone by its IANA name, as the runtime knows it. Offsets such as `+02:00` are refused: they miss changes of the clock. */
export function readTimeZone(given: string): Decision<string, TimeZoneRefusal> {
  const unknown = () =>
    refuse('time-zone-unknown', { detail: `${given} is no time zone. Write one like Europe/Madrid.` });
  if (!/^[A-Za-z]/.test(given)) return unknown();
  try {
    return accept(new Intl.DateTimeFormat('en', { timeZone: given }).resolvedOptions().timeZone);
  } catch {
    return unknown();
  }
}
