import type { AdmissionRefusal } from '@estover/domain/product-instances';
import type {
  DeviceAnswer,
  DeviceMessageKind,
  DeviceRefusalCode,
  DeviceRefusalFacts,
} from '@estover/protocol/device';

/** A refusal on its way to a product instance. */
export interface DeviceRefusal {
  ok: false;
  code: DeviceRefusalCode;
  /** A sentence with the numbers. */
  detail: string;
  facts: DeviceRefusalFacts;
  retryAfterSeconds?: number;
}

/** What comes of a message: the payload to sign, or a refusal. */
export type DeviceOutcome<Kind extends DeviceMessageKind> =
  | { ok: true; answer: DeviceAnswer<Kind> }
  | DeviceRefusal;

export function refuse(
  code: DeviceRefusalCode,
  detail: string,
  facts: DeviceRefusalFacts = {},
): DeviceRefusal {
  return { ok: false, code, detail, facts };
}

/** The refusal of whatever was signed by a certificate that was followed by one in use. */
export const certificateUnknown = (): DeviceRefusal =>
  refuse('certificate-unknown', 'A later certificate is in use.');

/** A refusal of the domain in the words of the wire. */
export function refusalOf(
  refused: AdmissionRefusal,
  instanceId: string | undefined,
  now: Temporal.Instant,
): DeviceRefusal {
  switch (refused.code) {
    case 'clock-skew':
      return refuse(refused.code, refused.detail, {
        serverTime: now.toString(),
        differenceSeconds: refused.differenceSeconds,
      });
    case 'sequence-regressed':
      return refuse(refused.code, refused.detail, { lastSequence: refused.lastSequence });
    case 'instance-removed':
      return refuse(refused.code, refused.detail, instanceId === undefined ? {} : { instanceId });
    default:
      return refuse(refused.code, refused.detail);
  }
}

/** When there is too much to do, instances come back spread over this many seconds. */
const busySeconds = { least: 5, most: 60 };

/** The refusal of a message that would have to wait behind too many others. Nothing was done with it. */
export function tooBusy(waiting: number): DeviceRefusal {
  const { least, most } = busySeconds;
  const retryAfterSeconds = least + Math.floor(Math.random() * (most - least));
  return { ...refuse('too-busy', `${waiting} messages are waiting.`), retryAfterSeconds };
}

/** Counts tokens that nobody knows by the address that tried them. */
export interface TokenGuesses {
  /** Seconds until the address may try again, or 0. */
  secondsToWait(address: string, now: Temporal.Instant): number;
  count(address: string, now: Temporal.Instant): void;
}

/** The refusal of whoever tried too many tokens that nobody knows; undefined for all others. */
export function tooManyGuesses(
  guesses: TokenGuesses,
  from: string,
  now: Temporal.Instant,
): DeviceRefusal | undefined {
  const retryAfterSeconds = guesses.secondsToWait(from, now);
  if (retryAfterSeconds === 0) return undefined;
  return {
    ...refuse('rate-limited', `Too many tokens that nobody knows came from ${from}.`),
    retryAfterSeconds,
  };
}
