import { invalidValue, ScimError } from './error.ts';

export type Attributes = Readonly<Record<string, unknown>>;

/**
 * Reads an object with its names in small letters, because attribute names have no case (RFC 7643 §2.1).
 *
 * @throws ScimError `invalidSyntax` when it is no object
 */
export function attributesOf(given: unknown, what: string): Attributes {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ScimError(400, `${what} must be an object.`, 'invalidSyntax');
  }
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
}

/** A text without control characters, trimmed; null where it is absent, null or blank. */
export function textIn(value: unknown, what: string, maximum = 320): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw invalidValue(`${what} must be a text.`);
  const text = value.trim();
  if (text.length > maximum) throw invalidValue(`${what} must have at most ${maximum} characters.`);
  if (/\p{Cc}/u.test(text)) throw invalidValue(`${what} must not contain control characters.`);
  return text === '' ? null : text;
}

/** A boolean; identity providers send it as `"True"` and `"False"` as well. */
export function booleanIn(value: unknown, what: string): boolean {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw invalidValue(`${what} must be true or false.`);
}

/** The name of an attribute in small letters, without the core schema it may be written with. */
export const plainName = (name: string): string =>
  name.toLowerCase().replace(/^urn:ietf:params:scim:schemas:core:2\.0:(user|group):/, '');
