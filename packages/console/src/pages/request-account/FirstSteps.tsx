import { Radio, TextInput } from '@mantine/core';
import { fieldProblem } from '../../problems.ts';
import styles from './request-account.module.css';

/** How an account for limited use begins. */
export interface FirstStepsDraft {
  step: 'token' | 'partner' | 'later';
  partnerName: string;
  partnerEmail: string;
}

const steps = [
  {
    value: 'token',
    label: 'With a token for my first product instance',
    description: 'It works once, for 30 days, and is shown right after you accept.',
  },
  {
    value: 'partner',
    label: 'A partner sets licensing up for me',
    description: 'They get an invitation. By sending it you accept the agreement; they never can.',
  },
  { value: 'later', label: 'Later', description: 'Tokens and people are added in the account.' },
] as const;

/** What is sent of the choice. */
export const firstStepsOf = ({ step, partnerName, partnerEmail }: FirstStepsDraft) =>
  step === 'token'
    ? { firstToken: true }
    : step === 'partner'
      ? { partner: { name: partnerName.trim(), email: partnerEmail.trim() } }
      : {};

interface FirstStepsProps {
  draft: FirstStepsDraft;
  set: (draft: FirstStepsDraft) => void;
  error: unknown;
}

/** Whoever accepts an account for limited use chooses how it begins. */
export function FirstSteps({ draft, set, error }: FirstStepsProps) {
  return (
    <>
      <Radio.Group
        label="How do you begin?"
        value={draft.step}
        onChange={(value) =>
          set({ ...draft, step: steps.find((step) => step.value === value)?.value ?? 'later' })
        }
      >
        <div className={styles.choices}>
          {steps.map((step) => (
            <Radio key={step.value} {...step} />
          ))}
        </div>
      </Radio.Group>
      {draft.step === 'partner' && (
        <>
          <TextInput
            label="The partner’s name"
            required
            withAsterisk={false}
            maxLength={120}
            value={draft.partnerName}
            onChange={(event) => set({ ...draft, partnerName: event.currentTarget.value })}
            error={fieldProblem(error, '/partner/name')}
          />
          <TextInput
            label="The partner’s mail address"
            type="email"
            required
            withAsterisk={false}
            value={draft.partnerEmail}
            onChange={(event) => set({ ...draft, partnerEmail: event.currentTarget.value })}
            error={fieldProblem(error, '/partner/email')}
          />
        </>
      )}
    </>
  );
}
