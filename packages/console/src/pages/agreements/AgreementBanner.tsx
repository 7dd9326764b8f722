import { getAgreements } from '@estover/protocol';
import { useRouterState } from '@tanstack/react-router';
import { useAccount } from '../../account.tsx';
import { useOperation } from '../../api.ts';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { paths } from '../../paths.ts';
import { openInWords } from './agreement-words.ts';
import styles from './agreements.module.css';

/** Stands above every page of an account while an agreement waits to be accepted; not above the page that says so itself. */
export function AgreementBanner() {
  const { accountId } = useAccount();
  const { data } = useOperation(getAgreements, { params: { accountId } });
  const path = useRouterState({ select: ({ location }) => location.pathname });
  if (data === undefined || path.endsWith('/agreements')) return null;
  const words = openInWords(data.agreements, data.blocked);
  if (words === null) return null;
  const isOverdue = data.agreements.some(({ standing }) => standing === 'overdue');
  return (
    <section className={styles.banner} aria-label="Agreement to accept" data-overdue={isOverdue || undefined}>
      <p>{words}</p>
      <PlaceLink to={paths.agreements(accountId)}>{data.mayAccept ? 'Read and accept' : 'Read it'}</PlaceLink>
    </section>
  );
}
