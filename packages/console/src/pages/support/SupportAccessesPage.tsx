import { supportStates as everyState, supportMinutes } from '@estover/domain/support';
import { askSupportAccess, endSupportAccess, listAccounts, listSupportAccesses } from '@estover/protocol';
import { NumberInput, Radio, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useMe, usePlatform } from '../../account.tsx';
import { useAction, useOperation, usePages } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { Card } from '../../parts/Card.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState, NothingMatches } from '../../parts/EmptyState.tsx';
import { FilterChips, SelectChip } from '../../parts/FilterChips.tsx';
import { Moment, StatePill } from '../../parts/figures.tsx';
import { notifyDone, notifyProblem } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { RemoteSelect } from '../../parts/RemoteSelect.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { paths } from '../../paths.ts';
import { fieldProblem } from '../../problems.ts';
import styles from './support.module.css';
import {
  minutesInWords,
  modeWords,
  type SupportAccess,
  supportStates,
  timeInWords,
} from './support-words.ts';

const route = getRouteApi('/signed-in/platform/support-accesses');

const stateOptions = everyState.map((value) => ({ value, label: supportStates[value].label }));

const columnsWith = (
  personId: string,
  mayEndOthers: boolean,
  end: (access: SupportAccess) => void,
): Column<SupportAccess>[] => [
  {
    key: 'account',
    title: 'Account',
    cell: ({ accountId, accountName, state, staff }) =>
      state === 'open' && staff.personId === personId ? (
        <PlaceLink to={paths.overview(accountId)}>{accountName}</PlaceLink>
      ) : (
        accountName
      ),
  },
  {
    key: 'who',
    title: 'Who',
    cell: ({ staff, mode }) => <TwoLines name={staff.name} below={modeWords[mode]} />,
  },
  {
    key: 'why',
    title: 'Why',
    cell: ({ reason, caseNumber }) => <TwoLines name={reason} below={`Case ${caseNumber}`} />,
  },
  {
    key: 'state',
    title: 'State',
    cell: ({ state }) => <StatePill tone={supportStates[state].tone}>{supportStates[state].label}</StatePill>,
  },
  { key: 'when', title: 'When', cell: timeInWords },
  { key: 'asked', title: 'Asked', cell: ({ askedAt }) => <Moment at={askedAt} /> },
  {
    key: 'actions',
    title: 'Actions',
    cell: (access) =>
      access.state !== 'asked' && access.state !== 'open' ? (
        '–'
      ) : (
        <ReasonedButton
          size="xs"
          reason={
            access.staff.personId === personId || mayEndOthers
              ? null
              : 'Only an operator ends the access of somebody else.'
          }
          aria-label={`End the access to ${access.accountName}`}
          onClick={() => end(access)}
        >
          {access.state === 'open' ? 'End' : 'Take back'}
        </ReasonedButton>
      ),
  },
];

/** Accounts that support has open or asked for, and where it asks. */
export default function SupportAccessesPage() {
  const platform = usePlatform();
  const me = useMe();
  const { state, account } = route.useSearch();
  const navigate = route.useNavigate();
  const list = usePages(listSupportAccesses, { query: { state } });
  const [asking, setAsking] = useState(account !== undefined);
  const end = useAction(endSupportAccess);
  const reason = platform.reasonAgainst('open-support-access');
  const open = me.accounts.filter(({ support }) => support !== null).length;
  return (
    <>
      <PageHead
        title="Support accesses"
        sentence={
          open === 0
            ? 'You have no account open. A customer sees who asks, why, and all that is looked at and done.'
            : `You have ${open === 1 ? 'an account' : `${open} accounts`} open. The customer sees what you look at and do.`
        }
        actions={
          <ReasonedButton variant="filled" reason={reason} onClick={() => setAsking(true)}>
            Open an account…
          </ReasonedButton>
        }
      />
      <Card>
        <FilterChips>
          <SelectChip
            label="State"
            value={state}
            options={stateOptions}
            onChange={(value) => void navigate({ search: { state: value }, replace: true })}
          />
        </FilterChips>
        <DataTable
          label="Support accesses"
          columns={columnsWith(me.id, platform.may('manage-staff'), ({ accessId, accountName }) =>
            end.mutate(
              { params: { accessId } },
              {
                onSuccess: () => notifyDone(`The access to ${accountName} ended.`),
                onError: notifyProblem,
              },
            ),
          )}
          rows={list.items}
          rowKey={({ accessId }) => accessId}
          {...list.table}
          empty={
            state === undefined ? (
              <EmptyState title="No account was ever opened">
                Ask with a reason and the number of the case.
              </EmptyState>
            ) : (
              <NothingMatches
                title="No access is in this state"
                onClear={() => void navigate({ search: {}, replace: true })}
              />
            )
          }
        />
      </Card>
      {asking && (
        <AskDialog
          accountId={account ?? null}
          most={list.first?.mostMinutes ?? supportMinutes.most}
          onClose={() => {
            setAsking(false);
            if (account !== undefined) void navigate({ search: { state }, replace: true });
          }}
        />
      )}
    </>
  );
}

