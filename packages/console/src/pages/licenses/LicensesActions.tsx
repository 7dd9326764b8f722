import { downloadLicensesReport } from '@estover/protocol';
import { Button, Menu, Popover, TextInput } from '@mantine/core';
import { useAccount } from '../../account.tsx';
import { client } from '../../api.ts';
import { formatDay } from '../../format.ts';
import styles from './licenses.module.css';
import { inventoryFilters, type LicensesSearch } from './search.ts';

/** Looks at the inventory as it was or will be at the end of a day. */
export function AsOf({
  date,
  onChange,
}: {
  date: string | undefined;
  onChange: (date: string | undefined) => void;
}) {
  return (
    <Popover position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <Button>{date === undefined ? 'As of…' : `As of ${formatDay(date)}`}</Button>
      </Popover.Target>
      <Popover.Dropdown className={styles.asOf ?? ''} aria-label="As of">
        <TextInput
          type="date"
          label="Inventory at the end of"
          description="Any past or future day, by what is known now."
          value={date ?? ''}
          onChange={(event) => {
            const value = event.currentTarget.value;
            if (value === '' || !Number.isNaN(Date.parse(value))) onChange(value === '' ? undefined : value);
          }}
        />
        <Button fullWidth onClick={() => onChange(undefined)} disabled={date === undefined}>
          Back to now
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}

const formats = [
  ['csv', 'CSV'],
  ['xlsx', 'Excel (XLSX)'],
  ['json', 'JSON'],
] as const;

/** Downloads exactly the filtered rows, all of them. */
export function ExportMenu({ search }: { search: LicensesSearch }) {
  const { accountId } = useAccount();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button>Export</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>All rows of this filter</Menu.Label>
        {formats.map(([format, label]) => (
          <Menu.Item
            key={format}
            component="a"
            download
            href={client.url(downloadLicensesReport, {
              params: { accountId },
              query: { ...inventoryFilters(search), format },
            })}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
