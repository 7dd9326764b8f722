import {
  approveSupportAccess,
  declineSupportAccess,
  endAccountSupportAccess,
  listAccountSupport,
  updateSupportRule,
} from '@estover/protocol';
import { Radio } from '@mantine/core';
import { useState } from 'react';
import { type Reason, useAccount } from '../../account.tsx';
import { useAction, usePages } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { Card } from '../../parts/Card.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { Moment, StatePill } from '../../parts/figures.tsx';
import { notifyDone, notifyProblem } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { paths } from '../../paths.ts';
import styles from './support.module.css';
import {
  accountSupportInWords,
  minutesInWords,
  modeWords,
  type Recovery,
  recoveryInWords,
  recoveryStates,
  ruleWords,
  type SupportAccess,
  type SupportRule,
  supportStates,
  timeInWords,
} from './support-words.ts';

interface Acts {
  accountId: string;
  reason: Reason;
  approve: (access: SupportAccess) => void;
  decline: (access: SupportAccess) => void;
  end: (access: SupportAccess) => void;
}

const columnsWith = ({ accountId, reason, approve, decline, end }: Acts): Column<SupportAccess>[] => [
  {
    key: 'who',
    title: 'Who',
    cell: ({ staff, mode }) => <TwoLines name={staff.name} below={modeWords[mode]} />,
  },
  {
    key: 'why',
    title: 'Why',
    cell: ({ reason: why, caseNumber }) => <TwoLines name={why} below={`Case ${caseNumber}`} />,
  },
  {
    key: 'state',
    title: 'State',
    cell: ({ state }) => <StatePill tone={supportStates[state].tone}>{supportStates[state].label}</StatePill>,
  },
  { key: 'when', title: 'When', cell: timeInWords },
  {
    key: 'did',
    title: 'What they did',
    cell: (access) =>
      access.begunAt === null ? (
        '–'
      ) : (
        <PlaceLink
          to={paths.events(accountId, {
            actorId: access.staff.personId,
            from: access.begunAt.slice(0, 10),
            until: (access.endedAt ?? access.endsAt ?? access.begunAt).slice(0, 10),
          })}
        >
          Events, {access.reads} read
        </PlaceLink>
      ),
  },
  {
    key: 'actions',
    title: 'Actions',
    cell: (access) => (
      <span className={styles.buttons}>
        {access.state !== 'asked' && access.state !== 'open' && '–'}
        {access.state === 'asked' && (
          <>
            <ReasonedButton
              size="xs"
              variant="filled"
              reason={reason}
              aria-label={`Approve ${access.staff.name}`}
              onClick={() => approve(access)}
            >
              Approve…
            </ReasonedButton>
            <ReasonedButton
              size="xs"
              reason={reason}
              aria-label={`Decline ${access.staff.name}`}
              onClick={() => decline(access)}
            >
              Decline
            </ReasonedButton>
          </>
        )}
        {access.state === 'open' && (
          <ReasonedButton
            size="xs"
            color="bad"
            reason={reason}
            aria-label={`End the access of ${access.staff.name}`}
            onClick={() => end(access)}
          >
            End now
          </ReasonedButton>
        )}
      </span>
    ),
  },
];

const recoveryColumns: Column<Recovery>[] = [
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
  { key: 'when', title: 'Asked', cell: ({ askedAt }) => <Moment at={askedAt} /> },
];

