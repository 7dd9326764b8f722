import { useParams } from '@tanstack/react-router';
import { useMe } from '../../account.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { paths } from '../../paths.ts';
import styles from '../support/support.module.css';

/** Stands above every page while platform roles wait for a second factor. */
export function SecondFactorNotice() {
  const { needsSecondFactor } = useMe();
  const { accountId } = useParams({ strict: false });
  if (!needsSecondFactor) return null;
  return (
    <section className={styles.banner} aria-label="Second factor needed">
      <p>Your platform roles wait until sign-in asks you for codes of an authenticator app.</p>
      <PlaceLink to={paths.security(accountId)}>Turn codes on</PlaceLink>
    </section>
  );
}
