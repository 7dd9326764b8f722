import { longestReviewDays } from '@estover/domain/accounts';
import { approveAccountRequest, askAboutAccountRequest, updateReviewSettings } from '@estover/protocol';
import { NumberInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { fieldProblem } from '../../problems.ts';
import type { AccountRequest } from './request-words.ts';

interface DialogProps {
  request: AccountRequest;
  onClose: () => void;
}

/** Approves a request, with a reason if there is something to say. */
export function ApproveDialog({ request, onClose }: DialogProps) {
  const approve = useAction(approveAccountRequest);
  const [reason, setReason] = useState('');
  const { requestId, requesterEmail, approverEmail, companyName, domainIdentifier } = request;
  const body = reason.trim() === '' ? {} : { reason: reason.trim() };
  const input = { params: { requestId }, body };
  const isOther = requesterEmail !== approverEmail;
  return (
    <FormDialog
      title={`Approve ${domainIdentifier}`}
      act="Approve the request"
      blocked={null}
      acting={approve.isPending}
      error={approve.error}
      marked={['/reason']}
      onClose={onClose}
      onAct={() =>
        approve.mutate(input, {
          onSuccess: () => {
            notifyDone(
              request.purpose === 'upgrade'
                ? `Approved; ${companyName} is a customer account now.`
                : `Approved; ${approverEmail} gets the link to accept.`,
            );
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={approveAccountRequest} input={input} />}
    >
      <Textarea
        label="Reason"
        description={`May be left empty. Kept with the request${isOther ? `; ${requesterEmail} reads it in a mail` : ''}.`}
        autosize
        minRows={2}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value.replaceAll('\n', ' '))}
        error={fieldProblem(approve.error, '/reason')}
        data-autofocus
      />
    </FormDialog>
  );
}

/** Asks the requester something, who answers by a link in a mail. */
export function AskDialog({ request, onClose }: DialogProps) {
  const ask = useAction(askAboutAccountRequest);
  const [question, setQuestion] = useState('');
  const { requestId, requesterEmail, domainIdentifier } = request;
  const input = { params: { requestId }, body: { question: question.trim() } };
  return (
    <FormDialog
      title={`Ask about ${domainIdentifier}`}
      act="Send the question"
      blocked={question.trim() === '' ? 'Write the question first.' : null}
      acting={ask.isPending}
      error={ask.error}
      marked={['/question']}
      onClose={onClose}
      onAct={() =>
        ask.mutate(input, {
          onSuccess: () => {
            notifyDone(`Asked; ${requesterEmail} answers by a link in a mail.`);
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={askAboutAccountRequest} input={input} />}
    >
      <Textarea
        label="Question"
        description={`${requesterEmail} gets it by mail. The review waits for the answer.`}
        autosize
        minRows={2}
        maxLength={500}
        value={question}
        onChange={(event) => setQuestion(event.currentTarget.value.replaceAll('\n', ' '))}
        error={fieldProblem(ask.error, '/question')}
        data-autofocus
      />
    </FormDialog>
  );
}

/** Sets how long a review may take. */
export function ReviewDaysDialog({ reviewDays, onClose }: { reviewDays: number; onClose: () => void }) {
  const update = useAction(updateReviewSettings);
  const [days, setDays] = useState<number | string>(reviewDays);
  const input = { body: { reviewDays: Number(days) } };
  return (
    <FormDialog
      title="How long a review may take"
      act="Save"
      blocked={days === reviewDays ? 'It is set like this.' : days === '' ? 'Write a number of days.' : null}
      acting={update.isPending}
      error={update.error}
      marked={['/reviewDays']}
      onClose={onClose}
      onAct={() =>
        update.mutate(input, {
          onSuccess: () => {
            notifyDone('How long a review may take is set.');
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={updateReviewSettings} input={input} />}
    >
      <NumberInput
        label="Days"
        description="Longer ones are marked as overdue, here and on the desk. The clock stands while a question waits for its answer."
        min={1}
        max={longestReviewDays}
        allowDecimal={false}
        value={days}
        onChange={setDays}
        error={fieldProblem(update.error, '/reviewDays')}
        data-autofocus
      />
    </FormDialog>
  );
}
