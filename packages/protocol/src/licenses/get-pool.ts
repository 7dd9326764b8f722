import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { amount, flag, instant, tag, uuid } from '../shapes.ts';
import { explanation, inventoryRow, lotHere } from './shapes.ts';

/** One license in one virtual account, alone or with everything nested: numbers, lots, who uses it, why it is short. */
export const getPool = defineOperation({
  name: 'getPool',
  capability: 'licenses',
  summary: 'One license of an account in detail',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/licenses/{tag}',
  permission: { at: 'account', action: 'view-inventory' },
  params: z.object({ accountId: uuid, tag }),
  query: z.strictObject({
    virtualAccountId: uuid.optional(),
    nested: flag.default(true),
    asOf: instant.optional(),
  }),
  answer: z.object({
    row: inventoryRow,
    description: z.string(),
    /**
     * Explanations of the pools that are short at present, one for each virtual account, the shortest ten. Empty as of
     * another instant: `row` says how many pools were short then, and by how much.
     */
    short: z.array(explanation.extend({ virtualAccountId: uuid, virtualAccountPath: z.array(z.string()) })),
    lots: z.array(lotHere),
    substitutions: z.array(
      z.object({
        virtualAccountId: uuid,
        virtualAccountPath: z.array(z.string()),
        direction: z.enum(['lends-to', 'borrows-from']),
        tag,
        licenseName: z.string(),
        /** In units of this license. */
        quantity: amount,
        /** In units of the other license. */
        otherQuantity: amount,
      }),
    ),
    usedBy: z.array(
      z.object({
        instanceId: uuid,
        displayName: z.string(),
        virtualAccountId: uuid,
        virtualAccountPath: z.array(z.string()),
        count: amount,
        lastContactAt: instant.nullable(),
      }),
    ),
    usedByTotal: amount,
  }),
  refusals: ['unknown-virtual-account'],
  cutsToLots: true,
});
