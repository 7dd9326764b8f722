import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, amount, flag, pageOf, pageQuery, uuid } from '../shapes.ts';
import { alert, alertKind, severity } from './shapes.ts';

/** Alerts, by severity and then by when action is due. */
export const listAlerts = defineOperation({
  name: 'listAlerts',
  capability: 'alerts',
  summary: 'Alerts of an account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/alerts',
  permission: { at: 'account', action: 'view-inventory' },
  params: accountParams,
  query: z.strictObject({
    ...pageQuery,
    state: z.enum(['open', 'snoozed', 'resolved']).default('open'),
    kind: alertKind.optional(),
    severity: severity.optional(),
    virtualAccountId: uuid.optional(),
    nested: flag.default(true),
  }),
  answer: pageOf(alert).extend({ counts: z.object({ major: amount, minor: amount, informational: amount }) }),
  refusals: ['cursor-invalid', 'unknown-virtual-account'],
  cutsToLots: true,
});
