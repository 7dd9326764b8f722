import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, filterText, flag, instant, pageOf, pageQuery, searchText, uuid } from '../shapes.ts';
import { accountRole, heldGrant, person } from './shapes.ts';

const days = z.coerce.number().int().min(1).max(3650).optional();

/** What narrows an access review, in each of its views. */
export const accessReviewFilters = {
  search: searchText.optional(),
  role: accountRole.optional(),
  partner: flag.optional(),
  /** Only roles that end within so many days. */
  endingWithinDays: days,
  /** Only people who have not signed in for so many days, or never. */
  notSignedInForDays: days,
  /** Only roles that nobody has looked at for so many days, or never. */
  notKeptForDays: days,
};

const filters = {
  ...accessReviewFilters,
  /** Only roles of this person. */
  personId: filterText(64).min(1).optional(),
  /** Only roles that reach this virtual account: given there, above it with everything nested, or for the whole account. */
  virtualAccountId: uuid.optional(),
};

/** A role that somebody holds, as it is reviewed. */
export const reviewedRole = z.object({
  person: person.omit({ grants: true }).extend({ lastSignedInAt: instant.nullable() }),
  grant: heldGrant,
  /** The paths of the grant's virtual accounts, in its order; empty for the whole account. */
  virtualAccountPaths: z.array(z.array(z.string())),
  /** Who last looked at the role and kept it, and when. */
  kept: z.object({ by: z.string(), at: instant }).nullable(),
});

/**
 * Every role that people hold now, their own and those by groups, by the names of people: as far as the caller manages
 * people. What is not needed any more is taken away with `revokeGrant` and `removeFromGroup`.
 */
export const listAccessReview = defineOperation({
  name: 'listAccessReview',
  capability: 'access',
  summary: 'Who holds which role, for review',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/access-review',
  permission: { at: 'account', action: 'manage-people' },
  params: accountParams,
  query: z.strictObject({ ...pageQuery, ...filters }),
  answer: pageOf(reviewedRole).extend({
    /** How many roles match in all, and how many of them nobody ever looked at. */
    total: z.int(),
    neverKept: z.int(),
  }),
  refusals: ['cursor-invalid', 'unknown-virtual-account'],
});

/** The roles that `listAccessReview` lists with the same filters, all of them. */
export const downloadAccessReview = defineOperation({
  name: 'downloadAccessReview',
  capability: 'access',
  summary: 'Who holds which role, as CSV',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/access-review/download',
  permission: { at: 'account', action: 'manage-people' },
  params: accountParams,
  query: z.strictObject(filters),
  answer: z.string().meta({ description: 'The file: one role of a person on each line, streamed' }),
  fileAnswer: true,
  fileMedia: ['text/csv'],
  refusals: ['unknown-virtual-account'],
});

/** Says that somebody looked at a role of a person, and that it stays. Nobody reviews their own. */
export const keepAccess = defineOperation({
  name: 'keepAccess',
  capability: 'access',
  summary: 'Keep a role after a look at it',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/access-review',
  permission: { at: 'account', action: 'manage-people' },
  params: accountParams,
  body: z.strictObject({ grantId: uuid, personId: z.string().min(1).max(64) }),
  answer: z.object({ kept: z.object({ by: z.string(), at: instant }) }),
  refusals: ['own-review'],
  status: 200,
});
