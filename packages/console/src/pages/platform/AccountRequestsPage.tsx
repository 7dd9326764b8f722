import { declineAccountRequest, listAccountRequests } from '@estover/protocol';
import { Button, Textarea } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { usePlatform } from '../../account.tsx';
import { accountKindWords } from '../../account-kinds.ts';
import { useAction, usePages } from '../../api.ts';
import { count } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState, NothingMatches } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip, SelectChip } from '../../parts/FilterChips.tsx';
import { Moment, StatePill } from '../../parts/figures.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { Facts, SplitPanel } from '../../parts/SplitPanel.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { paths } from '../../paths.ts';
import { fieldProblem } from '../../problems.ts';
import { shown } from '../../shown.ts';
import styles from './platform.module.css';
import { ApproveDialog, AskDialog, ReviewDaysDialog } from './ReviewDialogs.tsx';
import {
  type AccountRequest,
  pillOf,
  purposeWords,
  queueInWords,
  reasonAgainstApproving,
  reasonAgainstAsking,
  reasonAgainstDeclining,
  requestStateWords,
} from './request-words.ts';

const route = getRouteApi('/signed-in/platform/account-requests');

const stateOptions = Object.entries(requestStateWords).map(([value, { label }]) => ({
  value: value as AccountRequest['state'],
  label,
}));

function RequestPill({ request }: { request: AccountRequest }) {
  const { label, tone } = pillOf(request);
  return <StatePill tone={tone}>{label}</StatePill>;
}

const columns: Column<AccountRequest>[] = [
  {
    key: 'company',
    title: 'Company',
    cell: (request) => <TwoLines name={request.companyName} below={request.domainIdentifier} />,
  },
  { key: 'state', title: 'State', cell: (request) => <RequestPill request={request} /> },
  { key: 'since', title: 'Since', cell: (request) => <Moment at={request.stateSince} /> },
  { key: 'by', title: 'Asked for by', cell: (request) => shown(request.requesterEmail) },
];

/** Requests for accounts: those that wait for an operator first. */
export default function AccountRequestsPage() {
  const { open, ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<typeof filters>) =>
    void navigate({ search: (was) => ({ ...was, ...change }), replace: true });
  const [setting, setSetting] = useState(false);
  const list = usePages(listAccountRequests, { query: filters });
  const opened = list.items.find(({ requestId }) => requestId === open);
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  return (
    <>
      <PageHead
        title="Account requests"
        sentence={queueInWords(list.first?.underReview, list.first?.overdue)}
        actions={
          list.first === undefined ? null : (
            <Button onClick={() => setSetting(true)}>
              Reviews may take {count(list.first.reviewDays, 'day')}…
            </Button>
          )
        }
      />
      <SplitPanel
        listName="Account requests"
        closed={paths.platformAccountRequests(filters)}
        panel={
          opened === undefined
            ? null
            : { title: opened.companyName, body: <RequestDetails key={opened.requestId} request={opened} /> }
        }
      >
        <Card>
          <FilterChips>
            <SearchChip
              label="Search requests"
              placeholder="Company, identifier, mail address"
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
            label="Account requests"
            keyboard
            columns={columns}
            rows={list.items}
            rowKey={(request) => request.requestId}
            rowLink={(request) => paths.platformAccountRequests({ ...filters, open: request.requestId })}
            openKey={open ?? null}
            {...list.table}
            empty={
              isFiltered ? (
                <NothingMatches
                  title="No request matches these filters"
                  onClear={() => void navigate({ search: {}, replace: true })}
                />
              ) : (
                <EmptyState title="Nobody has asked for an account yet">
                  Customers ask on the page for signing in, at “Ask for an account”.
                </EmptyState>
              )
            }
          />
        </Card>
      </SplitPanel>
      {setting && list.first !== undefined && (
        <ReviewDaysDialog reviewDays={list.first.reviewDays} onClose={() => setSetting(false)} />
      )}
    </>
  );
}

