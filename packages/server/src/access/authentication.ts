import type { AccountRole, Grant, PlatformRole } from '@estover/domain/access';
import { administersAll, platformRoles } from '@estover/domain/access';
import { parseSecret } from '@estover/protocol/secrets';
import type { FastifyRequest } from 'fastify';
import type { Database } from '../database/database.ts';
import type { Actor, Context } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import type { Authentication } from '../edge/serve.ts';
import type { Installation } from '../installation/index.ts';
import { enterAsSupport } from '../support/index.ts';
import { isAccessToken, keyOfAccessToken } from './access-tokens.ts';
import { findAccountView } from './account-views-store.ts';
import { type FoundApiKey, findApiKey, isLiving, touchApiKey } from './api-keys-store.ts';
import { type BearerGuesses, createBearerGuesses } from './bearer-guesses.ts';
import { loadGrants } from './grants-store.ts';
import { showPartner } from './partners.ts';
import { requireSameOrigin } from './same-origin.ts';
import type { SignIn } from './sign-in.ts';
import { platformStandingOf } from './staff/staff-store.ts';

const anonymous: Actor = { kind: 'anonymous', id: null, name: 'Nobody' };

/** Finds out who a request comes from: an API key, a session's person, or nobody. */
export function createAuthentication(
  db: Database,
  signIn: SignIn,
  installation: Installation,
): Authentication {
  const guesses = createBearerGuesses();
  const grantsOf: Authentication['grantsOf'] = (trx, actor, accountId, now) =>
    grantsNowOf({ trx, actor, now }, accountId);
  return {
    grantsOf,
    cutFor: showPartner,
    async enter(trx, actor, accountId, now) {
      const entered = await enterAsSupport(trx, actor, accountId, now);
      return entered ?? { actor, grants: await grantsOf(trx, actor, accountId, now) };
    },
    async authenticate(request, now) {
      const bearer = bearerOf(request);
      if (bearer !== null) return actorOfKey({ db, installation, guesses }, bearer, request.ip, now);
      const person = await signIn.personOf(request.headers.cookie);
      if (person === null) return anonymous;
      // A browser sends the cookie whoever made it send the request.
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        requireSameOrigin(request, installation.publicUrl, { withoutOrigin: 'refuse' });
      }
      const viewing = await findAccountView(db, person.sessionId, now);
      return {
        kind: 'person',
        id: person.personId,
        name: person.name,
        email: person.email,
        ...(await platformStandingOf(db, person.personId, now)),
        session: { sessionId: person.sessionId, provedAt: person.provedAt },
        ...(viewing === undefined ? {} : { viewing }),
      };
    },
  };
}

function bearerOf(request: FastifyRequest): string | null {
  const header = request.headers.authorization;
  if (header === undefined) return null;
  const match = /^Bearer (\S+)$/i.exec(header);
  if (match?.[1] === undefined) {
    throw new Refused(
      'sign-in-failed',
      'The Authorization header must read `Bearer` and an API key or access token.',
    );
  }
  return match[1];
}

/** The client with an API key, or with an access token it got for one: one way in for both. */
async function actorOfKey(
  { db, installation, guesses }: { db: Database; installation: Installation; guesses: BearerGuesses },
  text: string,
  from: string,
  now: Temporal.Instant,
): Promise<Actor> {
  const key = await guesses.look({ secret: text, from, now }, () =>
    isAccessToken(text) ? keyOfAccessToken({ db, installation }, text, now) : keyOfSecret(db, text),
  );
  if (key === undefined || !isLiving(key, now)) {
    throw new Refused('sign-in-failed', 'The API key is unknown, revoked or expired.');
  }
  await touchApiKey(db, key, from, now);
  return {
    kind: 'api-key',
    id: key.apiKeyId,
    name: key.name,
    accountId: key.accountId,
    secret: key.previousUntil === null ? 'own' : 'previous',
    platformRoles:
      key.accountId === null ? platformRoles.filter((role: PlatformRole) => role === key.role) : [],
  };
}

async function keyOfSecret(db: Database, text: string): Promise<FoundApiKey | undefined> {
  const secret = parseSecret(text, 'esak_');
  // The key of the first operator may be any long secret of the installation's own making.
  if (!secret.ok && secret.code !== 'foreign') {
    throw new Refused('sign-in-failed', `The API key is not valid. ${secret.detail}`);
  }
  return findApiKey(db, secret.ok ? secret.text : text);
}

/** The caller's grants as they are now, read again: for what waits for locks before it decides. */
export async function grantsNowOf(
  { trx, actor, now }: Pick<Context, 'trx' | 'actor' | 'now'>,
  accountId: string,
): Promise<Grant[]> {
  if (actor.kind === 'person') {
    const own = await loadGrants(trx, accountId, actor.id, now);
    // Whoever administers the account no more sees it as themselves, so nobody sees more through another one's eyes.
    return actor.viewing?.accountId === accountId && administersAll(own)
      ? loadGrants(trx, accountId, actor.viewing.personId, now)
      : own;
  }
  if (actor.kind === 'api-key' && actor.accountId === accountId) return grantsOfKey(trx, actor.id, now);
  return [];
}

/** Read again in the transaction of the request, so that a key revoked a moment ago does nothing any more. */
export async function grantsOfKey(
  trx: Parameters<Authentication['grantsOf']>[0],
  apiKeyId: string,
  now: Temporal.Instant,
): Promise<Grant[]> {
  const row = await trx
    .selectFrom('api_keys')
    .select(['role', 'scope'])
    .where('api_key_id', '=', apiKeyId)
    .where('revoked_at', 'is', null)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
    .executeTakeFirst();
  if (row === undefined || row.scope === null) return [];
  return [{ grantId: apiKeyId, role: row.role as AccountRole, scope: row.scope as Grant['scope'] }];
}
