import { noteMyTimeZone } from '@estover/protocol';
import { useEffect } from 'react';
import { useMe } from '../account.tsx';
import { useAction } from '../api.ts';

/**
 * Tells the server once where a person is of whom it does not know it yet, so that digests come in their own morning. Shows
 * nothing: what was chosen is on the page of notifications.
 */
export function TimeZoneNote() {
  const { id, knowsTimeZone, viewingAs } = useMe();
  const { mutate } = useAction(noteMyTimeZone);
  const isDue = !knowsTimeZone && viewingAs === null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each person, whatever else is read again
  useEffect(() => {
    if (isDue) mutate({ body: { timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone } });
  }, [id, isDue]);
  return null;
}
