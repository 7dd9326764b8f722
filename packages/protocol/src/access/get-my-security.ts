import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { instant, uuid } from '../shapes.ts';
import { passkey } from './shapes.ts';
import { identity } from './single-sign-on-shapes.ts';

/** How the person who asks signs in, and where they are signed in. No secret and no token is among it. */
export const getMySecurity = defineOperation({
  name: 'getMySecurity',
  capability: 'access',
  summary: 'Sessions, codes and passkeys of the person that asks',
  method: 'GET',
  path: '/api/v1/me/security',
  permission: { at: 'signed-in' },
  answer: z.object({
    sessions: z.array(
      z.object({
        sessionId: uuid,
        signedInAt: instant,
        expiresAt: instant,
        from: z.string().nullable().meta({ description: 'Address the sign-in came from' }),
        userAgent: z.string().nullable(),
        isThisOne: z.boolean(),
      }),
    ),
    totp: z.object({
      isOn: z.boolean(),
      since: instant.nullable(),
      recoveryCodesLeft: z.int().min(0),
    }),
    passkeys: z.array(passkey),
    email: z.string(),
    /** Whether a mail has proved that the address is the person's; until then roles given to it do not count. */
    emailProved: z.boolean(),
    hasPassword: z.boolean(),
    /** Who the person is at their company's sign-in. */
    identities: z.array(identity),
    /** The sign-in of the company with the person's mail domain, where it is on; null where there is none. */
    singleSignOn: z.object({ domain: z.string(), isRequired: z.boolean() }).nullable(),
    /** The name by which the server must be open in the browser, so that passkeys work. */
    passkeyHost: z.string(),
    /** Until when nothing is asked again before something dangerous. */
    provedUntil: instant.nullable(),
  }),
  refusals: ['person-required'],
});
