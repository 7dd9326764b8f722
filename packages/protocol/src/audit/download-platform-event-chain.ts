import { z } from 'zod';
import { defineOperation } from '../operation.ts';

/** The whole chain of the platform's events, as that of an account (`downloadEventChain`); its account is the nil UUID. */
export const downloadPlatformEventChain = defineOperation({
  name: 'downloadPlatformEventChain',
  capability: 'audit',
  summary: 'The chain of the platform’s events, to be verified elsewhere',
  method: 'GET',
  path: '/api/v1/events/chain',
  permission: { at: 'platform', action: 'view-all-platform-events' },
  answer: z.string().meta({ description: 'NDJSON: a header, each batch with its events, the signed head' }),
  fileAnswer: true,
  fileMedia: ['application/x-ndjson'],
});
