import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { amount } from '../shapes.ts';

/** The person who asks has looked at what waits on the platform, up to the position that `listDeskNews` answered. */
export const markDeskNewsSeen = defineOperation({
  name: 'markDeskNewsSeen',
  capability: 'notifications',
  summary: 'Mark what is new for the publisher’s staff as seen',
  method: 'POST',
  path: '/api/v1/desk/news/seen',
  permission: { at: 'platform', action: 'view-accounts' },
  body: z.strictObject({ position: amount }),
  answer: z.object({ position: amount }),
  refusals: ['person-required'],
  status: 200,
});
