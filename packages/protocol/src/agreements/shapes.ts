import { agreementGates, longestDeadlineDays } from '@estover/domain/agreements';
import { z } from 'zod';
import { instant } from '../shapes.ts';

/** Which text it is, such as `terms`. */
export const agreementName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be small letters, digits and hyphens, such as `terms`');

export const agreementVersionNumber = z.int().min(1).max(1_000_000);

/** SHA-256 of the text in UTF-8, in hex: two texts with the same hash are the same. */
export const textHash = z.string().regex(/^[0-9a-f]{64}$/);

/** A text of several paragraphs: line breaks and tabs are the only control characters in it. */
export const agreementText = z
  .string()
  .trim()
  .min(1)
  .max(200_000)
  .regex(/^[^\p{Cc}]*(?:[\n\t][^\p{Cc}]*)*$/u, 'must not contain control characters other than line breaks');

/** A language tag (RFC 5646), in its short forms. */
export const languageTag = z
  .string()
  .regex(/^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}$/, 'must be a language tag such as de-CH');

export const deadlineDays = z.int().min(1).max(longestDeadlineDays);

export const agreementGate = z.enum(agreementGates);

export const agreementStanding = z.enum(['accepted', 'open', 'overdue']);

/** A version as it was published; none of it ever changes. */
export const agreementVersion = z.object({
  agreement: agreementName,
  version: agreementVersionNumber,
  title: z.string(),
  language: z.string().nullable(),
  text: z.string(),
  textHash,
  deadlineDays,
  publishedAt: instant,
  publishedBy: z.string(),
});

/** That an account accepted a version. */
export const agreementAcceptance = z.object({
  agreement: agreementName,
  version: agreementVersionNumber,
  title: z.string(),
  textHash,
  acceptedAt: instant,
  /** By a person here; or `elsewhere`, for which the operator vouches who made the account; or before there were records. */
  how: z.enum(['person', 'elsewhere', 'before-records']),
  /** Null where no person accepted here. Somebody who was removed has a pseudonym. */
  person: z.object({ personId: z.string(), name: z.string() }).nullable(),
  /** The role that let them accept, at that time. */
  role: z.string().nullable(),
  /** The network address it came from. */
  from: z.string().nullable(),
});

/** How an account stands to the newest version of an agreement. */
export const accountAgreement = z.object({
  /** Its text is read with `getAgreementVersion`. */
  version: agreementVersion.omit({ text: true }),
  standing: agreementStanding,
  dueAt: instant,
  /** The acceptance that counts: of this version, or of an earlier one; null for none. */
  accepted: agreementAcceptance.nullable(),
});
