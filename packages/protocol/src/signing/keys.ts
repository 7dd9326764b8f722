import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  type webcrypto,
} from 'node:crypto';
import { z } from 'zod';

/** A P-256 key pair; the private half never leaves the program that made it. */
export interface KeyPair {
  privateKey: KeyObject;
  publicKey: KeyObject;
}

export function generateKeyPair(): KeyPair {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** A public P-256 key as JWK (RFC 7517, RFC 7518 §6.2.1). */
export const publicJwkSchema = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: coordinate,
  y: coordinate,
});
export type PublicJwk = z.output<typeof publicJwkSchema>;

export function exportPublicJwk(key: KeyObject): PublicJwk {
  return publicJwkSchema.parse(key.export({ format: 'jwk' }));
}

/** Keys that were read before: the few that a reader trusts come again with every answer and every look at its state. */
const readBefore = new Map<string, KeyObject>();
const mostReadBefore = 100;

/** @throws when the coordinates are not a point of the curve */
export function importPublicJwk({ kty, crv, x, y }: PublicJwk): KeyObject {
  const point = `${x} ${y}`;
  const found = readBefore.get(point);
  if (found !== undefined) return found;
  const key = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
  if (readBefore.size >= mostReadBefore) readBefore.clear();
  readBefore.set(point, key);
  return key;
}

/** A private key as PKCS#8 PEM, for keeping it. */
export function exportPrivatePem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The key pair of a private key in PEM. @throws when it is not a P-256 key */
export function importKeyPair(privatePem: string): KeyPair {
  const privateKey = createPrivateKey(privatePem);
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new TypeError('not a P-256 private key');
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256' };

/** The same keys in the form the X.509 library takes. */
export function toWebKeys(keys: KeyPair): webcrypto.CryptoKeyPair {
  return {
    privateKey: keys.privateKey.toCryptoKey(ecdsa, true, ['sign']),
    publicKey: keys.publicKey.toCryptoKey(ecdsa, true, ['verify']),
  };
}
