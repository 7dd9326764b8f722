import type { AnsweredAuthorizationState } from './states.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** The timers of registered mode, in seconds (seeds 001 and 003; the field's values). */
export const timers = {
  /** An instance reports every 30 days even if nothing changed. */
  contactSeconds: 30 * day,
  /** … and every 12 hours while it is out of compliance. */
  contactOutOfComplianceSeconds: 12 * hour,
  /** 90 days without contact: the authorization has expired and its use is released. */
  authorizationSeconds: 90 * day,
  /** An identity certificate lives for one year … */
  certificateSeconds: 365 * day,
  /** … and is renewed after six months. */
  renewCertificateSeconds: 180 * day,
  /** Evaluation, counted only while licenses are in use without a registration. */
  evaluationSeconds: 90 * day,
  /** Clocks of instance and server may differ by this much. */
  clockToleranceSeconds: hour,
} as const;

/** When the server wants to hear from an instance again, from the state it was answered. Seconds. */
export function nextContactSeconds(state: AnsweredAuthorizationState): number {
  return state === 'out-of-compliance' ? timers.contactOutOfComplianceSeconds : timers.contactSeconds;
}

/** The instant by which the next contact must have happened, by the server's clock. */
export function authorizationDeadline(answeredAt: Temporal.Instant): Temporal.Instant {
  return answeredAt.add({ seconds: timers.authorizationSeconds });
}

/** Life of an identity certificate issued at an instant of the server's clock. */
export function certificateTerm(issuedAt: Temporal.Instant): {
  notBefore: Temporal.Instant;
  renewAfter: Temporal.Instant;
  notAfter: Temporal.Instant;
} {
  return {
    // An instance whose clock is behind within the tolerance must find its certificate valid at once.
    notBefore: issuedAt.subtract({ seconds: timers.clockToleranceSeconds }),
    renewAfter: issuedAt.add({ seconds: timers.renewCertificateSeconds }),
    notAfter: issuedAt.add({ seconds: timers.certificateSeconds }),
  };
}

/**
 * How far the instance's clock is from the server's, in whole seconds: positive when the instance is ahead.
 * `tooFar` when it is more than the tolerance; the refusal names the difference.
 */
export function clockDifference(
  sentAt: Temporal.Instant,
  serverTime: Temporal.Instant,
): { differenceSeconds: number; tooFar: boolean } {
  const milliseconds = sentAt.epochMilliseconds - serverTime.epochMilliseconds;
  return {
    differenceSeconds: Math.trunc(milliseconds / 1000),
    tooFar: Math.abs(milliseconds) > timers.clockToleranceSeconds * 1000,
  };
}

/**
 * How much evaluation is left, in seconds, when a warning is due: 60, 30, 21, 14, 7 days, daily in the last week,
 * hourly on the last day. Descending.
 */
export const evaluationWarnings: readonly number[] = [
  ...[60, 30, 21, 14, 7, 6, 5, 4, 3, 2, 1].map((days) => days * day),
  ...Array.from({ length: 23 }, (_, index) => (23 - index) * hour),
];

/**
 * The warning that is due now and was not given yet, or undefined. When several were missed (the instance was off),
 * only the latest is given.
 *
 * @param remainingSeconds evaluation left now
 * @param lastWarningSeconds the warning given last, as returned by this function; undefined before the first
 */
export function evaluationWarningDue(
  remainingSeconds: number,
  lastWarningSeconds: number | undefined,
): number | undefined {
  const due = evaluationWarnings.findLast((warning) => remainingSeconds <= warning);
  if (due === undefined || remainingSeconds <= 0) return undefined;
  return lastWarningSeconds === undefined || due < lastWarningSeconds ? due : undefined;
}
