import type { Finding } from './law.ts';

/**
 * A finding in one line: the law, what it is about, what it should be and what it is.
 *
 * @param names what people call the ids, by id; an id without a name is shown alone
 */
export function describeFinding(
  { law, accountId, subject, expected, found }: Finding,
  names: ReadonlyMap<string, string> = new Map(),
): string {
  const about = Object.entries({ accountId, ...subject })
    .filter(([, value]) => value !== null)
    .map(([key, value]) => {
      const name = names.get(String(value));
      return `${words(key)} ${name === undefined ? value : `${name} (${value})`}`;
    })
    .join(', ');
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
