import {
  completeEventQuery,
  type EventQuery,
  type EventQueryFault,
  type EventQueryKey,
  type EventQueryValue,
  formatEventQuery,
  parseEventQuery,
} from '@estover/domain/audit';
import { Autocomplete, Button } from '@mantine/core';
import { useId, useLayoutEffect, useRef, useState } from 'react';
import { formatPath } from '../../format.ts';
import { useListSearchKey } from '../../parts/FilterChips.tsx';
import { SearchIcon } from '../../parts/icons.tsx';
import type { VirtualAccount } from '../../parts/virtual-accounts.ts';
import styles from './QueryBar.module.css';
import type { EventsSearch } from './search.ts';

type Filters = Omit<EventsSearch, 'open'>;

/** The filters as the line writes them: whoever was chosen by id is a person as well. */
function queryOf({ actorId, person, ...filters }: Filters): EventQuery {
  const who = person ?? actorId;
  const all = { ...filters, ...(who === undefined ? {} : { person: who }) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

const sameQuery = (one: EventQuery, other: EventQuery): boolean => {
  const sorted = (query: EventQuery) => JSON.stringify(Object.entries(query).sort());
  return sorted(one) === sorted(other);
};

interface QueryBarProps {
  /** What the address holds. The line follows it, whoever changed it. */
  filters: Filters;
  values: Partial<Record<EventQueryKey, readonly EventQueryValue[]>>;
  /** Where events may lie; null where they lie in no virtual account. */
  virtualAccounts: readonly VirtualAccount[] | null;
  onChange: (query: EventQuery) => void;
}

/** All filters in one line, with completion; what cannot be read is said and marked, and changes nothing. */
export function QueryBar({ filters, values, virtualAccounts, onChange }: QueryBarProps) {
  const names = { virtualAccounts: virtualAccounts ?? [] };
  const wanted = queryOf(filters);
  const line = formatEventQuery(wanted, names);
  const [typed, setTyped] = useState(line);
  const [followed, setFollowed] = useState(line);
  const [faults, setFaults] = useState<EventQueryFault[]>([]);
  const [caret, setCaret] = useState(line.length);
  const input = useRef<HTMLInputElement>(null);
  const faultId = useId();
  useListSearchKey();
  if (followed !== line) {
    // A chip or the back button changed the filters; what was typed stays where it means the same.
    setFollowed(line);
    if (!sameQuery(parseEventQuery(typed, names).query, wanted)) {
      setTyped(line);
      setFaults([]);
    }
  }
  const places = names.virtualAccounts.map(({ path }) => ({
    value: path.join(' / '),
    hint: formatPath(path),
  }));
  const completions = completeEventQuery(typed, caret, { ...values, in: places, at: places }).filter(
    ({ text }) => virtualAccounts !== null || (text !== 'in:' && text !== 'at:'),
  );
  // A chosen completion is drawn first; typing goes on behind it, before the next key comes.
  const caretAfterwards = useRef<number | null>(null);
  useLayoutEffect(() => {
    const to = caretAfterwards.current;
    if (to === null || input.current?.value !== typed) return;
    caretAfterwards.current = null;
    input.current.setSelectionRange(to, to);
    setCaret(to);
  }, [typed]);
  const ask = () => {
    const read = parseEventQuery(typed, names);
    setFaults(read.faults);
    const [first] = read.faults;
    if (first === undefined) onChange(read.query);
    else input.current?.setSelectionRange(first.start, first.end);
  };
  return (
    <search aria-label="Query">
      <form
        className={styles.bar}
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
      >
        <Autocomplete
          ref={input}
          className={styles.field ?? ''}
          aria-label="Find events"
          placeholder={
            virtualAccounts === null
              ? 'operation:createOrder from:2026-11-01 northwind'
              : 'operation:transferLicenses from:2026-11-01 madrid'
          }
          leftSection={<SearchIcon />}
          data-list-search
          maxLength={1_000}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          data={completions.map((one) => one.line)}
          filter={({ options }) => options}
          renderOption={({ option }) => {
            const found = completions.find((one) => one.line === option.value);
            return (
              <span className={styles.option}>
                <code>{found?.text}</code> <small>{found?.hint}</small>
              </span>
            );
          }}
          onChange={(value) => {
            setTyped(value);
            setFaults([]);
            setCaret(input.current?.selectionStart ?? value.length);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? typed.length)}
          onOptionSubmit={(value) => {
            const found = completions.find((one) => one.line === value);
            caretAfterwards.current = found?.caret ?? value.length;
          }}
          error={faults.length > 0}
          aria-describedby={faults.length > 0 ? faultId : undefined}
        />
        <Button type="submit">Find</Button>
      </form>
      {faults.length > 0 && (
        <div id={faultId} className={styles.faults} role="alert">
          <Marked line={typed} faults={faults} />
          <ul>
            {faults.map(({ start, message }) => (
              <li key={`${start} ${message}`}>{message}</li>
            ))}
          </ul>
        </div>
      )}
    </search>
  );
}

/** The line with what cannot be read marked where it stands. */
function Marked({ line, faults }: { line: string; faults: readonly EventQueryFault[] }) {
  const parts: { at: number; text: string; isWrong: boolean }[] = [];
  let at = 0;
  for (const { start, end } of faults.toSorted((one, other) => one.start - other.start)) {
    if (start < at) continue;
    parts.push({ at, text: line.slice(at, start), isWrong: false });
    // A place without a sign, such as behind a colon, is shown as one.
    parts.push({ at: start, text: line.slice(start, end) || ' ', isWrong: true });
    at = end;
  }
  parts.push({ at, text: line.slice(at), isWrong: false });
  return (
    <code className={styles.line}>
      {parts.map((part) =>
        part.isWrong ? (
          <mark key={`${part.at} wrong`}>{part.text}</mark>
        ) : (
          <span key={part.at}>{part.text}</span>
        ),
      )}
    </code>
  );
}
