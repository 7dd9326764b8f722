import type { webhook, webhookDelivery } from '@estover/protocol';
import type { z } from 'zod';
import { count, formatShortInstant } from '../../format.ts';
import type { Tone } from '../../parts/figures.tsx';

export type Webhook = z.infer<typeof webhook>;
export type Delivery = z.infer<typeof webhookDelivery>;

export const deliveryStates: Record<Delivery['state'], { label: string; tone: Tone }> = {
  waiting: { label: 'Waiting', tone: 'info' },
  delivered: { label: 'Delivered', tone: 'ok' },
  failed: { label: 'Failed', tone: 'bad' },
};

const offReasons: Record<NonNullable<Webhook['offReason']>, string> = {
  'by-hand': 'Switched off',
  failing: 'Off: all failed for 5 days',
  gone: 'Off: the receiver is gone',
  rights: 'Off: its maker lost the right',
};

/** The state as one pill says it. */
export function stateOf({ offReason, failingSince }: Webhook): { label: string; tone: Tone } {
  if (offReason !== null)
    return { label: offReasons[offReason], tone: offReason === 'by-hand' ? 'neutral' : 'bad' };
  if (failingSince !== null)
    return { label: `Failing since ${formatShortInstant(failingSince)}`, tone: 'warn' };
  return { label: 'On', tone: 'ok' };
}

/** Which events, in words. */
export function eventsInWords({ operations, objectKinds }: Webhook['events']): string {
  const parts = [
    ...(operations.length === 0 ? [] : [count(operations.length, 'operation')]),
    ...(objectKinds.length === 0 ? [] : [count(objectKinds.length, 'kind of object', 'kinds of objects')]),
  ];
  return parts.length === 0 ? 'All events' : parts.join(' and ');
}

/** The sentence above the list. */
export function sentenceOf(webhooks: readonly Webhook[]): string {
  if (webhooks.length === 0) return 'Events stay here: nothing is sent anywhere.';
  const on = webhooks.filter(({ state }) => state === 'on').length;
  const failing = webhooks.filter(
    ({ failingSince, state }) => state === 'on' && failingSince !== null,
  ).length;
  const broken = webhooks.filter(({ offReason }) => offReason !== null && offReason !== 'by-hand').length;
  const trouble = [
    ...(failing === 0 ? [] : [`${failing} ${failing === 1 ? 'fails' : 'fail'} at the moment`]),
    ...(broken === 0 ? [] : [`${broken} ${broken === 1 ? 'was' : 'were'} switched off by itself`]),
  ];
  const sent = `Events are sent to ${count(on, 'address', 'addresses')} as they happen`;
  return `${[sent, ...trouble].join('; ')}.`;
}

/** What came of a delivery, in one line. */
export function outcomeOf({ state, status, problem, tries }: Delivery): string {
  if (tries === 0) return 'not sent yet';
  const answered = status === null ? (problem ?? 'No answer came.') : `Answered ${status}`;
  return state === 'delivered' && tries === 1 ? answered : `${answered} (${count(tries, 'try', 'tries')})`;
}

/** While a server sends it, it is put off by a minute. */
const soonMs = 60_000;

/** Whether something new will be known of it in a moment. */
export const comesSoon = ({ nextTryAt }: Delivery): boolean =>
  nextTryAt !== null && Date.parse(nextTryAt) <= Date.now() + soonMs;

export const hostOf = (url: string): string => new URL(url).host;

/** Why nothing can be sent to it, or null. */
export const reasonOff = ({ state }: Webhook): string | null =>
  state === 'on' ? null : 'It is off. Switch it on first.';
