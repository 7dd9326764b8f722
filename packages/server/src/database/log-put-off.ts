import type { Logger } from 'pino';
import { isDatabaseAway } from './transaction.ts';

/**
 * Tells the log of work in the background that failed and comes back by itself: a warning while the database is away,
 * an error where anything else is wrong, for that will be wrong next time as well.
 */
export function logPutOff(
  log: Pick<Logger, 'error' | 'warn'>,
  error: unknown,
  message: string,
  facts: Record<string, string> = {},
): void {
  log[isDatabaseAway(error) ? 'warn' : 'error']({ err: error, ...facts }, message);
}
