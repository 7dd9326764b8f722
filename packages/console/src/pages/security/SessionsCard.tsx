import { type AnswerOf, endOtherSessions, endSession, type getMySecurity } from '@estover/protocol';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api.ts';
import { count } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { Moment, StatePill, TagText } from '../../parts/figures.tsx';
import { notifyDone, notifyProblem } from '../../parts/notify.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { browserInWords } from './browser-words.ts';

type Session = AnswerOf<typeof getMySecurity>['sessions'][number];

const columnsWith = (end: (session: Session) => void): Column<Session>[] => [
  { key: 'browser', title: 'Browser', cell: ({ userAgent }) => browserInWords(userAgent) },
  {
    key: 'from',
    title: 'From',
    cell: ({ from }) => (from === null ? 'an unknown address' : <TagText>{from}</TagText>),
  },
  { key: 'signedIn', title: 'Signed in', cell: ({ signedInAt }) => <Moment at={signedInAt} /> },
  { key: 'ends', title: 'Ends', cell: ({ expiresAt }) => <Moment at={expiresAt} /> },
  {
    key: 'actions',
    title: 'Actions',
    cell: (session) =>
      session.isThisOne ? (
        <StatePill tone="ok">This one</StatePill>
      ) : (
        <Button
          size="xs"
          color="bad"
          aria-label={`End the session of ${browserInWords(session.userAgent)}`}
          onClick={() => end(session)}
        >
          End
        </Button>
      ),
  },
];

/** Where the person is signed in, and how they end it there. */
export function SessionsCard({ sessions }: { sessions: readonly Session[] }) {
  const end = useAction(endSession);
  const endOthers = useAction(endOtherSessions);
  const [asking, setAsking] = useState(false);
  const others = sessions.filter(({ isThisOne }) => !isThisOne).length;
  const endOne = ({ sessionId, userAgent }: Session) =>
    end.mutate(
      { params: { sessionId } },
      {
        onSuccess: () => notifyDone(`The session of ${browserInWords(userAgent)} has ended.`),
        onError: notifyProblem,
      },
    );
  return (
    <Card
      title="Where you are signed in"
      side={
        <ReasonedButton
          color="bad"
          reason={others === 0 ? 'You are signed in nowhere else.' : null}
          onClick={() => setAsking(true)}
        >
          End all others…
        </ReasonedButton>
      }
    >
      <DataTable
        label="Sessions"
        columns={columnsWith(endOne)}
        rows={[...sessions]}
        rowKey={({ sessionId }) => sessionId}
        isPending={false}
        error={null}
        empty={null}
      />
      {asking && (
        <ConfirmDialog
          title="End all other sessions"
          act={`End ${count(others, 'session')}`}
          destructive
          acting={endOthers.isPending}
          error={endOthers.error}
          onClose={() => setAsking(false)}
          onAct={() =>
            endOthers.mutate(
              {},
              {
                onSuccess: ({ ended }) => {
                  notifyDone(`${count(ended, 'session')} ended. You stay signed in here.`);
                  setAsking(false);
                },
              },
            )
          }
          call={{ operation: endOtherSessions, input: {} }}
        >
          <p>Whoever is signed in there has to sign in again, from their next click on.</p>
        </ConfirmDialog>
      )}
    </Card>
  );
}
