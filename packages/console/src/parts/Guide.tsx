import { getMyGuide, setMyGuide } from '@estover/protocol';
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAction, useOperation } from '../api.ts';
import type { Place } from '../paths.ts';
import { Card } from './Card.tsx';
import styles from './Guide.module.css';
import { CheckIcon } from './icons.tsx';
import { PlaceLink } from './PlaceLink.tsx';
import { ProblemNotice } from './ProblemNotice.tsx';

/** A step of a guide. Whether it is done is told by what there is, so that the guide goes on wherever somebody left it. */
export interface GuideStep {
  title: string;
  isDone: boolean;
  /** Not needed for what comes after it. */
  isOptional?: boolean;
  /** What to do, or who can do it where this person may not. */
  text: ReactNode;
  link: { to: Place; label: string } | null;
}

interface GuideProps {
  title: string;
  steps: readonly GuideStep[];
  /** The account that it guides through; null for the platform. The server keeps who has hidden it. */
  accountId: string | null;
}

/** The first steps, in order: what is done, what is next, and where. It can be hidden and shown again. */
export function Guide({ title, steps, accountId }: GuideProps) {
  const query = accountId === null ? {} : { accountId };
  const { data } = useOperation(getMyGuide, { query });
  const set = useAction(setMyGuide);
  const hide = (isHidden: boolean) => set.mutate({ body: { accountId, isHidden } });
  if (data === undefined) return null;
  const done = steps.filter((step) => step.isDone).length;
  const next = steps.find((step) => !step.isDone && step.isOptional !== true);
  if (data.isHidden) {
    return (
      <div>
        <ProblemNotice error={set.error} />
        <Button size="xs" loading={set.isPending} onClick={() => hide(false)}>
          Show the first steps ({done} of {steps.length} done)
        </Button>
      </div>
    );
  }
  return (
    <Card
      title={title}
      side={
        <Button size="xs" loading={set.isPending} onClick={() => hide(true)}>
          Hide these steps
        </Button>
      }
    >
      <ProblemNotice error={set.error} />
      <ol className={styles.steps} aria-label={title}>
        {steps.map((step, index) => (
          <li
            key={step.title}
            className={styles.step}
            data-done={step.isDone || undefined}
            aria-current={step === next ? 'step' : undefined}
          >
            <span className={styles.sign} aria-hidden="true">
              {step.isDone ? <CheckIcon /> : index + 1}
            </span>
            <div className={styles.words}>
              <b>
                {step.title}
                <small>
                  {step.isDone
                    ? ' · done'
                    : step.isOptional
                      ? ' · if you like'
                      : step === next
                        ? ' · next'
                        : ''}
                </small>
              </b>
              {!step.isDone && <div>{step.text}</div>}
            </div>
            {step.link !== null && <PlaceLink to={step.link.to}>{step.link.label}</PlaceLink>}
          </li>
        ))}
      </ol>
    </Card>
  );
}
