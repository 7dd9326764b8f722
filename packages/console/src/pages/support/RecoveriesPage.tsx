import {
  approveRecovery,
  askRecovery,
  declineRecovery,
  listAccounts,
  listRecoveries,
} from '@estover/protocol';
import { Radio, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type Reason, useMe, usePlatform } from '../../account.tsx';
import { useAction, useOperation, usePages } from '../../api.ts';
import { formatInstant } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { Card } from '../../parts/Card.tsx';
import { ConfirmDialog, FormDialog } from '../../parts/ConfirmDialog.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { StatePill } from '../../parts/figures.tsx';
import { notifyDone, notifyProblem } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { RemoteSelect } from '../../parts/RemoteSelect.tsx';
import { SecretOnce } from '../../parts/SecretOnce.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { fieldProblem } from '../../problems.ts';
import { shown } from '../../shown.ts';
import styles from './support.module.css';
import { type Recovery, recoveryInWords, recoveryStates } from './support-words.ts';

const columnsWith = (
  ownId: string,
  reason: Reason,
  act: { approve: (row: Recovery) => void; decline: (row: Recovery) => void },
): Column<Recovery>[] => [
  { key: 'what', title: 'What', cell: (row) => <TwoLines name={recoveryInWords(row)} below={row.reason} /> },
  {
    key: 'state',
    title: 'State',
    cell: ({ state }) => (
      <StatePill tone={recoveryStates[state].tone}>{recoveryStates[state].label}</StatePill>
    ),
  },
  { key: 'asked', title: 'Asked by', cell: ({ askedBy }) => askedBy.name },
  { key: 'decided', title: 'Decided by', cell: ({ decidedBy }) => decidedBy?.name ?? '–' },
  {
    key: 'when',
    title: 'When',
    cell: ({ endsAt, endedAt }) =>
      endsAt !== null ? `until ${formatInstant(endsAt)}` : endedAt === null ? '–' : formatInstant(endedAt),
  },
  {
    key: 'actions',
    title: 'Actions',
    cell: (row) => (
      <span className={styles.buttons}>
        {row.state !== 'asked' && row.state !== 'waiting' && '–'}
        {row.state === 'asked' && (
          <ReasonedButton
            size="xs"
            reason={
              reason ??
              (row.askedBy.personId === ownId ? 'You asked yourself; another operator approves.' : null)
            }
            aria-label={`Approve: ${recoveryInWords(row)}`}
            onClick={() => act.approve(row)}
          >
            Approve…
          </ReasonedButton>
        )}
        {(row.state === 'asked' || row.state === 'waiting') && (
          <ReasonedButton
            size="xs"
            reason={reason}
            aria-label={`Decline: ${recoveryInWords(row)}`}
            onClick={() => act.decline(row)}
          >
            Decline
          </ReasonedButton>
        )}
      </span>
    ),
  },
];

/** Ways back in that two operators open together. */
export default function RecoveriesPage() {
  const platform = usePlatform();
  const me = useMe();
  const list = usePages(listRecoveries, {});
  const [asking, setAsking] = useState(false);
  const [approving, setApproving] = useState<Recovery | null>(null);
  const decline = useAction(declineRecovery);
  const reason = platform.reasonAgainst('recover-access');
  return (
    <>
      <PageHead
        title="Recoveries"
        sentence="When nobody can let somebody in any more: one operator asks, another approves, and whom it concerns sees it."
        actions={
          <ReasonedButton variant="filled" reason={reason} onClick={() => setAsking(true)}>
            Ask for a recovery…
          </ReasonedButton>
        }
      />
      <Card>
        <DataTable
          label="Recoveries"
          columns={columnsWith(me.id, reason, {
            approve: setApproving,
            decline: (row) =>
              decline.mutate(
                { params: { recoveryId: row.recoveryId } },
                { onSuccess: () => notifyDone('The recovery is declined.'), onError: notifyProblem },
              ),
          })}
          rows={list.items}
          rowKey={({ recoveryId }) => recoveryId}
          {...list.table}
          empty={
            <EmptyState title="Nothing was ever recovered">
              An account without an administrator gets one; a person who lost app, recovery codes and passkeys
              signs in with the password again after a day.
            </EmptyState>
          }
        />
      </Card>
      {asking && <AskDialog onClose={() => setAsking(false)} />}
      {approving !== null && <ApproveDialog recovery={approving} onClose={() => setApproving(null)} />}
    </>
  );
}

