import type { Context } from '../edge/context.ts';

/** What everything that changes the ledger needs: the transaction, the time, new ids, and who is the author. */
export type Ledger = Pick<Context, 'trx' | 'now' | 'newId' | 'actor'> & {
  /** Null for what the system does by itself. */
  readonly requestId: string | null;
};

/** One license in one virtual account of one account. */
export interface PoolKey {
  readonly accountId: string;
  readonly virtualAccountId: string;
  readonly licenseId: string;
}

/** A text that is equal for equal pools: `account/virtual account/license`. */
export const poolText = ({ accountId, virtualAccountId, licenseId }: PoolKey): string =>
  `${accountId}/${virtualAccountId}/${licenseId}`;

/** Equal pools once, whatever else the values carry. */
export function distinctPools<Key extends PoolKey>(keys: Iterable<Key>): Key[] {
  const distinct = new Map<string, Key>();
  for (const key of keys) distinct.set(poolText(key), key);
  return [...distinct.values()];
}
