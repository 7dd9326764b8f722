import type { AnswerOf, getOverview } from '@estover/protocol';
import { count, formatNumber } from '../../format.ts';

export type Overview = AnswerOf<typeof getOverview>;

/** The one virtual account that the page is about, alone or with everything nested. */
export interface OverviewPlace {
  name: string;
  nested: boolean;
}

/** What the page asks for: of everything, or of the virtual account in its address. */
export const overviewInput = (
  accountId: string,
  {
    virtualAccountId,
    nested = true,
  }: { virtualAccountId?: string | undefined; nested?: boolean | undefined },
) => ({
  params: { accountId },
  ...(virtualAccountId === undefined ? {} : { query: { virtualAccountId, nested } }),
});

const smallNumbers = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine'];

/**
 * The sentence that opens the page: how much needs somebody today (major alerts), how much can wait (minor ones), and
 * how everything else is; where the page is about one virtual account, that comes first.
 */
export function overviewSentence(
  overview: Pick<Overview, 'openAlerts' | 'totals'>,
  place: OverviewPlace | null = null,
): string {
  const where = place === null ? '' : `${place.name}, ${place.nested ? 'with everything nested' : 'alone'}. `;
  const { openAlerts, totals } = overview;
  const { major, minor } = openAlerts;
  if (totals.pools === 0 && major + minor === 0) {
    return place === null
      ? 'No licenses yet. They arrive when an order is delivered.'
      : `${where}No licenses here.`;
  }
  const today =
    major === 0
      ? 'Nothing needs you today'
      : `${smallNumbers[major] ?? formatNumber(major)} ${major === 1 ? 'thing needs' : 'things need'} you today`;
  const later = minor === 0 ? '' : `, ${formatNumber(minor)} can wait`;
  const rest =
    totals.poolsShort === 0
      ? 'Everything is in compliance.'
      : major === 0
        ? `${count(totals.poolsShort, 'pool')} out of compliance.`
        : 'Everything else is in compliance.';
  return `${where}${today}${later}. ${rest}`;
}

/** Months that count as the near future, the current one included: what ends there is shown in amber. */
export const nearMonths = 3;

/** So many lines of the tree stand on the page. */
export const mostVirtualAccounts = 12;

/** What is read of the tree: `virtualAccountsShown` chooses from it. */
export const overviewTree = { rollUp: true, levels: 3, short: mostVirtualAccounts };

/** What decides whether a virtual account stands on the first page. */
interface TreeLine {
  path: readonly string[];
  depth: number;
  own?: { poolsShort: number } | undefined;
}

/**
 * The virtual accounts for the first page, in the order of the tree, `most` of them: the top first, so that it adds up,
 * then what is short, then what lies below, the nearer first. None stands there without what it is nested in, because it
 * would seem to be nested in another one.
 */
export function virtualAccountsShown<Line extends TreeLine>(items: readonly Line[], most: number): Line[] {
  const top = Math.min(...items.map(({ depth }) => depth));
  const rank = ({ depth, own }: Line): number => {
    if (depth === top) return 0;
    return (own?.poolsShort ?? 0) > 0 ? 1 : 1 + depth - top;
  };
  const chosen = new Set<Line>();
  for (const line of items.toSorted((one, other) => rank(one) - rank(other))) {
    if (chosen.size >= most) break;
    const branch = items.filter((one) => isWithin(line, one) && !chosen.has(one));
    if (chosen.size + branch.length <= most) for (const one of branch) chosen.add(one);
  }
  return items.filter((one) => chosen.has(one));
}

/** Whether `line` is `outer` or nested in it. */
const isWithin = (line: TreeLine, outer: TreeLine): boolean =>
  outer.path.every((name, index) => line.path[index] === name);
