import { randomId } from '@estover/protocol';
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { explainProblem } from '../problems.ts';
import { shown } from '../shown.ts';
import styles from './notify.module.css';

/** How long a notice with a way back stays. */
const undoSeconds = 10;

/** Says that something is done; with `undo` for ten seconds the way back. */
export function notifyDone(sentence: string, undo?: () => void): void {
  const id = randomId();
  notifications.show({
    id,
    autoClose: undo === undefined ? 5000 : undoSeconds * 1000,
    withCloseButton: true,
    closeButtonProps: { 'aria-label': 'Close' },
    message: (
      <div className={styles.notice} role="status">
        <span>{shown(sentence)}</span>
        {undo !== undefined && (
          <Button
            size="xs"
            onClick={() => {
              notifications.hide(id);
              undo();
            }}
          >
            Undo
          </Button>
        )}
      </div>
    ),
  });
}

/** A problem of something that has no place on the page, such as an undo from a notice. */
export function notifyProblem(error: unknown): void {
  const { title, detail, next } = explainProblem(error);
  notifications.show({
    color: 'bad',
    autoClose: 12_000,
    closeButtonProps: { 'aria-label': 'Close' },
    title,
    message: <span role="alert">{shown([detail, next].filter((part) => part !== '').join(' '))}</span>,
  });
}
