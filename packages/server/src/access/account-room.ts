import { roomForPerson } from '@estover/domain/accounts';
import type { Context } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import { holdersOf } from './grants-store.ts';

/**
 * Refuses when more people have a role in the account than its kind may have. Called after they were let in, so that whoever
 * has a role already takes no more room.
 */
export async function requireRoomForPeople(
  { trx, now }: Pick<Context, 'trx' | 'now'>,
  accountId: string,
): Promise<void> {
  const { kind, people } = await holdersOf(trx, accountId, now);
  const room = roomForPerson(kind, people - 1);
  if (room.ok) return;
  const { code, maximum } = room;
  throw new Refused(code, `${people} people would have a role here, and ${maximum} is the most.`, {
    maximum,
  });
}

/** Refuses what accounts for limited use do not have (seed 003). */
export async function refuseForLimitedUse(
  { trx, now }: Pick<Context, 'trx' | 'now'>,
  accountId: string,
  what: string,
): Promise<void> {
  const { kind } = await holdersOf(trx, accountId, now);
  if (kind !== 'limited-use') return;
  throw new Refused('not-for-limited-use', `Accounts for limited use have no ${what}.`);
}
