import type { AnswerOf, getPool } from '@estover/protocol';
import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useAccount } from '../../account.tsx';
import { count, formatNumber, formatPath, formatShortInstant } from '../../format.ts';
import { CopyButton } from '../../parts/CopyButton.tsx';
import { Moment } from '../../parts/figures.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { paths } from '../../paths.ts';
import styles from './Explanation.module.css';
import { useOpenTransfer } from './transfer-host.tsx';

type Short = AnswerOf<typeof getPool>['short'][number];
export type Cause = Short['causes'][number];
export type Fix = Short['fixes'][number];

/** So many causes are named; the newest say most. */
const namedCauses = 4;

interface ExplanationProps {
  tag: string;
  licenseName: string;
  virtualAccountId: string;
  /** Null where the page around it says already where. */
  virtualAccountPath: readonly string[] | null;
  shortBy: number;
  since: string;
  causes?: readonly Cause[];
  fixes: readonly Fix[];
}

/**
 * Why a pool is short, since when, and what ends it. The same in the panel, on the license's page, on the overview and
 * in alerts.
 */
export function Explanation(props: ExplanationProps) {
  const {
    tag,
    licenseName,
    virtualAccountId,
    virtualAccountPath,
    shortBy,
    since,
    causes = [],
    fixes,
  } = props;
  const where = virtualAccountPath === null ? '' : ` in ${formatPath(virtualAccountPath)}`;
  return (
    <div className={styles.why}>
      <b>
        Short by {formatNumber(shortBy)}
        {where} since {formatShortInstant(since)}
      </b>
      {causes.length > 0 && (
        <ul className={styles.causes}>
          {causes.slice(0, namedCauses).map((cause) => (
            <li key={`${cause.kind} ${cause.at} ${'instanceId' in cause ? cause.instanceId : ''}`}>
              <CauseSentence cause={cause} /> <Moment at={cause.at} />
            </li>
          ))}
        </ul>
      )}
      <Fixes fixes={fixes} tag={tag} licenseName={licenseName} virtualAccountId={virtualAccountId} />
    </div>
  );
}

function CauseSentence({ cause }: { cause: Cause }) {
  const { accountId } = useAccount();
  switch (cause.kind) {
    case 'use-raised':
      return (
        <>
          <PlaceLink to={paths.productInstance(accountId, cause.instanceId)}>{cause.displayName}</PlaceLink>{' '}
          uses {formatNumber(cause.to)} instead of {formatNumber(cause.from)}
        </>
      );
    case 'moved-away':
      return (
        <>
          {formatNumber(cause.quantity)} moved to {formatPath(cause.toVirtualAccountPath)} by {cause.by}
        </>
      );
    case 'expired':
      return (
        <>
          {formatNumber(cause.quantity)} ended
          {cause.orderNumber !== null && (
            <>
              {' '}
              (order <PlaceLink to={paths.order(accountId, cause.orderNumber)}>{cause.orderNumber}</PlaceLink>
              )
            </>
          )}
        </>
      );
    case 'corrected':
      return (
        <>
          {formatNumber(cause.quantity)} withdrawn: {cause.reason}
        </>
      );
    case 'held':
      return <>{formatNumber(cause.quantity)} held</>;
    case 'surplus-gone':
      return (
        <>
          {formatNumber(cause.quantity)} fewer of {cause.licenseName} stand in
        </>
      );
  }
}

interface FixesProps {
  fixes: readonly Fix[];
  tag: string;
  licenseName: string;
  /** The virtual account that is short. */
  virtualAccountId: string;
}

/** What ends a shortage, the shortest way first, each a click away. */
export function Fixes({ fixes, tag, licenseName, virtualAccountId }: FixesProps) {
  if (fixes.length === 0) return null;
  return (
    <ul className={styles.fixes}>
      {fixes.map((fix, position) => (
        <li key={keyOf(fix)} className={styles.fix}>
          <FixSentence fix={fix} />
          <FixButton
            fix={fix}
            tag={tag}
            licenseName={licenseName}
            virtualAccountId={virtualAccountId}
            primary={position === 0}
          />
        </li>
      ))}
    </ul>
  );
}

const keyOf = (fix: Fix): string => (fix.kind === 'transfer' ? fix.fromVirtualAccountId : fix.kind);

function FixSentence({ fix }: { fix: Fix }) {
  switch (fix.kind) {
    case 'transfer':
      return (
        <span>
          Move {formatNumber(fix.quantity)} from {formatPath(fix.fromVirtualAccountPath)}, which keeps{' '}
          {formatNumber(fix.keeps)}
          {!fix.complete && <small> · ends part of it</small>}
        </span>
      );
    case 'release-instances':
      return (
        <span>
          Release {formatNumber(fix.quantity)} from {count(fix.instances.length, 'instance')}
          {!fix.complete && <small> · ends part of it</small>}
          <br />
          <small>
            {fix.instances
              .slice(0, 3)
              .map((instance) => instance.displayName)
              .join(', ')}
            {fix.instances.length > 3 && ' …'}
          </small>
        </span>
      );
    case 'order':
      return (
        <span>
          Order {formatNumber(fix.quantity)} more
          {fix.skus.length > 0 && (
            <>
              <br />
              <small>{fix.skus.map(orderWords).join(' or ')}</small>
            </>
          )}
        </span>
      );
  }
}

/** What to write on the order: units, because one may be a pack of licenses. */
const orderWords = ({ sku, units }: { sku: string; units: number }): string => `${units} × ${sku}`;

interface FixButtonProps {
  fix: Fix;
  tag: string;
  licenseName: string;
  virtualAccountId: string;
  primary?: boolean;
  /** Names the whole act, where no sentence stands beside the button: "Move 31 from Madrid". */
  full?: boolean;
}

/** The one click of a fix. A transfer opens filled in, with its preview. */
export function FixButton({
  fix,
  tag,
  licenseName,
  virtualAccountId,
  primary,
  full = false,
}: FixButtonProps) {
  const account = useAccount();
  const navigate = useNavigate();
  const openTransfer = useOpenTransfer();
  switch (fix.kind) {
    case 'transfer':
      return (
        <ReasonedButton
          variant={primary ? 'filled' : 'default'}
          reason={account.reasonAgainst('move-inventory')}
          onClick={() =>
            openTransfer({
              fromVirtualAccountId: fix.fromVirtualAccountId,
              toVirtualAccountId: virtualAccountId,
              lines: [{ tag: fix.tag, licenseName, quantity: fix.quantity }],
            })
          }
        >
          {full ? `Move ${formatNumber(fix.quantity)} from ${fix.fromVirtualAccountPath.at(-1)}` : 'Move'}
        </ReasonedButton>
      );
    case 'release-instances': {
      const place = paths.productInstances(account.accountId, { virtualAccountId, nested: false, tag });
      return (
        <Button
          onClick={() =>
            void navigate({ to: place.to, params: place.params ?? {}, search: place.search ?? {} })
          }
        >
          {full ? `Review ${count(fix.instances.length, 'instance')}` : 'Review'}
        </Button>
      );
    }
    case 'order': {
      const [closest] = fix.skus;
      const order = closest === undefined ? `${fix.quantity} × ${licenseName}` : orderWords(closest);
      return <CopyButton value={order} label={full ? `Copy “${order}”` : 'Copy'} words />;
    }
  }
}
