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
