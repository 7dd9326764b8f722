import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams } from '../shapes.ts';
import { accountAgreement, agreementAcceptance, agreementGate } from './shapes.ts';

/** The newest version of every agreement with how the account stands to it, and all that was accepted, newest first. */
export const getAgreements = defineOperation({
  name: 'getAgreements',
  capability: 'agreements',
  summary: 'Agreements of an account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/agreements',
  permission: { at: 'account', action: 'view-agreements' },
  params: accountParams,
  answer: z.object({
    agreements: z.array(accountAgreement),
    acceptances: z.array(agreementAcceptance),
    /** What the account cannot do while an agreement is overdue. */
    blocked: z.array(agreementGate),
    /** The mail address of the only one who accepts, in an account for limited use; null where every approver does. */
    onlyAcceptedBy: z.string().nullable(),
    /** Whether the caller accepts: an approver or administrator, signed in, and no partner where no partner does. */
    mayAccept: z.boolean(),
  }),
});
