import { CopyButton } from '../../parts/CopyButton.tsx';
import dialogs from '../../parts/dialogs.module.css';
import { shown } from '../../shown.ts';
import styles from './people.module.css';

export interface InvitationLink {
  personId: string;
  email: string;
  invitationLink: string | null;
}

/** Links of new invitations, shown once, for whoever hands them out because there is no mail server. */
export function InvitationLinks({ people }: { people: readonly InvitationLink[] }) {
  const withLink = people.filter(({ invitationLink }) => invitationLink !== null);
  if (withLink.length === 0) return null;
  return (
    <>
      <div className={dialogs.warning}>
        <b>These invitation links are shown once.</b> Send each by a way you trust: whoever opens it first
        chooses the password.
      </div>
      <ul className={styles.links} aria-label="Invitation links">
        {withLink.map(({ personId, email, invitationLink }) => (
          <li key={personId}>
            <div>
              <b>{shown(email)}</b>
              <br />
              <code>{invitationLink}</code>
            </div>
            <CopyButton value={invitationLink ?? ''} label={`Copy the link of ${email}`} />
          </li>
        ))}
      </ul>
    </>
  );
}
