import { z } from 'zod';
import { amount, instant, uuid } from '../shapes.ts';

export const tokenState = z.enum(['active', 'expired', 'used-up', 'revoked']);

export const token = z.object({
  tokenId: uuid,
  virtualAccountId: uuid,
  virtualAccountPath: z.array(z.string()),
  description: z.string(),
  state: tokenState,
  /** First and last characters, to recognise it. The secret itself is shown once. */
  prefix: z.string(),
  exportControlledAllowed: z.boolean(),
  addressRange: z.string().nullable(),
  createdAt: instant,
  createdBy: z.string(),
  expiresAt: instant,
  maximumUses: z.int().nullable(),
  uses: amount,
  lastUsedAt: instant.nullable(),
  revokedAt: instant.nullable(),
});

/**
 * What a product instance is: `registered`; `authorization-expired` after 90 days of silence (its use is released);
 * `certificate-ended` after a year; `removed` by an administrator; `deregistered` by itself; `replaced` by a forced
 * registration of the same identity.
 */
export const instanceState = z.enum([
  'registered',
  'authorization-expired',
  'certificate-ended',
  'removed',
  'deregistered',
  'replaced',
]);

/** `disabled`: export-controlled, and this instance may not use it; like an unknown tag it counts in no pool. */
export const instanceLicenseState = z.enum([
  'in-compliance',
  'overage',
  'out-of-compliance',
  'authorization-expired',
  'invalid-tag',
  'disabled',
]);

export const productInstance = z.object({
  instanceId: uuid,
  displayName: z.string(),
  productId: z.string(),
  serialNumber: z.string(),
  uuid: z.string().nullable(),
  hostName: z.string().nullable(),
  versionId: z.string().nullable(),
  softwareTag: z.string().nullable(),
  softwareVersion: z.string().nullable(),
  virtualAccountId: uuid,
  virtualAccountPath: z.array(z.string()),
  state: instanceState,
  authorization: z.enum(['authorized', 'out-of-compliance', 'authorization-expired', 'no-licenses-in-use']),
  registeredAt: instant,
  lastContactAt: instant.nullable(),
  nextContactBy: instant.nullable(),
  deadlineAt: instant.nullable(),
  certificateExpiresAt: instant.nullable(),
  exportControlledAllowed: z.boolean(),
  usage: z.array(
    z.object({
      tag: z.string(),
      licenseName: z.string().nullable(),
      count: amount,
      state: instanceLicenseState,
    }),
  ),
  openAlerts: amount,
});
