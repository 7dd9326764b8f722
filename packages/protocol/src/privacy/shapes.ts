import { z } from 'zod';
import { notificationHours } from '../notifications/shapes.ts';
import { amount, instant, uuid } from '../shapes.ts';

/** All that is stored about a person, as far as it is theirs. Secrets and their hashes are not in it. */
export const personData = z.object({
  writtenAt: instant,
  person: z.object({
    personId: z.string(),
    name: z.string(),
    email: z.string(),
    createdAt: instant,
    changedAt: instant,
  }),
  platformRoles: z.array(z.string()),
  grants: z.array(
    z.object({
      accountId: uuid,
      accountName: z.string(),
      role: z.string(),
      /** The group that gives it; null for a grant of their own. */
      group: z.string().nullable(),
      until: instant.nullable(),
      grantedBy: z.string(),
      grantedAt: instant,
    }),
  ),
  sessions: z.array(
    z.object({
      sessionId: z.string(),
      signedInAt: instant,
      expiresAt: instant,
      from: z.string().nullable(),
      userAgent: z.string().nullable(),
    }),
  ),
  signInMethods: z.object({
    password: z.boolean(),
    codesSince: instant.nullable(),
    recoveryCodesLeft: amount,
    passkeys: z.array(z.object({ name: z.string(), createdAt: instant, lastUsedAt: instant.nullable() })),
  }),
  apiKeys: z.array(
    z.object({
      apiKeyId: uuid,
      accountName: z.string().nullable(),
      name: z.string(),
      createdAt: instant,
      revokedAt: instant.nullable(),
    }),
  ),
  /** Webhooks they answer for. */
  webhooks: z.array(z.object({ accountName: z.string(), description: z.string(), createdAt: instant })),
  /** What the identity providers of accounts say of them. */
  identityProviders: z.array(
    z.object({
      accountName: z.string(),
      externalId: z.string().nullable(),
      active: z.boolean(),
      displayName: z.string().nullable(),
      formatted: z.string().nullable(),
      givenName: z.string().nullable(),
      familyName: z.string().nullable(),
      /** Groups in which they are again when they are activated. */
      groups: z.array(z.string()),
      createdAt: instant,
      changedAt: instant,
    }),
  ),
  /** Links that let them in, without the links. */
  links: z.array(
    z.object({ kind: z.string(), createdAt: instant, expiresAt: instant, usedAt: instant.nullable() }),
  ),
  /** Mails of the last 30 days; what a mail said is forgotten when it is sent. */
  mails: z.array(z.object({ kind: z.string(), subject: z.string(), state: z.string(), createdAt: instant })),
  /** Requests for accounts that name their address. */
  accountRequests: z.array(
    z.object({
      companyName: z.string(),
      domainIdentifier: z.string(),
      as: z.enum(['requester', 'approver', 'both']),
      state: z.string(),
      requestedAt: instant,
    }),
  ),
  /** Companies whose orders wait for an account, which they were asked about by mail. */
  orderContacts: z.array(z.object({ companyName: z.string(), askedAt: instant, until: instant })),
  agreements: z.array(
    z.object({
      accountName: z.string(),
      title: z.string(),
      version: z.int(),
      acceptedAt: instant,
      from: z.string().nullable(),
    }),
  ),
  /** When their digests come, where they chose it, and what they chose to hear of. */
  notifications: z.object({
    hours: notificationHours.nullable(),
    choices: z.array(z.object({ accountName: z.string(), kind: z.string(), cadence: z.string() })),
  }),
  /** Events in which they act or are what was acted on, newest first. */
  events: z.array(
    z.object({
      at: instant,
      accountId: uuid.nullable(),
      as: z.enum(['actor', 'object', 'on-behalf']),
      operation: z.string(),
      message: z.string(),
      from: z.string().nullable(),
    }),
  ),
  /** How many older events there are that are not in `events`. */
  eventsLeftOut: amount,
});

/** What came of a removal. */
export const removal = z.object({
  personId: z.string(),
  /** What they are called from now on. */
  pseudonym: z.string(),
  removedAt: instant,
  removedBy: z.enum(['themselves', 'operator']),
  /** When their name was out of all texts of before; null while that goes on. */
  textsDoneAt: instant.nullable(),
});
