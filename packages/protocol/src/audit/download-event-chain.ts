import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams } from '../shapes.ts';

/**
 * The whole chain of an account's events, with what is needed to recount it without this server: every sealed event as it
 * was hashed, the batches, and the signed head (`estover audit verify FILE`, docs/operations.md). It takes a role that
 * sees all events.
 */
export const downloadEventChain = defineOperation({
  name: 'downloadEventChain',
  capability: 'audit',
  summary: 'The chain of an account’s events, to be verified elsewhere',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/events/chain',
  permission: { at: 'account', action: 'view-all-events' },
  params: accountParams,
  answer: z.string().meta({ description: 'NDJSON: a header, each batch with its events, the signed head' }),
  fileAnswer: true,
  fileMedia: ['application/x-ndjson'],
});
