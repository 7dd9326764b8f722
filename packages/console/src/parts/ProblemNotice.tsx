import { Button } from '@mantine/core';
import { explainProblem } from '../problems.ts';
import { shown } from '../shown.ts';
import styles from './ProblemNotice.module.css';

interface ProblemNoticeProps {
  error: unknown;
  onRetry?: () => void;
  /** Fields of the same form that say beside themselves what is wrong with them, such as `/name`. */
  marked?: readonly string[] | undefined;
}

/** A problem, in place: what is wrong, with the numbers, and the next step. Shows nothing where there is none. */
export function ProblemNotice({ error, onRetry, marked }: ProblemNoticeProps) {
  if (error === null || error === undefined) return null;
  const { title, detail, next, fields, requestId } = explainProblem(error, marked);
  return (
    <div className={styles.notice} role="alert">
      <b>{title}</b>
      {detail !== '' && <p>{shown(detail)}</p>}
      {fields.length > 0 && (
        <ul>
          {fields.map((field) => (
            <li key={`${field.where} ${field.detail}`}>
              {field.where !== '' && `${field.where}: `}
              {shown(field.detail)}
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
