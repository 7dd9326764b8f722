import { createHmac, createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';

/*
 * Signatures of Standard Webhooks 1.0.0: `v1` with a secret that both sides know (HMAC-SHA-256), `v1a` with a private key of
 * ours (ed25519, RFC 8032), each over id, timestamp and body joined by full stops.
 */

const secretPrefix = 'whsec_';
const privatePrefix = 'whsk_';
const publicPrefix = 'whpk_';
const bytes = 32;

/** What signs for a webhook: to be sealed. The public key is for everybody. */
export interface SigningSecret {
  secret: string;
  publicKey: string | null;
}

export function newSigningSecret(signing: 'hmac' | 'ed25519'): SigningSecret {
  const random = randomBytes(bytes);
  if (signing === 'hmac') return { secret: `${secretPrefix}${random.toString('base64')}`, publicKey: null };
  const { x } = createPublicKey(privateKeyOf(random)).export({ format: 'jwk' });
  return {
    secret: `${privatePrefix}${random.toString('base64')}`,
    publicKey: `${publicPrefix}${Buffer.from(x ?? '', 'base64url').toString('base64')}`,
  };
}

/** One signature, as `webhook-signature` holds it. */
export function signatureOf(
  secret: string,
  { messageId, timestamp, body }: { messageId: string; timestamp: number; body: string },
): string {
  const signed = `${messageId}.${timestamp}.${body}`;
  const isPrivateKey = secret.startsWith(privatePrefix);
  const key = Buffer.from(secret.slice((isPrivateKey ? privatePrefix : secretPrefix).length), 'base64');
  return isPrivateKey
    ? `v1a,${sign(null, Buffer.from(signed), privateKeyOf(key)).toString('base64')}`
    : `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}

/** PKCS #8 of an ed25519 key is this and the 32 bytes (RFC 8410 §7). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

const privateKeyOf = (seed: Buffer) =>
  createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' });
