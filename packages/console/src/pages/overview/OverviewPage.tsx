import { getOverview, listVirtualAccounts } from '@estover/protocol';
import { SegmentedControl } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense } from 'react';
import { useAccount } from '../../account.tsx';
import { useOperation } from '../../api.ts';
import { count, formatDay, formatMonth, formatNumber, formatPath, formatShare } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { Amount, Balance, UseBar } from '../../parts/figures.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { useTransferReason } from '../../parts/transfer-reason.ts';
import { VirtualAccountChip } from '../../parts/VirtualAccountPicker.tsx';
import { useVirtualAccounts } from '../../parts/virtual-accounts.ts';
import { paths } from '../../paths.ts';
import { useOpenTransfer } from '../licenses/transfer-host.tsx';
import { rollUpColumns } from '../virtual-accounts/roll-up-columns.tsx';
import { AccountGuide } from './AccountGuide.tsx';
import { NeedsYou } from './NeedsYou.tsx';
import styles from './overview.module.css';
import {
  mostVirtualAccounts,
  nearMonths,
  type Overview,
  overviewInput,
  overviewSentence,
  overviewTree,
  virtualAccountsShown,
} from './overview-words.ts';

const route = getRouteApi('/signed-in/accounts/$accountId/overview');

const EndingChart = lazy(() => import('./EndingChart.tsx'));

/** The first page: what needs somebody, what is owned and used, what ends when. */
export default function OverviewPage() {
  const account = useAccount();
  const { accountId } = account;
  const navigate = useNavigate();
  const openTransfer = useOpenTransfer();
  const transferReason = useTransferReason();
  const search = route.useSearch();
  const go = route.useNavigate();
  const { virtualAccountId, nested = true } = search;
  const { data, error, refetch } = useOperation(getOverview, overviewInput(accountId, search));
  const virtualAccounts = useVirtualAccounts();
  const chosen = virtualAccounts.find((one) => one.virtualAccountId === virtualAccountId);
  const place = chosen === undefined ? null : { name: formatPath(chosen.path), nested };
  const tokens = paths.tokens(accountId);
  return (
    <>
      <PageHead
        title="Overview"
        documentTitle={`Overview of ${account.name}`}
        sentence={data === undefined ? '' : overviewSentence(data, place)}
        actions={
          <>
            <ReasonedButton reason={transferReason} onClick={() => openTransfer({})}>
              Transfer…
            </ReasonedButton>
            <ReasonedButton
              variant="filled"
              reason={account.reasonAgainst('manage-tokens')}
              onClick={() => void navigate({ to: tokens.to, params: tokens.params ?? {} })}
            >
              Add product instance
            </ReasonedButton>
          </>
        }
      />
      <div className={styles.filter}>
        <VirtualAccountChip
          virtualAccountId={virtualAccountId}
          nested={nested}
          onChange={(next) =>
            void go({
              search: (before) => ({
                ...before,
                virtualAccountId: next.virtualAccountId,
                nested: next.nested ? undefined : false,
              }),
              replace: true,
            })
          }
        />
      </div>
      {error !== null && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <div className={styles.page}>
          {virtualAccountId === undefined && <AccountGuide overview={data} />}
          <Stats overview={data} />
          {data.licenses.length === 0 ? (
            <FirstSteps inPart={virtualAccountId !== undefined} />
          ) : (
            <div className={styles.pair}>
              <div className={styles.page}>
                <NeedsYou overview={data} filter={{ virtualAccountId, nested: search.nested }} />
                {isShort(data) && <Licenses overview={data} />}
              </div>
              <div className={styles.page}>
                <Ending ending={data.ending} />
                {!isShort(data) && <Licenses overview={data} />}
              </div>
            </div>
          )}
          {virtualAccountId === undefined && <VirtualAccounts all={data.counts.virtualAccounts} />}
        </div>
      )}
    </>
  );
}

/** The filter of the lists that this page leads to: the same virtual account as here. */
function usePlaceFilter() {
  const { virtualAccountId, nested } = route.useSearch();
  return { virtualAccountId, nested };
}

