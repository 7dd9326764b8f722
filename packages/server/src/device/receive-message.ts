import {
  checkRegistration,
  checkRequestWith,
  claimOf,
  type DeviceMessageKind,
  type InstanceKeyId,
  type MessageRefusal,
  type OpenedRequest,
  openRequest,
  type SignedKind,
} from '@estover/protocol/device';
import type { Installation } from '../installation/index.ts';
import {
  type AuthorizationBatches,
  type DeviceDependencies,
  type DeviceOutcome,
  type DeviceRefusal,
  deregisterInstance,
  type InstanceKeys,
  type InstanceMessage,
  type RegistrationBatches,
  renewCertificate,
  tooBusy,
  tooManyGuesses,
  withoutToken,
} from '../product-instances/index.ts';
import type { Gate } from './gate.ts';
import type { GuessLimit } from './guess-limit.ts';
import type { SignatureChecks } from './signature-checks.ts';

export interface ReceiveDependencies extends DeviceDependencies {
  installation: Installation;
  keys: InstanceKeys;
  signatures: SignatureChecks;
  batches: AuthorizationBatches;
  registrations: RegistrationBatches;
  /** For messages that each take a transaction of their own. */
  gate: Gate;
  guesses: GuessLimit;
}

/** A message as it came over the line. */
export interface Received {
  document: string;
  from: string;
  requestId: string;
}

/**
 * Who sent a message, once its signature was found genuine; a refusal can then be proven to them. Whom the server does
 * not know cannot be found genuine: such a sender is what the message claims, and is proven nothing but that.
 */
export interface Sender {
  key: InstanceKeyId;
  messageId: string;
  /** Of the last answer the sender had; undefined when it names none. */
  epoch: number | undefined;
}

export interface Reception<Kind extends DeviceMessageKind> {
  outcome: DeviceOutcome<Kind>;
  sender?: Sender;
}

/** Takes a registration: form, certificate request, signature, and then what it asks for. */
export async function receiveRegistration(
  { guesses, now, registrations }: ReceiveDependencies,
  { document, from, requestId }: Received,
): Promise<Reception<'register'>> {
  const refusal = tooManyGuesses(guesses, from, now()) ?? registrations.refusalWhenFull();
  if (refusal !== undefined) return { outcome: refusal };
  const checked = await checkRegistration(document);
  if (!checked.ok) return { outcome: asRefusal(checked) };
  const { request, spki, payloadBytes } = checked;
  const payload = withoutToken(payloadBytes);
  return { outcome: await registrations.submit({ request, spki, payload, from, requestId }) };
}

/** Takes a report of use, which is decided together with those that come at the same time. */
export async function receiveAuthorization(
  dependencies: ReceiveDependencies,
  received: Received,
): Promise<Reception<'authorize'>> {
  return receiveSigned(dependencies, 'authorize', received, ({ key, request, payload }) =>
    dependencies.batches.submit({ key, request, payload }),
  );
}

export async function receiveRenewal(
  dependencies: ReceiveDependencies,
  received: Received,
): Promise<Reception<'renew-certificate'>> {
  return receiveSigned(dependencies, 'renew-certificate', received, (message) =>
    throughGate(dependencies, () => renewCertificate(dependencies, message)),
  );
}

export async function receiveDeregistration(
  dependencies: ReceiveDependencies,
  received: Received,
): Promise<Reception<'deregister'>> {
  return receiveSigned(dependencies, 'deregister', received, (message) =>
    throughGate(dependencies, () => deregisterInstance(dependencies, message)),
  );
}

async function throughGate<Kind extends DeviceMessageKind>(
  { gate }: ReceiveDependencies,
  work: () => Promise<DeviceOutcome<Kind>>,
): Promise<DeviceOutcome<Kind>> {
  return (await gate.pass(work)) ?? tooBusy(gate.waiting());
}

/** Takes a message of a registered instance: form and header, key, signature, payload, and then what it asks for. */
async function receiveSigned<Kind extends SignedKind>(
  { keys, signatures }: ReceiveDependencies,
  kind: Kind,
  { document, from, requestId }: Received,
  work: (message: InstanceMessage<Kind>) => Promise<DeviceOutcome<Kind>>,
): Promise<Reception<Kind>> {
  const opened = openRequest(kind, document);
  if (!opened.ok) return { outcome: asRefusal(opened) };
  const { key } = opened;
  const publicKey = await keys.find(key);
  if (publicKey === 'instance-unknown') {
    const detail = `There is no product instance ${key.instanceId} in the account ${key.accountId}.`;
    return { outcome: { ok: false, code: publicKey, detail, facts: {} }, ...claimedSender(opened) };
  }
  if (publicKey === 'certificate-unknown') {
    const detail = `The product instance has no certificate with the serial number ${key.certificateSerial}.`;
    return { outcome: { ok: false, code: publicKey, detail, facts: {} }, ...claimedSender(opened) };
  }
  const checked = await checkRequestWith(opened, (input, signature) =>
    signatures.isGenuine({ input, signature, key: publicKey.spki }),
  );
  if (!checked.ok) return { outcome: asRefusal(checked) };
  const payload = Buffer.from(checked.payloadBytes).toString();
  const { messageId, epoch } = checked.request;
  const sender = { key, messageId, epoch };
  const workIn = async (accountId: string): Promise<DeviceOutcome<Kind>> => {
    const outcome = await work({
      key: { ...key, accountId },
      knownAs: key.accountId,
      request: checked.request,
      payload,
      from,
      requestId,
    });
    // An instance that came with a merge or split is answered as whom it knows itself.
    return outcome.ok && accountId !== key.accountId
      ? { ...outcome, answer: { ...outcome.answer, accountId: key.accountId } }
      : outcome;
  };
  const outcome = await workIn(publicKey.accountId);
  if (outcome.ok || outcome.code !== 'instance-unknown') return { outcome, sender };
  // It may have gone to another account while its message waited.
  keys.forget(key);
  const found = await keys.find(key);
  if (typeof found === 'string' || found.accountId === publicKey.accountId) return { outcome, sender };
  return { outcome: await workIn(found.accountId), sender };
}

/**
 * A restored server must be able to prove to an instance that it does not know it, or its certificate. That is true
 * whoever asks: the proof names the message, the instance and the certificate that were asked about, and is good for the
 * sender of just these.
 */
function claimedSender(opened: OpenedRequest<SignedKind>): { sender?: Sender } {
  const claim = claimOf(opened);
  return claim === undefined ? {} : { sender: { key: opened.key, ...claim } };
}

function asRefusal({ code, detail, errors }: MessageRefusal): DeviceRefusal {
  return { ok: false, code, detail, facts: errors === undefined ? {} : { errors } };
}
