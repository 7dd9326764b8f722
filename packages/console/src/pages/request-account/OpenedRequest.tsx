import { type AnswerOf, openAccountRequest } from '@estover/protocol';
import { useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { accountKindWords } from '../../account-kinds.ts';
import { useOperation } from '../../api.ts';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { Facts } from '../../parts/SplitPanel.tsx';
import { paths } from '../../paths.ts';
import { FrontDoor } from '../../shell/FrontDoor.tsx';
import styles from './request-account.module.css';

export type LinkedRequest = AnswerOf<typeof openAccountRequest>['request'];

interface OpenedRequestProps {
  /** Whose link this page takes. */
  linkOf: LinkedRequest['linkOf'];
  children: (request: LinkedRequest, token: string) => ReactNode;
}

/** Reads the request of the link behind the #, or says why there is none. */
export function OpenedRequest({ linkOf, children }: OpenedRequestProps) {
  // The secret is behind the #, which browsers send to no server.
  const token = useLocation({ select: (location) => location.hash });
  const opened = useOperation(openAccountRequest, { body: { token } }, { enabled: token !== '' });
  const request = opened.data?.request;
  if (token === '' || (request !== undefined && request.linkOf !== linkOf)) {
    return (
      <FrontDoor
        title="Open the link from the mail"
        sentence="It has more behind its # sign. Open that one, or ask anew."
      >
        <AskAnew />
      </FrontDoor>
    );
  }
  if (opened.error !== null) {
    return (
      <FrontDoor title="The request does not open" sentence="The link may be used up, or its time over.">
        <ProblemNotice error={opened.error} onRetry={() => void opened.refetch()} />
        <AskAnew />
      </FrontDoor>
    );
  }
  if (request === undefined) return <FrontDoor title="Your request" sentence="One moment…" />;
  return children(request, token);
}

export const AskAnew = () => <PlaceLink to={paths.requestAccount()}>Ask for an account</PlaceLink>;

/** What the request is about. */
export function RequestFacts({ request }: { request: LinkedRequest }) {
  return (
    <div className={styles.facts}>
      <Facts
        facts={[
          ['Company', request.companyName],
          ['Domain identifier', request.domainIdentifier],
          ['Kind', accountKindWords[request.kind].name],
          ['Asked for by', `${request.requesterName}, ${request.requesterEmail}`],
          ['Accepted by', request.approverEmail],
          request.question === null ? null : ['The operator asks', request.question],
          request.answer === null ? null : ['Your answer', request.answer],
        ]}
      />
    </div>
  );
}
