import { z } from 'zod';
import { day, id, text, virtualAccountFilter } from '../../search.ts';

/** What the address of the events holds. */
export const eventsSearch = z.object({
  ...virtualAccountFilter,
  search: text,
  from: day,
  until: day,
  actorId: text,
  /** Name, id or mail address of who did it. */
  person: text,
  operation: text,
  objectKind: text,
  objectId: text,
  /** The open panel. */
  open: id,
});

/** The same for events of the platform, which lie in no virtual account. */
export const platformEventsSearch = eventsSearch.omit({ virtualAccountId: true, nested: true });

export type EventsSearch = z.infer<typeof eventsSearch>;

/** The filters as the API takes them; days are whole days in UTC. */
export function eventFilters({ open: _, from, until, ...rest }: EventsSearch) {
  return {
    ...rest,
    ...(from === undefined ? {} : { from: `${from}T00:00:00Z` }),
    ...(until === undefined ? {} : { until: `${until}T23:59:59.999Z` }),
  };
}

/** The same for events of the platform. */
export function platformEventFilters(search: z.infer<typeof platformEventsSearch>) {
  return eventFilters(search);
}
