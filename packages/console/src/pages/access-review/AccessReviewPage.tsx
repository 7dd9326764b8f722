import { type AccountRole, accountRoles } from '@estover/domain/access';
import {
  downloadAccessMatrix,
  downloadAccessReview,
  downloadVirtualAccountAccess,
  listAccessMatrix,
  listAccessReview,
  listVirtualAccountAccess,
} from '@estover/protocol';
import { Button, SegmentedControl } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { roleNames, useAccount } from '../../account.tsx';
import { client, usePages } from '../../api.ts';
import { count } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { EmptyState, NothingMatches } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip, SelectChip } from '../../parts/FilterChips.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { SplitPanel } from '../../parts/SplitPanel.tsx';
import { VirtualAccountChip } from '../../parts/VirtualAccountPicker.tsx';
import { paths } from '../../paths.ts';
import styles from './access-review.module.css';
import { PeopleMatrix } from './PeopleMatrix.tsx';
import { PersonReview } from './PersonReview.tsx';
import { PlaceReview } from './PlaceReview.tsx';
import { PlacesMatrix } from './PlacesMatrix.tsx';
import { ReviewList } from './ReviewList.tsx';
import { peopleSentence, placesSentence } from './review-words.ts';
import { placeFilters, reviewFilters, viewOf } from './search.ts';

const route = getRouteApi('/signed-in/accounts/$accountId/access-review');

const roleOptions = accountRoles.map((value) => ({ value, label: roleNames[value] }));
const daysOptions = (days: readonly number[], words: (days: number) => string) =>
  days.map((each) => ({ value: String(each), label: words(each) }));
const endings = daysOptions([14, 30, 90], (days) => `within ${days} days`);
const absences = daysOptions([30, 90, 180], (days) => `not for ${days} days`);
const looks = daysOptions([30, 90, 365], (days) => `not for ${days} days`);

/**
 * Every role of everybody, to look at and to be kept or taken away: as a list, or as a matrix of people and roles, or of
 * virtual accounts and roles.
 */
export default function AccessReviewPage() {
  const { accountId } = useAccount();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (was) => ({ ...was, ...change }), replace: true });
  const view = viewOf(search);
  const filters = reviewFilters(search);
  const wherePlaces = placeFilters(search);
  const params = { accountId };
  const list = usePages(listAccessReview, { params, query: filters }, { enabled: view === 'list' });
  const people = usePages(listAccessMatrix, { params, query: filters }, { enabled: view === 'people' });
  const places = usePages(
    listVirtualAccountAccess,
    { params, query: wherePlaces },
    { enabled: view === 'virtual-accounts' },
  );
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  const clear = () => void navigate({ search: ({ view, by }) => ({ view, by }), replace: true });
  const empty = isFiltered ? (
    <NothingMatches title="No role matches these filters" onClear={clear} />
  ) : (
    <EmptyState title="Nobody you manage has a role" />
  );
  const panelOf = (open: string, cell?: AccountRole) =>
    paths.accessReview(accountId, { ...search, open, cell });
  const { open, cell } = search;
  const shown = {
    list: {
      sentence: list.first && listSentence(list.first),
      file: client.url(downloadAccessReview, { params, query: filters }),
      table: <ReviewList list={list} empty={empty} />,
      panel: null,
    },
    people: {
      sentence: people.first && peopleSentence(people.first),
      file: client.url(downloadAccessMatrix, { params, query: filters }),
      table: (
        <PeopleMatrix list={people} panelOf={panelOf} open={{ personId: open, role: cell }} empty={empty} />
      ),
      panel: open === undefined ? null : <PersonReview personId={open} role={cell} filters={filters} />,
    },
    'virtual-accounts': {
      sentence: places.first && placesSentence(places.first),
      file: client.url(downloadVirtualAccountAccess, { params, query: wherePlaces }),
      table: (
        <PlacesMatrix
          list={places}
          panelOf={panelOf}
          open={{ virtualAccountId: open, role: cell }}
          empty={<EmptyState title="You manage people in no virtual account" />}
        />
      ),
      panel:
        open === undefined ? null : <PlaceReview virtualAccountId={open} role={cell} filters={filters} />,
    },
  }[view];
  return (
    <>
      <PageHead
        title="Access review"
        sentence={shown.sentence ?? ''}
        actions={
          <Button component="a" href={shown.file} download>
            Download CSV
          </Button>
        }
      />
      <SplitPanel
        listName="Access review"
        closed={paths.accessReview(accountId, { ...search, open: undefined, cell: undefined })}
        panel={
          shown.panel === null
            ? null
            : { title: cell === undefined ? 'All roles' : roleNames[cell], body: shown.panel }
        }
      >
        <Card>
          <ReviewFilters search={search} set={set} />
          {shown.table}
        </Card>
      </SplitPanel>
    </>
  );
}

