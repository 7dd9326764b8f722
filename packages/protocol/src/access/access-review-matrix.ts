import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, amount, filterText, flag, instant, pageOf, pageQuery, uuid } from '../shapes.ts';
import { accessReviewFilters, reviewedRole } from './access-review.ts';
import { accountRole } from './shapes.ts';

const kept = z.object({ by: z.string(), at: instant });

/** Where a person has one of the six roles, put together from all grants of it. */
export const reviewCell = z.object({
  role: accountRole,
  /** The grants behind it, which `listAccessReview` lists for this `personId` and `role`. */
  grantIds: z.array(uuid),
  wholeAccount: z.boolean(),
  /** By their names from the top down. */
  virtualAccounts: z.array(
    z.object({ virtualAccountId: uuid, path: z.array(z.string()), nested: z.boolean() }),
  ),
  /** Names of the groups that the role comes by. */
  groups: z.array(z.string()),
  /** When the first of the grants ends that does, and how many of them do. */
  until: instant.nullable(),
  ending: amount,
  /** The seller whose lots are all that the person sees by it; null without a limit. */
  soldBy: z.string().nullable(),
  /** How many of the grants nobody ever looked at, and of the others the look that is longest ago. */
  neverKept: amount,
  kept: kept.nullable(),
});

/**
 * The roles that `listAccessReview` lists with the same filters, as a matrix: people by their names, and of each a cell
 * for every role they hold, in the order of the table of roles.
 */
export const listAccessMatrix = defineOperation({
  name: 'listAccessMatrix',
  capability: 'access',
  summary: 'Who holds which role where, as a matrix of people and roles',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/access-review/matrix',
  permission: { at: 'account', action: 'manage-people' },
  params: accountParams,
  query: z.strictObject({ ...pageQuery, ...accessReviewFilters }),
  answer: pageOf(z.object({ person: reviewedRole.shape.person, cells: z.array(reviewCell) })).extend({
    /** How many people match in all, how many roles they hold, and how many of these nobody ever looked at. */
    people: amount,
    roles: amount,
    neverKept: amount,
  }),
  refusals: ['cursor-invalid'],
});

/** The rows that `listAccessMatrix` lists with the same filters, all of them. */
export const downloadAccessMatrix = defineOperation({
  name: 'downloadAccessMatrix',
  capability: 'access',
  summary: 'The matrix of people and roles, as CSV',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/access-review/matrix/download',
  permission: { at: 'account', action: 'manage-people' },
  params: accountParams,
  query: z.strictObject(accessReviewFilters),
  answer: z
    .string()
    .meta({ description: 'The file: a person on each line, a role in each column, streamed' }),
  fileAnswer: true,
  fileMedia: ['text/csv'],
});

/** How many people have a role in effect in a virtual account; each counts once, by the nearest way they have it. */
export const placeCell = z.object({
  role: accountRole,
  people: amount,
  /** Given for this virtual account itself. */
  here: amount,
  /** Given above it, with everything nested. */
  fromAbove: amount,
  /** Given for the whole account. */
  wholeAccount: amount,
});

const placeFilters = {
  ...accessReviewFilters,
  /** Only this virtual account, with everything nested in it unless `nested=false`. */
  virtualAccountId: uuid.optional(),
  nested: flag.default(true),
};

/**
 * How many people have which role in effect in each virtual account, depth first by name. Filters narrow the roles that are
 * counted. Whoever manages a part of the account sees this part and the roles that were given inside of it:
 * `everythingSeen` is false where people may reach in from above.
 */
export const listVirtualAccountAccess = defineOperation({
  name: 'listVirtualAccountAccess',
  capability: 'access',
  summary: 'How many people have which role where, as a matrix of virtual accounts and roles',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/access-review/virtual-accounts',
  permission: { at: 'account', action: 'manage-people' },
  params: accountParams,
  query: z.strictObject({ ...pageQuery, ...placeFilters }),
  answer: pageOf(
    z.object({
      virtualAccountId: uuid,
      path: z.array(z.string()),
      /** Those of the virtual accounts it is nested in that the caller manages, from the top down. */
      aboveIds: z.array(uuid),
      /** One for each role that anybody has here, in the order of the table of roles. */
      cells: z.array(placeCell),
    }),
  ).extend({
    /** How many virtual accounts there are in all. */
    total: amount,
    everythingSeen: z.boolean(),
  }),
  refusals: ['cursor-invalid', 'unknown-virtual-account'],
});

/** The rows that `listVirtualAccountAccess` lists with the same filters, all of them. */
export const downloadVirtualAccountAccess = defineOperation({
  name: 'downloadVirtualAccountAccess',
  capability: 'access',
  summary: 'The matrix of virtual accounts and roles, as CSV',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/access-review/virtual-accounts/download',
  permission: { at: 'account', action: 'manage-people' },
  params: accountParams,
  query: z.strictObject(placeFilters),
  answer: z
    .string()
    .meta({ description: 'The file: a virtual account on each line, figures of each role, streamed' }),
  fileAnswer: true,
  fileMedia: ['text/csv'],
  refusals: ['unknown-virtual-account'],
});

/**
 * Says that somebody looked at these roles of a person, and that they stay: all of them, or none where one is gone.
 * Nobody reviews their own.
 */
export const keepPersonAccess = defineOperation({
  name: 'keepPersonAccess',
  capability: 'access',
  summary: 'Keep several roles of a person after a look at them',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/access-review/people/{personId}',
  permission: { at: 'account', action: 'manage-people' },
  params: z.object({ accountId: uuid, personId: filterText(64).min(1) }),
  body: z.strictObject({ grantIds: z.array(uuid).min(1).max(200) }),
  answer: z.object({ kept, roles: amount }),
  refusals: ['own-review'],
  status: 200,
});
