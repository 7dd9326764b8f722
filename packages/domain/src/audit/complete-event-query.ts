import { type EventQueryKey, eventQueryKeys, wordsOf } from './event-query.ts';

/** One thing that could stand where the caret is, and what the line is then. */
export interface EventQueryCompletion {
  /** What is offered, such as `operation:` or a value. */
  text: string;
  /** What it means. */
  hint: string;
  line: string;
  /** Where the caret goes. */
  caret: number;
}

/** What each key says, for those who do not know them. */
export const eventQueryHints: Readonly<Record<EventQueryKey, string>> = {
  operation: 'what was done',
  person: 'who did it, or on whose behalf: mail address or name',
  object: 'on what: its kind, its id, or kind/id',
  in: 'a virtual account with everything nested in it',
  at: 'a virtual account alone',
  from: 'the first day',
  to: 'the last day',
  refused: 'no: events are of what was done',
};

export interface EventQueryValue {
  value: string;
  hint: string;
}

const mostOffered = 8;

/**
 * What could be written at the caret: keys where a word begins, and values behind a key. A key that is there already is not
 * offered again.
 */
export function completeEventQuery(
  line: string,
  caret: number,
  values: Partial<Record<EventQueryKey, readonly EventQueryValue[]>>,
): EventQueryCompletion[] {
  const words = wordsOf(line);
  const word = words.find(({ start, end }) => start < caret && caret <= end);
  const put = (
    text: string,
    hint: string,
    insert: string,
    start: number,
    end: number,
  ): EventQueryCompletion => ({
    text,
    hint,
    line: line.slice(0, start) + insert + line.slice(end),
    caret: start + insert.length,
  });
  const { key = null } = word ?? {};
  if (word !== undefined && key !== null) {
    const offered = values[key as EventQueryKey] ?? [];
    const typed = line.slice(word.valueStart, caret).replaceAll('"', '').trim().toLowerCase();
    return matching(offered, typed, ({ value, hint }) => [value, hint]).map(({ value, hint }) => {
      const insert = `${/[\s":]/.test(value) ? `"${value}"` : value} `;
      // One blank behind it, and not two.
      const end = line.charAt(word.end) === ' ' ? word.end + 1 : word.end;
      return put(value, hint, insert, word.valueStart, end);
    });
  }
  const typed = (word === undefined ? '' : line.slice(word.start, caret)).toLowerCase();
  const taken = new Set(words.map((one) => one.key));
  const free = eventQueryKeys.filter((one) => !taken.has(one) && one.startsWith(typed));
  return free.map((one) =>
    put(`${one}:`, eventQueryHints[one], `${one}:`, word?.start ?? caret, word?.end ?? caret),
  );
}

/** Those that begin with what was typed, then those that hold it. */
function matching<T>(all: readonly T[], typed: string, textsOf: (one: T) => readonly string[]): T[] {
  const texts = (one: T) => textsOf(one).map((text) => text.toLowerCase());
  const begins = all.filter((one) => texts(one).some((text) => text.startsWith(typed)));
  const holds = all.filter((one) => !begins.includes(one) && texts(one).some((text) => text.includes(typed)));
  return [...begins, ...holds].slice(0, mostOffered);
}
