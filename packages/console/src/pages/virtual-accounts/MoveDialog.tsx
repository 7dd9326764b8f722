import { moveVirtualAccount } from '@estover/protocol';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction, useDryRun } from '../../api.ts';
import { count, formatPath } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { VirtualAccountSelect } from '../../parts/VirtualAccountPicker.tsx';
import type { VirtualAccount } from '../../parts/virtual-accounts.ts';
import { People } from './People.tsx';
import { subtreeOf } from './tree.ts';
import styles from './virtual-accounts.module.css';

interface MoveDialogProps {
  virtualAccount: VirtualAccount;
  all: readonly VirtualAccount[];
  onClose: () => void;
}

/** Nests a virtual account elsewhere, with all below it; shows first who gains and who loses access. */
export function MoveDialog({ virtualAccount, all, onClose }: MoveDialogProps) {
  const { accountId } = useAccount();
  const move = useAction(moveVirtualAccount);
  const { virtualAccountId, name, parentId: parentNow } = virtualAccount;
  const [parentId, setParentId] = useState(parentNow);
  const inside = subtreeOf(all, virtualAccountId);
  const input = { params: { accountId, virtualAccountId }, body: { parentId } };
  const isChanged = parentId !== parentNow;
  const preview = useDryRun(moveVirtualAccount, isChanged ? input : null);
  const target = all.find((one) => one.virtualAccountId === parentId);
  const where = target === undefined ? 'to the top' : `under ${target.name}`;
  return (
    <FormDialog
      title={`Move ${name}`}
      act={`Move ${name} ${where}`}
      size="lg"
      onAct={() =>
        move.mutate(input, {
          onSuccess: (moved) => {
            notifyDone(`${formatPath(moved.virtualAccount.path)} is in its new place.`);
            onClose();
          },
        })
      }
      onClose={onClose}
      acting={move.isPending}
      error={move.error ?? preview.error}
      blocked={
        isChanged ? (preview.error === null ? null : 'See the problem above.') : 'Choose another parent.'
      }
      apiCall={<ApiCall operation={moveVirtualAccount} input={input} />}
    >
      <VirtualAccountSelect
        label="Under"
        description={
          inside.size > 1
            ? `${count(inside.size - 1, 'virtual account')} nested in it ${inside.size === 2 ? 'moves' : 'move'} along.`
            : 'Licenses, product instances and tokens stay in it.'
        }
        placeholder="At the top"
        clearable
        value={parentId}
        except={(id) => inside.has(id)}
        onChange={setParentId}
      />
      {preview.data !== undefined && preview.error === null && (
        <section
          className={styles.preview}
          aria-label="Who gains and loses access"
          aria-busy={preview.isPending}
        >
          <div className={styles.changes}>
            <People title="Gain access" people={preview.data.gain} />
            <People title="Lose access" people={preview.data.lose} />
          </div>
          {preview.data.apiKeysRevoked.length > 0 && (
            <p>
              API keys end with the access of those who made them:{' '}
              {preview.data.apiKeysRevoked.map(({ name }) => name).join(', ')}.
            </p>
          )}
        </section>
      )}
    </FormDialog>
  );
}
