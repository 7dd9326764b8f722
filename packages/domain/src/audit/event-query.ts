/*
 * The line in which people write which events they look for: `operation:transferLicenses in:"EMEA / Lyon" from:2026-11-01
 * madrid`. Words without a key are searched for; all that is written has to hold.
 */

/** The keys, in the order in which a query is written. */
export const eventQueryKeys = ['operation', 'person', 'object', 'in', 'at', 'from', 'to', 'refused'] as const;
export type EventQueryKey = (typeof eventQueryKeys)[number];

/** What is looked for; what is absent is not asked. */
export interface EventQuery {
  operation?: string;
  /** Mail address, name or id, whole. */
  person?: string;
  objectKind?: string;
  objectId?: string;
  virtualAccountId?: string;
  /** Whether what is nested in the virtual account counts; `in:` says yes and `at:` no. */
  nested?: boolean;
  /** Calendar dates in UTC, both included. */
  from?: string;
  until?: string;
  /** Words of the event. */
  search?: string;
}

/** Something that cannot be read, and where: from `start` up to, not including, `end`. */
export interface EventQueryFault {
  start: number;
  end: number;
  message: string;
}

/** What the line may name. */
export interface EventQueryNames {
  virtualAccounts: readonly { virtualAccountId: string; path: readonly string[] }[];
}

/** One word of the line: with its key, or without. Quotes are taken off the value. */
export interface EventQueryWord {
  key: string | null;
  value: string;
  start: number;
  end: number;
  /** Where the value begins, its quote included. */
  valueStart: number;
  isOpen: boolean;
}

/** Splits a line into words. A quote keeps blanks together; one that is not closed goes to the end. */
export function wordsOf(line: string): EventQueryWord[] {
  const words: EventQueryWord[] = [];
  const pattern = /(?:([a-z]+):)?(?:"([^"]*)("|$)|([^\s"]*))/giy;
  for (let index = 0; index < line.length; ) {
    if (/\s/.test(line.charAt(index))) {
      index += 1;
      continue;
    }
    pattern.lastIndex = index;
    const match = pattern.exec(line);
    // A quote inside of a word is a sign like any other.
    if (match === null || match[0] === '') {
      words.push({
        key: null,
        value: line.charAt(index),
        start: index,
        end: index + 1,
        valueStart: index,
        isOpen: false,
      });
      index += 1;
      continue;
    }
    const [whole, key, quoted, closing, bare = ''] = match;
    const start = index;
    index += whole.length;
    words.push({
      key: key?.toLowerCase() ?? null,
      value: quoted ?? bare,
      start,
      end: index,
      valueStart: start + (key === undefined ? 0 : key.length + 1),
      isOpen: quoted !== undefined && closing === '',
    });
  }
  return words;
}

const isKey = (key: string): key is EventQueryKey => (eventQueryKeys as readonly string[]).includes(key);

/** `EMEA / Lyon` in one form, so that blanks and capitals make no difference. */
const pathKey = (path: string): string =>
  path
    .split('/')
    .map((name) => name.trim().toLowerCase())
    .join(' / ');

export const pathInWords = (path: readonly string[]): string => path.join(' / ');

/**
 * Reads a line. Everything that is wrong is told at once, each with its place; the query is then of what could be read, and
 * nothing should be asked with it.
 */
export function parseEventQuery(
  line: string,
  names: EventQueryNames,
): { query: EventQuery; faults: EventQueryFault[] } {
  const query: EventQuery = {};
  const faults: EventQueryFault[] = [];
  const search: string[] = [];
  const seen = new Set<string>();
  for (const word of wordsOf(line)) {
    const { key, value, start, end, valueStart } = word;
    const wrong = (message: string, from = valueStart) => faults.push({ start: from, end, message });
    if (word.isOpen) wrong('The quote is not closed.');
    if (key === null) {
      search.push(value);
      continue;
    }
    if (!isKey(key)) {
      wrong(
        `There is no key ${key}. There are ${eventQueryKeys.join(', ')}. In quotes it is looked for.`,
        start,
      );
      continue;
    }
    if (value.trim() === '') {
      wrong(`What should ${key} be?`, start);
      continue;
    }
    // Both name the virtual account.
    const place = key === 'at' ? 'in' : key;
    if (seen.has(place)) {
      wrong(`${key} is there already, and an event has one alone.`, start);
      continue;
    }
    seen.add(place);
    const fault = take(query, key, value.trim(), names);
    if (fault !== null) wrong(fault);
  }
  if (query.from !== undefined && query.until !== undefined && query.from > query.until) {
    const last = wordsOf(line).findLast(({ key }) => key === 'from' || key === 'to');
    faults.push({ start: last?.start ?? 0, end: last?.end ?? line.length, message: 'from is after to.' });
  }
  const words = search.join(' ').trim();
  if (words.length > 100)
    faults.push({ start: 0, end: line.length, message: 'At most 100 signs are searched for.' });
  else if (words !== '') query.search = words;
  return { query, faults };
}

