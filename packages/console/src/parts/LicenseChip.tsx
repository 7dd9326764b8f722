import { listInventory } from '@estover/protocol';
import { Popover, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useAccount } from '../account.tsx';
import { useOperation } from '../api.ts';
import { shortTag } from '../format.ts';
import styles from './FilterChips.module.css';
import { ChevronDownIcon } from './icons.tsx';

interface LicenseChipProps {
  tag: string | undefined;
  onChange: (tag: string | undefined) => void;
}

/** A filter by a license of the account, found by part of its name or tag. */
export function LicenseChip({ tag, onChange }: LicenseChipProps) {
  const { accountId } = useAccount();
  const [opened, setOpened] = useState(false);
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 200);
  const { data } = useOperation(
    listInventory,
    { params: { accountId }, query: { by: 'license', limit: 50, ...(search === '' ? {} : { search }) } },
    { enabled: opened || tag !== undefined },
  );
  const licenses = data?.items ?? [];
  const chosen = licenses.find((row) => row.tag === tag);
  const choose = (next: string | undefined) => {
    onChange(next);
    setOpened(false);
    setTyped('');
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="md" trapFocus>
      <Popover.Target>
        <button
          type="button"
          className={styles.chip}
          data-set={tag === undefined ? undefined : true}
          onClick={() => setOpened((open) => !open)}
        >
          License <b>{tag === undefined ? 'any' : (chosen?.licenseName ?? shortTag(tag))}</b>
          <ChevronDownIcon />
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.picker ?? ''} aria-label="Filter by license">
        <TextInput
          type="search"
          aria-label="Find a license"
          placeholder="Find a license"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
        <ul className={styles.options}>
          <li>
            <button
              type="button"
              className={styles.option}
              aria-current={tag === undefined}
              onClick={() => choose(undefined)}
            >
              Any license
            </button>
          </li>
          {licenses.map((row) => (
            <li key={row.tag}>
              <button
                type="button"
                className={styles.option}
                aria-current={row.tag === tag}
                onClick={() => choose(row.tag)}
              >
                {row.licenseName}
              </button>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
