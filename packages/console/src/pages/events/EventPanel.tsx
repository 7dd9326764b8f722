import type { event } from '@estover/protocol';
import type { z } from 'zod';
import { formatInstant, formatPath } from '../../format.ts';
import { TagText } from '../../parts/figures.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { Facts, PanelSection } from '../../parts/SplitPanel.tsx';
import type { Place } from '../../paths.ts';
import styles from './EventPanel.module.css';
import { differencesOf } from './event-diff.ts';
import { eventSentence } from './event-sentence.ts';
import type { EventsSearch } from './search.ts';

export type Event = z.infer<typeof event>;

const actorKinds: Record<Event['actor']['kind'], string> = {
  person: 'person',
  'api-key': 'API key',
  'product-instance': 'product instance',
  system: 'the server itself',
  'set-up': 'set-up',
};

/** One event: who, what, on what, and every fact before and after. */
export function EventPanel({
  event,
  only,
}: {
  event: Event;
  /** The list with these filters beside its own. */
  only: (change: Partial<EventsSearch>) => Place;
}) {
  const behalf = event.actor.onBehalfOf;
  return (
    <>
      <p className={styles.message}>{eventSentence(event.message)}</p>
      <Facts
        facts={[
          ['When', formatInstant(event.at)],
          ['In UTC', <TagText key="at">{event.at}</TagText>],
          [
            'By',
            event.actor.id === null ? (
              `${event.actor.name} (${actorKinds[event.actor.kind]})`
            ) : (
              <PlaceLink key="by" to={only({ actorId: event.actor.id })} title="Only what they did">
                {event.actor.name} ({actorKinds[event.actor.kind]})
              </PlaceLink>
            ),
          ],
          behalf === null
            ? null
            : [
                'On behalf of',
                behalf.id === null ? (
                  `${behalf.name} (${behalf.kind})`
                ) : (
                  <PlaceLink
                    key="behalf"
                    to={only({ actorId: behalf.id })}
                    title="Only what was done by them or on their behalf"
                  >
                    {behalf.name} ({behalf.kind})
                  </PlaceLink>
                ),
              ],
          [
            'Operation',
            <PlaceLink key="operation" to={only({ operation: event.operation })} title="Only this operation">
              {event.operation}
            </PlaceLink>,
          ],
          [
            'Object',
            <PlaceLink
              key="object"
              to={only({ objectKind: event.objectKind, objectId: event.objectId })}
              title="Only this object"
            >
              {event.objectKind.replaceAll('-', ' ')}
            </PlaceLink>,
          ],
          ['Object id', <TagText key="id">{event.objectId}</TagText>],
          event.virtualAccountId === null ? null : ['Virtual account', formatPath(event.virtualAccountPath)],
          event.from === null ? null : ['From address', <TagText key="from">{event.from}</TagText>],
          event.requestId === null ? null : ['Request', <TagText key="request">{event.requestId}</TagText>],
          ['Sealed', event.batch === null ? 'not yet' : `in batch ${event.batch}`],
        ]}
      />
      <PanelSection title="Before and after">
        <Differences event={event} />
      </PanelSection>
    </>
  );
}

function Differences({ event }: { event: Event }) {
  const differences = differencesOf(event.before, event.after);
  if (differences.length === 0) return <p className={styles.none}>The event holds no facts beside these.</p>;
  return (
    <dl className={styles.differences}>
      {differences.map(({ path, before, after, changed }) => (
        <div key={path} data-changed={changed || undefined}>
          <dt>{path === '' ? 'value' : path}</dt>
          <dd>
            {changed ? (
              <>
                {before !== null && (
                  <del>
                    <span className="visually-hidden">before: </span>
                    {before}
                  </del>
                )}
                {before !== null && after !== null && <span aria-hidden="true"> → </span>}
                {after !== null && (
                  <ins>
                    <span className="visually-hidden">after: </span>
                    {after}
                  </ins>
                )}
              </>
            ) : (
              after
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
