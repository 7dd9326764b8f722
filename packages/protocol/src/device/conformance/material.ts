import { createECDH, createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { KeyPair } from '../../signing/keys.ts';

/** Ids and instants that all vectors share. */
export const accountId = '0193c5a0-0000-7000-8000-000000000001';
export const instanceId = '0193c5a0-0000-7000-8000-0000000000aa';
export const messageId = '0193c5a0-0000-7000-8000-00000000a001';
export const installationId = '0193c5a0-0000-7000-8000-000000000009';
export const certificateSerial = '4f000000000000000000000000000001';
export const sentAt = '2026-11-22T12:00:00Z';
export const answeredAt = '2026-11-22T12:00:01Z';
export const signingKeyId = 'signing-2026';
export const keyId = `${accountId}/${instanceId}/${certificateSerial}`;

/**
 * A P-256 key pair whose private half is the SHA-256 of a public sentence, so that everybody can make it again. Such a
 * key protects nothing and is for these vectors alone.
 */
export function publicSecretKey(name: string): KeyPair {
  const scalar = createHash('sha256').update(`Estover conformance vectors, key: ${name}`).digest();
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(scalar);
  const point = curve.getPublicKey();
  const privateKey = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      d: scalar.toString('base64url'),
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
  });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

export function publicPem(keys: KeyPair): string {
  return keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

/** A compact JWS of any header and payload bytes with a genuine signature, for documents that no honest client makes. */
export function forge(header: string | Uint8Array, payload: string | Uint8Array, keys: KeyPair): string {
  const input = `${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`;
  const signature = sign('sha256', Buffer.from(input), { key: keys.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}
