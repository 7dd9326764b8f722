import type { DeviceMessageKind, InstanceIdentity, InstanceKeyId } from '@estover/protocol/device';
import { signRequest } from '@estover/protocol/device';
import {
  createCertificateRequest,
  exportPrivatePem,
  generateKeyPair,
  importKeyPair,
  type KeyPair,
} from '@estover/protocol/signing';
import { type AgentState, type Credentials, type OutgoingMessage, usageOf } from './state.ts';

/** Secrets and ids come from outside, so that tests repeat. */
export interface ComposeContext {
  at: Temporal.Instant;
  newMessageId: () => string;
  newKeys?: () => KeyPair;
}

/**
 * Makes and signs the message that is wanted most: registration, farewell, new certificate, report. Call it only when
 * one is wanted. The caller stores the result before it is sent.
 */
export async function composeMessage(state: AgentState, context: ComposeContext): Promise<OutgoingMessage> {
  const common = {
    messageId: context.newMessageId(),
    sequence: state.lastSequence + 1,
    sentAt: context.at.toString({ smallestUnit: 'second' }),
  };
  // A server that has told no epoch may not know the member, nor does an older one that takes over from a newer one.
  const epoch = state.epochWithheld ? null : state.epoch;
  const signed = { ...common, ...(epoch === null ? {} : { epoch }) };
  const make = (
    kind: DeviceMessageKind,
    document: string,
    newKeys?: KeyPair,
    usage?: OutgoingMessage['usage'],
  ) => ({
    kind,
    messageId: common.messageId,
    sequence: common.sequence,
    document,
    nextAttemptAt: context.at.round({ smallestUnit: 'millisecond', roundingMode: 'floor' }).toString(),
    newPrivateKey: newKeys === undefined ? null : exportPrivatePem(newKeys.privateKey),
    usage: usage ?? null,
    ...(epoch !== null && kind !== 'register' ? { namesEpoch: true } : {}),
  });

  if (state.enrolment !== null && state.identity !== null) {
    const keys = (context.newKeys ?? generateKeyPair)();
    const usage = usageOf(state);
    const payload = {
      ...common,
      token: state.enrolment.token,
      ...(state.enrolment.force ? { force: true } : {}),
      certificateRequest: await requestFor(keys, state.identity.serialNumber),
      instance: shownIdentity(state, state.identity),
      usage,
    };
    return make('register', signRequest('register', payload, keys.privateKey), keys, usage);
  }
  if (state.leaving !== null) {
    const { privateKey } = importKeyPair(state.leaving.privateKey);
    return make('deregister', signRequest('deregister', signed, privateKey, keyIdOf(state.leaving)));
  }
  if (state.credentials === null || state.identity === null) throw new Error('there is nothing to tell');
  const { privateKey } = importKeyPair(state.credentials.privateKey);
  const keyId = keyIdOf(state.credentials);
  if (state.renewalDue) {
    const keys = (context.newKeys ?? generateKeyPair)();
    const certificateRequest = await requestFor(keys, state.identity.serialNumber);
    const document = signRequest('renew-certificate', { ...signed, certificateRequest }, privateKey, keyId);
    return make('renew-certificate', document, keys);
  }
  const usage = usageOf(state);
  const { hostName, softwareVersion } = shownIdentity(state, state.identity);
  const instance = {
    ...(hostName === undefined ? {} : { hostName }),
    ...(softwareVersion === undefined ? {} : { softwareVersion }),
  };
  const document = signRequest('authorize', { ...signed, instance, usage }, privateKey, keyId);
  return make('authorize', document, undefined, usage);
}

/** What privacy lets out of the identity. */
function shownIdentity(state: AgentState, identity: InstanceIdentity): InstanceIdentity {
  const { hostName, softwareVersion, ...always } = identity;
  return {
    ...always,
    ...(state.settings.sendHostName && hostName !== undefined ? { hostName } : {}),
    ...(state.settings.sendVersion && softwareVersion !== undefined ? { softwareVersion } : {}),
  };
}

function keyIdOf({ accountId, instanceId, certificateSerial }: Credentials): InstanceKeyId {
  return { accountId, instanceId, certificateSerial };
}

async function requestFor(keys: KeyPair, serialNumber: string): Promise<string> {
  return Buffer.from(await createCertificateRequest(keys, serialNumber)).toString('base64');
}
