import { listMailDomains } from '@estover/protocol';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useOperation } from '../../api.ts';
import { Card } from '../../parts/Card.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { paths } from '../../paths.ts';
import { DomainCard } from './DomainCard.tsx';
import { AddDomainDialog } from './DomainDialogs.tsx';
import { domainsInWords } from './domain-words.ts';
import { outcomeInWords } from './outcome-words.ts';
import styles from './single-sign-on.module.css';

const route = getRouteApi('/signed-in/accounts/$accountId/settings/single-sign-on');

/** The mail domains of an account, and where people of each sign in. */
export default function SingleSignOnPage() {
  const { accountId, reasonAgainst } = useAccount();
  const { tested } = route.useSearch();
  const reason = reasonAgainst('manage-account-settings');
  const list = useOperation(listMailDomains, { params: { accountId } }, { enabled: reason === null });
  const [adding, setAdding] = useState(false);
  const domains = list.data?.items ?? [];
  const addButton = (
    <ReasonedButton variant="filled" reason={reason} onClick={() => setAdding(true)}>
      Add a mail domain…
    </ReasonedButton>
  );
  const outcome =
    tested === 'went-well'
      ? 'The test went well. Switch single sign-on on when you are ready.'
      : outcomeInWords(tested ?? '');
  return (
    <>
      <PageHead
        title="Single sign-on"
        sentence={
          reason !== null
            ? 'Administrators of the account see and set where its people sign in.'
            : list.data === undefined
              ? ''
              : domainsInWords(domains)
        }
        back={{ to: paths.settings(accountId), label: 'Settings' }}
        actions={addButton}
      />
      {list.error !== null && reason === null && (
        <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />
      )}
      <div className={styles.page}>
        {outcome !== null && (
          <Card padded>
            <div role="status">{outcome}</div>
          </Card>
        )}
        {reason === null &&
          domains.map((each) => (
            <DomainCard
              key={each.mailDomainId}
              mailDomain={each}
              administrators={list.data?.administrators ?? []}
            />
          ))}
        {reason === null && list.data !== undefined && domains.length === 0 && (
          <Card>
            <EmptyState title="There is no mail domain yet" action={addButton}>
              Add the mail domain of your company and prove that it is yours. Then its people can sign in at
              your company’s own sign-in, such as Entra, Okta or Keycloak.
            </EmptyState>
          </Card>
        )}
      </div>
      {adding && <AddDomainDialog onClose={() => setAdding(false)} />}
    </>
  );
}
