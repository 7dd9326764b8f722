import { accountActions, accountRoles, platformRoles } from '@estover/domain/access';
import { z } from 'zod';
import { instant, text, uuid } from '../shapes.ts';

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

/** What somebody holds: a grant of their own, or that of a group they are in, under the group's id. */
export const heldGrant = grant.extend({
  group: z.object({ groupId: uuid, name: z.string() }).nullable(),
  /** The seller whose lots are all that the person sees by it; null without a limit. */
  soldBy: z.string().nullable(),
});

export const person = z.object({
  personId: z.string(),
  name: z.string(),
  email: z.string(),
  /** `invited` until the person has chosen a password. */
  status: z.enum(['active', 'invited']),
  /** Their mail address is of another company than the account's. */
  partner: z.boolean(),
  grants: z.array(heldGrant),
});

/** A group: everybody in it has its role and scope. */
export const group = z.object({
  groupId: uuid,
  name: z.string(),
  role: accountRole,
  scope: grantScope,
  /** When the role ends for everybody in it; an ended group can be given a later end. */
  until: instant.nullable(),
  /** Whether the account's identity provider says who is in it (SCIM). */
  provisioned: z.boolean(),
  /** How many people are in it. */
  people: z.int(),
  madeBy: z.string(),
  madeAt: instant,
});

export const groupName = text(120);

/** Keys that ended with a role, because whoever made them could not make them any more. */
export const apiKeysRevoked = z.array(z.object({ apiKeyId: uuid, name: z.string() }));

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
  /** Address of that use. */
  lastUsedFrom: z.string().nullable(),
  revokedAt: instant.nullable(),
  /** The secret before the last rotation, while it still works. */
  previousSecret: z.object({ until: instant, lastUsedAt: instant.nullable() }).nullable(),
});

export const passkey = z.object({
  passkeyId: uuid,
  name: z.string(),
  createdAt: instant,
  lastUsedAt: instant.nullable(),
});

/** How somebody who was given something hears of it. */
export const told = {
  /** For choosing a password, shown once; null when they have one, get it by mail, or hold more than the caller gives. */
  invitationLink: z.string().nullable(),
  /** Whether a mail is on its way to them. */
  mailed: z.boolean(),
};
