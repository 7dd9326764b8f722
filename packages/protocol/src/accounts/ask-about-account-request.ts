import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { text } from '../shapes.ts';
import { accountRequest, linkedRequest, linkToken, requestParams } from './request-shapes.ts';

/**
 * The operator asks the requester something about a request under review. They get it by mail with a link to answer, in place
 * of their earlier one; until they have, the review's clock stands. Asking anew takes the place of the question before.
 */
export const askAboutAccountRequest = defineOperation({
  name: 'askAboutAccountRequest',
  capability: 'accounts',
  summary: 'Ask the requester of an account something',
  method: 'POST',
  path: '/api/v1/account-requests/{requestId}/question',
  permission: { at: 'platform', action: 'review-accounts' },
  params: requestParams,
  body: z.strictObject({ question: text(500) }),
  answer: z.object({ request: accountRequest }),
  refusals: ['account-request-state'],
  status: 200,
});

/** The requester answers with the link from the mail, once; the operator sees it in the queue. */
export const answerAccountRequest = defineOperation({
  name: 'answerAccountRequest',
  capability: 'accounts',
  summary: 'Answer a question about a request for an account',
  method: 'POST',
  path: '/api/v1/account-requests/answer',
  permission: { at: 'public' },
  body: z.strictObject({ token: linkToken, answer: text(1000) }),
  answer: z.object({ request: linkedRequest }),
  refusals: ['link-invalid', 'account-request-state', 'nothing-asked'],
  status: 200,
});
