import type { AlertKind } from './alerts-store.ts';

/** What an alert's sentences are made of. */
export interface AlertFacts {
  kind: AlertKind;
  quantity: number | null;
  licenseName: string | null;
  instanceName: string | null;
  /** The virtual account's names joined, or the account's own. */
  place: string;
  facts: Record<string, unknown>;
  pool: { available: number; borrowed: number; lent: number; inUse: number } | null;
}

const numbers = new Intl.NumberFormat('en-US');
const count = (quantity: number | null): string => numbers.format(quantity ?? 0);

/** `14 Dec 2026` of an instant in the facts. */
const day = (value: unknown): string =>
  typeof value === 'string'
    ? Temporal.Instant.from(value)
        .toZonedDateTimeISO('UTC')
        .toLocaleString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
    : '';

/** The alert in a sentence that begins with what it is about, and a second one with the numbers behind it. */
export function alertWords(alert: AlertFacts): { message: string; detail: string } {
  const license = alert.licenseName ?? 'A license';
  const instance = alert.instanceName ?? 'A product instance';
  switch (alert.kind) {
    case 'insufficient-licenses':
      return {
        message: `${license} is short by ${count(alert.quantity)} in ${alert.place}`,
        detail: alert.pool === null ? '' : balanceWords(alert.pool),
      };
    case 'licenses-expiring':
      return {
        message: `${count(alert.quantity)} ${license} in ${alert.place} end on ${day(alert.facts.endsAt)}`,
        detail: 'Order a renewal, or plan without them.',
      };
    case 'licenses-expired':
      return {
        message: `${count(alert.quantity)} ${license} in ${alert.place} ended on ${day(alert.facts.endsAt)}`,
        detail: 'They do not count any more.',
      };
    case 'instance-failed-to-connect':
      return {
        message: `${instance} in ${alert.place} has not been heard of since ${day(alert.facts.lastContactAt)}`,
        detail: `After ${day(alert.facts.deadlineAt)} its authorization is over and what it used is free.`,
      };
    case 'instance-failed-to-renew':
      return {
        message: `${instance} in ${alert.place} has not renewed its certificate`,
        detail: `The certificate ends on ${day(alert.facts.certificateExpiresAt)}; the instance must register again after that.`,
      };
    case 'duplicate-instance':
      return {
        message: `${instance} in ${alert.place} may exist twice`,
        detail:
          alert.facts.why === 'sequence-regressed'
            ? `It sent message ${String(alert.facts.sequence)} after message ${String(alert.facts.lastSequence)}: a copy, or a restored snapshot.`
            : 'The same product id and serial number were registered in another virtual account before.',
      };
    case 'agreement-open':
      return {
        message: `${String(alert.facts.title)}, version ${String(alert.facts.version)}, waits to be accepted`,
        detail: `An approver or administrator of the account accepts it until ${day(alert.facts.dueAt)}; what is closed after that says so.`,
      };
    case 'tokens-ended-by-restore':
      return {
        message: `${alert.quantity === 1 ? 'A registration token' : `${count(alert.quantity)} registration tokens`} of ${alert.place} ended when a backup was restored`,
        detail: `How often such tokens were used since ${day(alert.facts.takenAt)} is not known. Make a new token where one is needed.`,
      };
    case 'webhook-off':
      return {
        message: `The webhook ${String(alert.facts.description)} was switched off`,
        detail: `This is because ${String(alert.facts.because)}. Switch it on again when its receiver is mended.`,
      };
  }
}

function balanceWords({ available, borrowed, lent, inUse }: NonNullable<AlertFacts['pool']>): string {
  const parts = [`${count(inUse)} in use, ${count(available)} available`];
  if (borrowed > 0) parts.push(`${count(borrowed)} borrowed from a higher license`);
  if (lent > 0) parts.push(`${count(lent)} lent to a lower license`);
  return `${parts.join(', ')}.`;
}
