import { expire } from '@estover/domain/licenses';
import type { Database } from '../database/database.ts';
import { turnTerms } from './turn-terms.ts';

/**
 * Expires available licenses whose term is over, used or not. To run after the starts of the same instant, so that a
 * term that began and ended meanwhile shows both. Safe to run twice and on several servers at once.
 */
export function runTermExpiries(db: Database, now: Temporal.Instant, newId: () => string): Promise<number> {
  return turnTerms(db, now, newId, {
    kind: 'expire',
    decide: expire,
    message: (quantity, name) => `ended the term of ${quantity} ${name}: they expired`,
  });
}
