import { platformRoles } from '@estover/domain/access';
import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { staffParams, staffPerson, wantedPlatformRole } from './staff-shapes.ts';

/** Puts platform roles in place of those somebody has. Nobody changes their own, and the last operator stays. */
export const updateStaff = defineOperation({
  name: 'updateStaff',
  capability: 'access',
  summary: 'Change the platform roles of somebody',
  method: 'PATCH',
  path: '/api/v1/staff/{personId}',
  permission: { at: 'platform', action: 'manage-staff' },
  params: staffParams,
  body: z.strictObject({
    roles: z
      .array(wantedPlatformRole)
      .min(1)
      .max(platformRoles.length)
      .refine((roles) => new Set(roles.map(({ role }) => role)).size === roles.length, {
        error: 'must name each role once',
      }),
  }),
  answer: z.object({ person: staffPerson }),
  refusals: ['step-up-required', 'own-role', 'grant-exceeds-own', 'last-operator'],
});
