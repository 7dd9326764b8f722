import { formatPath } from '../../format.ts';
import type { Column } from '../../parts/DataTable.tsx';
import { Amount, Balance, StatePill, TagText, UseBar } from '../../parts/figures.tsx';
import { type InventoryRow, lentWords, stateOf } from './inventory-row.ts';
import styles from './licenses.module.css';

/** The columns of the inventory. `narrow` leaves out what the open panel says. */
export function inventoryColumns(byLicense: boolean, narrow: boolean): Column<InventoryRow>[] {
  return [
    {
      key: 'license',
      title: 'License',
      sort: { up: 'license', down: '-license' },
      cell: (row) => (
        <span className={styles.name}>
          <b>{row.licenseName}</b>
          <TagText>{row.tag}</TagText>
        </span>
      ),
    },
    byLicense
      ? { key: 'pools', title: 'Pools', numeric: true, cell: (row) => <Amount value={row.pools} /> }
      : {
          key: 'virtual-account',
          title: 'Virtual account',
          cell: (row) => (
            <span title={formatPath(row.virtualAccountPath)}>{row.virtualAccountPath.at(-1)}</span>
          ),
        },
    {
      key: 'owned',
      title: 'Owned',
      numeric: true,
      sort: { up: 'owned', down: '-owned' },
      cell: (row) => <Amount value={row.owned} />,
    },
    ...(narrow
      ? []
      : [
          {
            key: 'reserved',
            title: 'Reserved',
            numeric: true,
            cell: (row: InventoryRow) => <Amount value={row.reserved + row.held} />,
          },
        ]),
    {
      key: 'in-use',
      title: 'In use',
      numeric: true,
      sort: { up: 'inUse', down: '-inUse' },
      cell: (row) => <Amount value={row.inUse} />,
    },
    ...(narrow
      ? []
      : [
          {
            key: 'use',
            title: 'Use',
            width: '14%',
            cell: (row: InventoryRow) => (
              <UseBar
                owned={row.owned + row.borrowed - row.lent}
                inUse={row.inUse}
                reserved={row.reserved + row.held}
              />
            ),
          },
        ]),
    ...(narrow
      ? []
      : [
          {
            key: 'lent',
            title: 'Lent or borrowed',
            numeric: true,
            cell: lentWords,
          },
        ]),
    {
      key: 'balance',
      title: 'Balance',
      numeric: true,
      sort: { up: 'balance', down: '-balance' },
      cell: (row) => <Balance value={row.balance} />,
    },
    {
      key: 'state',
      title: 'State',
      cell: (row) => {
        const { tone, words } = stateOf(row);
        return <StatePill tone={tone}>{words}</StatePill>;
      },
    },
  ];
}
