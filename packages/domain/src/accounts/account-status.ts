import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';

/**
 * Where an account stands in its life (specification `accounts-and-access.md`, "Accounts", lifecycle). Before it is
 * active there is a request for it (`request-states.ts`); `pending` is a place for orders whose customer has not said yet
 * which account they are for. What was in a merged account is in another one, to which its identifier leads.
 */
export const accountStatuses = ['pending', 'active', 'suspended', 'closed', 'merged'] as const;
export type AccountStatus = (typeof accountStatuses)[number];

/** What goes on in an account of a status. Its people and API keys read in each of them. */
export interface Standing {
  /** Its people and API keys may change something in it. */
  readonly changes: boolean;
  /** Product instances register, report and renew. One that leaves is always answered. */
  readonly answersProducts: boolean;
  /** Orders may be booked for it. */
  readonly takesOrders: boolean;
  /** What was shipped is delivered; where orders are taken and not delivered, they wait. */
  readonly delivers: boolean;
  /** What it may become. A pending one goes as soon as its orders have an account. */
  readonly next: readonly AccountStatus[];
}

export const standingOf: Readonly<Record<AccountStatus, Standing>> = {
  pending: { changes: false, answersProducts: false, takesOrders: true, delivers: false, next: [] },
  active: {
    changes: true,
    answersProducts: true,
    takesOrders: true,
    delivers: true,
    next: ['suspended', 'closed'],
  },
  suspended: {
    changes: false,
    answersProducts: false,
    takesOrders: true,
    delivers: false,
    next: ['active'],
  },
  closed: { changes: false, answersProducts: false, takesOrders: false, delivers: false, next: [] },
  merged: { changes: false, answersProducts: false, takesOrders: false, delivers: false, next: [] },
};

/** Whether an account is over for good, so that nobody can do anything in it any more, and nobody has to stay for it. */
export const isOverAccount = (status: AccountStatus): boolean => status === 'closed' || status === 'merged';

export type StatusRefusal = Refusal<'account-status', { readonly status: AccountStatus }>;

/** Whether an account of one status may become another. */
export function becomeStatus(from: AccountStatus, to: AccountStatus): Decision<AccountStatus, StatusRefusal> {
  return standingOf[from].next.includes(to) ? accept(to) : refuse('account-status', { status: from });
}

/** What an account still holds, as counts. Licenses whose term has ended are nothing any more. */
export interface AccountContents {
  readonly licenses: number;
  readonly productInstances: number;
  readonly tokens: number;
  /** Order lines that are neither delivered nor cancelled. */
  readonly openOrderLines: number;
  /** Requests that wait for somebody: for its customers' accounts, or for its own upgrade. */
  readonly openRequests: number;
}

export type ClosingRefusal = StatusRefusal | Refusal<'account-not-empty', AccountContents>;

/**
 * Decides whether an account may be closed: only an active one, and only when it is empty or everything in it was handed
 * over. It stays to be read, and its identifier stays taken.
 */
export function closeAccount(
  status: AccountStatus,
  contents: AccountContents,
): Decision<AccountStatus, ClosingRefusal> {
  const decision = becomeStatus(status, 'closed');
  if (!decision.ok) return decision;
  return isEmptyAccount(contents) ? decision : refuse('account-not-empty', contents);
}

export const isEmptyAccount = (contents: AccountContents): boolean =>
  Object.values(contents).every((count) => count === 0);
