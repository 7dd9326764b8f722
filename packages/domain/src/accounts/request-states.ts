import { mayLearnOfAccount } from './account-request.ts';

/**
 * How a request for an account goes on (specification `accounts-and-access.md`, "Accounts", lifecycle): it is confirmed
 * by whoever asked, reviewed by an operator where its identifier has a prefix, and accepted by the approver.
 */
export const requestStates = [
  'requested',
  'under-review',
  'awaiting-acceptance',
  'active',
  'declined',
  'expired',
  'withdrawn',
] as const;
export type RequestState = (typeof requestStates)[number];

/**
 * Who asks, and what for: `own` anybody for their company, `customer` a partner on a customer's behalf, `order` the contact
 * of orders that wait for an account, `upgrade` the administrator of an account for limited use.
 */
export const requestPurposes = ['own', 'customer', 'order', 'upgrade'] as const;
export type RequestPurpose = (typeof requestPurposes)[number];

/** What each state may become. Those that become nothing are closed. */
const nextStates: Record<RequestState, readonly RequestState[]> = {
  requested: ['under-review', 'awaiting-acceptance', 'declined', 'expired', 'withdrawn'],
  // An upgrade is approved straight away: its agreement was accepted with the account.
  'under-review': ['awaiting-acceptance', 'active', 'declined', 'expired', 'withdrawn'],
  'awaiting-acceptance': ['active', 'declined', 'expired', 'withdrawn'],
  active: [],
  declined: [],
  expired: [],
  withdrawn: [],
};

export const mayBecome = (from: RequestState, to: RequestState): boolean => nextStates[from].includes(to);

/** Whether a request still waits for somebody. */
export const isOpenRequest = (state: RequestState): boolean => nextStates[state].length > 0;

/**
 * Days a request waits in a state before it expires; null where it does not. For an operator a request waits as long as it
 * takes, but for an upgrade: nothing else can be asked for meanwhile, and the account cannot be closed.
 */
const requestDays: Record<RequestState, number | null> = {
  requested: 3,
  'under-review': null,
  'awaiting-acceptance': 30,
  active: null,
  declined: null,
  expired: null,
  withdrawn: null,
};

export const daysOfRequest = (state: RequestState, purpose: RequestPurpose): number | null =>
  purpose === 'upgrade' && state === 'under-review' ? upgradeReviewDays : requestDays[state];

const upgradeReviewDays = 30;

/**
 * What a request becomes once whoever asked has confirmed their address. A prefix needs a reason, which an operator
 * judges (seed 001); so does every identifier below that of another account.
 */
export function confirmedState(request: { isTaken: boolean; needsReview: boolean }): RequestState {
  if (request.isTaken) return 'declined';
  return request.needsReview ? 'under-review' : 'awaiting-acceptance';
}

/**
 * Whether a request is declined because an account has its identifier. One that a partner made is not, nor one of
 * somebody of another company: its state would tell strangers which accounts there are (seed 003). The approver, who is
 * of the company, hears of the account instead.
 */
export const declinesTaken = (request: {
  readonly purpose: RequestPurpose;
  readonly domainIdentifier: string;
  readonly requesterEmail: string;
}): boolean =>
  request.purpose !== 'customer' && mayLearnOfAccount(request.domainIdentifier, request.requesterEmail);
