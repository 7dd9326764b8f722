import type { AnswerOf, listInventory } from '@estover/protocol';
import { formatNumber, formatShortDay } from '../../format.ts';
import type { Tone } from '../../parts/figures.tsx';

export type InventoryRow = AnswerOf<typeof listInventory>['items'][number];

/** Ends within so many days count as the near future, as in alerts. */
export const nearDays = 90;

/** The one fact about a row that matters most, in words with a tone. */
export function stateOf(row: InventoryRow, now = Date.now()): { tone: Tone; words: string } {
  if (row.short > 0) {
    const pools = row.poolsShort > 1 ? ` in ${formatNumber(row.poolsShort)} pools` : '';
    // Without it, owned less in use would not give the balance beside it.
    const borrowed = row.borrowed > 0 ? `, ${formatNumber(row.borrowed)} borrowed` : '';
    return { tone: 'bad', words: `Short by ${formatNumber(row.short)}${pools}${borrowed}` };
  }
  if (row.state === 'overage')
    return { tone: 'warn', words: `Over by ${formatNumber(Math.abs(row.balance))}` };
  if (row.nextEnd !== null && Date.parse(row.nextEnd.endsAt) - now < nearDays * 86_400_000) {
    const { quantity, endsAt } = row.nextEnd;
    return {
      tone: 'warn',
      words: `${formatNumber(quantity)} ${quantity === 1 ? 'ends' : 'end'} ${formatShortDay(endsAt, now)}`,
    };
  }
  if (row.owned === 0 && row.pending > 0) {
    return { tone: 'info', words: `${formatNumber(row.pending)} not started yet` };
  }
  if (row.borrowed > 0) return { tone: 'info', words: `Substituted: ${formatNumber(row.borrowed)}` };
  return { tone: 'ok', words: 'In compliance' };
}

/** Licenses that substitute for another one: `4 lent`, `4 borrowed`, or `0` where neither outweighs the other. */
export function lentWords({ lent, borrowed }: Pick<InventoryRow, 'lent' | 'borrowed'>): string {
  if (lent === borrowed) return '0';
  return lent > borrowed
    ? `${formatNumber(lent - borrowed)} lent`
    : `${formatNumber(borrowed - lent)} borrowed`;
}

/** A row is a pool, or a license over several: its key says which. */
export const keyOf = (row: { tag: string; virtualAccountId: string | null }): string =>
  `${row.tag}@${row.virtualAccountId ?? ''}`;
