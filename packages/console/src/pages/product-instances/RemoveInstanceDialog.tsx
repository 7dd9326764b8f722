import { removeProductInstance } from '@estover/protocol';
import { useAccount } from '../../account.tsx';
import { useAction, useDryRun } from '../../api.ts';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PoolEffects } from '../../parts/PoolEffects.tsx';
import type { ProductInstance } from './instance-words.tsx';

/** Removes an instance after showing which licenses that frees. */
export function RemoveInstanceDialog({
  instance,
  onClose,
}: {
  instance: ProductInstance;
  onClose: () => void;
}) {
  const { accountId } = useAccount();
  const remove = useAction(removeProductInstance);
  const input = { params: { accountId, instanceId: instance.instanceId } };
  const preview = useDryRun(removeProductInstance, input);
  return (
    <ConfirmDialog
      title={`Remove ${instance.displayName}`}
      act={`Remove ${instance.displayName}`}
      typeName={instance.displayName}
      acting={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onAct={() =>
        remove.mutate(input, {
          onSuccess: () => {
            notifyDone(`${instance.displayName} is removed; what it used is free.`);
            onClose();
          },
        })
      }
      call={{ operation: removeProductInstance, input }}
    >
      <p>
        What it uses is free at once. It learns of it at its next contact, and must register again to come
        back.
      </p>
      <PoolEffects
        effects={preview.data?.effects}
        error={preview.error}
        none="It uses nothing, so no pool changes."
      />
    </ConfirmDialog>
  );
}
