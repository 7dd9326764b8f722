import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { removal } from './shapes.ts';

/**
 * Removes the person who asks: sessions, roles, keys, passkeys and all else end at once, and their name is taken out of
 * every text within minutes. It cannot be undone.
 */
export const removeMe = defineOperation({
  name: 'removeMe',
  capability: 'privacy',
  summary: 'Remove yourself',
  method: 'POST',
  path: '/api/v1/me/removal',
  permission: { at: 'signed-in' },
  body: z.strictObject({
    /** Their own mail address, typed. */
    confirmation: z.string().max(254),
  }),
  answer: z.object({ removal }),
  refusals: [
    'person-required',
    'step-up-required',
    'confirmation-wrong',
    'last-administrator',
    'last-operator',
  ],
  repeats: true,
});
