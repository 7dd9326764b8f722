import type { DeviceDependencies } from './authorization-batch.ts';
import type { DeviceOutcome } from './device-outcome.ts';
import { endInstances } from './end-instances.ts';
import { recordInstanceEvents } from './instance-alerts.ts';
import { saveContacts } from './instances-store.ts';
import { type InstanceMessage, takeMessage } from './take-message.ts';

/** An instance leaves: its licenses go back to the pool, and it gets a receipt. */
export async function deregisterInstance(
  dependencies: DeviceDependencies,
  message: InstanceMessage<'deregister'>,
): Promise<DeviceOutcome<'deregister'>> {
  return takeMessage(dependencies, 'deregister', message, async (ledger, row, common) => {
    await endInstances(ledger, [row], 'deregistered');
    await saveContacts(ledger.trx, [{ ...row, lastSequence: common.lastSequence }], ledger.now);
    const receipt = ledger.newId();
    await recordInstanceEvents(ledger, [
      {
        row,
        operation: 'deregisterProductInstance',
        message: `deregistered ${row.displayName}`,
        from: message.from,
        before: { state: row.state },
        after: { state: 'deregistered', receipt },
      },
    ]);
    return { ...common, receipt };
  });
}
