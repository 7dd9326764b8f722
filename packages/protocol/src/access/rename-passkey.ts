import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { text, uuid } from '../shapes.ts';
import { passkey } from './shapes.ts';

export const renamePasskey = defineOperation({
  name: 'renamePasskey',
  capability: 'access',
  summary: 'Rename one of your own passkeys',
  method: 'PATCH',
  path: '/api/v1/me/passkeys/{passkeyId}',
  permission: { at: 'signed-in' },
  params: z.object({ passkeyId: uuid }),
  body: z.strictObject({ name: text(60) }),
  answer: z.object({ passkey }),
  refusals: ['person-required'],
});
