import { getPool, listInventory } from '@estover/protocol';
import { getRouteApi } from '@tanstack/react-router';
import { useAccount } from '../../account.tsx';
import { useOperation, usePages } from '../../api.ts';
import { count, formatNumber, formatPath } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { CopyButton } from '../../parts/CopyButton.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { Amount, Balance, Moment, StatePill, TagText, UseBar } from '../../parts/figures.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { useTransferReason } from '../../parts/transfer-reason.ts';
import { VirtualAccountChip } from '../../parts/VirtualAccountPicker.tsx';
import { paths } from '../../paths.ts';
import { Explanation } from './Explanation.tsx';
import { type InventoryRow, keyOf, stateOf } from './inventory-row.ts';
import { LicenseMovements } from './LicenseMovements.tsx';
import { type Lot, LotSource, type Pool, termWords } from './LicensePanel.tsx';
import styles from './licenses.module.css';
import { useOpenTransfer } from './transfer-host.tsx';

const route = getRouteApi('/signed-in/accounts/$accountId/licenses/$tag');

/** One license: its numbers, why it is short, its pools, lots, users and movements. */
export default function LicensePage() {
  const account = useAccount();
  const { accountId } = account;
  const { tag } = route.useParams();
  const { virtualAccountId, nested = true } = route.useSearch();
  const navigate = route.useNavigate();
  const openTransfer = useOpenTransfer();
  const transferReason = useTransferReason();
  const query = { virtualAccountId, nested };
  const pool = useOperation(getPool, { params: { accountId, tag }, query });
  const back = { to: paths.licenses(accountId), label: 'Licenses' };
  if (pool.error !== null) {
    return (
      <>
        <PageHead title="License" back={back} />
        <Card padded>
          <ProblemNotice error={pool.error} onRetry={() => void pool.refetch()} />
        </Card>
      </>
    );
  }
  const row = pool.data?.row;
  return (
    <>
      <PageHead
        title={row?.licenseName ?? 'License'}
        back={back}
        sentence={pool.data === undefined ? 'Reading…' : sentenceOf(pool.data)}
        actions={
          <>
            <VirtualAccountChip
              virtualAccountId={virtualAccountId}
              nested={nested}
              onChange={(chosen) =>
                void navigate({
                  search: {
                    virtualAccountId: chosen.virtualAccountId,
                    nested: chosen.nested ? undefined : false,
                  },
                  replace: true,
                })
              }
            />
            <ReasonedButton
              variant="filled"
              reason={transferReason}
              onClick={() =>
                openTransfer({
                  fromVirtualAccountId: virtualAccountId ?? null,
                  lines: [{ tag, licenseName: row?.licenseName ?? tag }],
                })
              }
            >
              Transfer…
            </ReasonedButton>
          </>
        }
      />
      {pool.data !== undefined && (
        <div className={styles.grid}>
          <Numbers pool={pool.data} />
          {pool.data.short.map((explanation) => (
            <Explanation
              key={explanation.virtualAccountId}
              {...explanation}
              tag={tag}
              licenseName={pool.data.row.licenseName}
            />
          ))}
          <Pools tag={tag} licenseName={pool.data.row.licenseName} query={query} />
          <Card title="Lots" side={count(pool.data.lots.length, 'lot')}>
            <DataTable
              label="Lots"
              columns={lotColumns}
              rows={pool.data.lots}
              rowKey={(lot) => `${lot.lotId} ${lot.virtualAccountId}`}
              empty={<EmptyState title="No lots here">Nothing of this license lies here now.</EmptyState>}
            />
          </Card>
          <UsedBy pool={pool.data} />
          {pool.data.substitutions.length > 0 && <Substitutions pool={pool.data} />}
          <LicenseMovements tag={tag} query={query} />
        </div>
      )}
    </>
  );
}

function sentenceOf({ row }: Pool): string {
  const numbers = `${formatNumber(row.owned)} owned, ${formatNumber(row.inUse)} in use`;
  if (row.poolsShort === 0) return `${numbers}, in compliance.`;
  return `Short by ${formatNumber(row.short)} in ${count(row.poolsShort, 'pool')}; ${numbers}.`;
}

function Numbers({ pool: { row, usedByTotal, description } }: { pool: Pool }) {
  const stats: [string, React.ReactNode, string | null][] = [
    [
      'Owned',
      <Amount key="v" value={row.owned} />,
      row.pending > 0 ? `${formatNumber(row.pending)} not started` : null,
    ],
    [
      'Reserved',
      <Amount key="v" value={row.reserved + row.held} />,
      row.held > 0 ? `${formatNumber(row.held)} held` : null,
    ],
    ['In use', <Amount key="v" value={row.inUse} />, `by ${count(usedByTotal, 'instance')}`],
    ['Lent or borrowed', <Amount key="v" value={row.borrowed - row.lent} sign />, null],
    ['Balance', <Balance key="v" value={row.balance} />, null],
    ['Expired', <Amount key="v" value={row.expired} />, null],
  ];
  return (
    <Card>
      <dl className={styles.stats} style={{ margin: 0 }}>
        {stats.map(([name, value, note]) => (
          <div key={name} className={styles.stat}>
            <dt>{name}</dt>
            <dd>
              {value}
              {note !== null && <small>{note}</small>}
            </dd>
          </div>
        ))}
      </dl>
      <p className={styles.quiet}>
        {description !== '' && (
          <>
            {description}
            <br />
          </>
        )}
        <TagText full>{row.tag}</TagText> <CopyButton value={row.tag} label="Copy the tag" />
      </p>
    </Card>
  );
}

