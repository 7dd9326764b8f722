import { defineOperation } from '../operation.ts';
import { accountParams } from '../shapes.ts';
import { news } from './shapes.ts';

/** The newest of what there is to tell the person who asks, and how much of it is new since they looked. */
export const listNews = defineOperation({
  name: 'listNews',
  capability: 'notifications',
  summary: 'What is new in an account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/news',
  permission: { at: 'account', action: 'view-account' },
  params: accountParams,
  answer: news,
  refusals: ['person-required'],
});
