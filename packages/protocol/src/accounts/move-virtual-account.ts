import { z } from 'zod';
import { apiKeysRevoked } from '../access/shapes.ts';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { accessChange, virtualAccount } from './shapes.ts';

/**
 * Nests a virtual account elsewhere, with all below it; a dry run shows who gains and who loses access. API keys that those who
 * lose it made and could not make any more are revoked.
 */
export const moveVirtualAccount = defineOperation({
  name: 'moveVirtualAccount',
  capability: 'accounts',
  summary: 'Nest a virtual account elsewhere',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/virtual-accounts/{virtualAccountId}/move',
  permission: { at: 'account', action: 'manage-virtual-account' },
  params: z.object({ accountId: uuid, virtualAccountId: uuid }),
  body: z.strictObject({ parentId: uuid.nullable() }),
  answer: z.object({
    virtualAccount,
    gain: z.array(accessChange),
    lose: z.array(accessChange),
    apiKeysRevoked,
  }),
  refusals: ['name-taken', 'nested-too-deep', 'nested-in-itself', 'unknown-virtual-account', 'nothing-to-do'],
  dryRun: true,
  status: 200,
});
