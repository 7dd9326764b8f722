const day = 86_400;

/** An instance is overdue a day after it was expected, because its attempts may be spread and repeated. Seconds. */
export const overdueSeconds = day;

/** An instance that has not renewed is told of 30 days after it should have, and again, as major, 7 days before the end. */
const renewalGraceSeconds = 30 * day;
const renewalUrgentSeconds = 7 * day;

/** The instants to look for: renewals due before `renewBefore` are late, certificates that end before `endsBefore` urgent. */
export function renewalAlertTimes(now: Temporal.Instant): {
  renewBefore: Temporal.Instant;
  endsBefore: Temporal.Instant;
} {
  return {
    renewBefore: now.subtract({ seconds: renewalGraceSeconds }),
    endsBefore: now.add({ seconds: renewalUrgentSeconds }),
  };
}

/** How urgent it is that an instance has not renewed its certificate; undefined while it is not. */
export function renewalAlertSeverity(
  certificate: { renewAfter: Temporal.Instant; certificateExpiresAt: Temporal.Instant },
  now: Temporal.Instant,
): 'minor' | 'major' | undefined {
  const { renewBefore, endsBefore } = renewalAlertTimes(now);
  if (Temporal.Instant.compare(certificate.certificateExpiresAt, endsBefore) <= 0) return 'major';
  return Temporal.Instant.compare(certificate.renewAfter, renewBefore) <= 0 ? 'minor' : undefined;
}
