import { cadences, subscribedKindNames } from '@estover/domain/notifications';
import { z } from 'zod';
import { amount, instant, uuid } from '../shapes.ts';

export const mailKind = z.enum([
  'invitation',
  'role-given',
  'password-reset',
  'password-changed',
  'account-requested',
  'account-acceptance',
  'account-request-closed',
  'account-request-question',
  'account-request-approved',
  'account-request-withdrawn',
  'account-active',
  'account-status',
  'account-exists',
  'account-upgraded',
  'order-account',
  'access-requested',
  'access-request-closed',
  'role-ending',
  'roles-ending',
  'account-move',
  'sign-in-changed',
  'mail-address-proof',
  'mail-address-in-use',
  'mail-address-changed',
  'identity-proof',
  'staff-role',
  'support-asked',
  'support-begun',
  'support-answered',
  'recovery-waits',
  'recovery-done',
  'digest',
  'address-confirmation',
]);

/**
 * `waiting` for the mail server, `sent`, `kept` because there is no mail server, or `failed`: refused for good, or tried
 * for three days.
 */
export const mailState = z.enum(['waiting', 'sent', 'kept', 'failed']);

/** A mail of the outbox. What it says is not among it: it may hold a link that lets somebody in. */
export const mail = z.object({
  mailId: uuid,
  kind: mailKind,
  recipient: z.string(),
  accountId: uuid.nullable(),
  accountName: z.string().nullable(),
  subject: z.string(),
  state: mailState,
  attempts: z.int().min(0),
  nextAttemptAt: instant.nullable(),
  /** What the mail server said, or why it was not reached. */
  problem: z.string().nullable(),
  createdAt: instant,
  /** When it was sent, or had failed. */
  doneAt: instant.nullable(),
});

/** A kind of the catalogue that people choose a cadence for. */
export const notificationKind = z.enum(subscribedKindNames);

/** How often somebody hears of a kind; `off` is not by mail. */
export const cadence = z.enum(cadences);

/** Choices, each kind once; null goes back to what holds for whoever chose nothing. */
export const notificationChoices = z
  .array(z.strictObject({ kind: notificationKind, cadence: cadence.nullable() }))
  .min(1)
  .max(subscribedKindNames.length)
  .refine((choices) => new Set(choices.map(({ kind }) => kind)).size === choices.length, {
    error: 'must name each kind once',
  });

const kinds = z.array(z.object({ kind: notificationKind, cadence, isDefault: z.boolean() }));

/** What a person hears of in one account: the kinds that their roles there let them hear of. */
export const myNotifications = z.object({ accountId: uuid, accountName: z.string(), kinds });

/** What one of the publisher's staff hears of that waits on the platform. */
export const staffNotifications = z.object({ kinds });

/** The newest of what there is to tell, and how much of it is new since the person looked. */
export const news = z.object({
  items: z.array(
    z.object({
      cause: z.string(),
      kind: notificationKind,
      state: z.enum(['new', 'ended']),
      message: z.string(),
      /** Its page, below that of the account; of what waits on the platform, the whole path. */
      page: z.string(),
      at: instant,
      isNew: z.boolean(),
    }),
  ),
  /** At most 100, which stands for 100 and more. */
  newCount: amount,
  /** What to name when all of these are seen. */
  position: amount,
});

/** When digests come. Without a time zone it is UTC. */
export const notificationHours = z.object({
  timeZone: z.string().nullable().meta({ description: 'IANA name, such as Europe/Madrid; null is UTC' }),
  hour: z.int().min(0).max(23),
  weekday: z.int().min(1).max(7).meta({ description: 'Of weekly digests: 1 is Monday' }),
});

/** An address that hears of an account, beside its people. Nothing is sent there before it is confirmed. */
export const notificationAddress = z.object({
  addressId: uuid,
  email: z.string(),
  addedBy: z.string(),
  addedAt: instant,
  confirmedAt: instant.nullable(),
  /** Until when its link is good; null once it is confirmed, or where a restore ended the link. */
  confirmUntil: instant.nullable(),
  /** What it hears of; all else is off. */
  kinds: z.array(z.object({ kind: notificationKind, cadence })),
});
