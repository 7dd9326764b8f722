/** How the console writes numbers and times. Numbers follow the browser's locale; a minus is −, never a hyphen. */

const number = new Intl.NumberFormat();
const percent = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** `1,200`, `−31`. */
export function formatNumber(value: number): string {
  // Adding 0 turns −0, which a negated nothing is, into 0.
  return number.format(value + 0).replace('-', '−');
}

/** A change with its sign: `+4`, `−4`, `0`. */
export function formatChange(value: number): string {
  return value > 0 ? `+${number.format(value)}` : formatNumber(value);
}

/** `86.9 %` of a whole; null where there is no whole. */
export function formatShare(part: number, whole: number): string | null {
  return whole === 0 ? null : `${percent.format((part / whole) * 100)} %`;
}

/** `1 license`, `2 licenses`. */
export function count(quantity: number, one: string, many = `${one}s`): string {
  return `${formatNumber(quantity)} ${quantity === 1 ? one : many}`;
}

// Months are written as words because 03/04 means two different days to two readers.
const day = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
const shortDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const localTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});
const localShortTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const month = new Intl.DateTimeFormat('en-GB', { month: 'short', timeZone: 'UTC' });
const longMonth = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** `14 Dec 2026`. Terms begin and end by UTC days, whatever zone the reader sits in. */
export function formatDay(instant: string): string {
  return day.format(new Date(instant));
}

/** `14 Dec`, and the year where it is not the year of `now`. */
export function formatShortDay(instant: string, now = Date.now()): string {
  const date = new Date(instant);
  return date.getUTCFullYear() === new Date(now).getUTCFullYear() ? shortDay.format(date) : day.format(date);
}

/** `22 Nov 2026, 14:02` in the reader's zone. */
export function formatInstant(instant: string): string {
  return localTime.format(new Date(instant));
}

/** `22 Nov, 14:02` in the reader's zone, with the year where it is another one. */
export function formatShortInstant(instant: string, now = Date.now()): string {
  const date = new Date(instant);
  const format = date.getFullYear() === new Date(now).getFullYear() ? localShortTime : localTime;
  return format.format(date);
}

/** `2026-12` as `Dec`, or `December 2026` in full. */
export function formatMonth(yearAndMonth: string, form: 'short' | 'long'): string {
  return (form === 'short' ? month : longMonth).format(new Date(`${yearAndMonth}-01T00:00:00Z`));
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const steps: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** `3 days ago`, `in 2 months`, `just now`. */
export function formatRelative(instant: string, now = Date.now()): string {
  const seconds = (Date.parse(instant) - now) / 1000;
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return 'just now';
}

/** Names from the top down, as people write them: `EMEA / Lyon`. */
export function formatPath(path: readonly string[]): string {
  return path.join(' / ');
}

/** The end of a path, for a sentence that names several: `… / Lyon / Depot 3`. */
export function formatPathEnd(path: readonly string[]): string {
  return path.length <= 2 ? formatPath(path) : formatPath(['…', ...path.slice(-2)]);
}

/** The part of a tag that people recognise: `NET_ADV,1.0` of `regid.2026-01.example.vendor.NET_ADV,1.0_6f96…`. */
export function shortTag(tag: string): string {
  const match = /\.([A-Za-z0-9_-]+,[0-9A-Za-z.]+)_[0-9a-f-]{36}$/.exec(tag);
  return match?.[1] ?? tag;
}
