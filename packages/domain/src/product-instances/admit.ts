import { decideSequence, type SequencePolicy } from './sequence.ts';
import { type InstanceState, isLiving } from './states.ts';
import { clockDifference } from './timers.ts';

/** What a server knows of the instance whose message it decides, as it stands in this moment. */
export interface AdmissionFacts {
  state: InstanceState;
  /** The end of the certificate that signed the message; undefined when it is not one of this instance any more. */
  certificateExpiresAt: Temporal.Instant | undefined;
  lastSequence: number;
  sequencePolicy: SequencePolicy;
  accountActive: boolean;
}

export type AdmissionRefusal =
  | { ok: false; code: 'instance-removed'; detail: string }
  | { ok: false; code: 'certificate-unknown'; detail: string }
  | { ok: false; code: 'certificate-ended'; detail: string }
  | { ok: false; code: 'clock-skew'; detail: string; differenceSeconds: number }
  | { ok: false; code: 'sequence-regressed'; detail: string; lastSequence: number }
  | { ok: false; code: 'account-not-active'; detail: string };

export type Admission = { ok: true; lastSequence: number; sequenceRegressed: boolean } | AdmissionRefusal;

const endings: Record<Exclude<InstanceState, 'registered' | 'authorization-expired'>, string> = {
  removed: 'The product instance was removed by an administrator.',
  deregistered: 'The product instance was deregistered.',
  replaced: 'Another registration of the same product id and serial number took its place.',
  'certificate-ended': 'The certificate ended without being renewed.',
};

/**
 * Whether a message of a registered instance, whose signature is genuine and which is no repeat, is acted upon; the
 * order of the refusals is that of docs/protocol.md, section 6. An instance that was silent for 90 days is let in again
 * as long as its certificate lasts. To leave is allowed even when the account is not active.
 */
export function admitMessage(
  facts: AdmissionFacts,
  message: { sequence: number; sentAt: Temporal.Instant; leaving: boolean },
  now: Temporal.Instant,
): Admission {
  const { state, certificateExpiresAt } = facts;
  if (!isLiving(state)) {
    const code = state === 'certificate-ended' ? 'certificate-ended' : 'instance-removed';
    return { ok: false, code, detail: endings[state] };
  }
  if (certificateExpiresAt === undefined) {
    return { ok: false, code: 'certificate-unknown', detail: 'A later certificate is in use.' };
  }
  if (Temporal.Instant.compare(certificateExpiresAt, now) <= 0) {
    return {
      ok: false,
      code: 'certificate-ended',
      detail: `The certificate ended at ${certificateExpiresAt}.`,
    };
  }
  const { differenceSeconds, tooFar } = clockDifference(message.sentAt, now);
  if (tooFar) return clockRefusal(differenceSeconds);
  const sequence = decideSequence(message.sequence, facts.lastSequence, facts.sequencePolicy);
  if (!sequence.ok) {
    const detail = `The message has the sequence number ${message.sequence}; ${facts.lastSequence} was seen before.`;
    return { ok: false, code: 'sequence-regressed', detail, lastSequence: sequence.lastSequence };
  }
  if (!facts.accountActive && !message.leaving) {
    return { ok: false, code: 'account-not-active', detail: 'The account is not active.' };
  }
  return { ok: true, lastSequence: sequence.lastSequence, sequenceRegressed: sequence.alert !== undefined };
}

/** Whether the sequence number went back: a copy or a restored snapshot, told whether it is answered or refused. */
export function isRegressed(admission: Admission): boolean {
  return admission.ok ? admission.sequenceRegressed : admission.code === 'sequence-regressed';
}

/** The refusal of a message from a clock too far away; it names the difference, instance minus server. */
export function clockRefusal(differenceSeconds: number): AdmissionRefusal & { code: 'clock-skew' } {
  const where = differenceSeconds > 0 ? 'ahead of' : 'behind';
  return {
    ok: false,
    code: 'clock-skew',
    detail: `The instance's clock is ${Math.abs(differenceSeconds)} seconds ${where} the server's.`,
    differenceSeconds,
  };
}
