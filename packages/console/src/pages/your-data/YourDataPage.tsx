import { type AnswerOf, getMyData, removeMe } from '@estover/protocol';
import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useAction, useOperation } from '../../api.ts';
import { count, formatDay } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { Facts } from '../../parts/SplitPanel.tsx';
import { paths } from '../../paths.ts';
import { saveJson } from '../../save-file.ts';
import { shown } from '../../shown.ts';
import styles from '../agreements/agreements.module.css';

type Data = AnswerOf<typeof getMyData>;

function factsOf(data: Data): [string, string][] {
  const { person, signInMethods } = data;
  const ways = [
    ...(signInMethods.password ? ['password'] : []),
    ...(signInMethods.codesSince === null ? [] : ['codes of an app']),
    ...(signInMethods.passkeys.length === 0 ? [] : [count(signInMethods.passkeys.length, 'passkey')]),
  ];
  const accounts = new Set(data.grants.map(({ accountName }) => accountName));
  const groups = new Set(data.grants.flatMap(({ group }) => group ?? []));
  return [
    ['Name', person.name],
    ['Mail address', person.email],
    ['Known since', formatDay(person.createdAt)],
    ['Sign-in', ways.length === 0 ? 'none' : ways.join(', ')],
    ['Sessions', count(data.sessions.length, 'session')],
    ['Roles', accounts.size === 0 ? 'none' : `in ${[...accounts].join(', ')}`],
    ['Groups', groups.size === 0 ? 'none' : [...groups].join(', ')],
    ['API keys you made', count(data.apiKeys.length, 'key')],
    ['Webhooks you answer for', count(data.webhooks.length, 'webhook')],
    ['What identity providers say of you', count(data.identityProviders.length, 'account')],
    ['Mails to you in the last 30 days', count(data.mails.length, 'mail')],
    ['Requests for accounts', count(data.accountRequests.length, 'request')],
    ['Orders you were asked about', count(data.orderContacts.length, 'company', 'companies')],
    ['Agreements you accepted', count(data.agreements.length, 'agreement')],
    ['Events with you', count(data.events.length + data.eventsLeftOut, 'event')],
  ];
}

/** What is stored about whoever is signed in, as a file, and how they leave. */
export default function YourDataPage() {
  const { accountId } = useParams({ strict: false });
  const { data, error, refetch } = useOperation(getMyData, {});
  const [leaving, setLeaving] = useState(false);
  return (
    <>
      <PageHead
        title="Your data"
        sentence="Everything that is stored about you. Secrets are kept as hashes and are not in it."
        {...(accountId === undefined && { back: { to: paths.home(), label: 'Back to your account' } })}
        actions={
          data !== undefined && (
            <Button variant="filled" onClick={() => saveJson('estover-your-data.json', data)}>
              Export JSON
            </Button>
          )
        }
      />
      {error !== null && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <div className={styles.page}>
          <Card title="What is stored">
            <Facts facts={factsOf(data)} />
          </Card>
          <Card title="Leave this installation" padded>
            <div className={styles.body}>
              <p>
                You can have yourself removed. Your sessions, roles, groups, passkeys and the API keys you
                made end at once. Events keep what was done, without your name. Backups of before are kept as
                long as the operator keeps them.
              </p>
              <div className={styles.buttons}>
                <Button color="bad" onClick={() => setLeaving(true)}>
                  Remove me…
                </Button>
              </div>
            </div>
          </Card>
        </div>
      )}
      {leaving && data !== undefined && (
        <LeaveDialog email={data.person.email} onClose={() => setLeaving(false)} />
      )}
    </>
  );
}

function LeaveDialog({ email, onClose }: { email: string; onClose: () => void }) {
  const remove = useAction(removeMe);
  const navigate = useNavigate();
  const cache = useQueryClient();
  const input = { body: { confirmation: email } };
  return (
    <ConfirmDialog
      title="Remove yourself"
      act="Remove me for good"
      typeName={shown(email)}
      acting={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onAct={() =>
        remove.mutate(input, {
          onSuccess: async () => {
            await navigate({ to: paths.signIn().to });
            cache.clear();
          },
        })
      }
      call={{ operation: removeMe, input }}
    >
      <p>
        It cannot be undone. Whoever invites your address later invites somebody new, without your roles of
        today.
      </p>
    </ConfirmDialog>
  );
}
