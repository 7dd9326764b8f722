import { acceptAgreement, getAgreements, getAgreementVersion } from '@estover/protocol';
import { Button, Checkbox, Modal } from '@mantine/core';
import { useState } from 'react';
import { type Reason, useAccount } from '../../account.tsx';
import { useAction, useOperation } from '../../api.ts';
import { count, formatDay, formatInstant } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { Card } from '../../parts/Card.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { Moment, StatePill, TagText } from '../../parts/figures.tsx';
import { useFocusReturn } from '../../parts/focus-return.ts';
import { notifyDone } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import {
  type Acceptance,
  type Agreement,
  acceptedByInWords,
  openInWords,
  reasonAgainstAccepting,
  standings,
} from './agreement-words.ts';
import styles from './agreements.module.css';

interface Shown {
  agreement: string;
  version: number;
  title: string;
}

const columnsWith = (show: (version: Shown) => void): Column<Acceptance>[] => [
  {
    key: 'what',
    title: 'Agreement',
    cell: (acceptance) => `${acceptance.title}, version ${acceptance.version}`,
  },
  { key: 'who', title: 'Accepted by', cell: acceptedByInWords },
  { key: 'when', title: 'When', cell: ({ acceptedAt }) => <Moment at={acceptedAt} /> },
  { key: 'from', title: 'From', cell: ({ from }) => (from === null ? '–' : <TagText>{from}</TagText>) },
  {
    key: 'hash',
    title: 'Hash of the text',
    cell: ({ textHash }) => <TagText>{textHash.slice(0, 12)}</TagText>,
  },
  {
    key: 'text',
    title: 'Text',
    cell: (acceptance) => (
      <Button
        size="xs"
        aria-label={`Read ${acceptance.title}, version ${acceptance.version}`}
        onClick={() => show(acceptance)}
      >
        Read…
      </Button>
    ),
  },
];

/** What the account has to accept and has accepted, with every text. */
export default function AgreementsPage() {
  const { accountId, may } = useAccount();
  const { data, error, refetch, isPending } = useOperation(getAgreements, { params: { accountId } });
  const [shown, setShown] = useState<Shown | null>(null);
  const sentence =
    data === undefined
      ? ''
      : (openInWords(data.agreements, data.blocked) ?? 'Everything there is to accept is accepted.');
  return (
    <>
      <PageHead
        title="Agreements"
        sentence={sentence}
        actions={<Button onClick={() => window.print()}>Print</Button>}
      />
      {error !== null && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      <div className={styles.page}>
        {data?.agreements.map((agreement) => (
          <AgreementCard
            key={agreement.version.agreement}
            agreement={agreement}
            reason={
              data.mayAccept ? null : reasonAgainstAccepting(may('accept-agreements'), data.onlyAcceptedBy)
            }
          />
        ))}
        <Card title="What was accepted">
          <DataTable
            label="Acceptances"
            columns={columnsWith(setShown)}
            rows={data?.acceptances ?? []}
            rowKey={({ agreement, version }) => `${agreement}/${version}`}
            isPending={isPending}
            empty={<EmptyState title="Nothing was accepted yet" />}
          />
        </Card>
      </div>
      {shown !== null && <VersionDialog shown={shown} onClose={() => setShown(null)} />}
    </>
  );
}

function AgreementCard({ agreement, reason }: { agreement: Agreement; reason: Reason }) {
  const [accepting, setAccepting] = useState(false);
  const { version, standing, dueAt, accepted } = agreement;
  const { label, tone } = standings[standing];
  const title = `${version.title}, version ${version.version}`;
  const until =
    standing === 'accepted'
      ? `Accepted on ${accepted === null ? '' : formatInstant(accepted.acceptedAt)}.`
      : `Accept it by ${formatDay(dueAt)}.`;
  return (
    <Card title={title} side={<StatePill tone={tone}>{label}</StatePill>} padded>
      <div className={styles.body}>
        <p className={styles.facts}>
          Published on {formatDay(version.publishedAt)}. {until}
        </p>
        <VersionText shown={version} />
        {standing !== 'accepted' && (
          <div className={styles.buttons}>
            <ReasonedButton variant="filled" reason={reason} onClick={() => setAccepting(true)}>
              Accept…
            </ReasonedButton>
          </div>
        )}
      </div>
      {accepting && <AcceptDialog agreement={agreement} onClose={() => setAccepting(false)} />}
    </Card>
  );
}

function VersionText({ shown }: { shown: Shown }) {
  const { accountId } = useAccount();
  const { agreement, version, title } = shown;
  const params = { accountId, agreement, version: String(version) };
  const read = useOperation(getAgreementVersion, { params });
  if (read.error !== null) return <ProblemNotice error={read.error} onRetry={() => void read.refetch()} />;
  return (
    <section
      className={styles.text}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a long text scrolls, so the keyboard has to reach it (WCAG 2.1.1).
      tabIndex={0}
      aria-label={`Text of ${title}, version ${version}`}
      lang={read.data?.version.language ?? undefined}
    >
      {read.data?.version.text ?? ''}
    </section>
  );
}

function VersionDialog({ shown, onClose }: { shown: Shown; onClose: () => void }) {
  useFocusReturn();
  return (
    <Modal opened onClose={onClose} title={`${shown.title}, version ${shown.version}`} size="lg">
      <VersionText shown={shown} />
    </Modal>
  );
}

function AcceptDialog({ agreement, onClose }: { agreement: Agreement; onClose: () => void }) {
  const { accountId, name } = useAccount();
  const accept = useAction(acceptAgreement);
  const [consents, setConsents] = useState(false);
  const { version } = agreement;
  const input = {
    params: { accountId },
    body: {
      agreement: version.agreement,
      version: version.version,
      textHash: version.textHash,
      consent: true as const,
    },
  };
  return (
    <FormDialog
      title={`Accept ${version.title}, version ${version.version}`}
      act={`Accept for ${name}`}
      blocked={consents ? null : 'Say first that you accept it for the company.'}
      acting={accept.isPending}
      error={accept.error}
      onClose={onClose}
      onAct={() =>
        accept.mutate(input, {
          onSuccess: ({ deliveredLines }) => {
            const delivered =
              deliveredLines === 0 ? '' : ` ${count(deliveredLines, 'line')} that waited came with it.`;
            notifyDone(`${version.title}, version ${version.version}, is accepted.${delivered}`);
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={acceptAgreement} input={input} />}
    >
      <p>
        Your name, your role, the time and the address you come from are kept with it. It cannot be taken
        back.
      </p>
      <Checkbox
        label={`I have read ${version.title}, version ${version.version}, and accept it for ${name}.`}
        checked={consents}
        onChange={(event) => setConsents(event.currentTarget.checked)}
      />
    </FormDialog>
  );
}
