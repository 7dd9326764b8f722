import { z } from 'zod';

/** UUID in small letters: ids are compared as text. */
export const idField = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'must be a UUID in small letters');

/**
 * RFC 3339 in UTC: seconds, at most 9 digits of a fraction, capital T and Z. More digits are refused and not cut: two
 * readers that cut otherwise would see two instants.
 */
export const instantField = z
  .string()
  .refine(
    isInstant,
    'must be an RFC 3339 instant like 2026-11-22T12:00:00Z, with at most 9 digits of a fraction',
  );

function isInstant(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d{1,9})?Z$/.test(text)) return false;
  try {
    Temporal.Instant.from(text);
    return true;
  } catch {
    // A day or an hour that does not exist.
    return false;
  }
}

export const sequenceField = z.int().min(1);

/** Rises with every restore of the installation from a backup; 1 until the first. */
export const epochField = z.int().min(1);

/** The most of one license that one instance can use. */
export const largestCount = 1_000_000_000;
export const countField = z.int().min(0).max(largestCount);

/** Tags in one message. */
export const mostTags = 200;

/**
 * Text without control characters, as products print it.
 *
 * @param longest in Unicode code points, so that every language counts alike
 */
export function printable(longest: number) {
  return (
    z
      .string()
      .min(1)
      // A text has no more code points than UTF-16 units, so most need not be taken apart.
      .refine(
        (text) => text.length <= longest || [...text].length <= longest,
        `must have at most ${longest} characters`,
      )
      .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters')
  );
}

/** A tag as the instance was given it. Its form is not checked here: an unknown one is answered `invalid-tag` alone. */
export const tagField = printable(255);

/** DER in base64 with padding (RFC 4648 §4). */
export const derField = z.base64().min(4).max(16_384);

/** The whole of what is in use: absolute counts; a tag not named is 0; no tag twice. */
export const usageField = z
  .array(z.strictObject({ tag: tagField, count: countField }))
  .max(mostTags)
  .superRefine((usage, context) => {
    const seen = new Set<string>();
    for (const [index, { tag }] of usage.entries()) {
      if (seen.has(tag)) {
        context.addIssue({ code: 'custom', path: [index, 'tag'], message: 'the tag is named twice' });
      }
      seen.add(tag);
    }
  });
export type Usage = z.output<typeof usageField>;
