import { Checkbox } from '@mantine/core';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useRef, useState } from 'react';
import styles from './DataTable.module.css';
import { type DataTableProps, RowName, RowPick, useOpenRow } from './data-table-parts.tsx';

/** Above so many rows only those in sight are in the page. */
const virtualAbove = 120;
const rowHeight = 45;

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

/** The rows of a list as a table; of a long list only those in sight are in the page. */
export function Rows<Row>(props: DataTableProps<Row>) {
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
                    <RowPick row={row} rowKey={rowKey} rowName={props.rowName} selection={selection} />
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
