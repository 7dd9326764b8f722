import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { optionalText, uuid } from '../shapes.ts';
import { token } from './shapes.ts';

/** Makes a registration token of a virtual account. The secret is in the answer, once. */
export const createToken = defineOperation({
  name: 'createToken',
  capability: 'product-instances',
  summary: 'Make a registration token',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/virtual-accounts/{virtualAccountId}/tokens',
  permission: { at: 'account', action: 'manage-tokens' },
  params: z.object({ accountId: uuid, virtualAccountId: uuid }),
  body: z.strictObject({
    description: optionalText(200).default(''),
    expiresInDays: z.int().min(1).max(365).default(30),
    maximumUses: z.int().min(1).max(1_000_000).nullable().default(null),
    exportControlledAllowed: z.boolean().default(false),
    /** CIDR; registrations from elsewhere are refused. */
    addressRange: z.union([z.cidrv4(), z.cidrv6()]).nullable().default(null),
  }),
  answer: z.object({ token, secret: z.string() }),
  refusals: ['agreement-overdue', 'token-limit', 'holding-account'],
  secretAnswer: true,
});
