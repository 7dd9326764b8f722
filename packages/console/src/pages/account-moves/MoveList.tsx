import { listAccountMoves } from '@estover/protocol';
import { usePages } from '../../api.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { Moment, StatePill } from '../../parts/figures.tsx';
import { paths } from '../../paths.ts';
import { type Move, moveStateWords, moveTitle } from './move-words.ts';

const columns: Column<Move>[] = [
  { key: 'what', title: 'What', cell: (move) => moveTitle(move) },
  {
    key: 'state',
    title: 'State',
    cell: ({ state, may }) => (
      <StatePill tone={may.consent ? 'warn' : moveStateWords[state].tone}>
        {may.consent ? 'Waits for you' : moveStateWords[state].label}
      </StatePill>
    ),
  },
  { key: 'since', title: 'Since', cell: (move) => <Moment at={move.stateSince} /> },
  { key: 'by', title: 'Proposed by', cell: (move) => move.proposedBy },
];

/** Merges and splits, of one account or of all that concern the person. */
export function MoveList({ accountId }: { accountId?: string }) {
  const list = usePages(listAccountMoves, { query: accountId === undefined ? {} : { accountId } });
  return (
    <Card title="Merges and splits">
      <DataTable
        label="Merges and splits"
        columns={columns}
        rows={list.items}
        rowKey={({ moveId }) => moveId}
        rowLink={({ moveId }) => paths.accountMove(moveId)}
        {...list.table}
        empty={
          <EmptyState title="There has been none">
            What is proposed to you, or by you, stands here until it is decided, and after.
          </EmptyState>
        }
      />
    </Card>
  );
}
