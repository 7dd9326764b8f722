import { undoTransfer } from '@estover/protocol';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, lazy, type ReactNode, Suspense, use, useState } from 'react';
import { useAccount } from '../../account.tsx';
import { client, readAgain } from '../../api.ts';
import { notifyDone, notifyProblem } from '../../parts/notify.tsx';

/** What a transfer starts with; what is left out is chosen in the dialog. */
export interface TransferDraft {
  fromVirtualAccountId?: string | null;
  toVirtualAccountId?: string | null;
  lines?: { tag: string; licenseName: string; quantity?: number }[];
}

const OpenTransfer = createContext<((draft: TransferDraft) => void) | null>(null);

const TransferDialog = lazy(() => import('./TransferDialog.tsx'));

/** Stands around the pages of an account, so that a fix anywhere can open the transfer that it proposes. */
export function TransferHost({ children }: { children: ReactNode }) {
  const [draft, setDraft] = useState<TransferDraft | null>(null);
  return (
    <OpenTransfer value={setDraft}>
      {children}
      {draft !== null && (
        <Suspense fallback={null}>
          <TransferDialog draft={draft} onClose={() => setDraft(null)} />
        </Suspense>
      )}
    </OpenTransfer>
  );
}

/** Opens the transfer dialog, filled in as far as is known. */
export function useOpenTransfer(): (draft: TransferDraft) => void {
  const open = use(OpenTransfer);
  if (open === null) throw new Error('Transfers are opened from the pages of an account.');
  return open;
}

/** Undoes a transfer by its movement and says how that went, from a notice that may outlive its page. */
export function useUndo(): (movementId: string) => Promise<void> {
  const { accountId } = useAccount();
  const cache = useQueryClient();
  return async (movementId) => {
    try {
      await client.call(undoTransfer, { params: { accountId, movementId } });
      notifyDone('Undone by an opposite movement.');
      await readAgain(cache);
    } catch (error) {
      notifyProblem(error);
    }
  };
}
