import { moveKinds, moveStates } from '@estover/domain/accounts';
import { z } from 'zod';
import { amount, instant, text, uuid } from '../shapes.ts';
import { accessChange } from './shapes.ts';

export const moveParams = z.object({ moveId: uuid });

/** One side of a merge or split. Its id is null while the account of a split is not made yet. */
export const moveSide = z.object({
  accountId: uuid.nullable(),
  name: z.string(),
  domainIdentifier: z.string(),
});

/** What becomes of roles in the whole account: `drop`, or `keep` as the like roles at the virtual accounts that move. */
export const accountRolesChoice = z.enum(['drop', 'keep']);

/** Names that virtual accounts at the top of what moves get where they come to. */
export const newNames = z.array(z.strictObject({ virtualAccountId: uuid, name: text(80) })).max(200);

/** Somebody whose access changes; `after` are the roles they have then in what moves, empty for none. */
const changedPerson = accessChange.extend({ after: z.array(z.string()) });

/** Something that stands in the way, in a sentence. */
export const inTheWay = z.object({ code: z.string(), detail: z.string() });

/**
 * What a merge or split does, counted as it is now. Lists that can be long are cut, and their totals stand beside them.
 * What the reader may not see of the other side is null.
 */
export const movePreview = z.object({
  /** Those at the top of what moves first; at most 200. `newPath` is null where the reader may not see it. */
  virtualAccounts: z.array(
    z.object({
      virtualAccountId: uuid,
      path: z.array(z.string()),
      newPath: z.array(z.string()).nullable(),
      isTop: z.boolean(),
      clashes: z.boolean(),
    }),
  ),
  totalVirtualAccounts: amount,
  licenses: z.array(z.object({ tag: z.string(), name: z.string(), quantity: amount })),
  productInstances: amount,
  tokens: amount,
  openOrderLines: amount,
  openAlerts: amount,
  /** Keys that virtual accounts carry, and whether the other account has a key of this name; null where it is not seen. */
  tags: z.array(z.object({ key: z.string(), joins: z.boolean().nullable() })),
  groups: z.array(z.object({ name: z.string(), newName: z.string(), people: amount })),
  /** People of the account that gives, whose roles end or change, at most 200. */
  loses: z.array(changedPerson),
  /** People of the account that gets them, who see them from then on, at most 200; null where the reader may not know. */
  gains: z.array(accessChange).nullable(),
  /** API keys that reach none of it any more. */
  apiKeys: amount,
  inTheWay: z.array(inTheWay),
});

export const accountMove = z.object({
  moveId: uuid,
  kind: z.enum(moveKinds),
  state: z.enum(moveStates),
  stateSince: instant,
  /** Until when somebody may consent; once it is done, until when it may be undone. Null where nothing can be done. */
  endsAt: instant.nullable(),
  from: moveSide,
  into: moveSide,
  proposedBy: z.string(),
  proposedAt: instant,
  proposedSide: z.enum(['from', 'into']),
  reason: z.string(),
  /** Who consented, declined, withdrew or undid it last; null while it waits. */
  answeredBy: z.string().nullable(),
  answer: z.string().nullable(),
  accountRoles: accountRolesChoice,
  /** Who consents for the new account of a split. */
  firstAdministratorEmail: z.string().nullable(),
  /** What the reader may do with it now. */
  may: z.object({ consent: z.boolean(), decline: z.boolean(), withdraw: z.boolean(), undo: z.boolean() }),
});
