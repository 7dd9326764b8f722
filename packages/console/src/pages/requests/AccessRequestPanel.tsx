import { type AccountRole, roleLevels, rolesInPlaceOf } from '@estover/domain/access';
import { approveAccessRequest, declineAccessRequest } from '@estover/protocol';
import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type AccessRequest, accessRequestStateWords, askedInWords } from '../../access-request-words.ts';
import { roleNames, useAccount, useMe } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { formatDay, formatPath } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { ConfirmDialog, FormDialog } from '../../parts/ConfirmDialog.tsx';
import { Moment, StatePill } from '../../parts/figures.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { Facts } from '../../parts/SplitPanel.tsx';
import { useVirtualAccounts } from '../../parts/virtual-accounts.ts';
import { fieldProblem } from '../../problems.ts';
import { scopeInWords } from '../people/access-words.ts';
import { RoleAndScope, type RoleAndScopeDraft, scopeMissing } from '../people/RoleAndScope.tsx';
import styles from './requests.module.css';

export const RequestPill = ({ request: { state } }: { request: AccessRequest }) => (
  <StatePill tone={accessRequestStateWords[state].tone}>{accessRequestStateWords[state].label}</StatePill>
);

/** Why the signed-in person cannot answer, or null. The server decides. */
const reasonAgainst = (request: AccessRequest, meId: string): string | null =>
  request.state !== 'waiting'
    ? 'The request waits for nobody any more.'
    : request.person.personId === meId
      ? 'Nobody answers their own request.'
      : null;

/** One request for access: who asks for what and why, and the two answers. */
export function AccessRequestPanel({ request }: { request: AccessRequest }) {
  const me = useMe();
  const account = useAccount();
  const virtualAccounts = useVirtualAccounts();
  const [answering, setAnswering] = useState<'approve' | 'decline' | null>(null);
  const reason = account.reasonAgainst('answer-access-requests') ?? reasonAgainst(request, me.id);
  const { person, given } = request;
  return (
    <>
      <Facts
        facts={[
          ['State', <RequestPill key="state" request={request} />],
          ['Since', <Moment key="since" at={request.stateSince} />],
          ['Asks for', askedInWords(request)],
          request.place === ''
            ? null
            : [
                'Virtual account',
                request.virtualAccountPath === null
                  ? 'None has this path'
                  : formatPath(request.virtualAccountPath),
              ],
          ['Why', request.reason],
          ['Mail address', person.email],
          ['Company', person.partner ? 'Another one: a partner' : 'The account’s own'],
          ['Asked', <Moment key="asked" at={request.askedAt} />],
          request.state === 'waiting' ? ['Expires', <Moment key="ends" at={request.endsAt} />] : null,
          request.answeredBy === null ? null : ['Answered by', request.answeredBy],
          request.answer === null ? null : ['Answer', request.answer],
          given === null
            ? null
            : [
                'Was given',
                `${roleNames[given.role]} in ${scopeInWords(given.scope, virtualAccounts)}${given.until === null ? '' : `, until ${formatDay(given.until)}`}`,
              ],
        ]}
      />
      <div className={styles.answers}>
        <ReasonedButton variant="filled" reason={reason} onClick={() => setAnswering('approve')}>
          Approve…
        </ReasonedButton>
        <ReasonedButton reason={reason} onClick={() => setAnswering('decline')}>
          Decline…
        </ReasonedButton>
      </div>
      {answering === 'approve' && <ApproveDialog request={request} onClose={() => setAnswering(null)} />}
      {answering === 'decline' && <DeclineDialog request={request} onClose={() => setAnswering(null)} />}
    </>
  );
}

/** What was asked for, as far as it is known: the approver fills in what is not. */
function asked({ role, place, virtualAccountId }: AccessRequest): RoleAndScopeDraft {
  if (place === '') return { role, scope: { kind: 'account' } };
  const virtualAccounts = virtualAccountId === null ? [] : [{ virtualAccountId, nested: false }];
  return { role, scope: { kind: 'virtual-accounts', virtualAccounts } };
}

/** Roles that may be given where this one was asked for; in a part of the account only those that exist there. */
const rolesFor = ({ role, place }: AccessRequest): AccountRole[] =>
  rolesInPlaceOf[role].filter((one) => place === '' || roleLevels[one].includes('virtual-account'));

function ApproveDialog({ request, onClose }: { request: AccessRequest; onClose: () => void }) {
  const { accountId } = useAccount();
  const approve = useAction(approveAccessRequest);
  const [draft, setDraft] = useState(() => asked(request));
  const [until, setUntil] = useState('');
  const [answer, setAnswer] = useState('');
  const role = roleNames[draft.role].toLowerCase();
  const input = {
    params: { accountId, requestId: request.requestId },
    body: {
      role: draft.role,
      scope: draft.scope,
      ...(until === '' ? {} : { until: `${until}T23:59:59Z` }),
      ...(answer.trim() === '' ? {} : { answer: answer.trim() }),
    },
  };
  return (
    <FormDialog
      title={`Give ${request.person.name} access`}
      act={`Give ${role}`}
      blocked={scopeMissing(draft)}
      acting={approve.isPending}
      error={approve.error}
      marked={['/until', '/answer']}
      onClose={onClose}
      onAct={() =>
        approve.mutate(input, {
          onSuccess: () => {
            notifyDone(`${request.person.name} is ${role} now, and hears of it by mail.`);
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={approveAccessRequest} input={input} />}
    >
      <p>
        {request.person.name} asks to be {askedInWords(request)}. You may give less: a lower role, a part, an
        end.
      </p>
      <RoleAndScope
        value={draft}
        onChange={setDraft}
        roles={rolesFor(request)}
        onlyParts={request.place !== ''}
      />
      <TextInput
        type="date"
        label="Until (optional)"
        description="The role ends by itself at the end of this day, UTC."
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
        error={fieldProblem(approve.error, '/until')}
      />
      <Textarea
        label="A word to them (optional)"
        autosize
        minRows={2}
        maxLength={500}
        value={answer}
        onChange={(event) => setAnswer(event.currentTarget.value.replaceAll('\n', ' '))}
        error={fieldProblem(approve.error, '/answer')}
      />
    </FormDialog>
  );
}

function DeclineDialog({ request, onClose }: { request: AccessRequest; onClose: () => void }) {
  const { accountId } = useAccount();
  const decline = useAction(declineAccessRequest);
  const [reason, setReason] = useState('');
  const input = { params: { accountId, requestId: request.requestId }, body: { reason: reason.trim() } };
  return (
    <ConfirmDialog
      title={`Decline the request of ${request.person.name}`}
      act="Decline the request"
      destructive
      blocked={reason.trim() === '' ? 'Write the reason first.' : null}
      acting={decline.isPending}
      error={decline.error}
      onClose={onClose}
      onAct={() =>
        decline.mutate(input, {
          onSuccess: () => {
            notifyDone(`Declined; ${request.person.email} gets the reason by mail.`);
            onClose();
          },
        })
      }
      call={{ operation: declineAccessRequest, input }}
    >
      <Textarea
        label="Reason"
        description={`${request.person.email} reads it in a mail.`}
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
