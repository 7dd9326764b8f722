import { readCertificateRequest } from '@estover/protocol/signing';
import { settleAlerts } from '../alerts/index.ts';
import type { Installation } from '../installation/index.ts';
import type { DeviceDependencies } from './authorization-batch.ts';
import { type DeviceOutcome, refuse } from './device-outcome.ts';
import { issueCertificate } from './identity-certificate.ts';
import { recordInstanceEvents } from './instance-alerts.ts';
import { saveCertificate } from './instance-certificates-store.ts';
import { saveContacts } from './instances-store.ts';
import { type InstanceMessage, takeMessage } from './take-message.ts';

/** An instance gets a new certificate for another year. The old one stays good until the new one has signed, in case the answer is lost. */
export async function renewCertificate(
  dependencies: DeviceDependencies & { installation: Installation },
  message: InstanceMessage<'renew-certificate'>,
): Promise<DeviceOutcome<'renew-certificate'>> {
  const { key, request } = message;
  const wanted = await readCertificateRequest(Buffer.from(request.certificateRequest, 'base64'));
  if (!wanted.ok) return refuse(wanted.code, `The certificate request is not valid: ${wanted.detail}.`);
  const issued = issueCertificate(
    dependencies.installation,
    { accountId: message.knownAs, instanceId: key.instanceId, spki: wanted.spki },
    dependencies.now(),
  );
  return takeMessage(dependencies, 'renew-certificate', message, async (ledger, row, common) => {
    await saveCertificate(ledger.trx, row, key.certificateSerial, issued);
    await saveContacts(ledger.trx, [{ ...row, lastSequence: common.lastSequence }], ledger.now);
    const { accountId, instanceId } = row;
    await settleAlerts(ledger, [{ accountId, kind: 'instance-failed-to-renew', cause: instanceId }]);
    await recordInstanceEvents(ledger, [
      {
        row,
        operation: 'renewCertificate',
        message: `renewed its certificate until ${issued.expiresAt}`,
        from: message.from,
        before: { certificateSerial: row.certificateSerial, expiresAt: row.certificateExpiresAt.toString() },
        after: { certificateSerial: issued.serial, expiresAt: issued.expiresAt.toString() },
      },
    ]);
    return { ...common, ...issued.told };
  });
}
