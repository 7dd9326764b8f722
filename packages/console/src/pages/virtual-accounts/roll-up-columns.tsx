import { count, formatNumber } from '../../format.ts';
import type { Column } from '../../parts/DataTable.tsx';
import { Amount, Balance, StatePill, UseBar } from '../../parts/figures.tsx';
import type { VirtualAccount } from '../../parts/virtual-accounts.ts';
import type { TreeLine } from './use-figures.ts';

/** Figures of a virtual account alone, or with everything nested under it. */
export type RollUpView = 'own' | 'nested';

/**
 * The columns of the tree, on its page and on the overview. `narrow` leaves out
 * what the open panel says. A dash stands where the inventory is not to be seen, dots where it is being read.
 */
export function rollUpColumns(view: RollUpView, narrow = false): Column<TreeLine>[] {
  const figures = (row: VirtualAccount) => (view === 'own' ? row.own : row.nested);
  const instead = (row: TreeLine) => (row.figuresPending ? '…' : '–');
  const amount = (
    title: string,
    of: (figures: NonNullable<VirtualAccount['own']>) => number,
  ): Column<TreeLine> => ({
    key: title,
    title,
    numeric: true,
    cell: (row) => {
      const found = figures(row);
      return found === undefined ? instead(row) : <Amount value={of(found)} />;
    },
  });
  return [
    {
      key: 'name',
      title: 'Virtual account',
      cell: (row) => <>{row.depth === 1 ? <b>{row.name}</b> : row.name}</>,
    },
    amount('Owned', ({ owned }) => owned),
    ...(narrow ? [] : [amount('Reserved', ({ reserved, held }) => reserved + held)]),
    amount('In use', ({ inUse }) => inUse),
    {
      key: 'use',
      title: 'Use',
      width: narrow ? '12%' : '18%',
      cell: (row) => {
        const found = figures(row);
        if (found === undefined) return instead(row);
        return <UseBar owned={found.owned} inUse={found.inUse} reserved={found.reserved + found.held} />;
      },
    },
    {
      key: 'balance',
      title: 'Balance',
      numeric: true,
      cell: (row) => {
        const found = figures(row);
        return found === undefined ? instead(row) : <Balance value={found.balance} />;
      },
    },
    ...(narrow ? [] : [amount('Ends in 90 days', ({ endingWithin90Days }) => endingWithin90Days)]),
    {
      key: 'state',
      title: 'State',
      cell: (row) => {
        const found = figures(row);
        if (found === undefined) return null;
        if (found.poolsShort > 0) {
          return (
            <StatePill tone="bad">
              {count(found.poolsShort, 'pool')} short by {formatNumber(found.short)}
            </StatePill>
          );
        }
        return found.pools === 0 ? (
          <StatePill tone="neutral">Empty</StatePill>
        ) : (
          <StatePill tone="ok">In compliance</StatePill>
        );
      },
    },
  ];
}