/** Whether few things need somebody: the list of licenses then fills the room below them. */
const isShort = ({ needsYou }: Overview): boolean => needsYou.length <= 3;

function Stats({ overview }: { overview: Overview }) {
  const { totals, deliveredThisMonth, firstEnd } = overview;
  const share = formatShare(totals.inUse, totals.owned);
  return (
    <dl className={styles.stats}>
      <Stat name="Licenses owned" value={totals.owned}>
        {deliveredThisMonth > 0 ? (
          <span className={styles.note} data-tone="ok">
            +{formatNumber(deliveredThisMonth)} delivered this month
          </span>
        ) : (
          <span className={styles.note}>none delivered this month</span>
        )}
      </Stat>
      <Stat name="In use" value={totals.inUse}>
        <span className={styles.note}>{share === null ? 'nothing owned' : `${share} of owned`}</span>
      </Stat>
      <Stat name="Short" value={totals.short}>
        {totals.poolsShort > 0 ? (
          <span className={styles.note} data-tone="bad">
            {count(totals.poolsShort, 'pool')} out of compliance
          </span>
        ) : (
          <span className={styles.note} data-tone="ok">
            all in compliance
          </span>
        )}
      </Stat>
      <Stat name="Ends within 90 days" value={totals.endingWithin90Days}>
        {firstEnd === null ? (
          <span className={styles.note}>nothing has an end</span>
        ) : (
          <span className={styles.note} data-tone={totals.endingWithin90Days > 0 ? 'warn' : undefined}>
            first: {formatNumber(firstEnd.quantity)} on {formatDay(firstEnd.endsAt)}
          </span>
        )}
      </Stat>
    </dl>
  );
}

function Stat({ name, value, children }: { name: string; value: number; children: ReactNode }) {
  return (
    <div className={styles.stat}>
      <dt>{name}</dt>
      <dd>
        <b>{formatNumber(value)}</b>
        {children}
      </dd>
    </div>
  );
}

type Month = Overview['ending'][number];

const monthColumns: Column<Month>[] = [
  { key: 'month', title: 'Month', cell: (row) => formatMonth(row.month, 'long') },
  { key: 'quantity', title: 'Ends', numeric: true, cell: (row) => <Amount value={row.quantity} /> },
  {
    key: 'licenses',
    title: 'Licenses',
    cell: (row) =>
      [
        ...row.licenses.map((license) => `${formatNumber(license.quantity)} ${license.licenseName}`),
        ...(row.otherLicenses > 0 ? [count(row.otherLicenses, 'other license')] : []),
      ].join(', '),
  },
];

function Ending({ ending }: { ending: Month[] }) {
  const { accountId } = useAccount();
  const filter = usePlaceFilter();
  const some = ending.filter((month) => month.quantity > 0);
  return (
    <Card
      title="What ends when"
      side={
        <PlaceLink to={paths.licenses(accountId, { ...filter, endingWithinDays: 90 })}>
          Within 90 days
        </PlaceLink>
      }
    >
      {some.length === 0 ? (
        <p className={styles.calm}>Nothing ends within 24 months.</p>
      ) : (
        <>
          <Suspense fallback={<div style={{ height: 216 }} />}>
            <EndingChart ending={ending} />
          </Suspense>
          <div className={styles.legend} aria-hidden="true">
            <span className={styles.near}>next {nearMonths} months</span>
            <span>later</span>
          </div>
          <details className={styles.fold}>
            <summary>As a table</summary>
            <DataTable
              label="What ends in each month"
              columns={monthColumns}
              rows={some}
              rowKey={(row) => row.month}
              empty={null}
            />
          </details>
        </>
      )}
    </Card>
  );
}

