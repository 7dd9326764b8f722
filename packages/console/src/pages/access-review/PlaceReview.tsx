import type { AccountRole } from '@estover/domain/access';
import { listAccessReview, listVirtualAccountAccess } from '@estover/protocol';
import { Button } from '@mantine/core';
import { roleNames, useAccount } from '../../account.tsx';
import { useOperation, usePages } from '../../api.ts';
import { count, formatPath } from '../../format.ts';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { Facts, PanelSection } from '../../parts/SplitPanel.tsx';
import { shown } from '../../shown.ts';
import styles from './access-review.module.css';
import { ReviewedGrants } from './ReviewedGrants.tsx';
import { waysOf, whyHere } from './review-words.ts';
import type { reviewFilters } from './search.ts';

interface PlaceReviewProps {
  virtualAccountId: string;
  /** The role whose cell was opened; all of them without one. */
  role: AccountRole | undefined;
  filters: ReturnType<typeof reviewFilters>;
}

/** Who has a role in effect in a virtual account, and why: here, from above, or for the whole account. */
export function PlaceReview({ virtualAccountId, role, filters }: PlaceReviewProps) {
  const { accountId } = useAccount();
  const params = { accountId };
  const asked = { ...filters, ...(role === undefined ? {} : { role }), virtualAccountId };
  const place = useOperation(listVirtualAccountAccess, {
    params,
    query: { ...asked, nested: false, limit: 1 },
  });
  const list = usePages(listAccessReview, { params, query: { ...asked, limit: 100 } });
  const here = place.data?.items[0];
  if (list.error !== null) return <ProblemNotice error={list.error} onRetry={list.retry} />;
  if (here === undefined || list.isPending) return <EmptyState title="Reading…" />;
  const people = [...Map.groupBy(list.items, ({ person }) => person.personId).values()];
  return (
    <>
      <Facts
        facts={[
          ['Virtual account', formatPath(here.path)],
          ...here.cells.map(
            (cell) =>
              [roleNames[cell.role], `${count(cell.people, 'person', 'people')}: ${waysOf(cell)}`] as const,
          ),
        ]}
      />
      {people.length === 0 && <EmptyState title="Nobody has this role here" />}
      {people.map((roles) => {
        const person = roles[0]?.person;
        return person === undefined ? null : (
          <PanelSection
            key={person.personId}
            title={[
              ...new Set([shown(person.name), shown(person.email)]),
              ...(person.partner ? ['partner'] : []),
            ].join(' · ')}
          >
            <ReviewedGrants
              label={`Roles of ${person.name} here`}
              roles={roles}
              why={(reviewed) => whyHere(reviewed, here)}
            />
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
