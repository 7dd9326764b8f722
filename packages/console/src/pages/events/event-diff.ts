/** One fact of an object before and after a change. */
export interface Difference {
  /** Where the fact is: names and positions joined by dots. */
  path: string;
  before: string | null;
  after: string | null;
  changed: boolean;
}

/** Every single fact of a value by its path. Values that are no objects have the empty path. */
function factsOf(value: unknown, path: string, into: Map<string, string>): void {
  if (value === null || value === undefined || value === '') return;
  if (typeof value !== 'object') {
    into.set(path, String(value));
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    factsOf(member, path === '' ? name : `${path}.${name}`, into);
  }
}

/**
 * What differs between an object before and after, fact by fact, in the order of the object; what changed comes first.
 * A fact that is not there, or empty, is null.
 */
export function differencesOf(before: unknown, after: unknown): Difference[] {
  const was = new Map<string, string>();
  const is = new Map<string, string>();
  factsOf(before, '', was);
  factsOf(after, '', is);
  const paths = [...new Set([...was.keys(), ...is.keys()])];
  const all = paths.map((path) => {
    const [one, other] = [was.get(path) ?? null, is.get(path) ?? null];
    return { path, before: one, after: other, changed: one !== other };
  });
  return [...all.filter(({ changed }) => changed), ...all.filter(({ changed }) => !changed)];
}
