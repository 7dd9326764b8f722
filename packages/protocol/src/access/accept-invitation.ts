import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { text } from '../shapes.ts';

/** An invited person chooses a name and a password with the one-time link. */
export const acceptInvitation = defineOperation({
  name: 'acceptInvitation',
  capability: 'access',
  summary: 'Choose a password with an invitation link',
  method: 'POST',
  path: '/api/v1/invitations/accept',
  permission: { at: 'public' },
  body: z.strictObject({ token: z.string().max(200), name: text(120), password: z.string().min(1).max(256) }),
  answer: z.object({ personId: z.string(), email: z.string() }),
  refusals: ['invitation-expired', 'link-invalid', 'person-exists', 'password-weak'],
});
