import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { optionalText, text } from '../shapes.ts';
import { ownAccessRequest } from './access-request-shapes.ts';
import { accountRole } from './shapes.ts';

/**
 * A person asks for a role at an account or at a virtual account of it, by the account's identifier. The answer is the
 * same whether there is such an account or not; what becomes of the request they hear by mail and see in their own list.
 * A path of a virtual account is taken as it is typed, because whoever asks may not see it. Limited for each network and
 * each person.
 */
export const requestAccess = defineOperation({
  name: 'requestAccess',
  capability: 'access',
  summary: 'Ask for access to an account',
  method: 'POST',
  path: '/api/v1/access-requests',
  permission: { at: 'signed-in' },
  body: z.strictObject({
    /** The account's domain identifier, or the mail address that stands for an account for limited use. */
    identifier: text(254),
    role: accountRole,
    /** The path of a virtual account, such as `EMEA / Madrid`; left out for the whole account. */
    place: optionalText(500).default(''),
    reason: text(500),
  }),
  answer: z.object({ request: ownAccessRequest }),
  refusals: [
    'person-required',
    'domain-identifier-invalid',
    'scope-not-for-role',
    'access-requested-already',
    'access-requests-waiting',
  ],
});
