import { standingOf } from '@estover/domain/accounts';
import { admitMessage, isRegressed } from '@estover/domain/product-instances';
import type { DeviceAnswer, DeviceRequest, InstanceKeyId, SignedKind } from '@estover/protocol/device';
import { raiseAlerts } from '../alerts/index.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Ledger } from '../licenses/index.ts';
import type { DeviceDependencies } from './authorization-batch.ts';
import { differenceOf, findMessages, insertMessages } from './device-messages-store.ts';
import { certificateUnknown, type DeviceOutcome, refusalOf, refuse } from './device-outcome.ts';
import { instanceActor, sequenceAlert } from './instance-alerts.ts';
import { certificateEndOf, endPreviousCertificates, endsPrevious } from './instance-certificates-store.ts';
import { type InstanceRow, lockInstances } from './instances-store.ts';
import { recordReturns } from './returns.ts';

/** A message of a registered instance whose signature is genuine. */
export interface InstanceMessage<Kind extends SignedKind> {
  /** With the account that the instance is in now. */
  key: InstanceKeyId;
  /** The account that its certificate names. */
  knownAs: string;
  request: DeviceRequest<Kind>;
  /** The payload as it was signed. */
  payload: string;
  from: string | null;
  requestId: string;
}

/**
 * Takes one message of an instance by itself: a repeat gets the answer it got, what may not be acted upon is refused,
 * and otherwise `work` does what is asked, in one transaction with the answer that is kept. For kinds that are rare;
 * reports of use go in batches.
 */
export async function takeMessage<Kind extends Exclude<SignedKind, 'authorize'>>(
  { db, now, newId, installation }: DeviceDependencies,
  kind: Kind,
  message: InstanceMessage<Kind>,
  work: (
    ledger: Ledger,
    row: InstanceRow,
    common: Pick<
      DeviceAnswer<Kind>,
      'messageId' | 'accountId' | 'instanceId' | 'answeredAt' | 'lastSequence'
    >,
  ) => Promise<DeviceAnswer<Kind>>,
): Promise<DeviceOutcome<Kind>> {
  return inTransaction(db, async (trx): Promise<DeviceOutcome<Kind>> => {
    const at = now();
    const { key, request, payload } = message;
    const row = (await lockInstances(trx, [key])).get(key.instanceId);
    if (row === undefined)
      return refuse('instance-unknown', 'The server does not know this product instance.');
    // Before a repeat is answered: a key may be remembered for longer than its certificate may be used.
    if (certificateEndOf(row, key.certificateSerial) === undefined) return certificateUnknown();
    const [stored] = await findMessages(trx, [{ ...key, messageId: request.messageId }]);
    if (stored !== undefined) {
      const different = differenceOf(stored, { kind, request: payload });
      return different ?? { ok: true, answer: { ...JSON.parse(stored.answer), replayed: true } };
    }
    const admission = admitMessage(
      {
        state: row.state,
        certificateExpiresAt: certificateEndOf(row, key.certificateSerial),
        lastSequence: row.lastSequence,
        sequencePolicy: row.sequencePolicy,
        accountActive: standingOf[row.accountStatus].answersProducts,
      },
      {
        sequence: request.sequence,
        sentAt: Temporal.Instant.from(request.sentAt),
        leaving: kind === 'deregister',
      },
      at,
    );
    const actor = instanceActor(row);
    const ledger: Ledger = { trx, now: at, newId, actor, requestId: message.requestId };
    if (isRegressed(admission)) {
      await raiseAlerts(ledger, [sequenceAlert(row, request.sequence, row.lastSequence)]);
    }
    if (!admission.ok) return refusalOf(admission, row.instanceId, at);
    if (endsPrevious(row, key.certificateSerial)) await endPreviousCertificates(trx, [row]);
    await recordReturns(ledger, [{ row, lastSequence: row.lastSequence, request }], installation.epoch);
    const { lastSequence } = admission;
    const { accountId, instanceId } = row;
    const { messageId } = request;
    const answer = await work(ledger, row, {
      messageId,
      accountId,
      instanceId,
      answeredAt: at.toString(),
      lastSequence,
    });
    await insertMessages(
      trx,
      [{ accountId, instanceId, messageId, kind, request: payload, answer: JSON.stringify(answer) }],
      at,
    );
    return { ok: true, answer };
  });
}
