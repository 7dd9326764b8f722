import { getMailDelivery, listMails, openMail, sendMailAgain } from '@estover/protocol';
import { getRouteApi } from '@tanstack/react-router';
import { usePlatform } from '../../account.tsx';
import { useAction, useOperation, usePages } from '../../api.ts';
import { formatNumber } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState, NothingMatches } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip, SelectChip } from '../../parts/FilterChips.tsx';
import { Moment, StatePill } from '../../parts/figures.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { Facts, SplitPanel } from '../../parts/SplitPanel.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { paths } from '../../paths.ts';
import { shown } from '../../shown.ts';
import { deliveryInWords, kindNames, type Mail, mailStates, reasonAgainstSending } from './mail-words.ts';
import styles from './platform.module.css';

const route = getRouteApi('/signed-in/platform/outbox');

const stateOptions = Object.entries(mailStates).map(([value, { label }]) => ({
  value: value as Mail['state'],
  label,
}));

const MailPill = ({ mail: { state } }: { mail: Mail }) => (
  <StatePill tone={mailStates[state].tone}>{mailStates[state].label}</StatePill>
);

const columns: Column<Mail>[] = [
  {
    key: 'subject',
    title: 'Mail',
    cell: (mail) => <TwoLines name={mail.subject} below={kindNames[mail.kind]} />,
  },
  { key: 'recipient', title: 'To', cell: (mail) => shown(mail.recipient) },
  { key: 'state', title: 'State', cell: (mail) => <MailPill mail={mail} /> },
  { key: 'created', title: 'Written', cell: (mail) => <Moment at={mail.createdAt} /> },
];

/** The mails of the installation: what was sent, what waits, and what an operator has to hand out. */
export default function OutboxPage() {
  const { open, ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<typeof filters>) =>
    void navigate({ search: (was) => ({ ...was, ...change }), replace: true });
  const delivery = useOperation(getMailDelivery, {});
  const list = usePages(listMails, { query: filters });
  const opened = list.items.find(({ mailId }) => mailId === open);
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  return (
    <>
      <PageHead title="Outbox" sentence={delivery.data === undefined ? '' : deliveryInWords(delivery.data)} />
      <SplitPanel
        listName="Outbox"
        closed={paths.platformOutbox(filters)}
        panel={
          opened === undefined
            ? null
            : { title: opened.subject, body: <MailFacts key={opened.mailId} mail={opened} /> }
        }
      >
        <Card>
          <FilterChips>
            <SearchChip
              label="Search mails"
              placeholder="Recipient, subject"
              value={filters.search}
              onChange={(search) => set({ search })}
            />
            <SelectChip
              label="State"
              value={filters.state}
              options={stateOptions}
              onChange={(state) => set({ state })}
            />
          </FilterChips>
          <DataTable
            label="Mails"
            keyboard
            columns={columns}
            rows={list.items}
            rowKey={(mail) => mail.mailId}
            rowLink={(mail) => paths.platformOutbox({ ...filters, open: mail.mailId })}
            openKey={open ?? null}
            {...list.table}
            empty={
              isFiltered ? (
                <NothingMatches
                  title="No mail matches these filters"
                  onClear={() => void navigate({ search: {}, replace: true })}
                />
              ) : (
                <EmptyState title="No mail was written in the last 30 days">
                  People get mail when they are invited, given a role, or ask for a new password.
                </EmptyState>
              )
            }
          />
        </Card>
      </SplitPanel>
    </>
  );
}

function MailFacts({ mail }: { mail: Mail }) {
  const platform = usePlatform();
  const delivery = useOperation(getMailDelivery, {});
  const read = useAction(openMail);
  const again = useAction(sendMailAgain);
  const params = { mailId: mail.mailId };
  const reason = platform.reasonAgainst('manage-mails');
  const isUnsent = mail.state === 'kept' || mail.state === 'failed';
  return (
    <>
      <Facts
        facts={[
          ['State', <MailPill key="state" mail={mail} />],
          ['To', mail.recipient],
          ['Kind', kindNames[mail.kind]],
          ['Account', mail.accountName ?? 'none'],
          ['Written', <Moment key="created" at={mail.createdAt} />],
          [
            mail.state === 'failed' ? 'Given up' : 'Sent',
            <Moment key="done" at={mail.doneAt} absent="not sent" />,
          ],
          ['Attempts', formatNumber(mail.attempts)],
          ...(mail.nextAttemptAt === null
            ? []
            : ([['Next attempt', <Moment key="next" at={mail.nextAttemptAt} />]] as [
                string,
                React.ReactNode,
              ][])),
          ...(mail.problem === null ? [] : ([['What went wrong', mail.problem]] as [string, string][])),
        ]}
      />
      {isUnsent && (
        <div className={styles.mail}>
          {read.data === undefined ? (
            <p>
              What it says may let its reader in as {shown(mail.recipient)}. That you opened it stays in the
              events of the accounts it opens.
            </p>
          ) : (
            <pre>{read.data.text}</pre>
          )}
          <ProblemNotice error={read.error ?? again.error} />
          <div className={styles.mailActions}>
            <ReasonedButton
              reason={reason ?? (read.data === undefined ? null : 'It is open.')}
              loading={read.isPending}
              onClick={() => read.mutate({ params })}
            >
              Open mail
            </ReasonedButton>
            <ReasonedButton
              reason={reason ?? reasonAgainstSending(delivery.data)}
              loading={again.isPending}
              onClick={() =>
                again.mutate(
                  { params },
                  { onSuccess: () => notifyDone(`The mail to ${mail.recipient} goes out.`) },
                )
              }
            >
              Send again
            </ReasonedButton>
          </div>
        </div>
      )}
    </>
  );
}
