import type { AccountRole, Grant, PlatformRole } from '@estover/domain/access';
import { platformRoles } from '@estover/domain/access';
import { parseSecret } from '@estover/protocol/secrets';
import type { FastifyRequest } from 'fastify';
import type { Database } from '../database/database.ts';
import type { Actor } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import type { Authentication } from '../edge/serve.ts';
import { type ApiKeyRow, findApiKey, touchApiKey } from './api-keys-store.ts';
import { loadGrants } from './grants-store.ts';

const anonymous: Actor = { kind: 'anonymous', id: null, name: 'Nobody' };

/** Finds out who a request comes from: an API key, a session's person, or nobody. */
export function createAuthentication(db: Database): Authentication {
  return {
    async authenticate(request, now) {
      const bearer = bearerOf(request);
      if (bearer !== null) return actorOfKey(db, bearer, now);
      return anonymous;
    },
    async grantsOf(trx, actor, accountId, now) {
      if (actor.kind === 'person') return loadGrants(trx, accountId, actor.id, now);
      if (actor.kind === 'api-key' && actor.accountId === accountId) return grantsOfKey(trx, actor.id);
      return [];
    },
  };
}

function bearerOf(request: FastifyRequest): string | null {
  const header = request.headers.authorization;
  if (header === undefined) return null;
  const match = /^Bearer (\S+)$/i.exec(header);
  if (match?.[1] === undefined) {
    throw new Refused('sign-in-failed', 'The Authorization header must read `Bearer` and an API key.');
  }
  return match[1];
}

async function actorOfKey(db: Database, text: string, now: Temporal.Instant): Promise<Actor> {
  const secret = parseSecret(text, 'esak_');
  if (!secret.ok) throw new Refused('sign-in-failed', `The API key is not valid. ${secret.detail}`);
  const key = await findApiKey(db, secret.text);
  if (key === undefined || !living(key, now)) {
    throw new Refused('sign-in-failed', 'The API key is unknown, revoked or expired.');
  }
  await touchApiKey(db, key, now);
  return {
    kind: 'api-key',
    id: key.apiKeyId,
    name: key.name,
    accountId: key.accountId,
    platformRoles:
      key.accountId === null ? platformRoles.filter((role: PlatformRole) => role === key.role) : [],
  };
}

const living = (key: ApiKeyRow, now: Temporal.Instant): boolean =>
  key.revokedAt === null && (key.expiresAt === null || Temporal.Instant.compare(key.expiresAt, now) > 0);

async function grantsOfKey(
  trx: Parameters<Authentication['grantsOf']>[0],
  apiKeyId: string,
): Promise<Grant[]> {
  const row = await trx
    .selectFrom('api_keys')
    .select(['role', 'scope', 'revoked_at as revokedAt'])
    .where('api_key_id', '=', apiKeyId)
    .executeTakeFirst();
  if (row === undefined || row.revokedAt !== null || row.scope === null) return [];
  return [{ grantId: apiKeyId, role: row.role as AccountRole, scope: row.scope as Grant['scope'] }];
}
