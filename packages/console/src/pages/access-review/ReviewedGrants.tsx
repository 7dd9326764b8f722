import { useState } from 'react';
import { roleNames, useAccount } from '../../account.tsx';
import { formatDay } from '../../format.ts';
import { Moment } from '../../parts/figures.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { paths } from '../../paths.ts';
import styles from './access-review.module.css';
import { Decide, RemoveDialog } from './Decisions.tsx';
import { placesOf, type Reviewed } from './review-words.ts';

interface ReviewedGrantsProps {
  label: string;
  roles: readonly Reviewed[];
  /** Says why the role is in effect at the place that is looked at; left out where no place is. */
  why?: (reviewed: Reviewed) => string;
}

/** Roles in a panel: where each reaches, where it comes from, who looked at it, and what can be decided. */
export function ReviewedGrants({ label, roles, why }: ReviewedGrantsProps) {
  const { accountId } = useAccount();
  const [removing, setRemoving] = useState<Reviewed | null>(null);
  return (
    <>
      <ul className={styles.grants} aria-label={label}>
        {roles.map((reviewed) => {
          const { grant, kept } = reviewed;
          return (
            <li key={`${reviewed.person.personId} ${grant.grantId}`}>
              <p>
                {why === undefined ? (
                  <b>{placesOf(reviewed)}</b>
                ) : (
                  <>
                    <b>{roleNames[grant.role]}</b> {why(reviewed)}
                  </>
                )}
              </p>
              <small>
                {grant.group === null ? (
                  'Given'
                ) : (
                  <>
                    By the group{' '}
                    <PlaceLink to={paths.groups(accountId, { open: grant.group.groupId })}>
                      {grant.group.name}
                    </PlaceLink>
                    , added
                  </>
                )}{' '}
                <Moment at={grant.grantedAt} /> by {grant.grantedBy}
                {grant.until !== null && <> · ends {formatDay(grant.until)}</>}
                {grant.soldBy !== null && <> · lots sold by {grant.soldBy}</>}
              </small>
              <small>
                {kept === null ? (
                  'Never looked at'
                ) : (
                  <>
                    Looked at <Moment at={kept.at} /> by {kept.by}
                  </>
                )}
              </small>
              <Decide reviewed={reviewed} onRemove={() => setRemoving(reviewed)} />
            </li>
          );
        })}
      </ul>
      {removing !== null && <RemoveDialog reviewed={removing} onClose={() => setRemoving(null)} />}
    </>
  );
}
