import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { agreementAccountFilters } from './list-agreement-accounts.ts';
import { agreementName } from './shapes.ts';

/** The accounts that `listAgreementAccounts` lists with the same filters, all of them. */
export const downloadAgreementAccounts = defineOperation({
  name: 'downloadAgreementAccounts',
  capability: 'agreements',
  summary: 'Who has accepted an agreement, as CSV',
  method: 'GET',
  path: '/api/v1/agreements/{agreement}/accounts/download',
  permission: { at: 'platform', action: 'view-agreement-texts' },
  params: z.object({ agreement: agreementName }),
  query: z.strictObject(agreementAccountFilters),
  answer: z.string().meta({ description: 'The file: one account on each line, streamed' }),
  fileAnswer: true,
  fileMedia: ['text/csv'],
});
