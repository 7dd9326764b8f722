import {
  downloadLicenseSubscriptionsReport,
  downloadLicensesReport,
  downloadProductInstancesReport,
} from '@estover/protocol';
import { Button, SegmentedControl } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useAccount } from '../../account.tsx';
import { client } from '../../api.ts';
import { count } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { Card } from '../../parts/Card.tsx';
import { DayChip } from '../../parts/chips.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip, SelectChip } from '../../parts/FilterChips.tsx';
import { LicenseChip } from '../../parts/LicenseChip.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { SideScroll } from '../../parts/SideScroll.tsx';
import { VirtualAccountChip } from '../../parts/VirtualAccountPicker.tsx';
import { type Preview, usePreview } from './preview.ts';
import styles from './ReportsPage.module.css';
import type { ReportsSearch } from './search.ts';

const route = getRouteApi('/signed-in/accounts/$accountId/reports');

type Format = 'json' | 'csv' | 'xlsx';
type ReportName = NonNullable<ReportsSearch['report']>;

const reports: { value: ReportName; label: string; sentence: string }[] = [
  {
    value: 'licenses',
    label: 'Licenses',
    sentence: 'Every license in every virtual account: owned, in use, lent, borrowed and the balance.',
  },
  {
    value: 'license-subscriptions',
    label: 'Subscriptions',
    sentence:
      'Everything with a term: when it starts and ends, where it is and which order it came from. Perpetual licenses are not in it.',
  },
  {
    value: 'product-instances',
    label: 'Product instances',
    sentence: 'Every product instance with each license it uses and when it was last heard of.',
  },
];

const formats: { value: Format; label: string }[] = [
  { value: 'xlsx', label: 'XLSX' },
  { value: 'csv', label: 'CSV' },
  { value: 'json', label: 'JSON' },
];

const states = [
  { value: 'in-compliance', label: 'in compliance' },
  { value: 'overage', label: 'overage' },
  { value: 'out-of-compliance', label: 'out of compliance' },
] as const;
const authorizations = [
  { value: 'authorized', label: 'authorized' },
  { value: 'out-of-compliance', label: 'out of compliance' },
  { value: 'authorization-expired', label: 'authorization expired' },
  { value: 'no-licenses-in-use', label: 'no licenses in use' },
] as const;
const rowsBy = [
  { value: 'pool', label: 'virtual account' },
  { value: 'license', label: 'license' },
] as const;
const days = ['7', '30', '60', '90', '180', '365'].map((value) => ({ value, label: `${value} days` }));

/** The operation of a report with the filters that it knows, and those alone. */
function callOf(accountId: string, report: ReportName, search: ReportsSearch, format: Format) {
  const { virtualAccountId, nested, search: words } = search;
  const params = { accountId };
  const common = { virtualAccountId, nested, search: words, format };
  switch (report) {
    case 'licenses': {
      const { by, state, endingWithinDays, asOf } = search;
      const at = asOf === undefined ? {} : { asOf: `${asOf}T23:59:59Z` };
      const query = { ...common, by, state, endingWithinDays, ...at };
      return { operation: downloadLicensesReport, input: { params, query } };
    }
    case 'license-subscriptions': {
      const query = { ...common, endingWithinDays: search.endingWithinDays };
      return { operation: downloadLicenseSubscriptionsReport, input: { params, query } };
    }
    case 'product-instances': {
      const { authorization, tag, silentForDays } = search;
      const query = { ...common, authorization, tag, silentForDays };
      return { operation: downloadProductInstancesReport, input: { params, query } };
    }
  }
}

