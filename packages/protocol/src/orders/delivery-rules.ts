import { maximumDeliveryPattern, maximumDeliveryRules } from '@estover/domain/orders';
import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, sku, text, uuid } from '../shapes.ts';
import { deliveryRule } from './shapes.ts';

const pattern = text(maximumDeliveryPattern).nullable();
const position = z.int().min(1).max(maximumDeliveryRules);
const ruleParams = z.object({ accountId: uuid, ruleId: uuid });
const path = '/api/v1/accounts/{accountId}/delivery-rules' as const;
const permission = { at: 'account', action: 'manage-account-settings' } as const;

/**
 * The delivery rules of an account in their order: where order lines go that name no virtual account. Everybody with a
 * role in the account may read them; where one leads is told as far as the caller may see. Not paged: there are at most
 * 200.
 */
export const listDeliveryRules = defineOperation({
  name: 'listDeliveryRules',
  capability: 'orders',
  summary: 'Delivery rules of an account',
  method: 'GET',
  path,
  permission: { at: 'account', action: 'view-account' },
  params: accountParams,
  answer: z.object({ items: z.array(deliveryRule) }),
});

/** Adds a delivery rule: last, or at a position. At least one of SKU, tag and buyer is given. */
export const createDeliveryRule = defineOperation({
  name: 'createDeliveryRule',
  capability: 'orders',
  summary: 'Add a delivery rule',
  method: 'POST',
  path,
  permission,
  params: accountParams,
  body: z.strictObject({
    sku: pattern.default(null),
    tag: pattern.default(null),
    buyer: pattern.default(null),
    virtualAccountId: uuid,
    position: position.optional(),
  }),
  answer: z.object({ deliveryRule }),
  refusals: ['delivery-rule-limit', 'delivery-rule-empty', 'delivery-rule-taken', 'unknown-virtual-account'],
});

/** Changes what a rule asks for, where it leads, or its place among the others; beyond the last it comes last. */
export const updateDeliveryRule = defineOperation({
  name: 'updateDeliveryRule',
  capability: 'orders',
  summary: 'Change a delivery rule or its place',
  method: 'PATCH',
  path: `${path}/{ruleId}`,
  permission,
  params: ruleParams,
  body: z.strictObject({
    sku: pattern.optional(),
    tag: pattern.optional(),
    buyer: pattern.optional(),
    virtualAccountId: uuid.optional(),
    position: position.optional(),
  }),
  answer: z.object({ deliveryRule }),
  refusals: ['delivery-rule-empty', 'delivery-rule-taken', 'unknown-virtual-account', 'nothing-to-do'],
});

/** Removes a delivery rule; those after it move up. What it has delivered stays where it is. */
export const deleteDeliveryRule = defineOperation({
  name: 'deleteDeliveryRule',
  capability: 'orders',
  summary: 'Remove a delivery rule',
  method: 'DELETE',
  path: `${path}/{ruleId}`,
  permission,
  params: ruleParams,
  answer: z.object({ ruleId: uuid }),
});

/**
 * Which rule would take an order line of a SKU. `rule` is null when none does, and the line would go to the default
 * virtual account. `product` is null for a SKU that the catalog does not know: no order can have it, and no rule that
 * asks for a license tag takes it.
 */
export const tryDeliveryRules = defineOperation({
  name: 'tryDeliveryRules',
  capability: 'orders',
  summary: 'Which delivery rule would take a line',
  method: 'GET',
  path: `${path}/trial`,
  permission,
  params: accountParams,
  query: z.strictObject({ sku, buyer: text(200) }),
  answer: z.object({
    product: z.object({ name: z.string(), tags: z.array(z.string()) }).nullable(),
    rule: deliveryRule.nullable(),
    virtualAccount: z.object({ virtualAccountId: uuid, path: z.array(z.string()) }),
  }),
});
