import { isOpenRequest } from '@estover/domain/accounts';
import { answerAccountRequest, confirmAccountRequest, withdrawAccountRequest } from '@estover/protocol';
import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api.ts';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { paths } from '../../paths.ts';
import { fieldProblem } from '../../problems.ts';
import { FrontDoor, FrontDoorForm } from '../../shell/FrontDoor.tsx';
import { AskAnew, type LinkedRequest, OpenedRequest, RequestFacts } from './OpenedRequest.tsx';
import { stateInWords } from './request-words.ts';

/** Whoever asked confirms their address with the link from the mail, sees what becomes of it, and may take it back. */
export default function AccountRequestPage() {
  return (
    <OpenedRequest linkOf="requester">
      {(request, token) => <OwnRequest request={request} token={token} />}
    </OpenedRequest>
  );
}

function OwnRequest({ request, token }: { request: LinkedRequest; token: string }) {
  const confirm = useAction(confirmAccountRequest);
  const withdraw = useAction(withdrawAccountRequest);
  const { title, sentence } = stateInWords(request);
  const input = { body: { token } };
  return (
    <FrontDoor title={title} sentence={sentence}>
      <RequestFacts request={request} />
      {request.state === 'requested' ? (
        <FrontDoorForm
          act="Confirm the request"
          onAct={() => confirm.mutate(input)}
          acting={confirm.isPending}
          error={confirm.error}
        >
          {null}
        </FrontDoorForm>
      ) : null}
      {request.state === 'under-review' && request.question !== null && request.answer === null && (
        <AnswerForm question={request.question} token={token} />
      )}
      {isOpenRequest(request.state) ? (
        <>
          <ProblemNotice error={withdraw.error} />
          <Button size="md" loading={withdraw.isPending} onClick={() => withdraw.mutate(input)}>
            Withdraw the request
          </Button>
        </>
      ) : request.state === 'active' ? (
        <PlaceLink to={paths.signIn()}>Sign in</PlaceLink>
      ) : (
        <AskAnew />
      )}
    </FrontDoor>
  );
}

/** The requester answers what the operator asked; the review goes on then. */
function AnswerForm({ question, token }: { question: string; token: string }) {
  const send = useAction(answerAccountRequest);
  const [answer, setAnswer] = useState('');
  return (
    <FrontDoorForm
      act="Send the answer"
      onAct={() => send.mutate({ body: { token, answer: answer.trim() } })}
      acting={send.isPending}
      error={send.error}
      marked={['/answer']}
    >
      <Textarea
        label="Your answer"
        description={question}
        autosize
        minRows={2}
        maxLength={1000}
        required
        withAsterisk={false}
        value={answer}
        onChange={(event) => setAnswer(event.currentTarget.value.replaceAll('\n', ' '))}
        error={fieldProblem(send.error, '/answer')}
      />
    </FrontDoorForm>
  );
}
