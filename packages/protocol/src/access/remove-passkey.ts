import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { passkey } from './shapes.ts';

/** Removes a passkey: it opens nothing any more. Before the last one the person has to prove again who they are. */
export const removePasskey = defineOperation({
  name: 'removePasskey',
  capability: 'access',
  summary: 'Remove one of your own passkeys',
  method: 'DELETE',
  path: '/api/v1/me/passkeys/{passkeyId}',
  permission: { at: 'signed-in' },
  params: z.object({ passkeyId: uuid }),
  answer: z.object({ passkey }),
  refusals: ['person-required', 'step-up-required'],
});
