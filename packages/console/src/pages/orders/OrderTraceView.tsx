import { describeDeliveryCondition } from '@estover/domain/orders';
import { Fragment, type ReactNode } from 'react';
import { formatInstant, formatNumber, formatPath } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { Amount, Moment, StatePill, TagText } from '../../parts/figures.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { paths } from '../../paths.ts';
import { type DeskOrderTrace, lineState, type OrderLine, type OrderTrace } from './order-words.tsx';
import styles from './orders.module.css';
import { termWords } from './term-words.ts';

type WhereNow = OrderTrace['whereNow'][number];
type Delivery = DeskOrderTrace['deliveries'][number];
type TraceEntry = OrderTrace['timeline'][number];

const tones: Partial<Record<TraceEntry['kind'], 'warn' | 'bad'>> = {
  'on-hold': 'warn',
  held: 'warn',
  cancelled: 'bad',
  corrected: 'bad',
  expired: 'warn',
};

const holdingStates: Record<WhereNow['state'], { label: string; tone: 'ok' | 'info' | 'warn' | 'neutral' }> =
  {
    available: { label: 'Available', tone: 'ok' },
    pending: { label: 'Starts later', tone: 'info' },
    reserved: { label: 'Reserved', tone: 'info' },
    held: { label: 'Held', tone: 'warn' },
    expired: { label: 'Ended', tone: 'neutral' },
  };

const usersNamed = 3;

const lineColumns = (withAccount: boolean): Column<OrderLine>[] => [
  {
    key: 'line',
    title: 'Line',
    cell: (line) => (
      <TwoLines name={`${line.lineNumber}. ${line.productName}`} below={<TagText>{line.sku}</TagText>} />
    ),
  },
  { key: 'quantity', title: 'Quantity', numeric: true, cell: (line) => <Amount value={line.quantity} /> },
  {
    key: 'into',
    title: withAccount ? 'For' : 'Virtual account',
    cell: (line) => {
      const path = line.virtualAccountId === null ? 'Default' : formatPath(line.virtualAccountPath);
      const rule = line.deliveryRule;
      const by =
        rule === null ? '' : `by delivery rule ${rule.position} (${describeDeliveryCondition(rule)})`;
      if (withAccount)
        return <TwoLines name={line.accountName} below={by === '' ? path : `${path}, ${by}`} />;
      return by === '' ? path : <TwoLines name={path} below={by} />;
    },
  },
  {
    key: 'state',
    title: 'State',
    cell: (line) => {
      const { label, tone } = lineState(line);
      const pill = <StatePill tone={tone}>{label}</StatePill>;
      return line.waitsFor === null ? pill : <TwoLines name={pill} below={line.waitsFor.sentence} />;
    },
  },
  {
    key: 'delivered',
    title: 'Delivered',
    cell: (line) => <Moment at={line.deliveredAt} absent="not yet" />,
  },
  {
    key: 'term',
    title: 'Term',
    cell: (line) => termWords(line, Date.now()),
  },
];

function UsedBy({ where, accountId }: { where: WhereNow; accountId: string }) {
  if (where.usedBy.length === 0) return <span className={styles.quiet}>nothing</span>;
  const named = where.usedBy.slice(0, usersNamed);
  return (
    <span className={styles.users}>
      {named.map(({ instanceId, displayName, count }, position) => (
        <Fragment key={instanceId}>
          {position > 0 && ', '}
          <PlaceLink to={paths.productInstance(accountId, instanceId)}>{displayName}</PlaceLink>{' '}
          <span className={styles.quiet}>{formatNumber(count)}</span>
        </Fragment>
      ))}
      {where.usedBy.length > usersNamed && ` and ${formatNumber(where.usedBy.length - usersNamed)} more`}
    </span>
  );
}

