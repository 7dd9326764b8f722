import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { filterText, instant, uuid } from '../shapes.ts';

/** As whom somebody looks at an account, until when at the latest. */
export const viewingAs = z.object({
  accountId: uuid,
  personId: z.string(),
  name: z.string(),
  email: z.string(),
  until: instant,
});

/**
 * An administrator of the whole account looks at it as somebody else sees it, for 30 minutes at the longest, in the session
 * that asks. Every read in the account answers what that person would get; whatever would change something is refused until
 * it has ended. The event names both.
 */
export const beginViewAs = defineOperation({
  name: 'beginViewAs',
  capability: 'access',
  summary: 'Look at an account as a person sees it',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/people/{personId}/view',
  permission: { at: 'account', action: 'manage-people' },
  params: z.object({ accountId: uuid, personId: filterText(64).min(1) }),
  answer: z.object({ viewingAs }),
  refusals: ['person-required', 'nothing-to-do'],
});

/** Ends it before its time. */
export const endViewAs = defineOperation({
  name: 'endViewAs',
  capability: 'access',
  summary: 'Look at the account as oneself again',
  method: 'POST',
  path: '/api/v1/me/view/end',
  permission: { at: 'signed-in' },
  answer: z.object({ accountId: uuid, personId: z.string() }),
  refusals: ['person-required', 'nothing-to-do'],
  status: 200,
  endsView: true,
});
