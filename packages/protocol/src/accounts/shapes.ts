import { accountKinds, accountStatuses, maximumTagName } from '@estover/domain/accounts';
import { z } from 'zod';
import { amount, balance, instant, text, uuid } from '../shapes.ts';

/** `holding`: nothing in it can be used; `limited-use`: at most 3 people and 3 virtual accounts. */
export const accountKind = z.enum(accountKinds);

/**
 * `suspended` and `closed` accounts are only read, and so are `merged` ones, whose virtual accounts are in another account.
 * `pending` is a place for orders whose customer has not said yet which account they are for.
 */
export const accountStatus = z.enum(accountStatuses);

/** What happens when a product instance's sequence number goes back: a clone or a restored snapshot. */
export const sequencePolicy = z.enum(['flag', 'refuse']);

export const account = z.object({
  accountId: uuid,
  kind: accountKind,
  name: z.string(),
  domainIdentifier: z.string(),
  status: accountStatus,
  /** Since when; null where it was so from the beginning. */
  statusSince: instant.nullable(),
  /** Why it was suspended or closed. */
  statusReason: z.string().nullable(),
  /** Export category of the account (seed 001): C and D get no export-controlled functionality. */
  exportCategory: z.enum(['A', 'B', 'C', 'D']),
  sequencePolicy,
  createdAt: instant,
});

/** Sums over pools: of one virtual account alone, or with everything nested under it. */
export const rollUp = z.object({
  owned: amount,
  pending: amount,
  reserved: amount,
  held: amount,
  expired: amount,
  inUse: amount,
  balance,
  /** Units missing, over all pools out of compliance. */
  short: amount,
  pools: amount,
  poolsShort: amount,
  endingWithin90Days: amount,
  productInstances: amount,
});

/** A tag that a virtual account carries: one value of a key. */
export const carriedTag = z.object({
  tagKeyId: uuid,
  /** Name of the key, such as Department. */
  key: z.string(),
  tagValueId: uuid,
  /** Name of the value, such as Sales. */
  value: z.string(),
});

/**
 * A key that an administrator defined, with the values it allows, by their names. `virtualAccounts` are those that carry
 * it, counted as far as the caller may see them.
 */
export const tagKey = z.object({
  tagKeyId: uuid,
  name: z.string(),
  virtualAccounts: amount,
  values: z.array(z.object({ tagValueId: uuid, name: z.string(), virtualAccounts: amount })),
});

/** The name of a tag key or value; unique without regard to case. */
export const tagName = text(maximumTagName);

export const virtualAccount = z.object({
  virtualAccountId: uuid,
  parentId: uuid.nullable(),
  name: z.string(),
  /** Names from the top down to this one. */
  path: z.array(z.string()),
  description: z.string(),
  accessLevel: z.enum(['restricted', 'unrestricted']),
  isDefault: z.boolean(),
  /** 1 at the top, 10 at the deepest. */
  depth: z.int().min(1).max(10),
  children: amount,
  /** In the order of their keys' names; at most one value of each key. */
  tags: z.array(carriedTag),
});

export const virtualAccountWithRollUp = virtualAccount.extend({ own: rollUp, nested: rollUp });

/** Somebody whose rights inside a virtual account change because it moves. */
export const accessChange = z.object({
  personId: z.string(),
  name: z.string(),
  email: z.string(),
  roles: z.array(z.string()),
});
