import { Button } from '@mantine/core';
import { explainProblem, pointerWords } from '../problems.ts';
import styles from './ProblemNotice.module.css';

/** A problem, in place: what is wrong, with the numbers, and the next step. Shows nothing where there is none. */
export function ProblemNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  if (error === null || error === undefined) return null;
  const { title, detail, next, fields, requestId } = explainProblem(error);
  return (
    <div className={styles.notice} role="alert">
      <b>{title}</b>
      {detail !== '' && <p>{detail}</p>}
      {fields.length > 0 && (
        <ul>
          {fields.map((field) => (
            <li key={`${field.pointer} ${field.detail}`}>
              {field.pointer !== '' && `${pointerWords(field.pointer)}: `}
              {field.detail}
            </li>
          ))}
        </ul>
      )}
      <p>{next}</p>
      {requestId !== null && (
        <p>
          Request <code>{requestId}</code>
        </p>
      )}
      {onRetry !== undefined && (
        <Button className={styles.retry ?? ''} onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}
