import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { importPublicJwk, publicJwkSchema } from '../signing/keys.ts';
import { idField, instantField } from './fields.ts';

/** A key that signs answers. `notAfter`: what it signs after that instant is not to be believed. */
export const signingKeySchema = publicJwkSchema.extend({
  kid: z.string().min(1).max(255),
  alg: z.literal('ES256'),
  use: z.literal('sig'),
  notAfter: instantField,
});
export type SigningKey = z.output<typeof signingKeySchema>;

/** GET /device/v1/trust: whom an instance believes. Public, and as trustworthy as the line it comes over. */
export const trustSchema = z.object({
  installationId: idField,
  certificateAuthorities: z.array(z.string().startsWith('-----BEGIN CERTIFICATE-----')).min(1),
  signingKeys: z.object({ keys: z.array(signingKeySchema).min(1) }),
  serverTime: instantField,
});
export type Trust = z.output<typeof trustSchema>;

/** The public key of a `kid`, if it is known and its time is not over at `answeredAt`'s reader's instant. */
export function findSigningKey(trust: Trust, keyId: string, at: Temporal.Instant): KeyObject | undefined {
  const key = trust.signingKeys.keys.find(({ kid }) => kid === keyId);
  if (key === undefined || Temporal.Instant.compare(Temporal.Instant.from(key.notAfter), at) < 0)
    return undefined;
  return importPublicJwk(key);
}
