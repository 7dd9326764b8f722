import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';

/**
 * What an account is for (seeds 001, 003): `customer` holds licenses and uses them, `holding` is a partner's place for
 * orders whose licenses nobody may use yet, `limited-use` is for those who have no mail domain of their own.
 */
export const accountKinds = ['customer', 'holding', 'limited-use'] as const;
export type AccountKind = (typeof accountKinds)[number];

/** What an account for limited use has at most (seed 003). The other kinds have no such limit. */
export const limitedUse = { people: 3, virtualAccounts: 3 } as const;

export type RoomRefusal =
  | Refusal<'limited-use-people', { readonly maximum: number }>
  | Refusal<'limited-use-virtual-accounts', { readonly maximum: number }>;

/** Whether one more person has room in an account with so many who have a role now. */
export function roomForPerson(kind: AccountKind, people: number): Decision<null, RoomRefusal> {
  const maximum = limitedUse.people;
  return kind === 'limited-use' && people >= maximum
    ? refuse('limited-use-people', { maximum })
    : accept(null);
}

/** Whether one more virtual account has room beside so many. */
export function roomForVirtualAccount(
  kind: AccountKind,
  virtualAccounts: number,
): Decision<null, RoomRefusal> {
  const maximum = limitedUse.virtualAccounts;
  return kind === 'limited-use' && virtualAccounts >= maximum
    ? refuse('limited-use-virtual-accounts', { maximum })
    : accept(null);
}

/**
 * Whether a company has reason for an account of one kind beside one of another, under a prefix: a partner's orders lie in a
 * holding account, and what they use themselves in a customer account (seed 003).
 */
export const mayHaveBoth = (existing: AccountKind, asked: AccountKind): boolean =>
  existing !== asked && existing !== 'limited-use' && asked !== 'limited-use';

/**
 * The first registration token of an account for limited use, offered while it is accepted: for one product instance
 * (seed 003). Later ones are made like those of a customer account.
 */
export const firstToken = { maximumUses: 1, expiresInDays: 30 } as const;

/** Whether whoever accepts an account is offered its first token, or may name a partner who sets licensing up. */
export const offersFirstSteps = (kind: AccountKind): boolean => kind === 'limited-use';

/** Licenses of a holding account wait for the account of whoever will use them (seed 003). */
export const mayUseLicenses = (kind: AccountKind): boolean => kind !== 'holding';
