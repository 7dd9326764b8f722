/** What is to be taken out of texts, and what stands there instead. */
export interface ForgottenNames {
  readonly email: string;
  /** What they were called in words, today and before; those that are the mail address are no words. */
  readonly names: readonly string[];
  readonly pseudonym: string;
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/**
 * Whether a name may be looked for in texts. An address that is not theirs is somebody else's, and signs or a single letter
 * stand everywhere: whoever called themselves so would take more out of the trail than themselves.
 */
export const tellsApart = (name: string): boolean =>
  !name.includes('@') && (name.match(/[\p{L}\p{N}]/gu)?.length ?? 0) > 1;

/**
 * Texts without somebody's name. The mail address goes wherever it stands by itself, also in other cases of letters; a
 * name goes where it stands as whole words, in its own case. An address that only contains theirs is somebody else's.
 */
export function forgetNames({ email, names, pseudonym }: ForgottenNames): (text: string) => string {
  const address = new RegExp(`(?<![\\w.+-])${escaped(email)}(?![\\w-]|\\.\\w)`, 'giu');
  const words = names
    .filter(tellsApart)
    // The longest first, so that of two names that begin alike neither half is left.
    .sort((a, b) => b.length - a.length)
    .map((name) => new RegExp(`(?<![\\p{L}\\p{N}])${escaped(name)}(?![\\p{L}\\p{N}])`, 'gu'));
  return (text) =>
    [address, ...words].reduce((left, pattern) => left.replaceAll(pattern, () => pseudonym), text);
}

/** The same for every text inside a value of JSON, and for its members' names. */
export function forgetInside(forget: (text: string) => string, value: unknown): unknown {
  if (typeof value === 'string') return forget(value);
  if (Array.isArray(value)) return value.map((each) => forgetInside(forget, each));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [forget(name), forgetInside(forget, member)]),
  );
}

/** A value of JSON in which those members of its own that hold a text read otherwise. */
export function forgetMembers(value: unknown, members: readonly string[], pseudonym: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      typeof member === 'string' && members.includes(name) ? pseudonym : member,
    ]),
  );
}
