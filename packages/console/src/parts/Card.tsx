import { type ReactNode, useId } from 'react';
import styles from './Card.module.css';

interface CardProps {
  title?: ReactNode;
  /** A link or a small action at the right of the title. */
  side?: ReactNode;
  children: ReactNode;
  /** Room around the content; tables and lists bring their own. */
  padded?: boolean;
  className?: string | undefined;
}

/** A sheet of paper with a hairline. With a title it is a region that a screen reader can jump to. */
export function Card({ title, side, children, padded = false, className }: CardProps) {
  const id = useId();
  return (
    <section
      className={`${styles.card} ${className ?? ''}`}
      {...(title === undefined ? {} : { 'aria-labelledby': id })}
    >
      {title !== undefined && (
        <div className={styles.head}>
          <h2 className={styles.title} id={id}>
            {title}
          </h2>
          {side !== undefined && <div className={styles.side}>{side}</div>}
        </div>
      )}
      <div className={padded ? styles.padded : undefined}>{children}</div>
    </section>
  );
}
