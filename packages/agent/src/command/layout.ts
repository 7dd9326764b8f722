import type { AuthorizationState, LicenseState, RegistrationState } from '@estover/domain/product-instances';
import type { Attempt } from '../state.ts';

/** The field's words for the states, as engineers and their scripts know them. */
export const registrationWords: Record<RegistrationState, string> = {
  unidentified: 'UNREGISTERED - UNIDENTIFIED',
  unregistered: 'UNREGISTERED',
  registering: 'REGISTERING - REGISTRATION IN PROGRESS',
  registered: 'REGISTERED',
  'registration-failed': 'UNREGISTERED - REGISTRATION FAILED',
  'registration-expired': 'UNREGISTERED - REGISTRATION EXPIRED',
};

export const authorizationWords: Record<AuthorizationState, string> = {
  'no-licenses-in-use': 'No Licenses in Use',
  evaluation: 'EVAL MODE',
  'evaluation-expired': 'EVAL EXPIRED',
  authorized: 'AUTHORIZED',
  'out-of-compliance': 'OUT OF COMPLIANCE',
  'authorization-expired': 'AUTHORIZATION EXPIRED',
};

export const licenseWords: Record<LicenseState, string> = {
  waiting: 'WAITING',
  'in-compliance': 'AUTHORIZED',
  'out-of-compliance': 'OUT OF COMPLIANCE',
  overage: 'OVERAGE',
  evaluation: 'EVAL MODE',
  'evaluation-expired': 'EVAL EXPIRED',
  'authorization-expired': 'AUTHORIZATION EXPIRED',
  'invalid-tag': 'INVALID TAG',
  disabled: 'DISABLED',
};

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Mon DD HH:MM:SS YYYY UTC`; `None` when there is no such instant. */
export function formatInstant(instant: string | null): string {
  if (instant === null) return 'None';
  const { month, day, hour, minute, second, year } = Temporal.Instant.from(instant).toZonedDateTimeISO('UTC');
  const two = (number: number) => String(number).padStart(2, '0');
  return `${months[month - 1]} ${two(day)} ${two(hour)}:${two(minute)}:${two(second)} ${year} UTC`;
}

/** `n days, n hours, n minutes, n seconds`. */
export function formatDuration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'day'],
    [Math.floor((seconds % 86_400) / 3600), 'hour'],
    [Math.floor((seconds % 3600) / 60), 'minute'],
    [seconds % 60, 'second'],
  ] as const;
  return parts.map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`).join(', ');
}

/** `SUCCEEDED on …`, or `FAILED on …` with its reason on the next line. */
export function formatAttempt(attempt: Attempt | null): string[] {
  if (attempt === null) return ['None'];
  const word = attempt.succeeded ? 'SUCCEEDED' : 'FAILED';
  const reason = attempt.reason === null ? [] : [`Failure reason: ${attempt.reason}`];
  return [`${word} on ${formatInstant(attempt.at)}`, ...reason];
}

export function onOff(value: boolean): string {
  return value ? 'ENABLED' : 'DISABLED';
}

/** A column of a fixed width; what is longer is cut with `...`, so that columns stay where scripts look for them. */
export function column(text: string, width: number): string {
  return text.length < width ? text.padEnd(width) : `${text.slice(0, width - 4)}... `;
}

/** A title underlined as in `show license all`. */
export function title(text: string): string[] {
  return [text, '='.repeat(text.length), ''];
}
