import { Checkbox, Popover, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { formatPath } from '../format.ts';
import styles from './FilterChips.module.css';
import { ChevronDownIcon } from './icons.tsx';
import { useVirtualAccounts } from './virtual-accounts.ts';

/** The first so many matches are listed; more would not be read, and typing narrows them. */
const shown = 200;

interface VirtualAccountChipProps {
  virtualAccountId: string | undefined;
  /** With everything nested under it. */
  nested: boolean;
  onChange: (chosen: { virtualAccountId: string | undefined; nested: boolean }) => void;
}

/** A filter by virtual account, alone or with everything nested. A trailing + says "and what is nested". */
export function VirtualAccountChip({ virtualAccountId, nested, onChange }: VirtualAccountChipProps) {
  const virtualAccounts = useVirtualAccounts();
  const [opened, setOpened] = useState(false);
  const [typed, setTyped] = useState('');
  const chosen = virtualAccounts.find((one) => one.virtualAccountId === virtualAccountId);
  const matches = virtualAccounts
    .filter((one) => formatPath(one.path).toLowerCase().includes(typed.trim().toLowerCase()))
    .slice(0, shown);
  const choose = (id: string | undefined) => {
    onChange({ virtualAccountId: id, nested });
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
          Virtual account{' '}
          <b>{chosen === undefined ? 'all' : `${formatPath(chosen.path)}${nested ? ' +' : ''}`}</b>
          <ChevronDownIcon />
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.picker ?? ''} aria-label="Filter by virtual account">
        <TextInput
          type="search"
          aria-label="Find a virtual account"
          placeholder="Find a virtual account"
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
              All I can see
            </button>
          </li>
          {matches.map((one) => (
            <li key={one.virtualAccountId}>
              <button
                type="button"
                className={styles.option}
                style={{ paddingLeft: typed === '' ? 8 + (one.depth - 1) * 16 : 8 }}
                aria-current={one === chosen}
                onClick={() => choose(one.virtualAccountId)}
              >
                {typed === '' ? one.name : formatPath(one.path)}
              </button>
            </li>
          ))}
        </ul>
        <div className={styles.nested}>
          <Checkbox
            label="With everything nested in it"
            checked={nested}
            onChange={(event) => onChange({ virtualAccountId, nested: event.currentTarget.checked })}
          />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

interface VirtualAccountSelectProps {
  label: string;
  description?: string;
  value: string | null;
  onChange: (virtualAccountId: string | null) => void;
  /** Those that cannot be chosen here, such as the source of a transfer. */
  except?: (virtualAccountId: string) => boolean;
  /** Offers "at the top" as null. */
  clearable?: boolean;
  placeholder?: string;
  error?: string | undefined;
  required?: boolean;
}

/** A form field for one virtual account, by its path; typing narrows the list. */
export function VirtualAccountSelect({ except, onChange, ...rest }: VirtualAccountSelectProps) {
  const virtualAccounts = useVirtualAccounts();
  const options = virtualAccounts
    .filter((one) => !(except?.(one.virtualAccountId) ?? false))
    .map((one) => ({ value: one.virtualAccountId, label: formatPath(one.path) }));
  return (
    <Select
      {...rest}
      data={options}
      limit={shown}
      searchable
      onChange={onChange}
      nothingFoundMessage="No virtual account has this name"
    />
  );
}
