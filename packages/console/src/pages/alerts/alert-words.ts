import type { alert } from '@estover/protocol';
import type { z } from 'zod';
import type { Tone } from '../../parts/figures.tsx';
import { type Place, paths } from '../../paths.ts';

export type Alert = z.infer<typeof alert>;
export type Severity = Alert['severity'];

/** Severities, the worst first. */
export const severities: { value: Severity; label: string; tone: Tone }[] = [
  { value: 'major', label: 'Major', tone: 'bad' },
  { value: 'minor', label: 'Minor', tone: 'warn' },
  { value: 'informational', label: 'Informational', tone: 'info' },
];

export const kinds: { value: Alert['kind']; label: string }[] = [
  { value: 'insufficient-licenses', label: 'Short of licenses' },
  { value: 'licenses-expiring', label: 'Licenses end soon' },
  { value: 'licenses-expired', label: 'Licenses ended' },
  { value: 'instance-failed-to-connect', label: 'Silent instance' },
  { value: 'instance-failed-to-renew', label: 'Certificate not renewed' },
  { value: 'duplicate-instance', label: 'Duplicate instance' },
  { value: 'agreement-open', label: 'Agreement to accept' },
  { value: 'tokens-ended-by-restore', label: 'Tokens ended by a restore' },
  { value: 'webhook-off', label: 'Webhook switched off' },
];

/** What matters most about the open alerts, in a sentence. */
export function sentenceOf(counts: Record<Severity, number>): string {
  const { major, minor, informational } = counts;
  if (major + minor + informational === 0) return 'Nothing needs you. Everything is in compliance.';
  if (major === 0) return 'Nothing is broken; what is below can wait, but not for ever.';
  return major === 1 ? 'One thing needs you now.' : `${major} things need you now.`;
}

/**
 * Where the license of an alert is shown. A pool that is short is opened in the list of what is short in its virtual
 * account, with its row in sight beside the panel; everything else has the license's own page, since what has ended or
 * will is not short.
 */
export function placeOfLicense(
  accountId: string,
  alert: Pick<Alert, 'kind' | 'virtualAccountId' | 'resolvedAt'>,
  tag: string,
): Place {
  const { kind, resolvedAt } = alert;
  const virtualAccountId = alert.virtualAccountId ?? undefined;
  const search = { virtualAccountId, nested: virtualAccountId === undefined ? undefined : false };
  return kind === 'insufficient-licenses' && resolvedAt === null && virtualAccountId !== undefined
    ? paths.licenses(accountId, { ...search, state: 'out-of-compliance', open: tag, at: virtualAccountId })
    : paths.license(accountId, tag, search);
}
