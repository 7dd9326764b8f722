import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { agreementName, agreementVersion, agreementVersionNumber } from './shapes.ts';

/** One version of an agreement with its text, also one that a newer one has taken the place of. */
export const getAgreementVersion = defineOperation({
  name: 'getAgreementVersion',
  capability: 'agreements',
  summary: 'A version of an agreement',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/agreements/{agreement}/versions/{version}',
  permission: { at: 'account', action: 'view-agreements' },
  params: z.object({
    accountId: uuid,
    agreement: agreementName,
    version: z.coerce.number().pipe(agreementVersionNumber),
  }),
  answer: z.object({ version: agreementVersion }),
});
