import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Place } from '../paths.ts';
import { Card } from './Card.tsx';
import styles from './Guide.module.css';
import { CheckIcon } from './icons.tsx';
import { forget, isKept, keep } from './kept.ts';
import { PlaceLink } from './PlaceLink.tsx';

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
  /** Under what name it is remembered that the person has hidden it; of the person, and of what it guides through. */
  name: string;
}

/** The first steps, in order: what is done, what is next, and where. It can be hidden and shown again. */
export function Guide({ title, steps, name }: GuideProps) {
  const key = `estover.guide-hidden.${name}`;
  const [isHidden, setHidden] = useState(() => isKept(key));
  const done = steps.filter((step) => step.isDone).length;
  const next = steps.find((step) => !step.isDone && step.isOptional !== true);
  if (isHidden) {
    return (
      <div>
        <Button
          size="xs"
          onClick={() => {
            forget(key);
            setHidden(false);
          }}
        >
          Show the first steps ({done} of {steps.length} done)
        </Button>
      </div>
    );
  }
  return (
    <Card
      title={title}
      side={
        <Button
          size="xs"
          onClick={() => {
            keep(key);
            setHidden(true);
          }}
        >
          Hide these steps
        </Button>
      }
    >
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