function AskDialog(props: { accountId: string | null; most: number; onClose: () => void }) {
  const { most, onClose } = props;
  const ask = useAction(askSupportAccess);
  const [search, setSearch] = useState<string | undefined>(undefined);
  const [accountId, setAccountId] = useState<string | null>(props.accountId);
  const [mode, setMode] = useState<SupportAccess['mode']>('read');
  const [reason, setReason] = useState('');
  const [caseNumber, setCaseNumber] = useState('');
  const [minutes, setMinutes] = useState<number | string>(Math.min(60, most));
  const found = useOperation(listAccounts, { query: { search, limit: 20 } });
  const body = {
    accountId: accountId ?? '',
    mode,
    reason: reason.trim(),
    caseNumber: caseNumber.trim(),
    minutes: Number(minutes),
  };
  const isComplete = accountId !== null && body.reason !== '' && body.caseNumber !== '';
  return (
    <FormDialog
      title="Open an account"
      act={mode === 'read' ? 'Ask to look around' : 'Ask to act'}
      blocked={isComplete ? null : 'Choose the account, and write the reason and the case first.'}
      acting={ask.isPending}
      error={ask.error}
      marked={['/reason', '/caseNumber', '/minutes']}
      onClose={onClose}
      onAct={() =>
        ask.mutate(
          { body },
          {
            onSuccess: ({ access }) => {
              notifyDone(
                access.state === 'open'
                  ? `${access.accountName} is open for ${minutesInWords(access.minutes)}.`
                  : `${access.accountName} was asked, and has 24 hours for an answer.`,
              );
              onClose();
            },
          },
        )
      }
      apiCall={isComplete && <ApiCall operation={askSupportAccess} input={{ body }} />}
    >
      <RemoteSelect
        label="Account"
        placeholder="Name or domain identifier"
        choices={(found.data?.items ?? []).map((each) => ({ value: each.accountId, label: each.name }))}
        onSearch={setSearch}
        value={accountId}
        onChange={setAccountId}
        required
      />
      <Radio.Group
        label="What for"
        value={mode}
        onChange={(value) => setMode(value === 'act' ? 'act' : 'read')}
      >
        <div className={styles.choices}>
          <Radio value="read" label="Look around" description="As a viewer. Changes nothing." />
          <Radio
            value="act"
            label="Act"
            description="An administrator of the customer approves it, always."
          />
        </div>
      </Radio.Group>
      <TextInput
        label="Reason"
        description="The customer reads it."
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={fieldProblem(ask.error, '/reason')}
      />
      <div className={styles.pair}>
        <TextInput
          label="Case number"
          maxLength={40}
          value={caseNumber}
          onChange={(event) => setCaseNumber(event.currentTarget.value)}
          error={fieldProblem(ask.error, '/caseNumber')}
        />
        <NumberInput
          label="Minutes"
          min={supportMinutes.least}
          max={most}
          step={15}
          value={minutes}
          onChange={setMinutes}
          error={fieldProblem(ask.error, '/minutes')}
        />
      </div>
    </FormDialog>
  );
}
