import { formatDay, formatShortDay } from '../../format.ts';
import type { OrderLine } from './order-words.tsx';

/** When what a line delivers ends: `ends 4 Dec`, `ended 6 Nov 2025`; or when it starts, where nothing ends yet. */
export function termWords(
  line: Pick<OrderLine, 'endsAt' | 'startDate' | 'deliveredAt'>,
  now: number,
): string {
  const { endsAt, startDate, deliveredAt } = line;
  if (endsAt !== null) {
    return Date.parse(endsAt) <= now ? `ended ${formatDay(endsAt)}` : `ends ${formatShortDay(endsAt, now)}`;
  }
  if (startDate !== null) return `starts ${formatShortDay(startDate, now)}`;
  return deliveredAt === null ? 'from delivery' : 'no end';
}
