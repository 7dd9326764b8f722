import { type CallInput, randomId, type transferLicenses } from '@estover/protocol';
import { formatNumber } from '../../format.ts';

/** How the lots of a line are chosen. */
export type LineOrder = 'longest-term-first' | 'shortest-term-first' | 'named-lots';

/** One line of the dialog while it is being filled in. */
export interface DraftLine {
  key: string;
  tag: string | null;
  licenseName: string;
  quantity: number | null;
  order: LineOrder;
  /** Units by lot, where the lots are named one by one. */
  lots: ReadonlyMap<string, number>;
}

export const emptyLine = (facts: Partial<DraftLine> = {}): DraftLine => ({
  key: randomId(),
  tag: null,
  licenseName: '',
  quantity: null,
  order: 'longest-term-first',
  lots: new Map(),
  ...facts,
});

/** Units of a line: typed, or the sum over its named lots. */
export function unitsOf(line: DraftLine): number {
  if (line.order !== 'named-lots') return line.quantity ?? 0;
  return [...line.lots.values()].reduce((sum, units) => sum + units, 0);
}

export interface Draft {
  from: string | null;
  to: string | null;
  lines: readonly DraftLine[];
  reason: string;
}

/** What is still missing before it can be tried, in words; null where nothing is. */
export function missing({ from, to, lines }: Draft): string | null {
  if (from === null) return 'Choose where the licenses come from.';
  if (to === null) return 'Choose where the licenses go.';
  if (from === to) return 'Choose two different virtual accounts.';
  if (lines.length === 0 || lines.some((line) => line.tag === null)) return 'Choose a license in each line.';
  const tags = lines.map((line) => line.tag);
  if (new Set(tags).size < tags.length) return 'Name each license in one line only.';
  if (lines.some((line) => unitsOf(line) < 1)) return 'Say how many in each line.';
  return null;
}

type Line = CallInput<typeof transferLicenses>['body']['lines'][number];

/** The call that a complete draft stands for; null where something is missing. */
export function callOf(accountId: string, draft: Draft): CallInput<typeof transferLicenses> | null {
  if (missing(draft) !== null || draft.from === null || draft.to === null) return null;
  return {
    params: { accountId },
    body: {
      fromVirtualAccountId: draft.from,
      toVirtualAccountId: draft.to,
      lines: draft.lines.flatMap((line): Line[] => {
        if (line.tag === null) return [];
        const common = { tag: line.tag, quantity: unitsOf(line) };
        if (line.order !== 'named-lots') return [{ ...common, precedence: line.order }];
        const lots = [...line.lots]
          .filter(([, quantity]) => quantity > 0)
          .map(([lotId, quantity]) => ({ lotId, quantity }));
        return [{ ...common, lots }];
      }),
      ...(draft.reason.trim() === '' ? {} : { reason: draft.reason.trim() }),
    },
  };
}

/** The act and its amount, for the button: `Move 31 from Madrid`. */
export function actOf(draft: Draft, fromName: string | undefined): string {
  const units = draft.lines.reduce((sum, line) => sum + unitsOf(line), 0);
  if (units === 0) return 'Move';
  return fromName === undefined
    ? `Move ${formatNumber(units)}`
    : `Move ${formatNumber(units)} from ${fromName}`;
}
