import {
  type AccountRole,
  accountRoles,
  mostWaitingAccessRequests,
  roleLevels,
} from '@estover/domain/access';
import { listMyAccessRequests, requestAccess, withdrawAccessRequest } from '@estover/protocol';
import { Button, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { accessRequestStateWords, askedInWords, type OwnAccessRequest } from '../../access-request-words.ts';
import { roleNames } from '../../account.tsx';
import { useAction, usePages } from '../../api.ts';
import { count } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { Moment, StatePill } from '../../parts/figures.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { paths } from '../../paths.ts';
import { fieldProblem } from '../../problems.ts';
import { roleSentences } from '../people/access-words.ts';
import styles from './request-access.module.css';

const route = getRouteApi('/signed-in/request-access');

/** A person asks for a role at an account they do not see, and looks after what they asked for. */
export default function RequestAccessPage() {
  const list = usePages(listMyAccessRequests, { query: {} });
  const waiting = list.items.filter(({ state }) => state === 'waiting').length;
  return (
    <>
      <PageHead
        title="Ask for access"
        sentence={
          list.first === undefined
            ? ''
            : waiting === 0
              ? 'Whoever administers the account answers; you hear of it by mail.'
              : `${count(waiting, 'request')} of yours ${waiting === 1 ? 'waits' : 'wait'} for an answer. You hear of it by mail.`
        }
      />
      <div className={styles.cards}>
        <Card title="What you need">
          <AskForm isFull={waiting >= mostWaitingAccessRequests} />
        </Card>
        <Card title="What you asked for">
          <OwnRequests list={list} />
        </Card>
      </div>
    </>
  );
}

const marked = ['/identifier', '/place', '/reason'];

function AskForm({ isFull }: { isFull: boolean }) {
  const { identifier: given } = route.useSearch();
  const ask = useAction(requestAccess);
  const [identifier, setIdentifier] = useState(given ?? '');
  const [role, setRole] = useState<AccountRole>('viewer');
  const [isWhole, setWhole] = useState(true);
  const [place, setPlace] = useState('');
  const [reason, setReason] = useState('');
  const levels = roleLevels[role];
  const wantsPlace = !levels.includes('account') || (levels.includes('virtual-account') && !isWhole);
  const missing =
    identifier.trim() === ''
      ? 'Write the company’s mail domain first.'
      : wantsPlace && place.trim() === ''
        ? 'Write the virtual account first.'
        : reason.trim() === ''
          ? 'Write why you need it first.'
          : isFull
            ? `${mostWaitingAccessRequests} of your requests wait already. Take one back first.`
            : null;
  const body = {
    identifier: identifier.trim(),
    role,
    place: wantsPlace ? place.trim() : '',
    reason: reason.trim(),
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (missing !== null || ask.isPending) return;
        ask.mutate(
          { body },
          {
            onSuccess: ({ request }) => {
              notifyDone(
                `Asked for. Whoever answers for ${request.identifier} hears of it, if there is such an account.`,
              );
              setReason('');
            },
          },
        );
      }}
    >
      <TextInput
        label="Account"
        description="The company’s mail domain, such as example.com."
        value={identifier}
        maxLength={254}
        onChange={(event) => setIdentifier(event.currentTarget.value)}
        error={fieldProblem(ask.error, '/identifier')}
      />
      <Select
        label="Role"
        description={roleSentences[role]}
        value={role}
        allowDeselect={false}
        data={accountRoles.map((one) => ({ value: one, label: roleNames[one] }))}
        onChange={(next) => next !== null && setRole(next as AccountRole)}
      />
      {levels.length > 1 && (
        <SegmentedControl
          aria-label="Where you need it"
          value={isWhole ? 'account' : 'virtual-account'}
          onChange={(level) => setWhole(level === 'account')}
          data={[
            { value: 'account', label: 'The whole account' },
            { value: 'virtual-account', label: 'One virtual account' },
          ]}
        />
      )}
      {wantsPlace && (
        <TextInput
          label="Virtual account"
          description="Its path as somebody told you, such as EMEA / Madrid."
          value={place}
          maxLength={500}
          onChange={(event) => setPlace(event.currentTarget.value)}
          error={fieldProblem(ask.error, '/place')}
        />
      )}
      <Textarea
        label="Why you need it"
        description="Whoever answers reads it."
        autosize
        minRows={2}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value.replaceAll('\n', ' '))}
        error={fieldProblem(ask.error, '/reason')}
      />
      <ProblemNotice error={ask.error} marked={marked} />
      <div>
        <ReasonedButton type="submit" variant="filled" reason={missing} loading={ask.isPending}>
          Ask for {roleNames[role].toLowerCase()}
        </ReasonedButton>
      </div>
    </form>
  );
}

function OwnRequests({ list }: { list: ReturnType<typeof usePages<typeof listMyAccessRequests>> }) {
  const [taking, setTaking] = useState<OwnAccessRequest | null>(null);
  const columns: Column<OwnAccessRequest>[] = [
    {
      key: 'what',
      title: 'Asked for',
      cell: (request) => <TwoLines name={request.identifier} below={askedInWords(request)} />,
    },
    {
      key: 'state',
      title: 'State',
      cell: ({ state }) => (
        <StatePill tone={accessRequestStateWords[state].tone}>
          {accessRequestStateWords[state].label}
        </StatePill>
      ),
    },
    { key: 'since', title: 'Since', cell: ({ stateSince }) => <Moment at={stateSince} /> },
    { key: 'answer', title: 'Answer', cell: ({ answer }) => answer ?? '–' },
    {
      key: 'next',
      title: 'Next',
      cell: (request) =>
        request.accountId !== null ? (
          <PlaceLink to={paths.virtualAccounts(request.accountId)}>Open {request.identifier}</PlaceLink>
        ) : request.state === 'waiting' ? (
          <Button
            size="xs"
            aria-label={`Take back the request for ${request.identifier}`}
            onClick={() => setTaking(request)}
          >
            Take back…
          </Button>
        ) : null,
    },
  ];
  return (
    <>
      <DataTable
        label="Your requests"
        columns={columns}
        rows={list.items}
        rowKey={({ requestId }) => requestId}
        {...list.table}
        empty={
          <EmptyState title="You asked for nothing yet">
            A request waits for 30 days. This page says what became of it.
          </EmptyState>
        }
      />
      {taking !== null && <TakeBackDialog request={taking} onClose={() => setTaking(null)} />}
    </>
  );
}

function TakeBackDialog({ request, onClose }: { request: OwnAccessRequest; onClose: () => void }) {
  const take = useAction(withdrawAccessRequest);
  const input = { params: { requestId: request.requestId } };
  return (
    <ConfirmDialog
      title="Take back a request"
      act="Take it back"
      acting={take.isPending}
      error={take.error}
      onClose={onClose}
      onAct={() =>
        take.mutate(input, {
          onSuccess: () => {
            notifyDone(`The request for ${request.identifier} is taken back.`);
            onClose();
          },
        })
      }
      call={{ operation: withdrawAccessRequest, input }}
    >
      <p>
        You asked to be {askedInWords(request)} of {request.identifier}. Nobody can approve it afterwards.
      </p>
    </ConfirmDialog>
  );
}
