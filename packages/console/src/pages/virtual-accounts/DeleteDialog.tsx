import { type AnswerOf, deleteVirtualAccount, ProblemError } from '@estover/protocol';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction, useDryRun } from '../../api.ts';
import { count, formatPath } from '../../format.ts';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { VirtualAccountSelect } from '../../parts/VirtualAccountPicker.tsx';
import type { VirtualAccount } from '../../parts/virtual-accounts.ts';
import { paths } from '../../paths.ts';
import { subtreeOf } from './tree.ts';
import styles from './virtual-accounts.module.css';

interface DeleteDialogProps {
  virtualAccount: VirtualAccount;
  all: readonly VirtualAccount[];
  onClose: () => void;
}

/** Deletes a virtual account. What is in it goes to another one in the same step. */
export function DeleteDialog({ virtualAccount, all, onClose }: DeleteDialogProps) {
  const { accountId } = useAccount();
  const navigate = useNavigate();
  const remove = useAction(deleteVirtualAccount);
  const { virtualAccountId, name } = virtualAccount;
  const [contentsTo, setContentsTo] = useState<string | null>(null);
  const inside = subtreeOf(all, virtualAccountId);
  const input = {
    params: { accountId, virtualAccountId },
    query: contentsTo === null ? {} : { contentsTo },
  };
  const preview = useDryRun(deleteVirtualAccount, input);
  // An empty one can be deleted as it is; the server's refusal to do so is how the dialog learns that it is not.
  const needsTarget =
    contentsTo === null &&
    preview.error instanceof ProblemError &&
    preview.error.problem.code === 'virtual-account-not-empty';
  const moved = preview.data?.moved;
  const target = all.find((one) => one.virtualAccountId === contentsTo);
  return (
    <ConfirmDialog
      title={`Delete ${name}`}
      act={`Delete ${name}`}
      typeName={name}
      acting={remove.isPending}
      error={remove.error ?? (needsTarget ? null : preview.error)}
      onClose={onClose}
      onAct={() =>
        remove.mutate(input, {
          onSuccess: () => {
            notifyDone(`Deleted ${formatPath(virtualAccount.path)}.`);
            onClose();
            const tree = paths.virtualAccounts(accountId);
            void navigate({ to: tree.to, params: tree.params ?? {} });
          },
        })
      }
      call={{ operation: deleteVirtualAccount, input }}
      blocked={needsTarget ? 'Choose where its contents go.' : null}
    >
      <p>This cannot be undone. Its events stay.</p>
      {(needsTarget || contentsTo !== null) && (
        <VirtualAccountSelect
          label="Its contents go to"
          description="Licenses, product instances and what is nested in it; its tokens are revoked."
          placeholder="Choose a virtual account"
          value={contentsTo}
          except={(id) => inside.has(id)}
          onChange={setContentsTo}
        />
      )}
      {moved !== undefined && preview.error === null && (
        <p className={styles.preview} aria-live="polite">
          {target === undefined ? 'It is empty: nothing moves.' : movedWords(moved, formatPath(target.path))}
        </p>
      )}
    </ConfirmDialog>
  );
}

type Moved = AnswerOf<typeof deleteVirtualAccount>['moved'];

/** What goes where: only what there is. */
function movedWords(moved: Moved, target: string): string {
  const things = [
    ...(moved.licenses > 0 ? [count(moved.licenses, 'license')] : []),
    ...(moved.productInstances > 0 ? [count(moved.productInstances, 'product instance')] : []),
    ...(moved.children > 0 ? [count(moved.children, 'virtual account')] : []),
  ];
  const tokens = moved.tokensRevoked === 0 ? '' : ` ${count(moved.tokensRevoked, 'token')} revoked.`;
  if (things.length === 0) return `It is empty: nothing moves.${tokens}`;
  return `To ${target}: ${things.join(', ')}.${tokens}`;
}
