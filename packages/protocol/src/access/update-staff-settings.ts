import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { staffSettings } from './staff-shapes.ts';

/** Sets what holds for all staff; what is left out stays. */
export const updateStaffSettings = defineOperation({
  name: 'updateStaffSettings',
  capability: 'access',
  summary: 'Set what holds for staff',
  method: 'PATCH',
  path: '/api/v1/staff-settings',
  permission: { at: 'platform', action: 'manage-staff' },
  body: z
    .strictObject(staffSettings.partial().shape)
    .refine((body) => Object.keys(body).length > 0, { error: 'must name what to set' }),
  answer: z.object({ settings: staffSettings }),
  refusals: ['step-up-required'],
});
