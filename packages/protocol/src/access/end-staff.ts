import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { staffParams } from './staff-shapes.ts';

/** Takes all platform roles from somebody; what they opened by them ends with it. They keep their sign-in. */
export const endStaff = defineOperation({
  name: 'endStaff',
  capability: 'access',
  summary: 'Take all platform roles from somebody',
  method: 'DELETE',
  path: '/api/v1/staff/{personId}',
  permission: { at: 'platform', action: 'manage-staff' },
  params: staffParams,
  answer: z.object({ personId: z.string() }),
  refusals: ['step-up-required', 'own-role', 'grant-exceeds-own', 'last-operator'],
});
