import { listLicenseMovements } from '@estover/protocol';
import { useAccount } from '../../account.tsx';
import { usePages } from '../../api.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { Moment, StatePill } from '../../parts/figures.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { type Movement, movementSentence, undoReason } from './movement-words.ts';
import { useUndo } from './transfer-host.tsx';

interface LicenseMovementsProps {
  tag: string;
  query: { virtualAccountId: string | undefined; nested: boolean };
}

/** What moved of a license, newest first, each transfer with its way back. */
export function LicenseMovements({ tag, query }: LicenseMovementsProps) {
  const account = useAccount();
  const list = usePages(listLicenseMovements, { params: { accountId: account.accountId, tag }, query });
  const undo = useUndo();
  const columns: Column<Movement>[] = [
    {
      key: 'what',
      title: 'Movement',
      cell: (one) => (
        <>
          {movementSentence(one)}
          {one.undoneBy !== null && <StatePill tone="neutral">undone</StatePill>}
          {one.undoOf !== null && <StatePill tone="neutral">an undo</StatePill>}
        </>
      ),
    },
    { key: 'when', title: 'When', cell: (one) => <Moment at={one.at} /> },
    { key: 'by', title: 'By', cell: (one) => one.by },
    { key: 'why', title: 'Reason', cell: (one) => one.reason || '–' },
    {
      key: 'undo',
      title: 'Way back',
      cell: (one) =>
        one.kind === 'transfer' ? (
          <ReasonedButton
            size="xs"
            reason={account.reasonAgainst('move-inventory') ?? undoReason(one)}
            onClick={() => void undo(one.movementId)}
          >
            Undo
          </ReasonedButton>
        ) : null,
    },
  ];
  return (
    <Card title="Movements">
      <DataTable
        label="Movements"
        columns={columns}
        rows={list.items}
        rowKey={(one) => one.movementId}
        {...list.table}
        empty={
          <EmptyState title="No movements yet">Deliveries, transfers and endings appear here.</EmptyState>
        }
      />
    </Card>
  );
}
