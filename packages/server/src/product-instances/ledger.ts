import type { Context } from '../edge/context.ts';

/** What a change of instances works with: a transaction, the instant, ids, and who acts. */
export type InstanceLedger = Pick<Context, 'trx' | 'now' | 'newId' | 'actor'> & {
  /** Null for what the system does by itself. */
  readonly requestId: string | null;
};
