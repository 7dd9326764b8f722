import type { apiKey } from '@estover/protocol';
import { createApiKey, listApiKeys, revokeApiKey, rotateApiKey } from '@estover/protocol';
import type { z } from 'zod';
import type { Context } from '../edge/context.ts';
import { command, type Handler, view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { notFound, Refused } from '../edge/refused.ts';
import {
  type AccountApiKey,
  insertApiKey,
  listedApiKeys,
  makerOfKey,
  newApiKeySecret,
  setApiKeyRevoked,
  setApiKeySecret,
} from './api-keys-store.ts';
import { checkedScope, mayGiveAll, requireMayGive } from './granting.ts';
import { requireRecentProof } from './own-session.ts';
import { lockAccount, scopeOf } from './scope.ts';

const list = 'api-keys';

const answerOf = (key: AccountApiKey, now: Temporal.Instant): z.output<typeof apiKey> => ({
  apiKeyId: key.apiKeyId,
  name: key.name,
  role: key.role,
  scope: key.scope,
  prefix: key.prefix,
  createdBy: key.createdBy,
  createdAt: key.createdAt.toString(),
  expiresAt: key.expiresAt?.toString() ?? null,
  lastUsedAt: key.lastUsedAt?.toString() ?? null,
  lastUsedFrom: key.lastUsedFrom,
  revokedAt: key.revokedAt?.toString() ?? null,
  previousSecret:
    key.previousUntil === null ||
    key.revokedAt !== null ||
    Temporal.Instant.compare(key.previousUntil, now) <= 0
      ? null
      : { until: key.previousUntil.toString(), lastUsedAt: key.previousLastUsedAt?.toString() ?? null },
});

/** A key that the caller could have made, in their reach; its row is taken for the rest of the transaction. */
async function requireOwnReach(
  context: Context,
  accountId: string,
  apiKeyId: string,
  until: (key: AccountApiKey) => Temporal.Instant | null,
): Promise<AccountApiKey> {
  const { trx } = context;
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  const scope = scopeOf(context, accountId, 'manage-people');
  const [found] = await listedApiKeys(trx, accountId, scope, { apiKeyId, limit: 1 });
  if (found === undefined) throw notFound('API key');
  const wanted = { ...found, scope: found.wholeScope, until: until(found) };
  if (await mayGiveAll(context, accountId, [wanted])) return found;
  throw new Refused(
    'grant-exceeds-own',
    `The API key ${found.name} with the role ${found.role} reaches further than you may manage.`,
    { role: found.role },
  );
}

export const apiKeyHandlers: readonly Handler[] = [
  command(createApiKey, async (context, { params, body }) => {
    const { accountId } = params;
    const { trx, now, newId, actor } = context;
    if (!(await lockAccount(trx, accountId))) throw notFound('account');
    const scope = await checkedScope(context, accountId, body.role, body.scope);
    const expiresAt = body.expiresInDays === undefined ? null : now.add({ hours: body.expiresInDays * 24 });
    await requireMayGive(context, accountId, { role: body.role, scope, until: expiresAt });
    requireRecentProof(context);
    const secret = newApiKeySecret(accountId);
    const made = {
      apiKeyId: newId(),
      accountId,
      name: body.name,
      role: body.role,
      scope,
      createdBy: actor.name,
      createdAt: now,
      expiresAt,
    };
    const madeByPerson = actor.kind === 'api-key' ? await makerOfKey(trx, actor) : actor.id;
    const { prefix } = await insertApiKey(trx, { ...made, madeByPerson, secret });
    const answer = answerOf(
      {
        ...made,
        prefix,
        lastUsedAt: null,
        lastUsedFrom: null,
        revokedAt: null,
        previousUntil: null,
        previousLastUsedAt: null,
      },
      now,
    );
    return {
      answer: { apiKey: answer, secret },
      event: {
        accountId,
        objectKind: 'api-key',
        objectId: made.apiKeyId,
        message: `made the API key ${made.name} with the role ${made.role}`,
        after: answer,
      },
    };
  }),

  command(rotateApiKey, async (context, { params, body }) => {
    const { accountId, apiKeyId } = params;
    const { trx, now, actor } = context;
    // The new secret is as good as a new key.
    const found = await requireOwnReach(context, accountId, apiKeyId, ({ expiresAt }) => expiresAt);
    requireRecentProof(context);
    const hasExpired = found.expiresAt !== null && Temporal.Instant.compare(found.expiresAt, now) <= 0;
    if (found.revokedAt !== null || hasExpired) {
      throw new Refused('api-key-ended', `${found.name} ended on ${found.revokedAt ?? found.expiresAt}.`);
    }
    const secret = newApiKeySecret(accountId);
    const previousUntil = now.add({ hours: body.overlapHours });
    const madeByPerson = actor.kind === 'api-key' ? await makerOfKey(trx, actor) : actor.id;
    const { prefix } = await setApiKeySecret(trx, apiKeyId, { secret, madeByPerson, previousUntil });
    const answer = answerOf({ ...found, prefix, previousUntil, previousLastUsedAt: found.lastUsedAt }, now);
    const overlap =
      body.overlapHours === 0 ? 'the one before ended' : `the one before works until ${previousUntil}`;
    return {
      answer: { apiKey: answer, secret },
      event: {
        accountId,
        objectKind: 'api-key',
        objectId: apiKeyId,
        message: `gave the API key ${found.name} a new secret; ${overlap}`,
        before: answerOf(found, now),
        after: answer,
      },
    };
  }),

  view(listApiKeys, async (context, { params, query }) => {
    const scope = scopeOf(context, params.accountId, 'manage-people');
    const after = decodeCursor(list, query.cursor, 1);
    const rows = await listedApiKeys(context.trx, params.accountId, scope, {
      before: after === null ? null : String(after[0]),
      limit: query.limit + 1,
    });
    return pageFrom(
      list,
      rows,
      query.limit,
      (row) => answerOf(row, context.now),
      (row) => [row.apiKeyId],
    );
  }),

  command(revokeApiKey, async (context, { params }) => {
    const { accountId, apiKeyId } = params;
    const { trx, now } = context;
    // Whoever could make the key may end it; how long it would have lasted makes no difference.
    const found = await requireOwnReach(context, accountId, apiKeyId, () => now);
    const revokedAt = found.revokedAt ?? now;
    await setApiKeyRevoked(trx, apiKeyId, revokedAt);
    const answer = answerOf({ ...found, revokedAt }, now);
    return {
      answer: { apiKey: answer },
      event: {
        accountId,
        objectKind: 'api-key',
        objectId: apiKeyId,
        message: `revoked the API key ${found.name}`,
        before: answerOf(found, now),
        after: answer,
      },
    };
  }),
];
