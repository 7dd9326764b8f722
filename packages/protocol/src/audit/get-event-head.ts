import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, amount, instant } from '../shapes.ts';

/**
 * The head of the chain of an account's events, signed by the installation. Kept elsewhere, it proves later that nothing
 * up to it was changed. Null until the first events are sealed, which takes a minute. It takes a role that sees
 * all events.
 */
export const getEventHead = defineOperation({
  name: 'getEventHead',
  capability: 'audit',
  summary: 'The signed head of the chain of events',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/events/head',
  permission: { at: 'account', action: 'view-all-events' },
  params: accountParams,
  answer: z.object({
    head: z
      .object({
        batchNumber: z.int().min(1),
        /** SHA-256 in hex. */
        hash: z.string(),
        sealedAt: instant,
        /** Compact JWS, type `estover-event-head+jws`. */
        document: z.string(),
      })
      .nullable(),
    /** Events that wait to be sealed. */
    unsealed: amount,
  }),
});
