import { Button } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useRef } from 'react';
import { Cards } from './DataCards.tsx';
import { Rows } from './DataRows.tsx';
import styles from './DataTable.module.css';
import type { DataTableProps } from './data-table-parts.tsx';
import { ProblemNotice } from './ProblemNotice.tsx';
import { useRowKeys } from './row-keys.ts';

export type { Column } from './data-table-parts.tsx';

/** Below this width a table becomes cards with the same facts. */
const cardsBelow = '(max-width: 640px)';
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
