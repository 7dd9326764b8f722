import { z } from 'zod';
import { rollUp } from '../accounts/shapes.ts';
import { alert } from '../alerts/shapes.ts';
import { defineOperation } from '../operation.ts';
import { accountParams, amount, flag, instant, tag, uuid } from '../shapes.ts';

/**
 * What the console's first page shows, in one read: of all the caller may see, or of one virtual account, alone or with everything
 * nested in it.
 */
export const getOverview = defineOperation({
  name: 'getOverview',
  capability: 'licenses',
  summary: 'What needs attention, what is owned and used, what ends when',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/overview',
  permission: { at: 'account', action: 'view-inventory' },
  params: accountParams,
  query: z.strictObject({
    virtualAccountId: uuid.optional(),
    /** With everything nested under the virtual account. */
    nested: flag.default(true),
  }),
  answer: z.object({
    at: instant,
    totals: rollUp,
    /** Without what had ended already when it arrived, such as imported history. */
    deliveredThisMonth: amount,
    firstEnd: z.object({ endsAt: instant, quantity: amount }).nullable(),
    /** The alerts that matter most, at most 8, with their fixes. */
    needsYou: z.array(alert),
    openAlerts: z.object({ major: amount, minor: amount, informational: amount }),
    licenses: z.array(
      z.object({ tag, licenseName: z.string(), owned: amount, inUse: amount, short: amount }),
    ),
    /** What ends in each of the next 24 months, this one first. */
    ending: z.array(
      z.object({
        month: z.string().regex(/^\d{4}-\d{2}$/),
        quantity: amount,
        /** Those of which most ends, at most 12. */
        licenses: z.array(z.object({ tag, licenseName: z.string(), quantity: amount })),
        otherLicenses: amount,
      }),
    ),
    counts: z.object({
      licenses: amount,
      productInstances: amount,
      virtualAccounts: amount,
      orders: amount,
      tokens: amount,
    }),
  }),
  refusals: ['unknown-virtual-account'],
  cutsToLots: true,
});