interface ReviewFiltersProps {
  search: ReturnType<typeof route.useSearch>;
  set: (change: Partial<ReturnType<typeof route.useSearch>>) => void;
}

/** The filters, which all views share, and the switches between these. */
function ReviewFilters({ search, set }: ReviewFiltersProps) {
  const view = viewOf(search);
  const days = (given: string | undefined) => (given === undefined ? undefined : Number(given));
  const text = (given: number | undefined) => (given === undefined ? undefined : String(given));
  const closed = { open: undefined, cell: undefined };
  return (
    <FilterChips
      end={
        <span className={styles.switches}>
          {view !== 'list' && (
            <SegmentedControl
              size="xs"
              aria-label="Rows"
              value={search.by ?? 'people'}
              onChange={(by) =>
                set({ ...closed, by: by === 'virtual-accounts' ? 'virtual-accounts' : undefined })
              }
              data={[
                { value: 'people', label: 'People' },
                { value: 'virtual-accounts', label: 'Virtual accounts' },
              ]}
            />
          )}
          <SegmentedControl
            size="xs"
            aria-label="Show as"
            value={search.view ?? 'list'}
            onChange={(chosen) => set({ ...closed, view: chosen === 'matrix' ? 'matrix' : undefined })}
            data={[
              { value: 'list', label: 'List' },
              { value: 'matrix', label: 'Matrix' },
            ]}
          />
        </span>
      }
    >
      <SearchChip
        label="Search people"
        placeholder="Name, mail address"
        value={search.search}
        onChange={(words) => set({ search: words })}
      />
      {view === 'virtual-accounts' && (
        <VirtualAccountChip
          virtualAccountId={search.virtualAccountId}
          nested={search.nested ?? true}
          onChange={({ virtualAccountId, nested }) =>
            set({ virtualAccountId, nested: nested ? undefined : false })
          }
        />
      )}
      <SelectChip<AccountRole>
        label="Role"
        value={search.role}
        options={roleOptions}
        onChange={(role) => set({ role })}
      />
      <SelectChip
        label="Company"
        value={search.partner === undefined ? undefined : search.partner ? 'partners' : 'own'}
        options={[
          { value: 'own', label: 'The account’s own' },
          { value: 'partners', label: 'Partners' },
        ]}
        onChange={(company) => set({ partner: company === undefined ? undefined : company === 'partners' })}
      />
      <SelectChip
        label="Ends"
        value={text(search.endingWithinDays)}
        options={endings}
        onChange={(ending) => set({ endingWithinDays: days(ending) })}
      />
      <SelectChip
        label="Signed in"
        value={text(search.notSignedInForDays)}
        options={absences}
        onChange={(absent) => set({ notSignedInForDays: days(absent) })}
      />
      <SelectChip
        label="Looked at"
        value={text(search.notKeptForDays)}
        options={looks}
        onChange={(look) => set({ notKeptForDays: days(look) })}
      />
    </FilterChips>
  );
}

const listSentence = ({ total, neverKept }: { total: number; neverKept: number }): string =>
  neverKept === 0
    ? `${count(total, 'role')}. Somebody has looked at each of them.`
    : `${count(total, 'role')}, ${neverKept} of them never looked at.`;
