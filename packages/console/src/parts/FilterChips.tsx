import { Menu, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { type ReactNode, useEffect, useState } from 'react';
import styles from './FilterChips.module.css';
import { CheckIcon, ChevronDownIcon, SearchIcon } from './icons.tsx';

/** The row of filters above a list. What they hold is in the address, so that a list can be sent as a link. */
export function FilterChips({ children, end }: { children: ReactNode; end?: ReactNode }) {
  return (
    <search className={styles.chips} aria-label="Filters">
      {children}
      {end !== undefined && (
        <span className={styles.end} role="status">
          {end}
        </span>
      )}
    </search>
  );
}

interface SearchChipProps {
  label: string;
  placeholder: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

/** `/` jumps into the search field of the page's list, which has `data-list-search`. */
export function useListSearchKey() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const inField =
        event.target instanceof Element && event.target.closest('input, textarea, [role="dialog"]');
      if (event.key !== '/' || event.metaKey || event.ctrlKey || inField) return;
      document.querySelector<HTMLInputElement>('[data-list-search]')?.focus();
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

/** A search field that asks once the typing rests. `/` jumps into it. */
export function SearchChip({ label, placeholder, value, onChange }: SearchChipProps) {
  const [typed, setTyped] = useState(value ?? '');
  const [asked, setAsked] = useState(value);
  if (asked !== value) {
    // The address changed by other means, such as the back button.
    setAsked(value);
    if ((value ?? '') !== typed.trim()) setTyped(value ?? '');
  }
  const ask = useDebouncedCallback(
    (text: string) => onChange(text.trim() === '' ? undefined : text.trim()),
    250,
  );
  useListSearchKey();
  return (
    <TextInput
      className={styles.search ?? ''}
      type="search"
      aria-label={label}
      placeholder={placeholder}
      leftSection={<SearchIcon />}
      data-list-search
      maxLength={100}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        ask(event.currentTarget.value);
      }}
    />
  );
}

interface SelectChipProps<Value extends string> {
  label: string;
  value: Value | undefined;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value | undefined) => void;
  /** What is shown where nothing is chosen. */
  any?: string;
}

/** A filter with a few values: shows its name and what is chosen. */
export function SelectChip<Value extends string>(props: SelectChipProps<Value>) {
  const { label, value, options, onChange, any = 'any' } = props;
  const chosen = options.find((option) => option.value === value);
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <button type="button" className={styles.chip} data-set={chosen ? true : undefined}>
          {label} <b>{chosen?.label ?? any}</b> <ChevronDownIcon />
        </button>
      </Menu.Target>
      <Menu.Dropdown aria-label={label}>
        <Menu.Item
          onClick={() => onChange(undefined)}
          rightSection={chosen === undefined ? <CheckIcon /> : null}
        >
          {any}
        </Menu.Item>
        {options.map((option) => (
          <Menu.Item
            key={option.value}
            onClick={() => onChange(option.value)}
            rightSection={option === chosen ? <CheckIcon /> : null}
          >
            {option.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
