import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, amount, instant } from '../shapes.ts';
import { notificationKind } from './shapes.ts';

/** The newest of what there is to tell the person who asks, and how much of it is new since they looked. */
export const listNews = defineOperation({
  name: 'listNews',
  capability: 'notifications',
  summary: 'What is new in an account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/news',
  permission: { at: 'account', action: 'view-account' },
  params: accountParams,
  answer: z.object({
    items: z.array(
      z.object({
        cause: z.string(),
        kind: notificationKind,
        state: z.enum(['new', 'ended']),
        message: z.string(),
        /** Its page, below that of the account. */
        page: z.string(),
        at: instant,
        isNew: z.boolean(),
      }),
    ),
    /** At most 100, which stands for 100 and more. */
    newCount: amount,
    /** What to name when all of these are seen. */
    position: amount,
  }),
  refusals: ['person-required'],
});
