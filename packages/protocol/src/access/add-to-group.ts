import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { email, text, uuid } from '../shapes.ts';
import { group, told } from './shapes.ts';

/**
 * Adds people to a group, which gives each its role and scope, and lets them know by mail as `grantRole` does. All of
 * them or, with a refusal, none. Who is in the group already stays as they are, but is invited again without a password.
 */
export const addToGroup = defineOperation({
  name: 'addToGroup',
  capability: 'access',
  summary: 'Add people to a group',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/groups/{groupId}/people',
  permission: { at: 'account', action: 'manage-people' },
  params: z.object({ accountId: uuid, groupId: uuid }),
  body: z.strictObject({
    people: z
      .array(z.strictObject({ email, name: text(120).optional() }))
      .min(1)
      .max(200),
  }),
  answer: z.object({
    group,
    people: z.array(
      z.object({
        personId: z.string(),
        email: z.string(),
        /** False for who was in the group before. */
        added: z.boolean(),
        ...told,
      }),
    ),
  }),
  refusals: ['grant-exceeds-own', 'group-ended', 'person-deactivated', 'step-up-required'],
  secretAnswer: true,
});
