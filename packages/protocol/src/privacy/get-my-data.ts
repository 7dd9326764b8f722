import { defineOperation } from '../operation.ts';
import { personData } from './shapes.ts';

/** All that is stored about the person who asks, in one answer that can be kept as a file. */
export const getMyData = defineOperation({
  name: 'getMyData',
  capability: 'privacy',
  summary: 'What is stored about you',
  method: 'GET',
  path: '/api/v1/me/data',
  permission: { at: 'signed-in' },
  answer: personData,
  refusals: ['person-required'],
});
