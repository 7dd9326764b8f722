import { listAlerts } from '@estover/protocol';
import { Button, SegmentedControl } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useAccount } from '../../account.tsx';
import { usePages } from '../../api.ts';
import { formatNumber } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { FilterChips, SelectChip } from '../../parts/FilterChips.tsx';
import { StatePill } from '../../parts/figures.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { VirtualAccountChip } from '../../parts/VirtualAccountPicker.tsx';
import { AlertItem } from './AlertItem.tsx';
import styles from './AlertsPage.module.css';
import { kinds, sentenceOf, severities } from './alert-words.ts';

const route = getRouteApi('/signed-in/accounts/$accountId/alerts');

const states = [
  { value: 'open', label: 'Open' },
  { value: 'snoozed', label: 'Snoozed' },
  { value: 'resolved', label: 'Resolved' },
] as const;

const emptySentences = {
  open: 'Alerts appear by themselves when licenses run short or end, or when an instance falls silent.',
  snoozed: 'An alert that is put aside waits here until its day.',
  resolved: 'An alert resolves by itself when its cause ends; it is kept here.',
};

/** What is wrong or will be, the worst first, each with its ways out. */
export default function AlertsPage() {
  const { accountId } = useAccount();
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<typeof filters>) =>
    void navigate({ search: (was) => ({ ...was, ...change }), replace: true, resetScroll: false });
  const list = usePages(listAlerts, { params: { accountId }, query: filters });
  const state = filters.state ?? 'open';
  const { state: _, ...chosen } = filters;
  const isFiltered = Object.values(chosen).some((value) => value !== undefined);
  const groups = severities
    .map((severity) => ({
      ...severity,
      alerts: list.items.filter((alert) => alert.severity === severity.value),
    }))
    .filter(({ alerts }) => alerts.length > 0);

  return (
    <>
      <PageHead
        title="Alerts"
        sentence={
          list.first === undefined
            ? ''
            : state === 'open' && !isFiltered
              ? sentenceOf(list.first.counts)
              : `${states.find(({ value }) => value === state)?.label} alerts.`
        }
        actions={
          <SegmentedControl
            aria-label="Which alerts"
            size="sm"
            value={state}
            onChange={(value) => set({ state: value === 'open' ? undefined : (value as typeof state) })}
            data={[...states]}
          />
        }
      />
      <div className={styles.groups} aria-busy={list.isPending || list.isStale}>
        <Card>
          <FilterChips
            end={list.first === undefined ? undefined : `${formatNumber(list.items.length)} shown`}
          >
            <SelectChip
              label="Kind"
              value={filters.kind}
              options={kinds}
              onChange={(kind) => set({ kind })}
            />
            <SelectChip
              label="Severity"
              value={filters.severity}
              options={severities}
              onChange={(severity) => set({ severity })}
            />
            <VirtualAccountChip
              virtualAccountId={filters.virtualAccountId}
              nested={filters.nested ?? true}
              onChange={({ virtualAccountId, nested }) =>
                set({ virtualAccountId, nested: nested ? undefined : false })
              }
            />
          </FilterChips>
          {list.error !== null && <ProblemNotice error={list.error} onRetry={list.retry} />}
          {list.first !== undefined && list.items.length === 0 && (
            <EmptyState
              title={isFiltered ? 'No alert matches these filters' : `No ${state} alert`}
              action={
                isFiltered && (
                  <Button onClick={() => void navigate({ search: { state: filters.state }, replace: true })}>
                    Clear the filters
                  </Button>
                )
              }
            >
              {isFiltered ? undefined : emptySentences[state]}
            </EmptyState>
          )}
        </Card>
        {groups.map(({ value, label, tone, alerts }) => (
          <Card
            key={value}
            title={label}
            side={
              <StatePill tone={tone}>
                {formatNumber(
                  state === 'open' ? (list.first?.counts[value] ?? alerts.length) : alerts.length,
                )}
              </StatePill>
            }
          >
            <ul className={styles.list} aria-label={`${label} alerts`}>
              {alerts.map((alert) => (
                <AlertItem key={alert.alertId} alert={alert} />
              ))}
            </ul>
          </Card>
        ))}
        {list.hasMore && (
          <div className={styles.more}>
            <Button onClick={list.readMore} loading={list.isReadingMore}>
              Load more
            </Button>
          </div>
        )}
      </div>
    </>
  );
}
