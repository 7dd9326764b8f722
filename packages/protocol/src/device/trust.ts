import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { importPublicJwk, publicJwkSchema } from '../signing/keys.ts';
import { epochField, idField, instantField } from './fields.ts';

/** A key that signs answers. `notAfter`: what it signs after that instant is not to be believed. */
export const signingKeySchema = publicJwkSchema.extend({
  kid: z.string().min(1).max(255),
  alg: z.literal('ES256'),
  use: z.literal('sig'),
  notAfter: instantField,
});
export type SigningKey = z.output<typeof signingKeySchema>;

/** The keys of a list that can be used here: those of a kind from later, or broken ones, are skipped. */
const usableKeys = z
  .array(z.unknown())
  .transform((keys) => keys.flatMap((key) => readSigningKey(key)))
  .refine((keys) => keys.length > 0, 'must hold at least one key of P-256 for ES256');

function readSigningKey(key: unknown): SigningKey[] {
  const read = signingKeySchema.safeParse(key);
  if (!read.success) return [];
  try {
    importPublicJwk(read.data);
    return [read.data];
  } catch {
    return [];
  }
}

/**
 * GET /device/v1/trust: whom an instance believes. Public, and as trustworthy as the line it comes over. Readers ignore
 * members they do not know and skip keys they cannot use, so that a newer server may have more of both.
 */
export const trustSchema = z.object({
  installationId: idField,
  certificateAuthorities: z.array(z.string().startsWith('-----BEGIN CERTIFICATE-----')).min(1),
  signingKeys: z.object({ keys: usableKeys }),
  serverTime: instantField,
  /** The installation's epoch; absent from servers that know of none. For people: only signed documents decide. */
  epoch: epochField.optional(),
});
export type Trust = z.output<typeof trustSchema>;

/** The public key of a `kid`, if it is known and its time is not over at the instant of receipt: an ended key is unknown. */
export function findSigningKey(trust: Trust, keyId: string, at: Temporal.Instant): KeyObject | undefined {
  const key = trust.signingKeys.keys.find(({ kid }) => kid === keyId);
  if (key === undefined || Temporal.Instant.compare(Temporal.Instant.from(key.notAfter), at) < 0)
    return undefined;
  return importPublicJwk(key);
}
