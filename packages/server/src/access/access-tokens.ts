import { createHmac, timingSafeEqual } from 'node:crypto';
import { formatSecret, parseSecret } from '@estover/protocol/secrets';
import type { Database } from '../database/database.ts';
import { Refused } from '../edge/refused.ts';
import type { Installation } from '../installation/index.ts';
import { type FoundApiKey, findApiKeyById, foundBy } from './api-keys-store.ts';

/** How long an access token works at most (decision 0017). */
export const accessTokenSeconds = 15 * 60;

const prefix = 'esat_';
const endBytes = 4;
const proofBytes = 16;

export const isAccessToken = (text: string): boolean => text.startsWith(prefix);

/**
 * An access token says which client it is for and when it ends, and proves both with a keyed hash over the client's
 * secret as well. So nothing is kept of it, and it ends at once with the secret it was given for.
 */
export function makeAccessToken(
  installation: Pick<Installation, 'derive'>,
  client: { apiKeyId: string; secretHash: Buffer },
  now: Temporal.Instant,
): string {
  const end = Buffer.alloc(endBytes);
  end.writeUInt32BE(Math.floor(now.epochMilliseconds / 1000) + accessTokenSeconds);
  const proof = proofOf(installation, client.apiKeyId, end, client.secretHash);
  return formatSecret(prefix, client.apiKeyId, Buffer.concat([end, proof]));
}

/**
 * The client of an access token; undefined when it is made up, or when the secret it was given for is gone.
 *
 * @throws Refused `sign-in-failed` for one that is mistyped or has ended
 */
export async function keyOfAccessToken(
  { db, installation }: { db: Database; installation: Pick<Installation, 'derive'> },
  text: string,
  now: Temporal.Instant,
): Promise<FoundApiKey | undefined> {
  const token = parseSecret(text, prefix);
  if (!token.ok) throw new Refused('sign-in-failed', `The access token is not valid. ${token.detail}`);
  const { accountId: apiKeyId, random } = token;
  const end = Buffer.from(random.subarray(0, endBytes));
  if (end.readUInt32BE() * 1000 <= now.epochMilliseconds) {
    throw new Refused('sign-in-failed', 'The access token has ended. Get another one at /oauth/token.');
  }
  const key = await findApiKeyById(db, apiKeyId);
  if (key === undefined) return undefined;
  const proves = (secretHash: Buffer): boolean =>
    timingSafeEqual(random.subarray(endBytes), proofOf(installation, apiKeyId, end, secretHash));
  if (proves(key.secretHash)) return foundBy(key, 'own');
  if (key.previousSecretHash !== null && proves(key.previousSecretHash)) return foundBy(key, 'previous');
  return undefined;
}

const proofOf = (
  installation: Pick<Installation, 'derive'>,
  apiKeyId: string,
  end: Buffer,
  secretHash: Buffer,
): Buffer =>
  createHmac('sha256', installation.derive('access-token'))
    .update(apiKeyId)
    .update(end)
    .update(secretHash)
    .digest()
    .subarray(0, proofBytes);