interface PartProps {
  tag: string;
  query: { virtualAccountId: string | undefined; nested: boolean };
}

const poolColumns: Column<InventoryRow>[] = [
  { key: 'where', title: 'Virtual account', cell: (row) => formatPath(row.virtualAccountPath) },
  { key: 'owned', title: 'Owned', numeric: true, cell: (row) => <Amount value={row.owned} /> },
  {
    key: 'reserved',
    title: 'Reserved',
    numeric: true,
    cell: (row) => <Amount value={row.reserved + row.held} />,
  },
  { key: 'in-use', title: 'In use', numeric: true, cell: (row) => <Amount value={row.inUse} /> },
  {
    key: 'use',
    title: 'Use',
    width: '20%',
    cell: (row) => (
      <UseBar
        owned={row.owned + row.borrowed - row.lent}
        inUse={row.inUse}
        reserved={row.reserved + row.held}
      />
    ),
  },
  { key: 'balance', title: 'Balance', numeric: true, cell: (row) => <Balance value={row.balance} /> },
  {
    key: 'state',
    title: 'State',
    cell: (row) => {
      const { tone, words } = stateOf(row);
      return <StatePill tone={tone}>{words}</StatePill>;
    },
  },
];

function Pools({ tag, licenseName, query }: PartProps & { licenseName: string }) {
  const { accountId } = useAccount();
  const list = usePages(listInventory, {
    params: { accountId },
    query: { ...query, by: 'pool', tag, sort: 'balance', limit: 200 },
  });
  return (
    <Card title="Virtual accounts">
      <DataTable
        label="Virtual accounts with this license"
        columns={poolColumns}
        rows={list.items}
        rowKey={keyOf}
        rowLink={(row) =>
          paths.licenses(accountId, { open: tag, at: row.virtualAccountId ?? undefined, search: licenseName })
        }
        {...list.table}
        empty={<EmptyState title="Nowhere here">No virtual account in this view has any.</EmptyState>}
      />
    </Card>
  );
}

const lotColumns: Column<Lot>[] = [
  { key: 'source', title: 'Source', cell: (lot) => <LotSource lot={lot} /> },
  { key: 'sku', title: 'SKU', cell: (lot) => (lot.sku === null ? '–' : <TagText>{lot.sku}</TagText>) },
  { key: 'where', title: 'Virtual account', cell: (lot) => formatPath(lot.virtualAccountPath) },
  { key: 'term', title: 'Term', cell: (lot) => termWords(lot.term) },
  {
    key: 'billing',
    title: 'Billing',
    cell: (lot) => (lot.billing === 'usage' ? 'by use' : 'prepaid'),
  },
  { key: 'delivered', title: 'Delivered', numeric: true, cell: (lot) => <Amount value={lot.delivered} /> },
  { key: 'pending', title: 'Not started', numeric: true, cell: (lot) => <Amount value={lot.pending} /> },
  {
    key: 'reserved',
    title: 'Reserved',
    numeric: true,
    cell: (lot) => <Amount value={lot.reserved + lot.held} />,
  },
  {
    key: 'available',
    title: 'Available here',
    numeric: true,
    cell: (lot) => <Amount value={lot.available} />,
  },
];

const userColumns: Column<Pool['usedBy'][number]>[] = [
  { key: 'name', title: 'Product instance', cell: (one) => one.displayName },
  { key: 'where', title: 'Virtual account', cell: (one) => formatPath(one.virtualAccountPath) },
  { key: 'heard', title: 'Last contact', cell: (one) => <Moment at={one.lastContactAt} /> },
  { key: 'count', title: 'In use', numeric: true, cell: (one) => <Amount value={one.count} /> },
];

function UsedBy({ pool }: { pool: Pool }) {
  const { accountId } = useAccount();
  const { row, usedBy, usedByTotal } = pool;
  const all = paths.productInstances(accountId, {
    tag: row.tag,
    virtualAccountId: row.virtualAccountId ?? undefined,
  });
  return (
    <Card
      title="Used by"
      side={usedByTotal > 0 && <PlaceLink to={all}>{`All ${count(usedByTotal, 'instance')}`}</PlaceLink>}
    >
      <DataTable
        label="Product instances that use it"
        columns={userColumns}
        rows={usedBy}
        rowKey={(one) => one.instanceId}
        rowLink={(one) => paths.productInstance(accountId, one.instanceId)}
        empty={
          <EmptyState title="Nothing uses it">No product instance reports use of this license.</EmptyState>
        }
      />
    </Card>
  );
}

const substitutionColumns: Column<Pool['substitutions'][number]>[] = [
  {
    key: 'what',
    title: 'Substitution',
    cell: (one) => `${one.direction === 'lends-to' ? 'Stands in for' : 'Borrows from'} ${one.licenseName}`,
  },
  { key: 'where', title: 'Virtual account', cell: (one) => formatPath(one.virtualAccountPath) },
  { key: 'here', title: 'Of this', numeric: true, cell: (one) => <Amount value={one.quantity} /> },
  { key: 'there', title: 'Of the other', numeric: true, cell: (one) => <Amount value={one.otherQuantity} /> },
];

function Substitutions({ pool }: { pool: Pool }) {
  const { accountId } = useAccount();
  return (
    <Card title="Substitution">
      <DataTable
        label="Substitutions"
        columns={substitutionColumns}
        rows={pool.substitutions}
        rowKey={(one) => `${one.direction} ${one.tag} ${one.virtualAccountId}`}
        rowLink={(one) => paths.license(accountId, one.tag)}
        empty={null}
      />
    </Card>
  );
}
