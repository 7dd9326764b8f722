import { mailAddressPattern, normalizeMailAddress } from '@estover/domain/accounts';
import { z } from 'zod';

/** Ids are UUIDv7, made by the server, or by the caller where an operation says so. */
export const uuid = z.uuid().meta({ description: 'UUID' });

/**
 * An instant: RFC 3339 in UTC. At most 9 fraction digits, which is all that can be kept, and not before 1900, because
 * the database has no year 0.
 */
export const instant = z.iso
  .datetime({ offset: false, error: 'must be an instant in UTC such as 2026-11-22T12:00:00Z' })
  .refine((text) => /^(19|[2-9]\d)\d\d-[^.]*(\.\d{1,9})?Z$/.test(text), {
    error: 'must not be before 1900 and have at most 9 fraction digits',
  })
  .meta({ description: 'RFC 3339 instant in UTC, with at most 9 fraction digits' });

/** A calendar date, in years that leave room for the terms that are counted from it. */
export const date = z.iso
  .date({ error: 'must be a date such as 2026-11-22' })
  .refine((text) => /^(19|2\d)\d\d-/.test(text), { error: 'must be in the years 1900 to 2999' })
  .meta({ description: 'Calendar date, YYYY-MM-DD' });

/** The largest quantity a line may carry; far below 2^53, so that sums stay exact. */
export const maximumQuantity = 1_000_000_000;

export const quantity = z.int().min(1).max(maximumQuantity);

/** An amount that may be zero. */
export const amount = z.int().min(0);

/** A balance, which may be negative. */
export const balance = z.int();

/** Entitlement tag: `regid.YYYY-MM.<reversed domain>.<NAME>,<version>_<uuid>` (ISO/IEC 19770-2 regid form). */
export const tag = z
  .string()
  .max(255)
  .regex(
    /^regid\.\d{4}-\d{2}\.[a-z0-9.-]+\.[A-Za-z0-9_-]+,[0-9A-Za-z.]+_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  )
  .meta({
    description: 'Entitlement tag: regid.YYYY-MM.<reversed domain>.<NAME>,<version>_<uuid>',
    example: 'regid.2026-01.example.estover.NET_ADV,1.0_6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
  });

/** Text a person typed: trimmed, without control characters. */
export const text = (maximum: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maximum)
    .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters');

/** Like `text`, but it may be empty. */
export const optionalText = (maximum: number) =>
  z
    .string()
    .trim()
    .max(maximum)
    .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters');

/** Text to filter by: without control characters, which no name has and no database holds. */
export const filterText = (maximum: number) =>
  z
    .string()
    .max(maximum)
    .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters');

/** What a person looks for. */
export const searchText = filterText(100);

export const sku = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._=/-]*$/);

/** An order number, as the publisher's order system writes it. */
export const orderNumber = z
  .string()
  .min(1)
  .max(40)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);

/**
 * A mail address, brought into its one form: small letters, a domain with other letters than ASCII as `xn--…`. Whoever
 * asks may write the domain in any of its forms.
 */
export const email = z
  .string()
  .overwrite(normalizeMailAddress)
  .max(254)
  .check(z.email({ pattern: mailAddressPattern }))
  .meta({ description: 'Mail address' });

/** A query flag: `true` or `false`, which a query string writes as text. */
export const flag = z.preprocess(
  (given) => (given === 'true' ? true : given === 'false' ? false : given),
  z.boolean(),
);

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional().meta({ description: 'nextCursor of the page before' }),
};

/** One page of a list: the items, and the cursor of the next page or null at the end. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export const accountParams = z.object({ accountId: uuid });
