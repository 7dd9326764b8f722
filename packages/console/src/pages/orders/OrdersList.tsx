import type { ReactNode } from 'react';
import type { Pages } from '../../api.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { NothingMatches } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip, SelectChip } from '../../parts/FilterChips.tsx';
import { Amount, Moment } from '../../parts/figures.tsx';
import type { Place } from '../../paths.ts';
import { type LineState, LineStates, type OrderSummary, stateOptions } from './order-words.tsx';

const columns: Column<OrderSummary>[] = [
  { key: 'number', title: 'Order', cell: (order) => <b>{order.orderNumber}</b> },
  { key: 'buyer', title: 'Buyer', cell: (order) => order.buyer },
  { key: 'lines', title: 'Lines', numeric: true, cell: (order) => <Amount value={order.lines} /> },
  { key: 'units', title: 'Units', numeric: true, cell: (order) => <Amount value={order.units} /> },
  { key: 'states', title: 'State', cell: (order) => <LineStates states={order.states} /> },
  { key: 'ordered', title: 'Ordered', cell: (order) => <Moment at={order.orderedAt} /> },
];

const accountColumn: Column<OrderSummary> = {
  key: 'accounts',
  title: 'Account',
  cell: (order) => order.accounts.join(', '),
};

/** The platform's columns: the account beside the order, as its orders are for many. */
const columnsWithAccount = columns.toSpliced(1, 0, accountColumn);

interface Filters {
  search?: string | undefined;
  state?: LineState | undefined;
}

interface OrdersListProps {
  list: Pages<{ items: OrderSummary[] }>;
  filters: Filters;
  onFilter: (filters: Filters) => void;
  linkTo: (orderNumber: string) => Place;
  /** Whether the orders are of several accounts, so that each names its own. */
  ofAllAccounts?: boolean;
  /** What is said where there is no order at all. */
  none: ReactNode;
}

/** Orders with their lines' states; the same for an account and for the platform's staff. */
export function OrdersList({
  list,
  filters,
  onFilter,
  linkTo,
  ofAllAccounts = false,
  none,
}: OrdersListProps) {
  const isFiltered = filters.search !== undefined || filters.state !== undefined;
  return (
    <Card>
      <FilterChips>
        <SearchChip
          label="Search orders"
          placeholder="Order number, buyer, SKU"
          value={filters.search}
          onChange={(search) => onFilter({ ...filters, search })}
        />
        <SelectChip
          label="With a line"
          any="in any state"
          value={filters.state}
          options={stateOptions}
          onChange={(state) => onFilter({ ...filters, state })}
        />
      </FilterChips>
      <DataTable
        label="Orders"
        keyboard
        columns={ofAllAccounts ? columnsWithAccount : columns}
        rows={list.items}
        rowKey={(order) => order.orderNumber}
        rowLink={(order) => linkTo(order.orderNumber)}
        {...list.table}
        empty={
          isFiltered ? (
            <NothingMatches title="No order matches these filters" onClear={() => onFilter({})} />
          ) : (
            none
          )
        }
      />
    </Card>
  );
}
