import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, optionalText, uuid } from '../shapes.ts';
import { transferLine, transferResult } from './shapes.ts';

/**
 * Moves licenses from one virtual account to another: several at once, all or nothing. Original dates stay. A dry run
 * shows every pool before and after, and who falls out of compliance.
 */
export const transferLicenses = defineOperation({
  name: 'transferLicenses',
  capability: 'licenses',
  summary: 'Move licenses between virtual accounts',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/license-transfers',
  permission: { at: 'account', action: 'move-inventory' },
  params: accountParams,
  body: z.strictObject({
    fromVirtualAccountId: uuid,
    toVirtualAccountId: uuid,
    lines: z.array(transferLine).min(1).max(1000),
    reason: optionalText(500).default(''),
  }),
  answer: transferResult,
  refusals: [
    'agreement-overdue',
    'insufficient-licenses',
    'quantity-invalid',
    'same-virtual-account',
    'unknown-tag',
    'unknown-lot',
    'unknown-virtual-account',
  ],
  dryRun: true,
});
