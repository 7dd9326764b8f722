import type { ReactNode } from 'react';
import { shown } from '../shown.ts';
import styles from './TwoLines.module.css';

const inLetters = (node: ReactNode): ReactNode => (typeof node === 'string' ? shown(node) : node);

/** What names a row: its name, and below it, smaller, what tells it from others of the same name. */
export function TwoLines({ name, below }: { name: ReactNode; below?: ReactNode }) {
  return (
    <span className={styles.lines}>
      <b>{inLetters(name)}</b>
      {below !== undefined && <small>{inLetters(below)}</small>}
    </span>
  );
}
