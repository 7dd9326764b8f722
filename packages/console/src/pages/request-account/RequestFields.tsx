import { type AccountKind, accountKinds } from '@estover/domain/accounts';
import { Radio, Textarea, TextInput } from '@mantine/core';
import { accountKindWords } from '../../account-kinds.ts';
import { fieldProblem, isProblem } from '../../problems.ts';
import styles from './request-account.module.css';
import type { RequestDraft } from './request-draft.ts';

interface FieldsProps {
  draft: RequestDraft;
  set: (change: Partial<RequestDraft>) => void;
  error: unknown;
}

/** What is asked for: kind, company and identifier. */
export function CompanyFields({
  draft,
  set,
  error,
  kinds = accountKinds,
}: FieldsProps & { kinds?: readonly AccountKind[] }) {
  return (
    <>
      <Radio.Group
        label="Kind of account"
        value={draft.kind}
        onChange={(value) => set({ kind: kinds.find((kind) => kind === value) ?? 'customer' })}
      >
        <div className={styles.choices}>
          {kinds.map((kind) => (
            <Radio
              key={kind}
              value={kind}
              label={accountKindWords[kind].name}
              description={accountKindWords[kind].forWhom}
            />
          ))}
        </div>
      </Radio.Group>
      <TextInput
        label="Company"
        autoComplete="organization"
        required
        withAsterisk={false}
        maxLength={120}
        value={draft.companyName}
        onChange={(event) => set({ companyName: event.currentTarget.value })}
        error={fieldProblem(error, '/companyName')}
      />
      {draft.kind !== 'limited-use' && (
        <>
          <TextInput
            label="Mail domain"
            description="What follows the @ in the company’s mail addresses. It names the account."
            placeholder="example.com"
            required
            withAsterisk={false}
            maxLength={253}
            value={draft.mailDomain}
            onChange={(event) => set({ mailDomain: event.currentTarget.value })}
            error={fieldProblem(error, '/mailDomain')}
          />
          <TextInput
            label="Prefix"
            description="Only where a part of the company needs an account of its own, such as lab. It is reviewed."
            maxLength={63}
            value={draft.prefix}
            onChange={(event) => set({ prefix: event.currentTarget.value })}
            error={fieldProblem(error, '/prefix')}
          />
          {needsReason(draft, error) && (
            <Textarea
              label="Why it needs an account of its own"
              autosize
              minRows={2}
              maxRows={6}
              maxLength={1000}
              required
              withAsterisk={false}
              value={draft.justification}
              onChange={(event) => set({ justification: event.currentTarget.value.replaceAll('\n', ' ') })}
              error={fieldProblem(error, '/justification')}
            />
          )}
        </>
      )}
    </>
  );
}

/** A prefix needs a reason; so does a mail domain below the company's own, which the answer to the first try says. */
const needsReason = (draft: RequestDraft, error: unknown): boolean =>
  draft.prefix.trim() !== '' || draft.justification !== '' || isProblem(error, 'justification-needed');

/** Who asks, and who may accept. */
export function PersonFields({ draft, set, error }: FieldsProps) {
  return (
    <>
      <TextInput
        label="Your name"
        autoComplete="name"
        required
        withAsterisk={false}
        maxLength={120}
        value={draft.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        error={fieldProblem(error, '/requester/name')}
      />
      <TextInput
        label="Your mail address"
        type="email"
        autoComplete="email"
        required
        withAsterisk={false}
        value={draft.email}
        onChange={(event) => set({ email: event.currentTarget.value })}
        error={fieldProblem(error, '/requester/email')}
      />
      <ApproverFields draft={draft} set={set} error={error} />
    </>
  );
}

/** Who accepts: whoever asks, or somebody they name. */
export function ApproverFields({ draft, set, error }: FieldsProps) {
  return (
    <>
      <Radio.Group
        label="Who accepts the agreement for the company"
        value={draft.hasAuthority ? 'self' : 'other'}
        onChange={(value) => set({ hasAuthority: value === 'self' })}
      >
        <div className={styles.choices}>
          <Radio value="self" label="I may do that" />
          <Radio value="other" label="Somebody else does" />
        </div>
      </Radio.Group>
      {!draft.hasAuthority && (
        <TextInput
          label="Their mail address"
          description="At the company’s mail domain. They get a mail once you have confirmed yours."
          type="email"
          required
          withAsterisk={false}
          value={draft.approverEmail}
          onChange={(event) => set({ approverEmail: event.currentTarget.value })}
          error={fieldProblem(error, '/approverEmail')}
        />
      )}
    </>
  );
}
