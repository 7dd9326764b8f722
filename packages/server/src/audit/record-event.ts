import { randomBytes } from 'node:crypto';
import type { Trx } from '../database/database.ts';
import type { Actor, Context, EventFacts } from '../edge/context.ts';
import { readSentence, withAllNames } from '../edge/hidden-names.ts';

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

/** A statement takes at most 65,535 parameters, 20 for each event. */
const eventsAtOnce = 1_000;

async function writeEvents(trx: Trx, events: readonly EventRow[]): Promise<void> {
  await trx
    .insertInto('events')
    .values(
      events
        .map((event) => ({ ...event, ...readSentence(event.message) }))
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
