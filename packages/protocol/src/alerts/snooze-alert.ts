import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { alert } from './shapes.ts';

export const snoozeAlert = defineOperation({
  name: 'snoozeAlert',
  capability: 'alerts',
  summary: 'Put an alert aside for some days',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/alerts/{alertId}/snooze',
  permission: { at: 'account', action: 'move-inventory' },
  params: z.object({ accountId: uuid, alertId: uuid }),
  body: z.strictObject({ days: z.int().min(1).max(90) }),
  answer: z.object({ alert }),
  refusals: ['alert-ended'],
  status: 200,
});
