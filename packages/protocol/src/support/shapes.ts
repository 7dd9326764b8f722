import {
  recoveryKinds,
  recoveryStates,
  supportEnds,
  supportModes,
  supportRules,
  supportStates,
} from '@estover/domain/support';
import { z } from 'zod';
import { amount, instant, uuid } from '../shapes.ts';

export const supportMode = z.enum(supportModes);
export const supportRule = z.enum(supportRules);
export const supportState = z.enum(supportStates);

/** Somebody by id; by the pseudonym once they were removed. */
const namedPerson = z.object({ personId: z.string(), name: z.string() });

/** A time in which somebody of the publisher's staff may be in an account, or asked to be. */
export const supportAccess = z.object({
  accessId: uuid,
  accountId: uuid,
  accountName: z.string(),
  staff: namedPerson,
  mode: supportMode,
  reason: z.string(),
  caseNumber: z.string(),
  minutes: amount,
  state: supportState,
  askedAt: instant,
  begunAt: instant.nullable(),
  /** When the question expires, or the access ends by itself; null once it is over. */
  endsAt: instant.nullable(),
  endedAt: instant.nullable(),
  endedHow: z.enum(supportEnds).nullable(),
  /** Who of the customer approved or declined it. */
  decidedBy: namedPerson.nullable(),
  /** How many things were looked at; each has an event of the account. */
  reads: amount,
});

/** A way back in that two operators open together. */
export const recovery = z.object({
  recoveryId: uuid,
  kind: z.enum(recoveryKinds),
  /** The account that gets an administrator; null for the second factors of a person. */
  accountId: uuid.nullable(),
  accountName: z.string().nullable(),
  /** Who is to administer the account, or whose second factors end. */
  email: z.string(),
  reason: z.string(),
  state: z.enum(recoveryStates),
  askedBy: namedPerson,
  askedAt: instant,
  decidedBy: namedPerson.nullable(),
  /** When the question expires, or when it is done; null once it is over. */
  endsAt: instant.nullable(),
  endedAt: instant.nullable(),
});

export const supportAccessParams = z.object({ accountId: uuid, accessId: uuid });
