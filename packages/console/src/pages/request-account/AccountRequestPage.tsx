import { isOpenRequest } from '@estover/domain/accounts';
import { confirmAccountRequest, withdrawAccountRequest } from '@estover/protocol';
import { Button } from '@mantine/core';
import { useAction } from '../../api.ts';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { paths } from '../../paths.ts';
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
