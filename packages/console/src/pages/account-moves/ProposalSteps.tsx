import { Textarea } from '@mantine/core';
import type { ComponentProps, ReactNode } from 'react';
import { Card } from '../../parts/Card.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import styles from './account-moves.module.css';
import { MovePreview } from './MovePreview.tsx';

/** What both proposals end with: what would happen, and the question to the other side with its reason. */
export function ProposalSteps(props: {
  /** What is looked at, as far as it is known; `missing` says what has to be chosen first. */
  preview: {
    found: ComponentProps<typeof MovePreview>['preview'] | undefined;
    error: Error | null;
    missing: string | null;
  };
  why: { description: string; value: string; onChange: (value: string) => void };
  ask: { label: string; blocked: string | null; isPending: boolean; error: Error | null; onAsk: () => void };
  /** Fields that say themselves what is wrong with them. */
  marked?: readonly string[];
  /** The same as an API call, once nothing is in the way. */
  call: ReactNode;
}) {
  const { preview, why, ask, marked, call } = props;
  const { found, missing } = preview;
  return (
    <>
      {found !== undefined && missing === null ? (
        <MovePreview preview={found} title="2. What would happen" />
      ) : (
        <Card title="2. What would happen" padded>
          {preview.error === null ? (
            <p role="status">{missing ?? 'Looking what would happen…'}</p>
          ) : (
            <ProblemNotice error={preview.error} marked={marked} />
          )}
        </Card>
      )}
      <Card title="3. Ask" padded>
        <div className={styles.form}>
          <Textarea
            label="Why"
            description={why.description}
            maxLength={500}
            autosize
            minRows={2}
            value={why.value}
            onChange={(event) => why.onChange(event.currentTarget.value)}
          />
          <ProblemNotice error={ask.error} marked={marked} />
          <div className={styles.actions}>
            <ReasonedButton variant="filled" reason={ask.blocked} loading={ask.isPending} onClick={ask.onAsk}>
              {ask.label}
            </ReasonedButton>
          </div>
        </div>
        {ask.blocked === null && call}
      </Card>
    </>
  );
}
