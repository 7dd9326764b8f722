import { INVITATION_COLUMNS, MAX_INVITATIONS } from '@estover/domain/access';
import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, email, instant, text } from '../shapes.ts';
import { accountRole, grant, grantScope, told } from './shapes.ts';

export const invitationColumns = INVITATION_COLUMNS;

const what = { role: accountRole.optional(), scope: grantScope.optional(), until: instant.optional() };

/** One person of many: what they do not name themselves is that of all. */
export const invitation = z.strictObject({ email, name: text(120).optional(), ...what });

/** The JSON that `invitePeople` takes: a role and scope for all, or one for each. */
export const invitations = z.strictObject({
  people: z.array(z.unknown()).min(1).max(MAX_INVITATIONS),
  ...what,
});

/**
 * Invites up to 200 people, or gives them another role: all of them or, with an error anywhere, none. From CSV (a row a
 * person, columns as in `invitationColumns`; virtual accounts by path or id, several joined by `;`, none for the whole
 * account; an empty `nested` is no) or JSON (`{ people: [{ email, name, role, scope, until }], role, scope, until }`,
 * where those beside `people` are for everybody who names none). Who is new is invited as by `grantRole`; a dry run
 * answers the same without links, and with a made-up id and the name that was asked for where somebody gets the role.
 */
export const invitePeople = defineOperation({
  name: 'invitePeople',
  capability: 'access',
  summary: 'Invite several people from CSV or JSON',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/invitations',
  permission: { at: 'account', action: 'manage-people' },
  params: accountParams,
  body: z.string(),
  bodyMedia: ['text/csv', 'application/json'],
  answer: z.object({
    people: z.array(
      z.object({
        /** The header of a CSV file is row 1; of JSON the position of the person, from 1. */
        row: z.int(),
        personId: z.string(),
        email: z.string(),
        name: z.string(),
        /** False for who had exactly this role before. */
        given: z.boolean(),
        grant,
        ...told,
      }),
    ),
  }),
  refusals: [
    'grant-exceeds-own',
    'import-refused',
    'limited-use-people',
    'malformed-body',
    'person-deactivated',
    'scope-not-for-role',
    'step-up-required',
    'unknown-virtual-account',
  ],
  dryRun: true,
  secretAnswer: true,
});
