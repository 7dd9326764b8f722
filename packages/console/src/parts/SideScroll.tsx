import type { ReactNode } from 'react';
import styles from './SideScroll.module.css';

/** Lets a wide table scroll sideways, by keyboard too. */
export function SideScroll({
  label,
  busy,
  children,
}: {
  label: string;
  busy?: boolean;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls sideways must be reachable by keyboard
    <section className={styles.scroll} aria-label={label} aria-busy={busy} tabIndex={0}>
      {children}
    </section>
  );
}
