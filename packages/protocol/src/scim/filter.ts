import { plainName } from './attributes.ts';
import { ScimError } from './error.ts';

const longest = 1_000;
const name = '(?:urn:ietf:params:scim:schemas:core:2\\.0:(?:User|Group):)?[a-z]+(?:\\.[a-z]+)?';
const value = '"(?:[^"\\\\]|\\\\.)*"|true|false';
const plain = new RegExp(`^(${name})\\s+eq\\s+(${value})`, 'i');
const inBrackets = new RegExp(`^(${name})\\[\\s*(${name})\\s+eq\\s+(${value})\\s*\\]`, 'i');

/**
 * Reads a filter of `eq` terms joined by `and` (RFC 7644 §3.4.2.2); `members[value eq "…"]` is the same as
 * `members.value eq "…"`, and so is `members eq "…"`, which some identity providers send.
 *
 * @param attributes those that may be filtered by, as they are written in answers
 * @throws ScimError `invalidFilter` for anything else, so that no list looks filtered and is not
 */
export function readFilter<Name extends string>(
  text: string,
  attributes: readonly Name[],
): { attribute: Name; value: string }[] {
  const refuse = (detail: string): ScimError =>
    new ScimError(
      400,
      `${detail} Filter by ${attributes.join(', ')} with eq, joined by and.`,
      'invalidFilter',
    );
  if (text.length > longest) throw refuse(`The filter has more than ${longest} characters.`);
  const terms: { attribute: Name; value: string }[] = [];
  let rest = text.trim();
  for (;;) {
    const brackets = inBrackets.exec(rest);
    const match = brackets ?? plain.exec(rest);
    if (match === null) throw refuse('The filter cannot be read.');
    const [whole, first = '', second = '', third = ''] = match;
    const written = plainName(brackets === null ? first : `${first}.${second}`);
    const wanted = written === 'members' ? 'members.value' : written;
    const attribute = attributes.find((known) => known.toLowerCase() === wanted);
    if (attribute === undefined) throw refuse(`Nothing is filtered by ${written} here.`);
    terms.push({ attribute, value: textOfValue(brackets === null ? second : third, refuse) });
    rest = rest.slice(whole.length);
    if (rest.trim() === '') return terms;
    const joint = /^\s+and\s+/i.exec(rest);
    if (joint === null) throw refuse('The filter cannot be read.');
    rest = rest.slice(joint[0].length);
  }
}

function textOfValue(written: string, refuse: (detail: string) => ScimError): string {
  if (!written.startsWith('"')) return written.toLowerCase();
  try {
    const read = String(JSON.parse(written));
    if (!/\p{Cc}/u.test(read)) return read;
  } catch {
    // Falls through: an escape that JSON does not have.
  }
  throw refuse('A value of the filter cannot be read.');
}
