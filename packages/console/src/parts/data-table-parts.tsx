import { Checkbox } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { MouseEvent, ReactNode } from 'react';
import type { Place } from '../paths.ts';
import styles from './DataTable.module.css';
import { PlaceLink } from './PlaceLink.tsx';

export interface Column<Row> {
  key: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** Right-aligned tabular figures. */
  numeric?: boolean;
  width?: string;
  /** The server's words for sorting by this column, up and down. */
  sort?: { up: string; down: string };
}

export interface DataTableProps<Row> {
  /** What the table holds, for screen readers: "Licenses". */
  label: string;
  /** The first column names the row: it carries the row's link, and heads the card on small screens. */
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  /** Name of a row in words, for its checkbox. */
  rowName?: (row: Row) => string;
  /** Stands before the row's name: the indent and expander of a tree. */
  rowLead?: (row: Row) => ReactNode;
  /** Stands behind the row's name, outside of its link. */
  rowTail?: (row: Row) => ReactNode;
  /** Where a row leads: its panel or page. */
  rowLink?: (row: Row) => Place;
  /** Key of the row whose panel is open. */
  openKey?: string | null;
  selection?: { keys: ReadonlySet<string>; onChange: (keys: Set<string>) => void };
  sort?: { by: string; onChange: (by: string) => void };
  isPending?: boolean;
  /** The rows are still those of the filter before. */
  isStale?: boolean;
  error?: Error | null;
  onRetry?: () => void;
  more?: { has: boolean; isReading: boolean; read: () => void };
  /** What an empty list says: an `EmptyState`. */
  empty: ReactNode;
  /** j, k, Enter and x work on this table. One per page; off for small tables inside cards. */
  keyboard?: boolean;
}

/** A click anywhere on a row opens it, except on what has a use of its own. */
export function useOpenRow<Row>(rowLink: ((row: Row) => Place) | undefined) {
  const navigate = useNavigate();
  return (event: MouseEvent, row: Row) => {
    if (rowLink === undefined || !(event.target instanceof Element)) return;
    if (event.target.closest('a, button, input, label, [role="menuitem"]')) return;
    if (window.getSelection()?.toString()) return;
    const { to, params, search } = rowLink(row);
    void navigate({ to, params: params ?? {}, search: search ?? {}, resetScroll: false });
  };
}

interface RowNameProps<Row> {
  column: Column<Row>;
  row: Row;
  link: Place | undefined;
  lead: ((row: Row) => ReactNode) | undefined;
  tail: ((row: Row) => ReactNode) | undefined;
}

/** The first cell of a row, or the head of a card: its name with its link, and what stands before and behind it. */
export function RowName<Row>({ column, row, link, lead, tail }: RowNameProps<Row>) {
  const name =
    link === undefined ? (
      column.cell(row)
    ) : (
      <PlaceLink to={link} className={styles.main} keepScroll data-row-link>
        {column.cell(row)}
      </PlaceLink>
    );
  if (lead === undefined && tail === undefined) return name;
  return (
    <span className={styles.led}>
      {lead?.(row)}
      {name}
      {tail?.(row)}
    </span>
  );
}
interface PickProps<Row> {
  row: Row;
  rowKey: (row: Row) => string;
  rowName: ((row: Row) => string) | undefined;
  selection: NonNullable<DataTableProps<Row>['selection']>;
}

/** The checkbox of a row. */
export function RowPick<Row>({ row, rowKey, rowName, selection }: PickProps<Row>) {
  const key = rowKey(row);
  return (
    <Checkbox
      aria-label={`Select ${rowName?.(row) ?? key}`}
      data-row-pick
      checked={selection.keys.has(key)}
      onChange={() => {
        const keys = new Set(selection.keys);
        if (!keys.delete(key)) keys.add(key);
        selection.onChange(keys);
      }}
    />
  );
}
