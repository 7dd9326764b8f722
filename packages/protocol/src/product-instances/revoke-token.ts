import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { token } from './shapes.ts';

/** Stops new registrations with the token; touches no registered instance. */
export const revokeToken = defineOperation({
  name: 'revokeToken',
  capability: 'product-instances',
  summary: 'Revoke a registration token',
  method: 'DELETE',
  path: '/api/v1/accounts/{accountId}/tokens/{tokenId}',
  permission: { at: 'account', action: 'manage-tokens' },
  params: z.object({ accountId: uuid, tokenId: uuid }),
  answer: z.object({ token }),
  refusals: ['token-ended'],
});
