import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, amount } from '../shapes.ts';

/** The person who asks has looked at what is new, up to the position that `listNews` answered. It never goes back. */
export const markNewsSeen = defineOperation({
  name: 'markNewsSeen',
  capability: 'notifications',
  summary: 'Mark what is new as seen',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/news/seen',
  permission: { at: 'account', action: 'view-account' },
  params: accountParams,
  body: z.strictObject({ position: amount }),
  answer: z.object({ position: amount }),
  refusals: ['person-required'],
  status: 200,
});
