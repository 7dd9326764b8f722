import { createHash } from 'node:crypto';
import type { Operation } from '@estover/protocol';
import { recordCommandEvent } from '../audit/record-event.ts';
import type { Context } from '../edge/context.ts';
import { saveSupportRead } from './support-accesses-store.ts';

/** Pages of one list are one thing that was looked at. */
const asked = ({ params, query, body }: { params: unknown; query: unknown; body: unknown }) => {
  const { cursor: _, limit: __, ...filters } = query as Record<string, unknown>;
  return { ...(params as object), ...filters, ...(body === undefined ? {} : { body }) };
};

/**
 * Writes down what support looks at in an account, for the customer to see: an event the first time in an access, and
 * how often it was read again. What is only read by the account's own people, or by staff from outside, leaves nothing.
 */
export async function noteSupportRead(
  context: Context,
  operation: Operation,
  input: { params: unknown; query: unknown; body: unknown },
): Promise<void> {
  const { actor, trx, now } = context;
  if (actor.kind !== 'person' || actor.support === undefined) return;
  const { accountId, accessId } = actor.support;
  const parameters = asked(input);
  const hash = createHash('sha256')
    .update(JSON.stringify([operation.name, parameters]))
    .digest();
  const isFirst = await saveSupportRead(trx, { accountId, accessId, operation: operation.name, hash, now });
  if (!isFirst) return;
  const isPreview = operation.method !== 'GET';
  await recordCommandEvent(context, operation.name, {
    accountId,
    objectKind: 'support-access',
    objectId: accessId,
    message: `${isPreview ? 'tried without doing it' : 'looked at'}: ${operation.summary}`,
    after: parameters,
  });
}
