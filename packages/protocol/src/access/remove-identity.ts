import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';

/** Forgets who the person that asks is at their company's sign-in, which does not sign them in any more until it is linked anew. */
export const removeIdentity = defineOperation({
  name: 'removeIdentity',
  capability: 'access',
  summary: 'Unlink the company’s sign-in from oneself',
  method: 'DELETE',
  path: '/api/v1/me/identities/{identityId}',
  permission: { at: 'signed-in' },
  params: z.object({ identityId: uuid }),
  answer: z.object({ identityId: uuid }),
  refusals: ['only-way-in', 'person-required', 'step-up-required'],
});
