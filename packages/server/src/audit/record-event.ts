import { randomBytes } from 'node:crypto';
import type { Trx } from '../database/database.ts';
import type { Actor, Context, EventFacts, OnBehalfOf } from '../edge/context.ts';
import { readSentence, withAllNames } from '../edge/hidden-names.ts';
import { makersOfKeys } from './events-store.ts';

/** Events that belong to no account are kept under the nil UUID. */
export const platformAccountId = '00000000-0000-0000-0000-000000000000';

export interface EventRow extends Omit<EventFacts, 'actor' | 'alsoAccountId'> {
  eventId: string;
  at: Temporal.Instant;
  actor: Actor;
  operation: string;
  from: string | null;
  requestId: string | null;
}

/** Writes events in the transaction of what they tell of. `before` and `after` must hold no secrets. */
export async function recordEvents(trx: Trx, events: readonly EventRow[]): Promise<void> {
  for (let first = 0; first < events.length; first += eventsAtOnce) {
    await writeEvents(trx, events.slice(first, first + eventsAtOnce));
  }
}

/** What product instances do names nobody, and is most of all events. */
const saltOf = ({ kind }: Actor): Buffer | null => (kind === 'product-instance' ? null : randomBytes(16));

/** Whoever did it may not read every name, which the trail keeps all the same. */
const json = (value: unknown): string | null =>
  value === undefined ? null : withAllNames(JSON.stringify(value));

/** A statement takes at most 65,535 parameters, 23 for each event. */
const eventsAtOnce = 1_000;

/** On whose behalf each was done: an API client acts for whoever answers for it. */
async function behalvesOf(trx: Trx, events: readonly EventRow[]): Promise<(OnBehalfOf | null)[]> {
  const keys = new Set(events.flatMap(({ actor }) => (actor.kind === 'api-key' ? [actor.id] : [])));
  const makers = keys.size === 0 ? undefined : await makersOfKeys(trx, [...keys]);
  return events.map(({ actor, onBehalfOf }) => {
    if (onBehalfOf !== undefined && onBehalfOf !== null) return onBehalfOf;
    const maker = actor.kind === 'api-key' ? makers?.get(actor.id)?.[actor.secret] : null;
    return maker == null ? null : { kind: 'person', ...maker };
  });
}

async function writeEvents(trx: Trx, events: readonly EventRow[]): Promise<void> {
  const behalves = await behalvesOf(trx, events);
  await trx
    .insertInto('events')
    .values(
      events
        .map((event, index) => ({
          ...event,
          ...readSentence(event.message),
          behalf: behalves[index] ?? null,
        }))
        .map((event) => ({
          account_id: event.accountId ?? platformAccountId,
          event_id: event.eventId,
          at: event.at,
          actor_kind: event.actor.kind === 'anonymous' ? 'set-up' : event.actor.kind,
          actor_id: event.actor.id,
          actor_name: event.actor.name,
          operation: event.operation,
          message: event.message,
          object_kind: event.objectKind,
          object_id: event.objectId,
          virtual_account_id: event.virtualAccountId ?? null,
          other_virtual_account_id: event.otherVirtualAccountId ?? null,
          before: json(event.before),
          after: json(event.after),
          from_address: event.from,
          request_id: event.requestId,
          batch_number: null,
          hash: null,
          salt: saltOf(event.actor),
          places: event.places.length === 0 ? null : JSON.stringify(event.places),
          behalf_kind: event.behalf?.kind ?? null,
          behalf_id: event.behalf?.id ?? null,
          behalf_name: event.behalf?.name ?? null,
        })),
    )
    .execute();
}

/** The one event of a command, with who and when from its context; in the trails of both accounts where it is about two. */
export async function recordCommandEvent(
  context: Context,
  operation: string,
  facts: EventFacts,
): Promise<void> {
  const event: EventRow = {
    ...facts,
    eventId: context.newId(),
    at: context.now,
    actor: facts.actor ?? context.actor,
    operation,
    from: context.from,
    requestId: context.requestId,
  };
  const other = facts.alsoAccountId ?? null;
  await recordEvents(context.trx, other === null ? [event] : [event, { ...event, accountId: other }]);
}
