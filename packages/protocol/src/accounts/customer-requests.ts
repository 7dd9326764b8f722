import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, email, pageOf, pageQuery, searchText, uuid } from '../shapes.ts';
import { accountRequestState, askedIdentifier, askingRefusals, customerRequest } from './request-shapes.ts';

/**
 * A partner asks for an account on a customer's behalf, from the partner's holding account. Somebody at the customer, and
 * nobody at the partner, gets the mail with which it is accepted. The answer is the same whether there is such an account
 * or not; where the partner belongs to it already, it is named.
 */
export const requestAccountForCustomer = defineOperation({
  name: 'requestAccountForCustomer',
  capability: 'accounts',
  summary: 'Ask for an account on a customer’s behalf',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/customer-requests',
  permission: { at: 'account', action: 'request-accounts' },
  params: accountParams,
  body: z.strictObject({
    kind: z.enum(['customer', 'limited-use']).default('customer'),
    ...askedIdentifier,
    /** Who accepts for the customer. */
    approverEmail: email,
  }),
  answer: z.object({
    request: customerRequest,
    /** `team-alias`: several people read the approver's address. */
    warnings: z.array(z.enum(['team-alias'])),
    sendsMail: z.boolean(),
  }),
  refusals: [
    ...askingRefusals,
    'self-approval',
    'account-not-holding',
    'person-required',
    'domain-identifier-taken',
  ],
});

/** What became of the requests that were made from a holding account, the newest first. */
export const listCustomerRequests = defineOperation({
  name: 'listCustomerRequests',
  capability: 'accounts',
  summary: 'Requests for customers’ accounts',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/customer-requests',
  permission: { at: 'account', action: 'request-accounts' },
  params: accountParams,
  query: z.strictObject({
    ...pageQuery,
    search: searchText.optional(),
    state: accountRequestState.optional(),
  }),
  answer: pageOf(customerRequest),
  refusals: ['cursor-invalid'],
});

/** The partner takes a request back while it is open; the approver's link has ended then. */
export const withdrawCustomerRequest = defineOperation({
  name: 'withdrawCustomerRequest',
  capability: 'accounts',
  summary: 'Withdraw a request for a customer’s account',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/customer-requests/{requestId}/withdraw',
  permission: { at: 'account', action: 'request-accounts' },
  params: z.object({ accountId: uuid, requestId: uuid }),
  answer: z.object({ request: customerRequest }),
  refusals: ['account-request-state'],
  status: 200,
});
