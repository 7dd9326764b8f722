import { type AnswerOf, getMySecurity } from '@estover/protocol';
import { useParams } from '@tanstack/react-router';
import { useOperation } from '../../api.ts';
import { count } from '../../format.ts';
import { PageHead } from '../../parts/PageHead.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { paths } from '../../paths.ts';
import { CodesCard } from './CodesCard.tsx';
import { IdentitiesCard } from './IdentitiesCard.tsx';
import { MailAddressCard } from './MailAddressCard.tsx';
import { OutcomeNotice } from './OutcomeNotice.tsx';
import { PasskeysCard } from './PasskeysCard.tsx';
import { SessionsCard } from './SessionsCard.tsx';
import styles from './security.module.css';

/** What matters: how somebody else could get in, and in how many places the person is. */
function inWords({
  sessions,
  totp,
  passkeys,
  singleSignOn,
  hasPassword,
}: AnswerOf<typeof getMySecurity>): string {
  const way =
    singleSignOn?.isRequired === true || !hasPassword
      ? 'You sign in at your company'
      : totp.isOn
        ? 'Your password alone opens nothing: a code has to follow'
        : passkeys.length > 0
          ? 'A passkey signs you in, and your password alone does too'
          : 'Your password alone signs you in';
  return `${way}. You are signed in at ${count(sessions.length, 'place')}.`;
}

/** How the signed-in person signs in, and where they are signed in. */
export default function SecurityPage() {
  const { accountId } = useParams({ strict: false });
  const { data, error, refetch } = useOperation(getMySecurity, {});
  return (
    <>
      <PageHead
        title="Security"
        sentence={data === undefined ? '' : inWords(data)}
        {...(accountId === undefined && { back: { to: paths.home(), label: 'Back to your account' } })}
      />
      {error !== null && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <div className={styles.page}>
          <OutcomeNotice />
          <SessionsCard sessions={data.sessions} />
          <div className={styles.pair}>
            <CodesCard totp={data.totp} />
            <PasskeysCard passkeys={data.passkeys} passkeyHost={data.passkeyHost} />
          </div>
          <div className={styles.pair}>
            <MailAddressCard security={data} />
            <IdentitiesCard security={data} />
          </div>
        </div>
      )}
    </>
  );
}
