import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { email, text } from '../shapes.ts';

/** Makes the first operator from the one-time set-up link that the first start prints. */
export const setUp = defineOperation({
  name: 'setUp',
  capability: 'access',
  summary: 'Make the first operator with the one-time set-up link',
  method: 'POST',
  path: '/api/v1/setup',
  permission: { at: 'public' },
  body: z.strictObject({
    token: z.string().max(200),
    name: text(120),
    email,
    password: z.string().min(1).max(256),
  }),
  answer: z.object({ personId: z.string(), email: z.string() }),
  refusals: ['setup-done', 'link-invalid', 'password-weak'],
});
