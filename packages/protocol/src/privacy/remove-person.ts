import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { text } from '../shapes.ts';
import { removal } from './shapes.ts';

/** Removes a person who asked for it by other ways, or who has to go. The same as if they did it themselves. */
export const removePerson = defineOperation({
  name: 'removePerson',
  capability: 'privacy',
  summary: 'Remove a person',
  method: 'POST',
  path: '/api/v1/people/{personId}/removal',
  permission: { at: 'platform', action: 'manage-privacy' },
  params: z.object({ personId: z.string().max(64) }),
  body: z.strictObject({
    /** The mail address of whoever is removed, typed. */
    confirmation: z.string().max(254),
    reason: text(500),
  }),
  answer: z.object({ removal }),
  refusals: ['step-up-required', 'confirmation-wrong', 'last-administrator', 'last-operator'],
  repeats: true,
});