function VirtualAccounts({ all }: { all: number }) {
  const { accountId } = useAccount();
  const { data, error, isPending } = useOperation(listVirtualAccounts, {
    params: { accountId },
    query: overviewTree,
  });
  const { view = 'nested' } = route.useSearch();
  const go = route.useNavigate();
  const rows = virtualAccountsShown(data?.items ?? [], mostVirtualAccounts);
  const left = all - rows.length;
  const top = Math.min(...rows.map(({ depth }) => depth));
  return (
    <Card
      title="Virtual accounts"
      side={
        <PlaceLink to={paths.virtualAccounts(accountId)}>
          {left === 0 ? 'Open the tree' : `${formatNumber(left)} more in the tree`}
        </PlaceLink>
      }
    >
      <div className={styles.view}>
        <SegmentedControl
          size="xs"
          aria-label="Figures of virtual accounts"
          value={view}
          onChange={(chosen) =>
            void go({
              search: { view: chosen === 'own' ? 'own' : undefined },
              replace: true,
              resetScroll: false,
            })
          }
          data={[
            { value: 'nested', label: 'With everything nested' },
            { value: 'own', label: 'Each alone' },
          ]}
        />
      </div>
      <DataTable
        label={view === 'own' ? 'Virtual accounts, each alone' : 'Virtual accounts with everything nested'}
        columns={rollUpColumns(view)}
        rows={rows}
        rowKey={(row) => row.virtualAccountId}
        rowLead={(row) => (row.depth === top ? null : <span style={{ width: (row.depth - top) * 18 }} />)}
        rowLink={({ virtualAccountId }) =>
          paths.licenses(accountId, {
            virtualAccountId,
            nested: view === 'own' ? false : undefined,
          })
        }
        isPending={isPending}
        error={error}
        empty={<EmptyState title="No virtual account">Ask an administrator for access to one.</EmptyState>}
      />
    </Card>
  );
}

type LicenseRow = Overview['licenses'][number];

/** So many licenses stand on this page; the list has all. */
const mostLicenses = 7;

const licenseColumns: Column<LicenseRow>[] = [
  { key: 'license', title: 'License', cell: (row) => <b className={styles.license}>{row.licenseName}</b> },
  { key: 'owned', title: 'Owned', numeric: true, cell: (row) => <Amount value={row.owned} /> },
  { key: 'in-use', title: 'In use', numeric: true, cell: (row) => <Amount value={row.inUse} /> },
  {
    key: 'use',
    title: 'Use',
    width: '26%',
    cell: (row) => <UseBar owned={row.owned} inUse={row.inUse} />,
  },
  { key: 'short', title: 'Short', numeric: true, cell: (row) => <Balance value={-row.short} /> },
];

/** What is short first, then what is used most. */
const byNeed = (one: LicenseRow, other: LicenseRow): number =>
  other.short - one.short || other.inUse - one.inUse || other.owned - one.owned;

function Licenses({ overview }: { overview: Overview }) {
  const { accountId } = useAccount();
  const filter = usePlaceFilter();
  return (
    <Card
      title="Owned and used by license"
      side={<PlaceLink to={paths.licenses(accountId, { ...filter, by: 'license' })}>All licenses</PlaceLink>}
    >
      <DataTable
        label="Owned and used by license"
        columns={licenseColumns}
        rows={overview.licenses.toSorted(byNeed).slice(0, mostLicenses)}
        rowKey={(row) => row.tag}
        rowLink={(row) => paths.license(accountId, row.tag, filter)}
        empty={null}
      />
    </Card>
  );
}

/** What a new account shows in place of figures that are all zero. */
function FirstSteps({ inPart }: { inPart: boolean }) {
  const { accountId } = useAccount();
  const filter = usePlaceFilter();
  if (inPart) {
    return (
      <Card>
        <EmptyState
          title="No licenses here"
          action={<PlaceLink to={paths.overview(accountId)}>See the whole account</PlaceLink>}
        >
          {filter.nested === false
            ? 'What is nested in it may have some: choose it with everything nested.'
            : 'Nothing was delivered or moved into this virtual account.'}
        </EmptyState>
      </Card>
    );
  }
  return (
    <Card>
      <EmptyState
        title="No licenses yet"
        action={<PlaceLink to={paths.orders(accountId)}>See the orders</PlaceLink>}
      >
        Licenses arrive when an order is delivered into one of your virtual accounts. Meanwhile you can make
        the tree of virtual accounts, invite people, and create tokens for product instances.
      </EmptyState>
    </Card>
  );
}
