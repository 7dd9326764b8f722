import { type AnswerOf, getDesk } from '@estover/protocol';
import type { ReactNode } from 'react';
import { useOperation } from '../../api.ts';
import { count, formatNumber } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { Moment, StatePill } from '../../parts/figures.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { type Place, paths } from '../../paths.ts';
import { PlatformGuide } from '../platform/PlatformGuide.tsx';
import { deskInWords } from './desk-words.ts';
import styles from './support.module.css';
import { recoveryInWords, recoveryStates, supportStates } from './support-words.ts';

type Desk = AnswerOf<typeof getDesk>;

/** Where staff begins: what waits for somebody, each with the way to its page. */
export default function DeskPage() {
  const { data, error, refetch } = useOperation(getDesk, {});
  return (
    <>
      <PageHead title="Desk" sentence={data === undefined ? '' : deskInWords(data)} />
      <PlatformGuide />
      {error !== null && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {data !== undefined && <Queues desk={data} />}
    </>
  );
}

interface Row {
  key: string;
  to: Place;
  what: string;
  about: ReactNode;
}

function Queues({ desk }: { desk: Desk }) {
  const { accountRequests, supportAccesses, recoveries, failedMails, accounts, staff } = desk;
  const accountRows = (items: Desk['accounts']['newest']): Row[] =>
    items.map(({ accountId, name, domainIdentifier, createdAt }) => ({
      key: accountId,
      to: paths.platformAccounts({ search: domainIdentifier, open: accountId }),
      what: name,
      about: <Moment at={createdAt} />,
    }));
  return (
    <div className={styles.queues}>
      {accountRequests !== null && (
        <Queue
          title="Account requests to review"
          number={accountRequests.count}
          all={paths.platformAccountRequests({ state: 'under-review' })}
          rows={accountRequests.items.map(({ requestId, companyName, stateSince, isOverdue }) => ({
            key: requestId,
            to: paths.platformAccountRequests({ open: requestId }),
            what: companyName,
            about: isOverdue ? <StatePill tone="bad">Overdue</StatePill> : <Moment at={stateSince} />,
          }))}
          none="None waits."
        />
      )}
      {supportAccesses !== null && (
        <Queue
          title="Support accesses open and asked"
          number={supportAccesses.open + supportAccesses.asked}
          all={paths.platformSupport()}
          rows={supportAccesses.items.map(({ accessId, accountName, staff: who, state }) => ({
            key: accessId,
            to: paths.platformSupport({ state }),
            what: `${accountName}, ${who.name}`,
            about: supportStates[state].label,
          }))}
          none="No account is open."
        />
      )}
      {recoveries !== null && (
        <Queue
          title="Recoveries that wait"
          number={recoveries.count}
          all={paths.platformRecoveries()}
          rows={recoveries.items.map((row) => ({
            key: row.recoveryId,
            to: paths.platformRecoveries(),
            what: recoveryInWords(row),
            about: recoveryStates[row.state].label,
          }))}
          none="None waits."
        />
      )}
      {failedMails !== null && (
        <Queue
          title="Mails that could not be sent"
          number={failedMails.count}
          all={paths.platformOutbox({ state: 'failed' })}
          rows={failedMails.items.map(({ mailId, subject, recipient }) => ({
            key: mailId,
            to: paths.platformOutbox({ state: 'failed', open: mailId }),
            what: subject,
            about: recipient,
          }))}
          none="All were."
        />
      )}
      <Queue
        title="Accounts without an administrator"
        number={accounts.withoutAdministrator.count}
        all={paths.platformAccounts()}
        rows={accountRows(accounts.withoutAdministrator.items)}
        none="Every active account has one who can sign in."
      />
      <Queue
        title="Newest accounts"
        all={paths.platformAccounts()}
        rows={accountRows(accounts.newest)}
        none="There is no account yet."
      />
      {staff !== null && (
        <Queue
          title="Staff"
          number={staff.people}
          all={paths.platformStaff()}
          rows={
            staff.withoutSecondFactor === 0
              ? []
              : [
                  {
                    key: 'factor',
                    to: paths.platformStaff(),
                    what: `${count(staff.withoutSecondFactor, 'person', 'people')} without a second factor`,
                    about: '',
                  },
                ]
          }
          none="All have a second factor."
        />
      )}
    </div>
  );
}

function Queue(props: { title: string; number?: number; all: Place; rows: readonly Row[]; none: string }) {
  const { title, number, all, rows, none } = props;
  return (
    <Card
      title={number === undefined ? title : `${title}: ${formatNumber(number)}`}
      side={
        <PlaceLink to={all}>
          All<span className="visually-hidden"> of {title}</span>
        </PlaceLink>
      }
    >
      <ul className={styles.queue}>
        {rows.length === 0 && <li className={styles.quiet}>{none}</li>}
        {rows.map(({ key, to, what, about }) => (
          <li key={key}>
            <PlaceLink to={to}>{what}</PlaceLink>
            <span className={styles.quiet}>{about}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
