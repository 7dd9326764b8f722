import type { poolEffect } from '@estover/protocol';
import type { z } from 'zod';
import { formatNumber, formatPath } from '../format.ts';
import { Balance, StatePill } from './figures.tsx';
import styles from './PoolEffects.module.css';
import { ProblemNotice } from './ProblemNotice.tsx';

export type PoolEffect = z.infer<typeof poolEffect>;

const figures = [
  ['owned', 'Owned'],
  ['reserved', 'Reserved'],
  ['inUse', 'In use'],
  ['lent', 'Lent'],
  ['borrowed', 'Borrowed'],
  ['balance', 'Balance'],
] as const;

interface PoolEffectsProps {
  /** The pools an act changes; undefined while the dry run is on its way. */
  effects: readonly PoolEffect[] | undefined;
  error?: unknown;
  /** What is said where no pool changes. */
  none: string;
}

/** What an act does to each pool it touches: the numbers before and after, and whether licenses run short. */
export function PoolEffects({ effects, error, none }: PoolEffectsProps) {
  if (error !== null && error !== undefined) return <ProblemNotice error={error} />;
  if (effects === undefined) {
    return (
      <p className={styles.waiting} role="status">
        Working out what changes…
      </p>
    );
  }
  if (effects.length === 0) return <p>{none}</p>;
  return (
    <ul className={styles.effects} aria-label="What changes">
      {effects.map((effect) => (
        <li key={`${effect.virtualAccountId} ${effect.tag}`}>
          <div className={styles.head}>
            <span>
              <b>{effect.licenseName}</b> <small>{formatPath(effect.virtualAccountPath)}</small>
            </span>
            <Outcome effect={effect} />
          </div>
          <dl className={styles.figures}>
            {figures
              .filter(([key]) => effect.before[key] !== effect.after[key])
              .map(([key, name]) => (
                <div key={key}>
                  <dt>{name}</dt>
                  <dd>
                    {formatNumber(effect.before[key])} →{' '}
                    <b>
                      {key === 'balance' ? (
                        <Balance value={effect.after.balance} />
                      ) : (
                        formatNumber(effect.after[key])
                      )}
                    </b>
                  </dd>
                </div>
              ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}

function Outcome({ effect: { before, after } }: { effect: PoolEffect }) {
  const short = after.state === 'out-of-compliance';
  const wasShort = before.state === 'out-of-compliance';
  if (short && !wasShort)
    return <StatePill tone="bad">Falls short by {formatNumber(-after.balance)}</StatePill>;
  if (short) return <StatePill tone="bad">Still short by {formatNumber(-after.balance)}</StatePill>;
  if (wasShort) return <StatePill tone="ok">Back in compliance</StatePill>;
  if (after.state === 'overage') return <StatePill tone="warn">Within the overage allowance</StatePill>;
  return <StatePill tone="ok">In compliance</StatePill>;
}
