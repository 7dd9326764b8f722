import { transferProductInstance } from '@estover/protocol';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction, useDryRun } from '../../api.ts';
import { formatPath } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PoolEffects } from '../../parts/PoolEffects.tsx';
import { VirtualAccountSelect } from '../../parts/VirtualAccountPicker.tsx';
import { useVirtualAccounts } from '../../parts/virtual-accounts.ts';
import type { ProductInstance } from './instance-words.tsx';

/** Moves an instance to another virtual account; the pools at both ends are shown before and after. */
export function TransferInstanceDialog({
  instance,
  onClose,
}: {
  instance: ProductInstance;
  onClose: () => void;
}) {
  const { accountId } = useAccount();
  const [to, setTo] = useState<string | null>(null);
  const target = useVirtualAccounts().find((one) => one.virtualAccountId === to);
  const transfer = useAction(transferProductInstance);
  const input = {
    params: { accountId, instanceId: instance.instanceId },
    body: { toVirtualAccountId: to ?? '' },
  };
  const preview = useDryRun(transferProductInstance, to === null ? null : input);
  const effects = preview.isPending ? undefined : preview.data?.effects;
  const name = target?.name ?? 'another virtual account';
  return (
    <FormDialog
      title={`Transfer ${instance.displayName}`}
      size="lg"
      act={`Move to ${name}`}
      blocked={to === null ? 'Choose where it goes first.' : null}
      acting={transfer.isPending}
      error={transfer.error}
      onClose={onClose}
      onAct={() =>
        transfer.mutate(input, {
          onSuccess: () => {
            notifyDone(`${instance.displayName} is in ${target ? formatPath(target.path) : name} now.`);
            onClose();
          },
        })
      }
      apiCall={to === null ? null : <ApiCall operation={transferProductInstance} input={input} />}
    >
      <p>
        It is in {formatPath(instance.virtualAccountPath)}. What it uses counts where it goes; licenses stay
        where they are.
      </p>
      <VirtualAccountSelect
        label="To virtual account"
        placeholder="Choose where it goes"
        value={to}
        onChange={setTo}
        except={(id) => id === instance.virtualAccountId}
      />
      {to !== null && (
        <PoolEffects effects={effects} error={preview.error} none="It uses nothing, so no pool changes." />
      )}
    </FormDialog>
  );
}
