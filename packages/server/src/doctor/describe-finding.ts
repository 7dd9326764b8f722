import type { Finding } from './law.ts';

/** A finding in one line: the law, what it is about, what it should be and what it is. */
export function describeFinding({ law, accountId, subject, expected, found }: Finding): string {
  const about = [
    ...(accountId === null ? [] : [`account ${accountId}`]),
    ...Object.entries(subject)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${words(name)} ${value}`),
  ].join(', ');
  return `${law} ${about === '' ? '' : `${about}: `}expected ${told(expected)}, found ${told(found)}`;
}

/** `virtualAccountId` becomes `virtual account`. */
const words = (name: string): string =>
  name.replace(/Id$/, '').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

function told(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(told).join(' ');
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([name, member]) => `${name} ${told(member)}`)
    .join(', ');
}
