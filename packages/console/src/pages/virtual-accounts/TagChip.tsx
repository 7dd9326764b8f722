import { Popover, TextInput } from '@mantine/core';
import { useState } from 'react';
import styles from '../../parts/FilterChips.module.css';
import { ChevronDownIcon } from '../../parts/icons.tsx';
import { type ChosenTag, type TagKey, tagChoices } from './tags.ts';

/** The first so many matches are listed; typing narrows them. */
const shown = 200;

interface TagChipProps {
  keys: readonly TagKey[];
  chosen: ChosenTag | undefined;
  /** The id of a key or value; undefined for any. */
  onChange: (tag: string | undefined) => void;
}

/** A filter by a tag: any value of a key, or one. */
export function TagChip({ keys, chosen, onChange }: TagChipProps) {
  const [opened, setOpened] = useState(false);
  const [typed, setTyped] = useState('');
  const matches = tagChoices(keys)
    .filter(({ label }) => label.toLowerCase().includes(typed.trim().toLowerCase()))
    .slice(0, shown);
  const choose = (tag: string | undefined) => {
    onChange(tag);
    setOpened(false);
    setTyped('');
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="md" trapFocus>
      <Popover.Target>
        <button
          type="button"
          className={styles.chip}
          data-set={chosen ? true : undefined}
          onClick={() => setOpened((open) => !open)}
        >
          Tag <b>{chosen?.label ?? 'any'}</b> <ChevronDownIcon />
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.picker ?? ''} aria-label="Filter by tag">
        <TextInput
          type="search"
          aria-label="Find a tag"
          placeholder="Find a tag"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
        <ul className={styles.options}>
          <li>
            <button
              type="button"
              className={styles.option}
              aria-current={chosen === undefined}
              onClick={() => choose(undefined)}
            >
              With any tag or none
            </button>
          </li>
          {matches.map(({ id, label }) => (
            <li key={id}>
              <button
                type="button"
                className={styles.option}
                aria-current={id === chosen?.id}
                onClick={() => choose(id)}
              >
                {label}
              </button>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
