import { Button, Checkbox } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type MouseEvent, type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import type { Place } from '../paths.ts';
import styles from './DataTable.module.css';
import { PlaceLink } from './PlaceLink.tsx';
import { ProblemNotice } from './ProblemNotice.tsx';
import { useRowKeys } from './row-keys.ts';

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

interface DataTableProps<Row> {
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

/** Below this width a table becomes cards with the same facts. */
const cardsBelow = '(max-width: 640px)';
/** Above so many rows only those in sight are in the page. */
const virtualAbove = 120;
const rowHeight = 45;

/** A list: a table with a sticky head, or cards with the same facts on small screens. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const asCards = useMediaQuery(cardsBelow, window.matchMedia(cardsBelow).matches);
  const body = useRef<HTMLDivElement>(null);
  useRowKeys(body, props.keyboard ?? false);
  const { rows, isPending = false, error = null, more } = props;

  if (error !== null && rows.length === 0) {
    return (
      <div className={styles.notice}>
        <ProblemNotice error={error} {...(props.onRetry ? { onRetry: props.onRetry } : {})} />
      </div>
    );
  }
  if (!isPending && rows.length === 0) return props.empty;
  return (
    <div
      ref={body}
      className={props.isStale ? styles.stale : undefined}
      aria-busy={isPending || props.isStale}
    >
      {asCards ? <Cards {...props} /> : <Rows {...props} />}
      {more?.has && (
        <div className={styles.foot}>
          <Button onClick={more.read} loading={more.isReading}>
            Load more
          </Button>
        </div>
      )}
    </div>
  );
}

/** A click anywhere on a row opens it, except on what has a use of its own. */
function useOpenRow<Row>(rowLink: ((row: Row) => Place) | undefined) {
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

function RowName<Row>({ column, row, link, lead, tail }: RowNameProps<Row>) {
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

function Pick<Row>({ row, rowKey, rowName, selection }: PickProps<Row>) {
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

function Head<Row>({ columns, rows, rowKey, selection, sort }: DataTableProps<Row>) {
  const all =
    selection !== undefined && rows.length > 0 && rows.every((row) => selection.keys.has(rowKey(row)));
  return (
    <thead>
      <tr>
        {selection && (
          <th style={{ width: 36 }}>
            <Checkbox
              aria-label="Select all rows shown"
              checked={all}
              indeterminate={!all && selection.keys.size > 0}
              onChange={() => selection.onChange(all ? new Set() : new Set(rows.map(rowKey)))}
            />
          </th>
        )}
        {columns.map((column) => {
          const up = sort !== undefined && column.sort?.up === sort.by;
          const down = sort !== undefined && column.sort?.down === sort.by;
          return (
            <th
              key={column.key}
              scope="col"
              className={column.numeric ? styles.number : undefined}
              style={column.width === undefined ? undefined : { width: column.width }}
              aria-sort={up ? 'ascending' : down ? 'descending' : undefined}
            >
              {sort !== undefined && column.sort !== undefined ? (
                <button
                  type="button"
                  className={styles.sort}
                  onClick={() => column.sort && sort.onChange(up ? column.sort.down : column.sort.up)}
                >
                  {column.title}
                  <span aria-hidden="true">{up ? '↑' : down ? '↓' : ''}</span>
                </button>
              ) : (
                column.title
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function Rows<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, rowLink, openKey, selection, isPending = false } = props;
  const open = useOpenRow(rowLink);
  const table = useRef<HTMLTableElement>(null);
  const room = useRef<HTMLDivElement>(null);
  const overflows = useOverflows(room, table);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    overscan: 20,
    enabled: rows.length > virtualAbove,
    scrollMargin: table.current?.offsetTop ?? 0,
  });
  const isVirtual = rows.length > virtualAbove;
  const items = virtual.getVirtualItems();
  const margin = virtual.options.scrollMargin;
  const shown = isVirtual ? items.map((item) => item.index) : rows.keys();
  const before = isVirtual ? (items[0]?.start ?? margin) - margin : 0;
  const after = isVirtual ? virtual.getTotalSize() - ((items.at(-1)?.end ?? margin) - margin) : 0;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset groups fields, this groups what scrolls sideways
    <div
      role="group"
      ref={room}
      className={styles.scroll}
      aria-label={label}
      data-overflows={overflows || undefined}
      // A table that scrolls sideways must be reachable by keyboard; where rows have links, they already are.
      tabIndex={overflows && rowLink === undefined ? 0 : undefined}
    >
      <table className={styles.table} ref={table} aria-label={label} aria-rowcount={rows.length + 1}>
        <Head {...props} />
        <tbody>
          {isPending && rows.length === 0 && <Skeleton columns={columns.length + (selection ? 1 : 0)} />}
          {before > 0 && <tr style={{ height: before }} />}
          {[...shown].map((index) => {
            const row = rows[index];
            if (row === undefined) return null;
            const key = rowKey(row);
            const link = rowLink?.(row);
            return (
              <tr
                key={key}
                aria-rowindex={index + 2}
                data-index={index}
                ref={isVirtual ? virtual.measureElement : undefined}
                data-row={key}
                data-opens={link === undefined ? undefined : true}
                data-open={openKey === key || undefined}
                data-selected={selection?.keys.has(key) || undefined}
                onClick={(event) => open(event, row)}
              >
                {selection && (
                  <td>
                    <Pick row={row} rowKey={rowKey} rowName={props.rowName} selection={selection} />
                  </td>
                )}
                {columns.map((column, position) => (
                  <td key={column.key} className={column.numeric ? styles.number : undefined}>
                    {position === 0 ? (
                      <RowName
                        column={column}
                        row={row}
                        link={link}
                        lead={props.rowLead}
                        tail={props.rowTail}
                      />
                    ) : (
                      column.cell(row)
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 && <tr style={{ height: after }} />}
        </tbody>
      </table>
    </div>
  );
}

/**
 * Whether the table is wider than its room. Only then does the room scroll, because inside of something that scrolls
 * the head would not stay in sight.
 */
function useOverflows(room: RefObject<HTMLElement | null>, table: RefObject<HTMLElement | null>): boolean {
  const [overflows, setOverflows] = useState(false);
  useEffect(() => {
    const measure = () =>
      setOverflows((table.current?.scrollWidth ?? 0) > Math.ceil(room.current?.clientWidth ?? 0) + 1);
    const observer = new ResizeObserver(measure);
    if (room.current !== null) observer.observe(room.current);
    if (table.current !== null) observer.observe(table.current);
    return () => observer.disconnect();
  }, [room, table]);
  return overflows;
}

function Skeleton({ columns }: { columns: number }) {
  return [...Array(6).keys()].map((row) => (
    <tr key={row}>
      {[...Array(columns).keys()].map((column) => (
        <td key={column} style={{ height: rowHeight }}>
          <span
            className={styles.skeleton}
            style={{ width: `${40 + ((row * 7 + column * 13) % 5) * 10}%` }}
          />
        </td>
      ))}
    </tr>
  ));
}

function Cards<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, rowLink, openKey, selection, isPending = false } = props;
  const open = useOpenRow(rowLink);
  const [main, ...facts] = columns;
  return (
    <ul className={styles.cards} aria-label={label}>
      {isPending &&
        rows.length === 0 &&
        [...Array(4).keys()].map((row) => (
          <li key={row} aria-hidden="true">
            <span className={styles.skeleton} style={{ width: '60%' }} />
          </li>
        ))}
      {rows.map((row) => {
        const key = rowKey(row);
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the card's own link is what the keyboard uses
          <li
            key={key}
            data-row={key}
            data-open={openKey === key || undefined}
            data-selected={selection?.keys.has(key) || undefined}
            onClick={(event) => open(event, row)}
          >
            <div className={styles.cardHead}>
              {selection && <Pick row={row} rowKey={rowKey} rowName={props.rowName} selection={selection} />}
              <div>
                {main && (
                  <RowName
                    column={main}
                    row={row}
                    link={rowLink?.(row)}
                    lead={props.rowLead}
                    tail={props.rowTail}
                  />
                )}
              </div>
            </div>
            <dl className={styles.facts}>
              {facts.map((column) => (
                <CardFact key={column.key} title={column.title}>
                  {column.cell(row)}
                </CardFact>
              ))}
            </dl>
          </li>
        );
      })}
    </ul>
  );
}

function CardFact({ title, children }: { title: string; children: ReactNode }) {
  if (children === null) return null;
  return (
    <>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </>
  );
}
