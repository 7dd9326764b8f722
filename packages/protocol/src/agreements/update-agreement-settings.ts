import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { agreementGate } from './shapes.ts';

/** Sets what accounts cannot do while an agreement is overdue; an empty list closes nothing. */
export const updateAgreementSettings = defineOperation({
  name: 'updateAgreementSettings',
  capability: 'agreements',
  summary: 'Set what is closed without acceptance',
  method: 'PATCH',
  path: '/api/v1/agreements/settings',
  permission: { at: 'platform', action: 'publish-agreements' },
  body: z.strictObject({ blocked: z.array(agreementGate).max(10) }),
  answer: z.object({ blocked: z.array(agreementGate) }),
});
