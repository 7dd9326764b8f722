import type { ReactNode } from 'react';
import styles from './TwoLines.module.css';

/** What names a row: its name, and below it, smaller, what tells it from others of the same name. */
export function TwoLines({ name, below }: { name: ReactNode; below?: ReactNode }) {
  return (
    <span className={styles.lines}>
      <b>{name}</b>
      {below !== undefined && <small>{below}</small>}
    </span>
  );
}
