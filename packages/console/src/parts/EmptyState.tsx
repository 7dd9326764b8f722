import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './DataTable.module.css';

/** What an empty list says: that nothing is there, why, and the next step. */
export function EmptyState({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={styles.empty}>
      <b>{title}</b>
      {children !== undefined && <p>{children}</p>}
      {action}
    </div>
  );
}

/** What a list says of which nothing matches the filters, with the way back to all of it. */
export function NothingMatches({ title, onClear }: { title: string; onClear: () => void }) {
  return <EmptyState title={title} action={<Button onClick={onClear}>Clear the filters</Button>} />;
}
