import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, amount } from '../shapes.ts';
import { agreementAcceptance, agreementName, agreementVersionNumber, textHash } from './shapes.ts';

/**
 * A person accepts the newest version of an agreement for the account. They say which words they read by their hash. What
 * has shipped and waited for it is delivered in the same step. In an account for limited use no partner accepts, whatever
 * role they were given (seed 003).
 */
export const acceptAgreement = defineOperation({
  name: 'acceptAgreement',
  capability: 'agreements',
  summary: 'Accept an agreement for an account',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/agreements/acceptances',
  permission: { at: 'account', action: 'accept-agreements' },
  params: accountParams,
  body: z.strictObject({
    agreement: agreementName,
    version: agreementVersionNumber,
    textHash,
    /** That they accept it for the company; nobody accepts by leaving something out. */
    consent: z.literal(true, { error: 'must be true: nothing is accepted without consent' }),
  }),
  answer: z.object({ acceptance: agreementAcceptance, deliveredLines: amount }),
  refusals: ['person-required', 'agreement-version', 'agreement-accepted', 'partner-accepts-nothing'],
});