const whereColumns = (accountId: string): Column<WhereNow>[] => [
  {
    key: 'license',
    title: 'License',
    cell: (where) => (
      <TwoLines
        name={
          <PlaceLink
            to={paths.license(accountId, where.tag, {
              virtualAccountId: where.virtualAccountId,
              nested: false,
            })}
          >
            {where.licenseName}
          </PlaceLink>
        }
        below={`line ${where.lineNumber}`}
      />
    ),
  },
  { key: 'where', title: 'Virtual account', cell: (where) => formatPath(where.virtualAccountPath) },
  { key: 'quantity', title: 'Quantity', numeric: true, cell: (where) => <Amount value={where.quantity} /> },
  {
    key: 'state',
    title: 'State',
    cell: (where) => (
      <StatePill tone={holdingStates[where.state].tone}>{holdingStates[where.state].label}</StatePill>
    ),
  },
  {
    key: 'inUse',
    title: 'In use there',
    numeric: true,
    cell: (where) => <Amount value={where.poolInUse} />,
  },
  { key: 'usedBy', title: 'Used by', cell: (where) => <UsedBy where={where} accountId={accountId} /> },
];

const deliveryColumns: Column<Delivery>[] = [
  {
    key: 'license',
    title: 'License',
    cell: (delivery) => <TwoLines name={delivery.licenseName} below={`line ${delivery.lineNumber}`} />,
  },
  {
    key: 'where',
    title: 'Virtual account',
    cell: (delivery) => formatPath(delivery.virtualAccountPath),
  },
  {
    key: 'quantity',
    title: 'Quantity',
    numeric: true,
    cell: (delivery) => <Amount value={delivery.quantity} />,
  },
  { key: 'at', title: 'Delivered', cell: (delivery) => <Moment at={delivery.deliveredAt} absent="" /> },
  {
    key: 'since',
    title: 'Since then',
    cell: (delivery) =>
      delivery.movedSince ? 'some of it moved' : <span className={styles.quiet}>not moved</span>,
  },
];

function Order({
  order,
  timeline,
  withAccount,
  children,
}: {
  order: OrderTrace['order'];
  timeline: TraceEntry[];
  withAccount: boolean;
  children: ReactNode;
}) {
  return (
    <div className={styles.stack}>
      <Card title="Lines">
        <DataTable
          label="Lines of the order"
          columns={lineColumns(withAccount)}
          rows={order.lines}
          rowKey={(line) => String(line.lineNumber)}
          empty={<EmptyState title="The order has no line you may see" />}
        />
      </Card>
      {children}
      <Card title="What happened">
        <ol className={styles.timeline}>
          {timeline.map((entry, position) => (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: a timeline only grows at its end
              key={position}
              data-tone={tones[entry.kind]}
            >
              <p>{entry.sentence}</p>
              <small title={entry.at}>
                {formatInstant(entry.at)}
                {entry.by !== null && ` · ${entry.by}`}
              </small>
            </li>
          ))}
        </ol>
      </Card>
    </div>
  );
}

const nothingDelivered = (
  <EmptyState title="Nothing is delivered yet">
    Licenses appear here once a line has shipped and its account is active.
  </EmptyState>
);

/** An order of an account, from its booking to where its licenses are now and who uses them. */
export function OrderTraceView({ trace, accountId }: { trace: OrderTrace; accountId: string }) {
  const { order, timeline, whereNow } = trace;
  return (
    <Order order={order} timeline={timeline} withAccount={false}>
      <Card title="Where the licenses are now">
        <DataTable
          label="Where the licenses are now"
          columns={whereColumns(accountId)}
          rows={whereNow}
          rowKey={(where) => `${where.lotId} ${where.virtualAccountId} ${where.state}`}
          empty={nothingDelivered}
        />
      </Card>
    </Order>
  );
}

/** An order as the publisher's staff trace it: what was delivered, and no look inside the account. */
export function DeskOrderTraceView({ trace }: { trace: DeskOrderTrace }) {
  const { order, timeline, deliveries } = trace;
  return (
    <Order order={order} timeline={timeline} withAccount>
      <Card title="What was delivered">
        <p className={styles.note}>
          Where the licenses are now is the account’s to know: look there with an open support access.
        </p>
        <DataTable
          label="What was delivered"
          columns={deliveryColumns}
          rows={deliveries}
          rowKey={({ lotId }) => lotId}
          empty={nothingDelivered}
        />
      </Card>
    </Order>
  );
}
