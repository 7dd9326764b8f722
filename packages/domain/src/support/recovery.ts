import { mailDomainOf, normalizeMailAddress } from '../accounts/index.ts';

/**
 * Ways back in that two operators open together: an administrator for an account that has none, and the end of the second
 * factors of a person who has lost all of them. The person has a day to stop the latter.
 */
export const recoveryKinds = ['administrator', 'second-factors'] as const;
export type RecoveryKind = (typeof recoveryKinds)[number];

export const recoveryStates = ['asked', 'waiting', 'done', 'declined', 'cancelled', 'expired'] as const;
export type RecoveryState = (typeof recoveryStates)[number];

const nextStates: Record<RecoveryState, readonly RecoveryState[]> = {
  asked: ['waiting', 'done', 'declined', 'expired'],
  waiting: ['done', 'cancelled', 'declined'],
  done: [],
  declined: [],
  cancelled: [],
  expired: [],
};

export const recoveryMayBecome = (from: RecoveryState, to: RecoveryState): boolean =>
  nextStates[from].includes(to);

/** How long the second operator may take, and how long the person may stop it afterwards. */
export const recoveryHours = { answer: 72, wait: 24 } as const;

/**
 * Whether a mail address is the company's own: at the mail domain that the account is known by. For limited use the
 * identifier is a mail address, and only that one is.
 */
export function isAddressOfAccount(email: string, domainIdentifier: string): boolean {
  const address = normalizeMailAddress(email);
  if (domainIdentifier.includes('@')) return address === domainIdentifier;
  return mailDomainOf(address) === domainIdentifier;
}
