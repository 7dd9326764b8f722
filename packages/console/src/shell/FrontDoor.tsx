import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { ProblemNotice } from '../parts/ProblemNotice.tsx';
import styles from './FrontDoor.module.css';
import { Mark } from './Mark.tsx';

/** A page outside of the shell: a sheet with the mark, a heading and a sentence. */
export function FrontDoor({
  title,
  sentence,
  children,
}: {
  title: string;
  sentence: ReactNode;
  children?: ReactNode;
}) {
  return (
    <main className={styles.door}>
      <title>{`${title} · Estover`}</title>
      <div className={styles.sheet}>
        <div className={styles.brand}>
          <Mark /> Estover
        </div>
        <div>
          <h1>{title}</h1>
          <p>{sentence}</p>
        </div>
        {children}
      </div>
    </main>
  );
}

interface FrontDoorFormProps {
  children: ReactNode;
  act: string;
  onAct: () => void;
  acting: boolean;
  error: unknown;
  /** Fields that say beside themselves what is wrong with them. */
  marked?: readonly string[];
}

/** The form of such a page, with its problem above the one button. */
export function FrontDoorForm({ children, act, onAct, acting, error, marked }: FrontDoorFormProps) {
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        onAct();
      }}
    >
      {children}
      <ProblemNotice error={error} marked={marked} />
      <Button type="submit" variant="filled" size="md" loading={acting}>
        {act}
      </Button>
    </form>
  );
}
