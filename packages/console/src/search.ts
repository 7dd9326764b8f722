import { z } from 'zod';

/*
 * Kinds of words in an address. One that is not of its kind is left out, so that an old or mistyped link still opens
 * its page. Each list's own filters are beside its page.
 */

/** A text; a number in an address is a text that looks like one. */
export const text = z
  .union([z.string(), z.number().transform(String)])
  .optional()
  .catch(undefined);

export const id = z.uuid().optional().catch(undefined);

export const flag = z.boolean().optional().catch(undefined);

export const whole = z.int().min(1).optional().catch(undefined);

/** A calendar date, YYYY-MM-DD. */
export const day = z.iso.date().optional().catch(undefined);

export const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words).optional().catch(undefined);

/** The virtual account filter of a list; `nested` is left out where it is true. */
export const virtualAccountFilter = { virtualAccountId: id, nested: flag };