function RequestDetails({ request }: { request: AccountRequest }) {
  const platform = usePlatform();
  const [open, setOpen] = useState<'approve' | 'ask' | 'decline' | null>(null);
  const close = () => setOpen(null);
  const notAllowed = platform.reasonAgainst('review-accounts');
  const { requesterName, requesterEmail, approverEmail } = request;
  return (
    <>
      <Facts
        facts={[
          ['State', <RequestPill key="state" request={request} />],
          ['Since', <Moment key="since" at={request.stateSince} />],
          request.endsAt === null ? null : ['Expires', <Moment key="ends" at={request.endsAt} />],
          ['Asked', purposeWords[request.purpose]],
          ['Kind', accountKindWords[request.kind].name],
          ['Domain identifier', request.domainIdentifier],
          ['Asked for by', `${requesterName}, ${requesterEmail}`],
          ['On', <Moment key="on" at={request.requestedAt} />],
          ['Accepted by', request.approverIsTeam ? `${approverEmail} (a team’s address)` : approverEmail],
          request.justification === '' ? null : ['Why a prefix', request.justification],
          request.state === 'under-review' && !request.hasPrefix
            ? ['Why to review', 'It lies below the identifier of another account']
            : null,
          request.reviewDueAt === null
            ? null
            : ['Review it by', <Moment key="due" at={request.reviewDueAt} />],
          request.question === null
            ? null
            : ['Asked', `${request.question} (${request.questionBy ?? 'an operator'})`],
          request.question === null ? null : ['Answer', request.answer ?? 'Not yet'],
          request.reviewedBy === null ? null : ['Reviewed by', request.reviewedBy],
          request.reason === null ? null : ['Reason', request.reason],
          request.accountId === null
            ? null
            : [
                'Account',
                <PlaceLink
                  key="account"
                  to={paths.platformAccounts({ search: request.domainIdentifier, open: request.accountId })}
                >
                  {request.companyName}
                </PlaceLink>,
              ],
        ]}
      />
      <div className={styles.mail}>
        <div className={styles.mailActions}>
          <ReasonedButton
            variant="filled"
            reason={notAllowed ?? reasonAgainstApproving(request)}
            onClick={() => setOpen('approve')}
          >
            Approve…
          </ReasonedButton>
          <ReasonedButton reason={notAllowed ?? reasonAgainstAsking(request)} onClick={() => setOpen('ask')}>
            Ask…
          </ReasonedButton>
          <ReasonedButton
            reason={notAllowed ?? reasonAgainstDeclining(request)}
            onClick={() => setOpen('decline')}
          >
            Decline…
          </ReasonedButton>
        </div>
      </div>
      {open === 'approve' && <ApproveDialog request={request} onClose={close} />}
      {open === 'ask' && <AskDialog request={request} onClose={close} />}
      {open === 'decline' && <DeclineDialog request={request} onClose={close} />}
    </>
  );
}

function DeclineDialog({ request, onClose }: { request: AccountRequest; onClose: () => void }) {
  const decline = useAction(declineAccountRequest);
  const [reason, setReason] = useState('');
  const input = { params: { requestId: request.requestId }, body: { reason: reason.trim() } };
  return (
    <ConfirmDialog
      title={`Decline ${request.domainIdentifier}`}
      act="Decline the request"
      destructive
      blocked={reason.trim() === '' ? 'Write the reason first.' : null}
      acting={decline.isPending}
      error={decline.error}
      onClose={onClose}
      onAct={() =>
        decline.mutate(input, {
          onSuccess: () => {
            notifyDone(`Declined; ${request.requesterEmail} gets the reason by mail.`);
            onClose();
          },
        })
      }
      call={{ operation: declineAccountRequest, input }}
    >
      <Textarea
        label="Reason"
        description={`${shown(request.requesterEmail)} reads it in a mail.`}
        autosize
        minRows={2}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value.replaceAll('\n', ' '))}
        error={fieldProblem(decline.error, '/reason')}
        data-autofocus
      />
    </ConfirmDialog>
  );
}
