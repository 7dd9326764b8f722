import { type AccountAction, type PlatformAction, platformPolicy } from '../access/index.ts';

/** How often somebody hears of a kind; `off` is not by mail. */
export const cadences = ['immediate', 'daily', 'weekly', 'off'] as const;
export type Cadence = (typeof cadences)[number];

/** A kind that people choose a cadence for (specification `accounts-and-access.md`, "Notifications"). */
export interface SubscribedKind {
  name: string;
  /** What it tells of, in a sentence. */
  sentence: string;
  /** What holds for whoever has chosen nothing. */
  cadence: Cadence;
  /**
   * Who hears of it: whoever may do this where it happened, in the account or, for the publisher's staff, on the platform.
   * `own`: whom it is about, and nobody else.
   */
  needs: AccountAction | PlatformAction | 'own';
  /** Whether its end is told as well as its beginning. */
  tellsEnd: boolean;
}

const kind = (
  name: string,
  sentence: string,
  cadence: Cadence,
  needs: SubscribedKind['needs'],
  { tellsEnd = false }: { tellsEnd?: boolean } = {},
): SubscribedKind => ({ name, sentence, cadence, needs, tellsEnd });

/** Every kind that is told by mail at a person's own pace, in the order in which digests and settings list them. */
export const subscribedKinds = {
  shortage: kind(
    'Licenses short',
    'More is in use than there is, and when that ends.',
    'immediate',
    'view-inventory',
    { tellsEnd: true },
  ),
  'ending-90': kind(
    'Licenses end in 90 days',
    'Once for each delivery, 90 days before it ends.',
    'daily',
    'view-inventory',
  ),
  'ending-60': kind(
    'Licenses end in 60 days',
    'Once for each delivery, 60 days before it ends.',
    'daily',
    'view-inventory',
  ),
  'ending-30': kind(
    'Licenses end in 30 days',
    'Once for each delivery, 30 days before it ends.',
    'daily',
    'view-inventory',
  ),
  ended: kind('Licenses ended', 'What does not count any more.', 'daily', 'view-inventory'),
  orders: kind(
    'Orders',
    'Licenses of an order came in, or wait for an agreement.',
    'daily',
    'view-inventory',
  ),
  instances: kind(
    'Product instances',
    'One has not been heard of, or may exist twice, and when that ends.',
    'daily',
    'view-inventory',
    { tellsEnd: true },
  ),
  certificates: kind(
    'Certificates',
    'A product instance has not renewed its certificate.',
    'daily',
    'view-inventory',
  ),
  tokens: kind(
    'Registration tokens',
    'Tokens ended when a backup was restored.',
    'immediate',
    'manage-tokens',
  ),
  agreements: kind('Agreements', 'A text waits to be accepted.', 'immediate', 'accept-agreements'),
  connections: kind(
    'Webhooks and API clients',
    'A webhook was switched off, or an API client ends within 14 days.',
    'immediate',
    'manage-account-settings',
  ),
  // Off by mail, because mails of their own tell everybody of it 14 and 3 days before and at the end.
  'own-role': kind(
    'Your roles',
    'A role of yours ends within 14 days. You get a mail about it in any case; here it can be among the others.',
    'off',
    'own',
  ),
  'account-requests': kind(
    'Requests for accounts',
    'One waits for its review; again after 3, 7, 14 and 28 days.',
    'daily',
    'review-accounts',
  ),
  'order-desk': kind(
    'Orders that wait for nobody',
    'The account that order lines wait for was declined, withdrawn or not accepted in time.',
    'immediate',
    'manage-orders',
  ),
  recoveries: kind(
    'Recoveries',
    'One waits for a second operator; again a day before it expires.',
    'immediate',
    'recover-access',
  ),
} as const satisfies Record<string, SubscribedKind>;

export type SubscribedKindName = keyof typeof subscribedKinds;
export const subscribedKindNames = Object.keys(subscribedKinds) as SubscribedKindName[];

/** A kind by its name, in the one shape they share. */
export const subscribedKind = (name: SubscribedKindName): SubscribedKind => subscribedKinds[name];

/** Kinds of what waits on the platform, of which the publisher's staff hears and no account does. */
export const staffKindNames = subscribedKindNames.filter((name) =>
  Object.hasOwn(platformPolicy, subscribedKind(name).needs),
);

/** Kinds of which an added address may hear: those that are about the account and not about one person. */
export const addressKindNames = subscribedKindNames.filter(
  (name) => subscribedKind(name).needs !== 'own' && !staffKindNames.includes(name),
);

/**
 * Mails that always go out at once and cannot be switched off: they bring what somebody asked for, or tell of what was
 * done to their own access.
 */
export const transactionalKinds = {
  invitation: 'Invitations',
  'role-given': 'Roles you are given',
  'password-reset': 'Links for a new password',
  'password-changed': 'A changed password',
  'sign-in-changed': 'Changes of how you sign in',
  'account-requested': 'Requests for an account to confirm',
  'account-acceptance': 'Accounts to accept',
  'account-request-closed': 'Requests for an account that are closed',
  'account-request-question': 'Questions about requests for an account',
  'account-request-approved': 'Requests for an account that are approved',
  'account-request-withdrawn': 'Requests for an account that are taken back',
  'account-active': 'Accounts that are active',
  'account-status': 'Accounts that are suspended, active again or closed',
  'account-exists': 'Accounts that are there already',
  'account-upgraded': 'Accounts that are upgraded',
  'account-move': 'Merges and splits of accounts',
  'order-account': 'Orders that wait for an account',
  'access-requested': 'Requests for access to answer',
  'access-request-closed': 'Your requests for access',
  'role-ending': 'Roles of yours that end',
  'roles-ending': 'Roles in your account that end',
  'mail-address-proof': 'Mail addresses to confirm',
  'mail-address-in-use': 'Mail addresses in use already',
  'mail-address-changed': 'A changed mail address',
  'identity-proof': 'A sign-in at your company to confirm',
  'staff-role': 'Platform roles you are given',
  'support-asked': 'Support access to approve',
  'support-begun': 'Support access that began',
  'support-answered': 'Support access that was answered',
  'recovery-waits': 'Second factors about to end',
  'recovery-done': 'Second factors that ended',
  'address-confirmation': 'Addresses to confirm',
} as const;

export type TransactionalKindName = keyof typeof transactionalKinds;

/** What an alert is told as; `days` is the notice of one about an end. Undefined for a kind that nobody is told of. */
export function kindOfAlert(alertKind: string, days: number | null): SubscribedKindName | undefined {
  if (alertKind === 'licenses-expiring') return days === 30 || days === 60 ? `ending-${days}` : 'ending-90';
  return kindsOfAlerts[alertKind];
}

const kindsOfAlerts: Record<string, SubscribedKindName> = {
  'insufficient-licenses': 'shortage',
  'licenses-expired': 'ended',
  'instance-failed-to-connect': 'instances',
  'duplicate-instance': 'instances',
  'instance-failed-to-renew': 'certificates',
  'tokens-ended-by-restore': 'tokens',
  'webhook-off': 'connections',
  'agreement-open': 'agreements',
};
