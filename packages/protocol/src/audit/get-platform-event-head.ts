import { defineOperation } from '../operation.ts';
import { getEventHead } from './get-event-head.ts';

/** The head of the chain of the platform's events, as that of an account (`getEventHead`); its account is the nil UUID. */
export const getPlatformEventHead = defineOperation({
  name: 'getPlatformEventHead',
  capability: 'audit',
  summary: 'The signed head of the chain of the platform’s events',
  method: 'GET',
  path: '/api/v1/events/head',
  permission: { at: 'platform', action: 'view-all-platform-events' },
  answer: getEventHead.answer,
});
