import { accountActions, accountRoles, platformRoles } from '@estover/domain/access';
import { z } from 'zod';
import { instant, uuid } from '../shapes.ts';

export const accountRole = z.enum(accountRoles);
export const platformRole = z.enum(platformRoles);
export const accountAction = z.enum(accountActions);

/** Where a grant reaches. A virtual account is granted alone or with everything nested in it. */
export const grantScope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('account') }),
  z.strictObject({
    kind: z.literal('virtual-accounts'),
    virtualAccounts: z
      .array(z.strictObject({ virtualAccountId: uuid, nested: z.boolean() }))
      .min(1)
      .max(200),
  }),
]);

export const grant = z.object({
  grantId: uuid,
  role: accountRole,
  scope: grantScope,
  until: instant.nullable(),
  grantedBy: z.string(),
  grantedAt: instant,
});

export const person = z.object({
  personId: z.string(),
  name: z.string(),
  email: z.string(),
  /** `invited` until the person has chosen a password. */
  status: z.enum(['active', 'invited']),
  grants: z.array(grant),
});

export const apiKey = z.object({
  apiKeyId: uuid,
  name: z.string(),
  role: z.string(),
  scope: grantScope.nullable(),
  prefix: z.string(),
  createdBy: z.string(),
  createdAt: instant,
  expiresAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
  revokedAt: instant.nullable(),
  /** The secret before the last rotation, while it still works. */
  previousSecret: z.object({ until: instant, lastUsedAt: instant.nullable() }).nullable(),
});

/** How somebody who was given something hears of it. */
export const told = {
  /** For choosing a password, shown once; null when they have one, or get the link by mail. */
  invitationLink: z.string().nullable(),
  /** Whether a mail is on its way to them. */
  mailed: z.boolean(),
};
