import { start } from '@estover/domain/licenses';
import type { Database } from '../database/database.ts';
import { turnTerms } from './turn-terms.ts';

/** Makes pending licenses available whose term has begun. Safe to run twice and on several servers at once. */
export function runTermStarts(db: Database, now: Temporal.Instant, newId: () => string): Promise<number> {
  return turnTerms(db, now, newId, {
    kind: 'start',
    decide: start,
    message: (quantity, name) => `started the term of ${quantity} ${name}: they are available`,
  });
}
