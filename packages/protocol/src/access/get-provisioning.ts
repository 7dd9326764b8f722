import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, instant, uuid } from '../shapes.ts';
import { accountRole } from './shapes.ts';

/** How an identity provider keeps the people of an account (SCIM): where it asks, what it may change, and how it goes. */
export const getProvisioning = defineOperation({
  name: 'getProvisioning',
  capability: 'access',
  summary: 'How an identity provider keeps the people of an account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/provisioning',
  permission: { at: 'account', action: 'manage-people' },
  params: accountParams,
  answer: z.object({
    /** Where the identity provider asks. */
    baseUrl: z.string(),
    /** It says something only of people with addresses in these; none where the account has no domain of its own. */
    mailDomains: z.array(z.string()),
    /** Groups whose people it may change, by name; the first 200. */
    groups: z.array(z.object({ groupId: uuid, name: z.string(), role: accountRole, people: z.int() })),
    /** API clients that asked, the latest first; the first 50. */
    clients: z.array(
      z.object({
        apiKeyId: uuid,
        name: z.string(),
        lastRequest: z.string(),
        lastRequestAt: instant,
        /** What was refused last; null when nothing was. */
        lastError: z.string().nullable(),
        lastErrorAt: instant.nullable(),
      }),
    ),
  }),
});
