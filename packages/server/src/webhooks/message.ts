import type { EventItem } from '../audit/index.ts';

/** What a test is called where events have their operation. */
export const testType = 'webhook.test';

/** The standard wants messages below 20 kB; what is longer is fetched (Standard Webhooks 1.0.0, "Payload size"). */
const mostBytes = 20_000;

/**
 * The body for an event: its operation, when it happened, and the event as the export has it. One that is too long comes
 * without what was before and after, and says so.
 */
export function eventMessage(event: EventItem): string {
  const message = (data: object) => JSON.stringify({ type: event.operation, timestamp: event.at, data });
  const whole = message(event);
  if (Buffer.byteLength(whole) <= mostBytes) return whole;
  return message({ ...event, before: null, after: null, shortened: true });
}

export const testMessage = ({ webhookId, at }: { webhookId: string; at: Temporal.Instant }): string =>
  JSON.stringify({
    type: testType,
    timestamp: at.toString(),
    data: { webhookId, message: 'This is a test. Nothing has happened.' },
  });
