import { type AnswerOf, getPool } from '@estover/protocol';
import { useAccount } from '../../account.tsx';
import { useOperation } from '../../api.ts';
import { count, formatDay, formatNumber, formatPath } from '../../format.ts';
import { Amount, Balance, Moment, TagText } from '../../parts/figures.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { Facts, PanelSection } from '../../parts/SplitPanel.tsx';
import { paths } from '../../paths.ts';
import { Explanation } from './Explanation.tsx';
import styles from './licenses.module.css';
import { endOfDay, type LicensesSearch } from './search.ts';

export type Pool = AnswerOf<typeof getPool>;
export type Lot = Pool['lots'][number];

/** So many lines are shown in a panel; the license's page has all. */
const most = 6;

/** One pool, or one license over the virtual accounts looked at, beside the list. */
export function LicensePanel({ tag, search }: { tag: string; search: LicensesSearch }) {
  const { accountId } = useAccount();
  const isPool = search.at !== undefined;
  const { data, error } = useOperation(getPool, {
    params: { accountId, tag },
    query: {
      virtualAccountId: search.at ?? search.virtualAccountId,
      nested: isPool ? false : (search.nested ?? true),
      asOf: search.asOf === undefined ? undefined : endOfDay(search.asOf),
    },
  });
  if (error !== null) return <ProblemNotice error={error} />;
  if (data === undefined || data.row.tag !== tag) return <p className={styles.quiet}>Reading…</p>;
  return <PoolDetails pool={data} showWhere={!isPool} />;
}

function PoolDetails({ pool, showWhere }: { pool: Pool; showWhere: boolean }) {
  const { accountId } = useAccount();
  const { row, short, lots, usedBy, usedByTotal, substitutions } = pool;
  return (
    <>
      <Facts
        facts={[
          ['Tag', <TagText key="tag">{row.tag}</TagText>],
          showWhere
            ? ['Pools', <Amount key="pools" value={row.pools} />]
            : ['Virtual account', formatPath(row.virtualAccountPath)],
          ['Owned', <Amount key="owned" value={row.owned} />],
          row.pending > 0 ? ['Not started yet', <Amount key="pending" value={row.pending} />] : null,
          ['Reserved', <Amount key="reserved" value={row.reserved + row.held} />],
          [`In use by ${count(usedByTotal, 'instance')}`, <Amount key="use" value={row.inUse} />],
          ['Lent or borrowed', <Amount key="lent" value={row.borrowed - row.lent} sign />],
          ['Balance', <Balance key="balance" value={row.balance} />],
        ]}
      />
      {short.length > 0 && (
        <div className={styles.why}>
          {short.map((explanation) => (
            <Explanation
              key={explanation.virtualAccountId}
              {...explanation}
              tag={row.tag}
              licenseName={row.licenseName}
              virtualAccountPath={showWhere ? explanation.virtualAccountPath : null}
            />
          ))}
        </div>
      )}
      <PanelSection title="Lots">
        {lots.length === 0 && <p className={styles.note}>None here.</p>}
        <ul className={styles.list}>
          {lots.slice(0, most).map((lot) => (
            <li key={`${lot.lotId} ${lot.virtualAccountId}`}>
              <span>
                <LotSource lot={lot} />
                <small>
                  {termWords(lot.term)}
                  {showWhere && ` · ${lot.virtualAccountPath.at(-1)}`}
                </small>
              </span>
              <Amount value={lot.available + lot.reserved + lot.held} />
            </li>
          ))}
        </ul>
        {lots.length > most && (
          <p className={styles.note}>{formatNumber(lots.length - most)} more on its page.</p>
        )}
      </PanelSection>
      {substitutions.length > 0 && (
        <PanelSection title="Substitution">
          <ul className={styles.list}>
            {substitutions.map((one) => (
              <li key={`${one.direction} ${one.tag} ${one.virtualAccountId}`}>
                <span>
                  {one.direction === 'lends-to' ? 'Stands in for' : 'Borrows from'} {one.licenseName}
                </span>
                <Amount value={one.quantity} />
              </li>
            ))}
          </ul>
        </PanelSection>
      )}
      <PanelSection title="Used by">
        {usedBy.length === 0 && <p className={styles.note}>No product instance.</p>}
        <ul className={styles.list}>
          {usedBy.slice(0, most).map((instance) => (
            <li key={instance.instanceId}>
              <span>
                <PlaceLink to={paths.productInstance(accountId, instance.instanceId)}>
                  {instance.displayName}
                </PlaceLink>
                <small>
                  heard <Moment at={instance.lastContactAt} />
                </small>
              </span>
              <Amount value={instance.count} />
            </li>
          ))}
        </ul>
        {usedByTotal > most && (
          <p className={styles.note}>
            <PlaceLink
              to={paths.productInstances(accountId, {
                tag: row.tag,
                virtualAccountId: row.virtualAccountId ?? undefined,
              })}
            >
              All {formatNumber(usedByTotal)}
            </PlaceLink>
          </p>
        )}
      </PanelSection>
    </>
  );
}

const sourceWords = {
  order: 'Order',
  conversion: 'Conversion',
  correction: 'Correction',
  'asset-transfer': 'Transfer from another account',
} as const;

/** Where a lot came from; an order's number leads to its trace. */
export function LotSource({ lot }: { lot: Pick<Lot, 'source'> }) {
  const { accountId } = useAccount();
  const { kind, orderNumber, lineNumber } = lot.source;
  if (orderNumber === null) return sourceWords[kind];
  return (
    <>
      <PlaceLink to={paths.order(accountId, orderNumber)}>{orderNumber}</PlaceLink>
      {lineNumber !== null && ` line ${lineNumber}`}
    </>
  );
}

/** `Perpetual`, `ends 30 Jun 2028`, `1 Jan 2027 to 1 Jan 2028`, `ended 1 Nov 2026`. */
export function termWords(term: Lot['term'], now = Date.now()): string {
  if (term.kind === 'perpetual') return 'Perpetual';
  const demo = term.kind === 'demo' ? 'Demo, ' : '';
  const end = formatDay(term.endsAt);
  if (Date.parse(term.startsAt) > now) return `${demo}${formatDay(term.startsAt)} to ${end}`;
  return `${demo}${Date.parse(term.endsAt) <= now ? 'ended' : 'ends'} ${end}`;
}
