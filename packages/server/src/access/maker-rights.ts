import type { Grant } from '@estover/domain/access';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import { makerOfKey } from './api-keys-store.ts';
import { grantsOfKey } from './authentication.ts';
import { loadGrants } from './grants-store.ts';

/** Who answers for something that works on without them. */
export interface Maker {
  /** The person, also where they used a key; null for keys of no person's making. */
  personId: string | null;
  apiKeyId: string | null;
}

/** Who makes something now: a key stands for the person at the beginning of the chain (decision 0006). */
export async function makerOf({ trx, actor }: Pick<Context, 'trx' | 'actor'>): Promise<Maker> {
  if (actor.kind === 'person') return { personId: actor.id, apiKeyId: null };
  if (actor.kind !== 'api-key') return { personId: null, apiKeyId: null };
  return { personId: await makerOfKey(trx, actor), apiKeyId: actor.id };
}

/** What a maker holds in an account now: the person's grants, or those of a key that nobody made. */
export async function grantsOfMaker(
  trx: Trx,
  accountId: string,
  { personId, apiKeyId }: Maker,
  now: Temporal.Instant,
): Promise<Grant[]> {
  if (personId !== null) return loadGrants(trx, accountId, personId, now);
  return apiKeyId === null ? [] : grantsOfKey(trx, apiKeyId, now);
}
