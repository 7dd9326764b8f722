import { mayUseLicenses, standingOf } from '@estover/domain/accounts';
import { type AnswerOf, openOrderContact, requestOrderAccount, takeOrders } from '@estover/protocol';
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { useState } from 'react';
import { meQuery } from '../../account.tsx';
import { useAction, useOperation } from '../../api.ts';
import { count } from '../../format.ts';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { paths } from '../../paths.ts';
import { FrontDoor, FrontDoorForm } from '../../shell/FrontDoor.tsx';
import { shown } from '../../shown.ts';
import { ExistingAccount } from '../request-account/ExistingAccount.tsx';
import { ApproverFields, CompanyFields } from '../request-account/RequestFields.tsx';
import styles from '../request-account/request-account.module.css';
import {
  approverOf,
  domainOf,
  emptyDraft,
  markedFields,
  type RequestDraft,
} from '../request-account/request-draft.ts';

type Waiting = AnswerOf<typeof openOrderContact>;

/** The contact of orders says which account they are for: one of theirs, or one they ask for. */
export default function OrderAccountPage() {
  // The secret is behind the #, which browsers send to no server.
  const token = useLocation({ select: (location) => location.hash });
  const opened = useOperation(openOrderContact, { body: { token } }, { enabled: token !== '' });
  const [taken, setTaken] = useState<Taken | null>(null);
  if (taken !== null) return <Done taken={taken} />;
  if (token === '' || opened.error !== null) {
    return (
      <FrontDoor
        title="The orders do not open"
        sentence="Open the link from the mail. It may be used up, or its time over."
      >
        <ProblemNotice error={token === '' ? null : opened.error} />
      </FrontDoor>
    );
  }
  if (opened.data === undefined) return <FrontDoor title="Your orders" sentence="One moment…" />;
  const { companyName, lines } = opened.data;
  return (
    <FrontDoor
      title={`Which account are the orders of ${companyName} for?`}
      sentence={
        lines.length === 0
          ? 'Nothing waits yet. What is ordered goes to the account you choose.'
          : `${count(lines.length, 'order line waits', 'order lines wait')} until you say.`
      }
    >
      {lines.length > 0 && (
        <ul className={styles.lines} aria-label="What waits">
          {lines.map((line) => (
            <li key={`${line.orderNumber} ${line.lineNumber}`}>
              {line.quantity} × {line.productName}, order {line.orderNumber}
            </li>
          ))}
        </ul>
      )}
      <OwnAccounts token={token} onTaken={setTaken} />
      <AskForOne token={token} waiting={opened.data} />
    </FrontDoor>
  );
}

interface Taken {
  accountId: string;
  name: string;
  lines: number;
}

function Done({ taken: { accountId, name, lines } }: { taken: Taken }) {
  return (
    <FrontDoor title={`The orders are for ${name}`} sentence={`${count(lines, 'order line')} went there.`}>
      <PlaceLink to={paths.orders(accountId)}>See the orders</PlaceLink>
    </FrontDoor>
  );
}

function OwnAccounts({ token, onTaken }: { token: string; onTaken: (taken: Taken) => void }) {
  const me = useQuery({ ...meQuery, retry: false });
  const take = useAction(takeOrders);
  const [chosen, choose] = useState<string | null>(null);
  const own = (me.data?.accounts ?? []).filter(
    ({ actions, kind, status }) =>
      actions.includes('move-inventory') && mayUseLicenses(kind) && standingOf[status].delivers,
  );
  const account = own.find(({ accountId }) => accountId === chosen) ?? own[0];
  return (
    <section className={styles.section} aria-label="An account of yours">
      <h2>An account of yours</h2>
      {me.data === undefined ? (
        <p>
          <PlaceLink to={paths.signIn()}>Sign in</PlaceLink>, and open the link from the mail again to choose
          it.
        </p>
      ) : account === undefined ? (
        <p>You have none in which you may move licenses.</p>
      ) : (
        <FrontDoorForm
          act={`Take the orders into ${account.name}`}
          onAct={() =>
            take.mutate(
              { params: { accountId: account.accountId }, body: { token } },
              {
                onSuccess: ({ lines }) =>
                  onTaken({ accountId: account.accountId, name: account.name, lines }),
              },
            )
          }
          acting={take.isPending}
          error={take.error}
        >
          <Select
            label="Account"
            allowDeselect={false}
            data={own.map(({ accountId, name }) => ({ value: accountId, label: name }))}
            value={account.accountId}
            onChange={choose}
          />
        </FrontDoorForm>
      )}
    </section>
  );
}

const kinds = ['customer', 'limited-use'] as const;

function AskForOne({ token, waiting }: { token: string; waiting: Waiting }) {
  const ask = useAction(requestOrderAccount);
  const [draft, setDraft] = useState<RequestDraft>({ ...emptyDraft, companyName: waiting.companyName });
  const set = (change: Partial<RequestDraft>) => setDraft((was) => ({ ...was, ...change }));
  const { request, contactEmail } = waiting;
  const body = {
    token,
    kind: draft.kind === 'limited-use' ? draft.kind : ('customer' as const),
    companyName: draft.companyName.trim(),
    ...domainOf(draft),
    ...approverOf(draft),
  };
  return (
    <section className={styles.section} aria-label="A new account">
      <h2>A new account</h2>
      {request !== null && (
        <p className={styles.warning} role="status">
          {requestInWords(request)}
        </p>
      )}
      <FrontDoorForm
        act={request === null ? 'Ask for the account' : 'Ask anew'}
        onAct={() => ask.mutate({ body })}
        acting={ask.isPending}
        error={ask.error}
        marked={markedFields}
      >
        <p>It is free of charge. You ask as {shown(contactEmail)}.</p>
        <CompanyFields draft={draft} set={set} error={ask.error} kinds={kinds} />
        <ExistingAccount draft={draft} />
        <ApproverFields draft={draft} set={set} error={ask.error} />
      </FrontDoorForm>
    </section>
  );
}

function requestInWords({ state, domainIdentifier, approverEmail }: NonNullable<Waiting['request']>): string {
  const asked = `You asked for ${domainIdentifier}.`;
  switch (state) {
    case 'awaiting-acceptance':
      return `${asked} A mail is on its way to ${shown(approverEmail)}; the orders are delivered once it is accepted.`;
    case 'under-review':
      return `${asked} An operator looks at why it needs a prefix.`;
    case 'declined':
      return `${asked} It was declined; a mail says why.`;
    case 'expired':
      return `${asked} Nobody accepted it in time.`;
    default:
      return `${asked} It was taken back.`;
  }
}
