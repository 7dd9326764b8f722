import type {
  deskOrderTrace,
  order,
  orderLine,
  orderLineState,
  orderSummary,
  orderTrace,
} from '@estover/protocol';
import type { z } from 'zod';
import { formatNumber } from '../../format.ts';
import { StatePill, type Tone } from '../../parts/figures.tsx';
import styles from './orders.module.css';

export type Order = z.infer<typeof order>;
export type OrderLine = z.infer<typeof orderLine>;
export type OrderSummary = z.infer<typeof orderSummary>;
export type OrderTrace = z.infer<typeof orderTrace>;
export type DeskOrderTrace = z.infer<typeof deskOrderTrace>;
export type LineState = z.infer<typeof orderLineState>;

export const lineStates: Record<LineState, { label: string; tone: Tone }> = {
  booked: { label: 'Booked', tone: 'info' },
  'on-hold': { label: 'On hold', tone: 'warn' },
  shipped: { label: 'Shipped', tone: 'info' },
  delivered: { label: 'Delivered', tone: 'ok' },
  cancelled: { label: 'Cancelled', tone: 'neutral' },
  returned: { label: 'Returned', tone: 'neutral' },
};

/** How a line stands: shipped at a holding account it is held there. */
export const lineState = ({ state, waitsFor }: OrderLine): { label: string; tone: Tone } =>
  waitsFor?.kind === 'reassignment' ? { label: 'Held', tone: 'warn' } : lineStates[state];

export const stateOptions = Object.entries(lineStates).map(([value, { label }]) => ({
  value: value as LineState,
  label,
}));

const isLineState = (state: string): state is LineState => state in lineStates;

/** How many lines stand where: `2 delivered`, `1 on hold`; without numbers where all stand alike. */
export function LineStates({ states }: { states: Record<string, number> }) {
  const present = Object.entries(states).filter(([, lines]) => lines > 0);
  return (
    <span className={styles.pills}>
      {present.map(([state, lines]) => {
        const { label, tone } = isLineState(state)
          ? lineStates[state]
          : { label: state, tone: 'neutral' as const };
        return (
          <StatePill key={state} tone={tone}>
            {present.length === 1 ? label : `${formatNumber(lines)} ${label.toLowerCase()}`}
          </StatePill>
        );
      })}
    </span>
  );
}

/** Lines that can still be shipped. */
export const canShip = ({ state }: OrderLine): boolean => state === 'booked' || state === 'on-hold';

/** Lines that can still be cancelled. */
export const canCancel = (line: OrderLine): boolean => canShip(line) || line.state === 'shipped';
