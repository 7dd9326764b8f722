import { type AnswerOf, invitationColumns, invitePeople, ProblemError } from '@estover/protocol';
import { SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { roleNames, useAccount } from '../../account.tsx';
import { useAction, useDryRun } from '../../api.ts';
import { count, formatNumber, formatShortDay } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { FileDrop } from '../../parts/FileDrop.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { useVirtualAccounts, type VirtualAccount } from '../../parts/virtual-accounts.ts';
import { paths } from '../../paths.ts';
import { shown } from '../../shown.ts';
import { scopeInWords } from './access-words.ts';
import { addressesIn } from './addresses.ts';
import { InvitationLinks } from './InvitationLinks.tsx';
import styles from './people.module.css';
import {
  leastRights,
  RoleAndScope,
  type RoleAndScopeDraft,
  scopeMissing,
  useIsAdministrator,
} from './RoleAndScope.tsx';

type Invited = AnswerOf<typeof invitePeople>['people'][number];

interface RowError {
  row: number;
  column: string;
  detail: string;
}

const errorColumns: Column<RowError>[] = [
  { key: 'row', title: 'Row', cell: (error) => `Row ${formatNumber(error.row)}` },
  { key: 'column', title: 'Column', cell: (error) => error.column },
  { key: 'detail', title: 'What is wrong', cell: (error) => error.detail },
];

/** The rows that a refusal names; empty where it was refused for something else. */
function rowErrors(error: unknown): RowError[] {
  if (!(error instanceof ProblemError) || error.problem.code !== 'import-refused') return [];
  return (error.problem.errors ?? []).map(({ row, column, detail }) => ({
    row: Number(row),
    column: String(column),
    detail,
  }));
}

const columnsWith = (virtualAccounts: readonly VirtualAccount[], done: boolean): Column<Invited>[] => [
  {
    key: 'person',
    title: 'Person',
    cell: ({ name, email }) =>
      name === email ? <b>{shown(email)}</b> : <TwoLines name={name} below={email} />,
  },
  {
    key: 'role',
    title: 'Role',
    cell: ({ grant }) => (
      <>
        {roleNames[grant.role]}{' '}
        <span className={styles.quiet}>
          in {scopeInWords(grant.scope, virtualAccounts)}
          {grant.until !== null && `, until ${formatShortDay(grant.until)}`}
        </span>
      </>
    ),
  },
  {
    key: 'result',
    title: done ? 'What was done' : 'What happens',
    cell: ({ given, mailed }) =>
      `${given ? (done ? 'Has the role' : 'Gets the role') : 'Has it already'}${mailed ? ', told by mail' : ''}`,
  },
];

/** Invites many people at once: pasted addresses with one role, or a file with a role for each; tried before it is done. */
export default function InvitePeoplePage() {
  const account = useAccount();
  const { accountId } = account;
  const isAdministrator = useIsAdministrator();
  const virtualAccounts = useVirtualAccounts();
  const [from, setFrom] = useState<'paste' | 'file'>('paste');
  const [text, setText] = useState('');
  const [draft, setDraft] = useState<RoleAndScopeDraft>(() => leastRights(isAdministrator));
  const [until, setUntil] = useState('');
  const [file, setFile] = useState<{ name: string; content: string } | null>(null);
  const doing = useAction(invitePeople);
  const reason = account.reasonAgainst('manage-people');

  const people = addressesIn(text);
  const pasted = JSON.stringify({
    people,
    ...draft,
    ...(until === '' ? {} : { until: `${until}T23:59:59Z` }),
  });
  const complete = from === 'paste' ? people.length > 0 && scopeMissing(draft) === null : file !== null;
  const input = {
    params: { accountId },
    body: from === 'paste' ? pasted : (file?.content ?? ''),
    contentType: from === 'paste' ? 'application/json' : 'text/csv',
  };
  const trial = useDryRun(
    invitePeople,
    complete && doing.data === undefined && reason === null ? input : null,
  );
  const bad = rowErrors(trial.error);
  const found = trial.error === null ? trial.data : undefined;
  const amount = count(found?.people.length ?? 0, 'person', 'people');

  const again = () => {
    doing.reset();
    setText('');
    setFile(null);
  };
  const head = (
    <PageHead
      title="Invite several people"
      sentence={
        doing.data === undefined
          ? 'You see what each would get; nobody is invited before you say so, and then all of them or none.'
          : `${count(doing.data.people.length, 'person has', 'people have')} what you gave them.`
      }
      back={{ to: paths.people(accountId), label: 'People' }}
    />
  );
  if (doing.data !== undefined) {
    return (
      <>
        {head}
        <div className={styles.stack}>
          <InvitationLinks people={doing.data.people} />
          <Card title="Who was invited">
            <DataTable
              label="Who was invited"
              columns={columnsWith(virtualAccounts, true)}
              rows={doing.data.people}
              rowKey={({ personId }) => personId}
              empty={<EmptyState title="Nobody" />}
            />
          </Card>
          <div className={styles.actions}>
            <ReasonedButton onClick={again}>Invite more</ReasonedButton>
          </div>
        </div>
      </>
    );
  }
  return (
    <>
      {head}
      <div className={styles.stack}>
        {reason !== null && <p>{reason}</p>}
        <Card padded>
          <div className={styles.stack}>
            <SegmentedControl
              aria-label="Where the people come from"
              value={from}
              onChange={(next) => setFrom(next as typeof from)}
              data={[
                { value: 'paste', label: 'Paste addresses' },
                { value: 'file', label: 'CSV file' },
              ]}
            />
            {from === 'paste' ? (
              <>
                <Textarea
                  label="Mail addresses"
                  description="One a line, or separated by commas; “Jo Petit <jo@company.example>” gives the name, too."
                  autosize
                  minRows={4}
                  maxRows={14}
                  value={text}
                  onChange={(event) => setText(event.currentTarget.value)}
                />
                <RoleAndScope value={draft} onChange={setDraft} />
                <TextInput
                  type="date"
                  label="Until (optional)"
                  description="The role ends by itself at the end of this day, UTC."
                  value={until}
                  onChange={(event) => setUntil(event.currentTarget.value)}
                />
              </>
            ) : (
              <FileDrop
                label="File with people"
                what="a CSV file"
                most="Up to 200 people"
                accept=".csv,text/csv"
                name={file?.name}
                disabled={reason !== null}
                onFile={(chosen) =>
                  void chosen.text().then((content) => setFile({ name: chosen.name, content }))
                }
              />
            )}
          </div>
        </Card>
        {from === 'file' && file === null && <WhatAFileHolds />}
        {complete && trial.isPending && found === undefined && (
          <Card padded>
            <p role="status">Trying…</p>
          </Card>
        )}
        {bad.length > 0 ? (
          <Card title={`${count(bad.length, 'thing')} to mend before anybody is invited`}>
            <DataTable
              label="Rows that cannot be taken"
              columns={errorColumns}
              rows={bad}
              rowKey={(error) => `${error.row} ${error.column} ${error.detail}`}
              empty={<EmptyState title="Every row is good" />}
            />
          </Card>
        ) : (
          <ProblemNotice error={trial.error} />
        )}
        {complete && found !== undefined && (
          <Card title="What would happen">
            <DataTable
              label="What would happen"
              columns={columnsWith(virtualAccounts, false)}
              rows={found.people}
              rowKey={({ row }) => String(row)}
              isStale={trial.isPending}
              empty={<EmptyState title="Nobody" />}
            />
          </Card>
        )}
        <ProblemNotice error={doing.error} />
        <div className={styles.actions}>
          <ReasonedButton
            variant="filled"
            loading={doing.isPending}
            reason={
              reason ??
              whyNot({
                from,
                complete,
                bad: bad.length,
                ready: found !== undefined && !trial.isPending,
                scope: scopeMissing(draft),
                hasPeople: people.length > 0,
              })
            }
            onClick={() =>
              doing.mutate(input, {
                onSuccess: (answer) =>
                  notifyDone(`${count(answer.people.length, 'person was', 'people were')} invited.`),
              })
            }
          >
            {found === undefined ? 'Invite' : `Invite ${amount}`}
          </ReasonedButton>
        </div>
        {complete && (
          <ApiCall
            operation={invitePeople}
            input={from === 'file' && file !== null ? { ...input, body: `@${file.name}` } : input}
          />
        )}
      </div>
    </>
  );
}

/** Why nobody can be invited yet. */
function whyNot(state: {
  from: 'paste' | 'file';
  complete: boolean;
  bad: number;
  ready: boolean;
  scope: string | null;
  hasPeople: boolean;
}): string | null {
  if (state.from === 'file' && !state.complete) return 'Choose a file first.';
  if (state.from === 'paste' && !state.hasPeople) return 'Paste mail addresses first.';
  if (!state.complete) return state.scope;
  if (state.bad > 0) return 'Mend the rows first.';
  return state.ready ? null : 'Wait until it has been tried.';
}

const meanings: readonly [(typeof invitationColumns)[number], string][] = [
  ['email', 'The mail address. Must be filled in.'],
  ['role', `One of ${Object.keys(roleNames).join(', ')}. Must be filled in.`],
  ['name', 'How they are called until they choose a name.'],
  ['virtual_accounts', 'Paths such as “EMEA / Lyon”, several joined by “;”. Empty: the whole account.'],
  ['nested', '“yes” for everything nested in them, too. Empty: no.'],
  ['until', 'The last day of the role, such as 2026-12-31, in UTC. Empty: without an end.'],
];

function WhatAFileHolds() {
  return (
    <Card title="What a file holds" padded>
      <p>A row for each person, with these columns named in the first row:</p>
      <p>
        <code className={styles.header}>{invitationColumns.join(',')}</code>
      </p>
      <dl>
        {meanings.map(([column, meaning]) => (
          <div key={column}>
            <dt>
              <code>{column}</code>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
