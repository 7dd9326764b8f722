import { type AccountRole, accountRoles } from '@estover/domain/access';
import { keepPersonAccess, listAccessReview } from '@estover/protocol';
import { Button } from '@mantine/core';
import { roleNames, useAccount, useMe } from '../../account.tsx';
import { useAction, usePages } from '../../api.ts';
import { count } from '../../format.ts';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { Moment } from '../../parts/figures.tsx';
import { notifyDone, notifyProblem } from '../../parts/notify.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { Facts, PanelSection } from '../../parts/SplitPanel.tsx';
import { paths } from '../../paths.ts';
import styles from './access-review.module.css';
import { ReviewedGrants } from './ReviewedGrants.tsx';
import type { Reviewed } from './review-words.ts';
import type { reviewFilters } from './search.ts';

interface PersonReviewProps {
  personId: string;
  /** The role whose cell was opened, which comes first. */
  role: AccountRole | undefined;
  filters: ReturnType<typeof reviewFilters>;
}

/** The most roles that one look keeps, as the server takes them. */
const mostAtOnce = 200;

/** Everything that a person holds, role by role with each grant behind it; kept one by one, or all at once. */
export function PersonReview({ personId, role, filters }: PersonReviewProps) {
  const account = useAccount();
  const { accountId } = account;
  const list = usePages(listAccessReview, {
    params: { accountId },
    query: { ...filters, personId, limit: mostAtOnce },
  });
  const [first] = list.items;
  if (first === undefined) {
    if (list.error !== null) return <ProblemNotice error={list.error} onRetry={list.retry} />;
    return (
      <EmptyState title={list.isPending ? 'Reading…' : 'Nothing is left to look at'}>
        {list.isPending ? undefined : 'This person has no role here any more, or none that the filters show.'}
      </EmptyState>
    );
  }
  const { person } = first;
  const order = role === undefined ? accountRoles : [role, ...accountRoles.filter((one) => one !== role)];
  const byRole = Map.groupBy(list.items, ({ grant }) => grant.role);
  return (
    <>
      <Facts
        facts={[
          ['Person', person.name],
          ['Mail address', person.email],
          ['Company', person.partner ? 'Another one: a partner' : 'The account’s own'],
          ['Last sign-in', <Moment key="in" at={person.lastSignedInAt} />],
          [
            'What they may do',
            <PlaceLink key="may" to={paths.people(accountId, { search: person.email, open: personId })}>
              In the list of people
            </PlaceLink>,
          ],
        ]}
      />
      <KeepAll roles={list.items.slice(0, mostAtOnce)} person={person} />
      {order.map((each) => {
        const roles = byRole.get(each);
        return roles === undefined ? null : (
          <PanelSection key={each} title={roleNames[each]}>
            <ReviewedGrants label={`${roleNames[each]} of ${person.name}`} roles={roles} />
          </PanelSection>
        );
      })}
      {list.hasMore && (
        <div className={styles.all}>
          <Button size="xs" loading={list.isReadingMore} onClick={list.readMore}>
            Load more
          </Button>
        </div>
      )}
    </>
  );
}

function KeepAll({ roles, person }: { roles: readonly Reviewed[]; person: Reviewed['person'] }) {
  const { accountId, reasonAgainst } = useAccount();
  const me = useMe();
  const keep = useAction(keepPersonAccess);
  const words = `${count(roles.length, 'role')} of ${person.name}`;
  const input = {
    params: { accountId, personId: person.personId },
    body: { grantIds: roles.map(({ grant }) => grant.grantId) },
  };
  return (
    <div className={styles.all}>
      <ReasonedButton
        size="xs"
        reason={
          reasonAgainst('manage-people') ??
          (person.personId === me.id ? 'Nobody reviews their own roles.' : null)
        }
        loading={keep.isPending}
        onClick={() =>
          keep.mutate(input, { onSuccess: () => notifyDone(`Kept ${words}.`), onError: notifyProblem })
        }
      >
        Keep {roles.length === 1 ? '' : 'all '}
        {words}
      </ReasonedButton>
    </div>
  );
}