/** The reports: filters, the first rows as they stand in the file, and the file. */
export default function ReportsPage() {
  const { accountId } = useAccount();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<ReportsSearch>) =>
    void navigate({ search: (was) => ({ ...was, ...change }), replace: true, resetScroll: false });
  const report = search.report ?? 'licenses';
  const address = (format: Format) => {
    const { operation, input } = callOf(accountId, report, search, format);
    return client.url(operation, input);
  };
  const preview = usePreview(address('csv'));
  const { operation, input } = callOf(accountId, report, search, 'csv');
  const ending = days.find(({ value }) => value === String(search.endingWithinDays))?.value;
  const silent = days.find(({ value }) => value === String(search.silentForDays))?.value;

  return (
    <>
      <PageHead
        title="Reports"
        sentence={reports.find(({ value }) => value === report)?.sentence}
        actions={formats.map(({ value, label }, position) => (
          <Button
            key={value}
            component="a"
            href={address(value)}
            download
            className={styles.download ?? ''}
            variant={position === 0 ? 'filled' : 'default'}
          >
            Download {label}
          </Button>
        ))}
      />
      <Card>
        <div className={styles.choice}>
          <SegmentedControl
            aria-label="Report"
            value={report}
            data={reports.map(({ value, label }) => ({ value, label }))}
            onChange={(next) => set({ report: next === 'licenses' ? undefined : (next as ReportName) })}
          />
        </div>
        <FilterChips end={preview.data === undefined ? undefined : <RowsInWords preview={preview.data} />}>
          <SearchChip
            label="Search in the report"
            placeholder={report === 'product-instances' ? 'Host name, serial' : 'Name, tag'}
            value={search.search}
            onChange={(words) => set({ search: words })}
          />
          <VirtualAccountChip
            virtualAccountId={search.virtualAccountId}
            nested={search.nested ?? true}
            onChange={({ virtualAccountId, nested }) =>
              set({ virtualAccountId, nested: nested ? undefined : false })
            }
          />
          {report === 'licenses' && (
            <>
              <SelectChip
                label="A row for each"
                any="virtual account"
                value={search.by}
                options={rowsBy.slice(1)}
                onChange={(by) => set({ by })}
              />
              <SelectChip
                label="State"
                value={search.state}
                options={states}
                onChange={(state) => set({ state })}
              />
              <DayChip label="As of" value={search.asOf} onChange={(asOf) => set({ asOf })} />
            </>
          )}
          {report !== 'product-instances' && (
            <SelectChip
              label="Ending within"
              any="any time"
              value={ending}
              options={days}
              onChange={(value) => set({ endingWithinDays: value === undefined ? undefined : Number(value) })}
            />
          )}
          {report === 'product-instances' && (
            <>
              <LicenseChip tag={search.tag} onChange={(tag) => set({ tag })} />
              <SelectChip
                label="Authorization"
                value={search.authorization}
                options={authorizations}
                onChange={(authorization) => set({ authorization })}
              />
              <SelectChip
                label="Silent for"
                value={silent}
                options={days}
                onChange={(value) => set({ silentForDays: value === undefined ? undefined : Number(value) })}
              />
            </>
          )}
        </FilterChips>
        {preview.error !== null ? (
          <div className={styles.padded}>
            <ProblemNotice error={preview.error} onRetry={() => void preview.refetch()} />
          </div>
        ) : (
          <PreviewTable preview={preview.data} isStale={preview.isPlaceholderData} />
        )}
        <div className={styles.padded}>
          <ApiCall operation={operation} input={input} />
        </div>
      </Card>
    </>
  );
}

function RowsInWords({ preview: { rows, complete } }: { preview: Preview }) {
  return complete ? count(rows.length, 'row') : `first ${rows.length} rows`;
}

function PreviewTable({ preview, isStale }: { preview: Preview | undefined; isStale: boolean }) {
  if (preview === undefined) return <EmptyState title="Reading the first rows…" />;
  if (preview.rows.length === 0) {
    return <EmptyState title="The report is empty">No row matches these filters. Widen them.</EmptyState>;
  }
  return (
    <SideScroll label="First rows of the report" busy={isStale}>
      <table className={styles.table}>
        <thead>
          <tr>
            {preview.header.map((name) => (
              <th key={name} scope="col">
                {name.replaceAll('_', ' ')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row, position) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the rows of a file have no name but their position
            <tr key={position}>
              {preview.header.map((name, column) => {
                const value = row[column] ?? '';
                return (
                  <td key={name} data-number={/^-?\d+(\.\d+)?$/.test(value) || undefined} title={value}>
                    {value}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </SideScroll>
  );
}
