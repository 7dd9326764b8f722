import { defineOperation } from '../operation.ts';
import { news } from './shapes.ts';

/** The same for the publisher's staff: what waits on the platform, as far as the roles of the person who asks let them hear of it. */
export const listDeskNews = defineOperation({
  name: 'listDeskNews',
  capability: 'notifications',
  summary: 'What is new for the publisher’s staff',
  method: 'GET',
  path: '/api/v1/desk/news',
  permission: { at: 'platform', action: 'view-accounts' },
  answer: news,
  refusals: ['person-required'],
});
