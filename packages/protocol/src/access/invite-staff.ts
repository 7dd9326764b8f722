import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { email, text } from '../shapes.ts';
import { told } from './shapes.ts';
import { staffPerson, wantedPlatformRole } from './staff-shapes.ts';

/**
 * Gives somebody a platform role, by mail address: whoever has no password yet gets a link for choosing one. Nobody gives
 * more than they hold.
 */
export const inviteStaff = defineOperation({
  name: 'inviteStaff',
  capability: 'access',
  summary: 'Make somebody staff',
  method: 'POST',
  path: '/api/v1/staff',
  permission: { at: 'platform', action: 'manage-staff' },
  body: z.strictObject({ email, name: text(120).optional(), ...wantedPlatformRole.shape }),
  answer: z.object({ person: staffPerson, ...told }),
  refusals: ['step-up-required', 'own-role', 'staff-already', 'grant-exceeds-own', 'too-many-requests'],
  secretAnswer: true,
});
