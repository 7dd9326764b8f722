import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { amount } from '../shapes.ts';
import { agreementGate, agreementVersion } from './shapes.ts';

/** Every version of every agreement, newest first, with how the active accounts stand to the newest ones. */
export const listAgreementVersions = defineOperation({
  name: 'listAgreementVersions',
  capability: 'agreements',
  summary: 'Agreements of the platform',
  method: 'GET',
  path: '/api/v1/agreements',
  permission: { at: 'platform', action: 'view-agreement-texts' },
  answer: z.object({
    versions: z.array(
      agreementVersion.extend({
        /** Null for a version that a newer one has taken the place of. */
        accounts: z.object({ accepted: amount, open: amount, overdue: amount }).nullable(),
        /** Whether every account has been told of it. */
        isTold: z.boolean(),
      }),
    ),
    blocked: z.array(agreementGate),
  }),
});