function ApproveDialog({ recovery, onClose }: { recovery: Recovery; onClose: () => void }) {
  const approve = useAction(approveRecovery);
  const input = { params: { recoveryId: recovery.recoveryId } };
  const link = approve.data?.invitationLink ?? null;
  if (link !== null) {
    return (
      <SecretOnce title={recoveryInWords(recovery)} what="invitation link" secret={link} onClose={onClose}>
        <p>Send it to {shown(recovery.email)} by a way you trust. They choose a password with it.</p>
      </SecretOnce>
    );
  }
  return (
    <ConfirmDialog
      title={recoveryInWords(recovery)}
      act="Approve as the second operator"
      acting={approve.isPending}
      error={approve.error}
      onClose={onClose}
      onAct={() =>
        approve.mutate(input, {
          onSuccess: ({ invitationLink }) => {
            if (invitationLink !== null) return;
            notifyDone('The recovery is approved.');
            onClose();
          },
        })
      }
      call={{ operation: approveRecovery, input }}
    >
      <p>
        {recovery.askedBy.name} asked: {recovery.reason}
      </p>
      <p>
        {recovery.kind === 'administrator'
          ? 'They get the role at once, by mail. The account’s people see for ever who did this and why.'
          : 'They get a mail now, and have 24 hours to stop it. Then app, recovery codes and passkeys go, and all sessions end.'}
      </p>
    </ConfirmDialog>
  );
}

function AskDialog({ onClose }: { onClose: () => void }) {
  const ask = useAction(askRecovery);
  const [kind, setKind] = useState<Recovery['kind']>('second-factors');
  const [search, setSearch] = useState<string | undefined>(undefined);
  const [accountId, setAccountId] = useState<string | null>(null);
  const [email, setEmail] = useState('');
  const [reason, setReason] = useState('');
  const found = useOperation(listAccounts, { query: { search, limit: 20 } });
  const common = { email: email.trim(), reason: reason.trim() };
  const body =
    kind === 'administrator'
      ? { kind, accountId: accountId ?? '', ...common }
      : { kind: 'second-factors' as const, ...common };
  const isComplete =
    common.email !== '' && common.reason !== '' && (kind !== 'administrator' || accountId !== null);
  return (
    <FormDialog
      title="Ask for a recovery"
      act="Ask another operator"
      blocked={isComplete ? null : 'Fill everything in first.'}
      acting={ask.isPending}
      error={ask.error}
      marked={['/email', '/reason']}
      onClose={onClose}
      onAct={() =>
        ask.mutate(
          { body },
          {
            onSuccess: () => {
              notifyDone('It waits for another operator, for three days.');
              onClose();
            },
          },
        )
      }
      apiCall={isComplete && <ApiCall operation={askRecovery} input={{ body }} />}
    >
      <Radio.Group
        label="What was lost"
        value={kind}
        onChange={(value) => setKind(value as Recovery['kind'])}
      >
        <div className={styles.choices}>
          <Radio
            value="second-factors"
            label="A person’s second factors"
            description="App, recovery codes and passkeys, all of them."
          />
          <Radio
            value="administrator"
            label="The administrators of an account"
            description="None is left who can sign in."
          />
        </div>
      </Radio.Group>
      {kind === 'administrator' && (
        <RemoteSelect
          label="Account"
          placeholder="Name or domain identifier"
          choices={(found.data?.items ?? []).map((each) => ({ value: each.accountId, label: each.name }))}
          onSearch={setSearch}
          value={accountId}
          onChange={setAccountId}
          required
        />
      )}
      <TextInput
        label="Mail address"
        description={
          kind === 'administrator'
            ? 'Of who is to administer the account, at the company’s mail domain.'
            : 'Of the person.'
        }
        type="email"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        error={fieldProblem(ask.error, '/email')}
      />
      <TextInput
        label="Reason"
        description="How you know that it is them. Kept for ever."
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={fieldProblem(ask.error, '/reason')}
      />
    </FormDialog>
  );
}
