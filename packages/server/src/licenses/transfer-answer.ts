import type { Movement } from '@estover/domain/licenses';
import type { transferResult } from '@estover/protocol';
import type { z } from 'zod';
import type { Context, EventFacts } from '../edge/context.ts';
import { previewMovement, saveMovements } from './licenses-store.ts';
import { decidedMovement } from './movements-view.ts';
import { effectsOf, type PoolEffect } from './pool-effects.ts';

/** So many pools are told before and after in an event; the movement itself names every one. */
const poolsInEvent = 100;

/** Keeps a decided movement, or for a dry run only judges it, and makes the answer and the event of its command. */
export async function transferAnswer(
  context: Context,
  accountId: string,
  movement: Movement,
  licenseOf: (lotId: string) => string,
  event: { virtualAccountId: string; otherVirtualAccountId?: string; message: string },
): Promise<{ answer: z.output<typeof transferResult>; event: EventFacts }> {
  const movementId = context.newId();
  const saved = { accountId, movementId, movement, orderNumber: null };
  const changed = context.dryRun
    ? await previewMovement(context, saved, licenseOf)
    : await saveMovements(context, [saved], licenseOf, 'locked');
  const { effects, newlyShort, newlyCompliant } = await effectsOf(context, accountId, changed);
  const made = await decidedMovement(context, accountId, saved, licenseOf);
  return {
    answer: { movement: made, effects, newlyShort, newlyCompliant },
    event: {
      accountId,
      objectKind: 'movement',
      objectId: movementId,
      ...event,
      before: effects.slice(0, poolsInEvent).map((effect) => told(effect, 'before')),
      after: effects.slice(0, poolsInEvent).map((effect) => told(effect, 'after')),
    },
  };
}

function told({ virtualAccountPath, tag, ...effect }: PoolEffect, when: 'before' | 'after') {
  const { available, pending, expired, balance } = effect[when];
  return { virtualAccount: virtualAccountPath.join(' / '), tag, available, pending, expired, balance };
}
