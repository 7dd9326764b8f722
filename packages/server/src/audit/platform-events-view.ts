import { getPlatformEvent, listPlatformEvents } from '@estover/protocol';
import type { Context } from '../edge/context.ts';
import { view } from '../edge/operation.ts';
import { notFound } from '../edge/refused.ts';
import { sightOfPlatform } from './event-sight.ts';
import { type EventFilters, eventOf, type Page, pageOfEvents, readSeenEvents } from './events-view.ts';
import { platformAccountId } from './record-event.ts';

/** Events of the platform newest first, as far as the caller's platform roles let them see what they are about. */
export function readPlatformEvents(
  { trx, actor }: Pick<Context, 'trx' | 'actor'>,
  filters: Omit<EventFilters, 'nested'>,
  page: Page,
) {
  const sight = sightOfPlatform('platformRoles' in actor ? actor.platformRoles : []);
  return readSeenEvents(trx, platformAccountId, { sight }, { ...filters, nested: true }, page);
}

export const listPlatformEventsView = view(listPlatformEvents, (context, { query }) =>
  pageOfEvents(query, (page) => readPlatformEvents(context, query, page)),
);

export const getPlatformEventView = view(getPlatformEvent, async (context, { params: { eventId } }) => {
  const [row] = await readPlatformEvents(context, { eventId }, { limit: 1, after: null });
  if (row === undefined) throw notFound('event');
  return eventOf(row);
});
