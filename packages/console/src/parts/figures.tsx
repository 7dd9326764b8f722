import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatChange, formatInstant, formatNumber, formatRelative, shortTag } from '../format.ts';
import styles from './figures.module.css';

/** A quantity in tabular figures. */
export function Amount({ value, sign = false }: { value: number; sign?: boolean }) {
  return <span className={styles.amount}>{sign ? formatChange(value) : formatNumber(value)}</span>;
}

/** A balance: red with its minus where it is below zero. */
export function Balance({ value }: { value: number }) {
  return (
    <span className={`${styles.amount} ${value < 0 ? styles.negative : ''}`}>{formatNumber(value)}</span>
  );
}

/** A tag, serial number or id: small and monospaced. A tag is shortened to what people recognise; `full` shows all. */
export function TagText({ children, full = false }: { children: string; full?: boolean }) {
  return (
    <span className={styles.tag} title={children}>
      {full ? children : shortTag(children)}
    </span>
  );
}

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'neutral';

/** A state as one pill that says the fact in words; the tone only repeats it. */
export function StatePill({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={styles.pill} data-tone={tone}>
      {children}
    </span>
  );
}

interface UseBarProps {
  /** Units there are to use: owned, and what substitution adds or takes. The whole of the bar unless more is in use. */
  owned: number;
  inUse: number;
  reserved?: number;
}

/** How much of what is owned is in use and reserved, and how much is in use beyond it. */
export function UseBar({ owned, inUse, reserved = 0 }: UseBarProps) {
  const over = Math.max(0, inUse + reserved - owned);
  const within = Math.max(0, inUse - over);
  const whole = Math.max(owned, inUse + reserved, 1);
  const part = (quantity: number) => ({ width: `${(quantity / whole) * 100}%` });
  const words = [
    `${formatNumber(inUse)} of ${formatNumber(owned)} in use`,
    ...(reserved > 0 ? [`${formatNumber(reserved)} reserved`] : []),
    ...(over > 0 ? [`${formatNumber(over)} over`] : []),
  ].join(', ');
  return (
    <div className={styles.bar} role="img" aria-label={words} title={words}>
      {within > 0 && <span className={styles.used} style={part(within)} />}
      {reserved > 0 && <span className={styles.reserved} style={part(reserved)} />}
      {over > 0 && <span className={styles.over} style={part(over)} />}
    </div>
  );
}

/** A point in time: how long ago, with the exact instant in the reader's zone and UTC on hover and focus. */
export function Moment({ at, absent = 'never' }: { at: string | null; absent?: string }) {
  if (at === null) return <span>{absent}</span>;
  return (
    <Tooltip label={`${formatInstant(at)} · ${at}`}>
      <time dateTime={at} className={styles.moment}>
        {formatRelative(at)}
      </time>
    </Tooltip>
  );
}
