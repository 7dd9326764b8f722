import type { ReactNode } from 'react';
import styles from './DataTable.module.css';
import { type DataTableProps, RowName, RowPick, useOpenRow } from './data-table-parts.tsx';

/** The rows of a list as cards, with the same facts: for small screens. */
export function Cards<Row>(props: DataTableProps<Row>) {
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
              {selection && (
                <RowPick row={row} rowKey={rowKey} rowName={props.rowName} selection={selection} />
              )}
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
