import type { AnswerOf, getOverview } from '@estover/protocol';
import { count, formatNumber } from '../../format.ts';

export type Overview = AnswerOf<typeof getOverview>;

const smallNumbers = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine'];

/** The sentence that opens the page: how much needs somebody, and how everything else is. */
export function overviewSentence(overview: Pick<Overview, 'openAlerts' | 'totals'>): string {
  const { openAlerts, totals } = overview;
  const things = openAlerts.major + openAlerts.minor;
  const rest =
    totals.poolsShort === 0
      ? 'Everything is in compliance.'
      : openAlerts.major === 0
        ? `${count(totals.poolsShort, 'pool')} out of compliance.`
        : 'Everything else is in compliance.';
  if (totals.pools === 0 && things === 0) return 'No licenses yet. They arrive when an order is delivered.';
  if (things === 0) return `Nothing needs you today. ${rest}`;
  const number = smallNumbers[things] ?? formatNumber(things);
  return `${number} ${things === 1 ? 'thing needs' : 'things need'} you today. ${rest}`;
}

/** Months that count as the near future, the current one included: what ends there is shown in amber. */
export const nearMonths = 3;