/** Takes one value; says what is wrong with it, or null. */
function take(query: EventQuery, key: EventQueryKey, value: string, names: EventQueryNames): string | null {
  switch (key) {
    case 'operation':
      if (!/^[A-Za-z][A-Za-z0-9]{0,79}$/.test(value))
        return 'An operation is one word, such as transferLicenses.';
      query.operation = value;
      return null;
    case 'person':
      if (value.length > 254) return 'This is longer than any mail address.';
      query.person = value;
      return null;
    case 'object': {
      const slash = value.indexOf('/');
      const [kind, id] = slash < 0 ? splitObject(value) : [value.slice(0, slash), value.slice(slash + 1)];
      if (kind !== '' && !/^[a-z][a-z-]{0,79}$/.test(kind))
        return 'A kind of object is written like product-instance.';
      if (id.length > 300) return 'This is longer than any id.';
      if (kind !== '') query.objectKind = kind;
      if (id !== '') query.objectId = id;
      return null;
    }
    case 'in':
    case 'at': {
      const found = placesNamed(value, names);
      if (found.length === 0) return `There is no virtual account ${value} that you may see.`;
      if (found.length > 1)
        return `There are ${found.length} of this name: write it with what it is nested in, such as "${pathInWords(found[0]?.path ?? [])}".`;
      query.virtualAccountId = found[0]?.virtualAccountId as string;
      if (key === 'at') query.nested = false;
      return null;
    }
    case 'from':
    case 'to':
      if (!isDay(value)) return 'A day is written as 2026-11-22.';
      if (key === 'from') query.from = value;
      else query.until = value;
      return null;
    case 'refused':
      // Events are of changes, and what was refused changed nothing.
      if (value.toLowerCase() === 'no') return null;
      return 'Only what was done is kept here. What was refused left everything as it was.';
  }
}

/** A kind is small letters alone; everything else is an id. */
const splitObject = (value: string): [kind: string, id: string] =>
  /^[a-z]+(-[a-z]+)*$/.test(value) ? [value, ''] : ['', value];

/** A whole path names one; a name alone names all that are called so, at any depth. */
function placesNamed(
  value: string,
  { virtualAccounts }: EventQueryNames,
): EventQueryNames['virtualAccounts'] {
  const wanted = pathKey(value);
  const whole = virtualAccounts.filter(({ path }) => pathKey(pathInWords(path)) === wanted);
  return whole.length > 0
    ? whole
    : virtualAccounts.filter(({ path }) => pathKey(path.at(-1) ?? '') === wanted);
}

/** Whether it is a day of the calendar. */
function isDay(value: string): boolean {
  if (!/^(19|[2-9]\d)\d\d-\d\d-\d\d$/.test(value)) return false;
  try {
    Temporal.PlainDate.from(value, { overflow: 'reject' });
    return true;
  } catch {
    return false;
  }
}

const quoted = (value: string): string =>
  /[\s":]|^$/.test(value) ? `"${value.replaceAll('"', '')}"` : value;

/** Writes a query as the line that means it, its keys in their order and the words last. */
export function formatEventQuery(query: EventQuery, { virtualAccounts }: EventQueryNames): string {
  const { objectKind, objectId, virtualAccountId } = query;
  const place = virtualAccounts.find((one) => one.virtualAccountId === virtualAccountId);
  const words: (readonly [EventQueryKey, string | undefined])[] = [
    ['operation', query.operation],
    ['person', query.person],
    ['object', objectId === undefined ? objectKind : `${objectKind ?? ''}/${objectId}`],
    [query.nested === false ? 'at' : 'in', place === undefined ? undefined : pathInWords(place.path)],
    ['from', query.from],
    ['to', query.until],
  ];
  const written = words.flatMap(([key, value]) => (value === undefined ? [] : [`${key}:${quoted(value)}`]));
  // Words that look like a key are told from one by quotes.
  const search = query.search?.split(/\s+/).map((word) => (word.includes(':') ? quoted(word) : word)) ?? [];
  return [...written, ...search].join(' ');
}
