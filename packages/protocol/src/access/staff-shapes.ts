import { supportMinutes } from '@estover/domain/support';
import { z } from 'zod';
import { instant } from '../shapes.ts';
import { platformRole } from './shapes.ts';

/** A platform role that somebody gets; `until` is when it ends by itself. */
export const wantedPlatformRole = z.strictObject({
  role: platformRole,
  until: instant.nullable().default(null),
});

/** Somebody of the publisher's staff. */
export const staffPerson = z.object({
  personId: z.string(),
  name: z.string(),
  email: z.string(),
  /** `invited` until the person has chosen a password. */
  status: z.enum(['active', 'invited']),
  /**
   * Whether sign-in asks them for a code. A passkey alone is none, because the password by itself still opens the door.
   */
  secondFactor: z.boolean(),
  roles: z.array(
    z.object({
      role: platformRole,
      until: instant.nullable(),
      /** Who gave it; null for the first operator. */
      grantedBy: z.string().nullable(),
      grantedAt: instant,
    }),
  ),
});

/** What holds for all staff. */
export const staffSettings = z.object({
  /** Staff without a second factor have no platform role until they have set one up. */
  secondFactorRequired: z.boolean(),
  /** How long a support access may last at most. */
  supportMostMinutes: z.int().min(supportMinutes.least).max(supportMinutes.most),
});

/** Ids of people are texts. */
export const staffParams = z.object({ personId: z.string().max(64) });