/** Who of the publisher opened the account or wants to, and what the account says about it. */
export default function AccountSupportPage() {
  const account = useAccount();
  const { accountId } = account;
  const params = { accountId };
  const list = usePages(listAccountSupport, { params });
  const [approving, setApproving] = useState<SupportAccess | null>(null);
  const decline = useAction(declineSupportAccess);
  const end = useAction(endAccountSupportAccess);
  const reason = account.reasonAgainst('manage-account-settings');
  const rule = list.first?.rule;
  const recoveries = list.first?.recoveries ?? [];
  return (
    <>
      <PageHead
        title="Support access"
        sentence={rule === undefined ? '' : accountSupportInWords(list.items, rule)}
      />
      <div className={styles.page}>
        <Card>
          <DataTable
            label="Support accesses"
            columns={columnsWith({
              accountId,
              reason,
              approve: setApproving,
              decline: ({ accessId, staff }) =>
                decline.mutate(
                  { params: { accountId, accessId } },
                  { onSuccess: () => notifyDone(`${staff.name} is not let in.`), onError: notifyProblem },
                ),
              end: ({ accessId, staff }) =>
                end.mutate(
                  { params: { accountId, accessId } },
                  { onSuccess: () => notifyDone(`${staff.name} is out.`), onError: notifyProblem },
                ),
            })}
            rows={list.items}
            rowKey={({ accessId }) => accessId}
            {...list.table}
            empty={
              <EmptyState title="Nobody of the publisher ever opened this account">
                Whoever does is listed here with the reason, and all they look at and do is in the events.
              </EmptyState>
            }
          />
        </Card>
        {rule !== undefined && <RuleForm key={rule} rule={rule} reason={reason} />}
        {recoveries.length > 0 && (
          <Card title="Administrators that operators restored">
            <DataTable
              label="Recoveries"
              columns={recoveryColumns}
              rows={recoveries}
              rowKey={({ recoveryId }) => recoveryId}
              isPending={false}
              empty={<EmptyState title="There was none" />}
            />
          </Card>
        )}
      </div>
      {approving !== null && <ApproveDialog access={approving} onClose={() => setApproving(null)} />}
    </>
  );
}

function ApproveDialog({ access, onClose }: { access: SupportAccess; onClose: () => void }) {
  const approve = useAction(approveSupportAccess);
  const { accountId, accessId, staff, mode, minutes, caseNumber, reason } = access;
  const input = { params: { accountId, accessId } };
  return (
    <ConfirmDialog
      title={`Let ${staff.name} in`}
      act={`Approve for ${minutesInWords(minutes)}`}
      acting={approve.isPending}
      error={approve.error}
      onClose={onClose}
      onAct={() =>
        approve.mutate(input, {
          onSuccess: () => {
            notifyDone(`${staff.name} is let in for ${minutesInWords(minutes)}.`);
            onClose();
          },
        })
      }
      call={{ operation: approveSupportAccess, input }}
    >
      <p>
        Case {caseNumber}: {reason}
      </p>
      <p>
        {mode === 'read'
          ? 'They see the account as a viewer does, and change nothing.'
          : 'They act as an account administrator does, but not on people, API clients, tokens, agreements and settings.'}{' '}
        All of it is in the events, and you can end it at any time.
      </p>
    </ConfirmDialog>
  );
}

function RuleForm({ rule, reason }: { rule: SupportRule; reason: Reason }) {
  const { accountId } = useAccount();
  const update = useAction(updateSupportRule);
  const [chosen, setChosen] = useState<SupportRule>(rule);
  const input = { params: { accountId }, body: { rule: chosen } };
  const isChanged = chosen !== rule;
  return (
    <Card title="Who of the publisher may come" padded>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (reason === null && isChanged) {
            update.mutate(input, { onSuccess: () => notifyDone('What support may do is set.') });
          }
        }}
      >
        <Radio.Group
          label="Support of the publisher"
          description="For all of the account. Platform roles alone open nothing in it."
          value={chosen}
          onChange={(value) => setChosen(value as SupportRule)}
        >
          <div className={styles.choices}>
            {(Object.keys(ruleWords) as SupportRule[]).map((value) => (
              <Radio
                key={value}
                value={value}
                label={ruleWords[value].label}
                description={ruleWords[value].description}
                disabled={reason !== null}
              />
            ))}
          </div>
        </Radio.Group>
        <ProblemNotice error={update.error} />
        <div className={styles.buttons}>
          <ReasonedButton
            type="submit"
            reason={reason ?? (isChanged ? null : 'It is set like this.')}
            loading={update.isPending}
          >
            Save
          </ReasonedButton>
        </div>
      </form>
      {isChanged && <ApiCall operation={updateSupportRule} input={input} />}
    </Card>
  );
}
