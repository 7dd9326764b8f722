import { timingSafeEqual } from 'node:crypto';
import { parseSecret } from '@estover/protocol/secrets';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from '../database/database.ts';
import { createAttemptLimiter, networkOf } from '../edge/attempt-limiter.ts';
import { problemFrom } from '../edge/serve.ts';
import type { Installation } from '../installation/index.ts';
import { accessTokenSeconds, makeAccessToken } from './access-tokens.ts';
import {
  type FoundApiKey,
  findApiKeyById,
  foundBy,
  hashSecret,
  isLiving,
  touchApiKey,
} from './api-keys-store.ts';
import { type ClientCredentials, OAuthError, readTokenRequest } from './token-request.ts';

export interface TokenRouteDependencies {
  db: Database;
  installation: Installation;
  now(): Temporal.Instant;
}

const tokenPath = '/oauth/token';
const largestForm = 8 * 1024;

/** A program asks once in a quarter of an hour; one that guesses asks all the time. */
const bounds = {
  network: { burst: 120, refillSeconds: 1 },
  client: { burst: 20, refillSeconds: 30 },
} as const;

/**
 * Access tokens for API clients by their client credentials (RFC 6749 §4.4), and what clients have to know of it
 * (RFC 8414). A plugin of its own, because forms are read nowhere else.
 */
export async function tokenRoute(app: FastifyInstance, dependencies: TokenRouteDependencies): Promise<void> {
  const { db, installation, now } = dependencies;
  const byNetwork = createAttemptLimiter(bounds.network);
  const byClient = createAttemptLimiter(bounds.client);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: largestForm },
    (_request, body, done) => done(null, body),
  );
  app.setErrorHandler(sendError);

  app.get('/.well-known/oauth-authorization-server', async () => ({
    issuer: installation.publicUrl,
    token_endpoint: `${installation.publicUrl}${tokenPath}`,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
  }));

  app.post(tokenPath, async (request, reply) => {
    // RFC 6749 §5.1: no answer about secrets is kept by anybody on the way.
    reply.header('cache-control', 'no-store').header('pragma', 'no-cache');
    const at = now();
    countTry(byNetwork.take(networkOf(request.ip), at));
    const credentials = readTokenRequest(request.headers.authorization, String(request.body ?? ''));
    // By network as well: whoever guesses elsewhere must not keep the client itself out.
    const tries = `${credentials.clientId.slice(0, 64)} ${networkOf(request.ip)}`;
    countTry(byClient.take(tries, at));
    const client = await clientOf(db, credentials, at);
    if (client === undefined) {
      throw new OAuthError('invalid_client', 'The client is unknown, or its secret is wrong or has ended.');
    }
    byClient.clear(tries);
    await touchApiKey(db, client.found, request.ip, at);
    return {
      access_token: makeAccessToken(installation, client, at),
      token_type: 'Bearer',
      expires_in: lifeOf(client.found, at),
    };
  });
}

interface ProvenClient {
  apiKeyId: string;
  secretHash: Buffer;
  found: FoundApiKey;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const nobody = '00000000-0000-0000-0000-000000000000';
const noHash = Buffer.alloc(32);

/** The living client with these credentials. A client that is not there takes as long as a secret that is wrong. */
async function clientOf(
  db: Database,
  { clientId, clientSecret }: ClientCredentials,
  now: Temporal.Instant,
): Promise<ProvenClient | undefined> {
  const key = await findApiKeyById(db, uuid.test(clientId) ? clientId : nobody);
  const secret = parseSecret(clientSecret, 'esak_');
  const secretHash = hashSecret(secret.ok ? secret.text : clientSecret);
  const isOwn = timingSafeEqual(secretHash, key?.secretHash ?? noHash);
  const isPrevious = timingSafeEqual(secretHash, key?.previousSecretHash ?? noHash);
  if (key === undefined || !(isOwn || isPrevious)) return undefined;
  const found = foundBy(key, isOwn ? 'own' : 'previous');
  return isLiving(found, now) ? { apiKeyId: key.apiKeyId, secretHash, found } : undefined;
}

/** A token ends with the client, and with the secret it was given for. */
function lifeOf({ expiresAt, previousUntil }: FoundApiKey, now: Temporal.Instant): number {
  const ends = [expiresAt, previousUntil]
    .filter((end) => end !== null)
    .map((end) => Math.floor(end.since(now).total('seconds')));
  return Math.min(accessTokenSeconds, ...ends);
}

function countTry(seconds: number): void {
  if (seconds === 0) return;
  throw new OAuthError(
    'temporarily_unavailable',
    `Too many tries. Try again in ${seconds} seconds.`,
    seconds,
  );
}

/** Errors in the form of RFC 6749 §5.2, also those that nobody foresaw. */
function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.header('cache-control', 'no-store').header('pragma', 'no-cache');
  if (!(error instanceof OAuthError)) {
    const { refused, retryAfterSeconds } = problemFrom(error, request);
    const { status, detail } = refused.problem(request.id);
    if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
    const code = status >= 500 ? 'server_error' : 'invalid_request';
    return reply.code(status).send({ error: code, error_description: detail });
  }
  const { code, message, retryAfterSeconds } = error;
  if (code === 'invalid_client') reply.header('www-authenticate', 'Basic realm="estover"');
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  const status = code === 'invalid_client' ? 401 : code === 'temporarily_unavailable' ? 429 : 400;
  return reply.code(status).send({ error: code, error_description: message });
}
