import { count, formatDay } from '../../format.ts';
import type { Order } from './order-words.tsx';

/** `Ordered by Nordic Supply on 3 May 2026: 2 of 3 lines are delivered.` */
export function orderSentence({ buyer, orderedAt, lines }: Order): string {
  const delivered = lines.filter(({ state }) => state === 'delivered').length;
  const rest =
    lines.length === 1
      ? `its line is ${delivered === 1 ? 'delivered' : 'not delivered yet'}`
      : delivered === lines.length
        ? `all ${count(lines.length, 'line')} are delivered`
        : `${delivered} of ${count(lines.length, 'line')} ${delivered === 1 ? 'is' : 'are'} delivered`;
  return `Ordered by ${buyer} on ${formatDay(orderedAt)}: ${rest}.`;
}
