import type { AccountKind } from '../accounts/account-kind.ts';
import { mayUseLicenses } from '../accounts/account-kind.ts';
import type { AccountStatus } from '../accounts/account-status.ts';
import { isOpenRequest, type RequestState } from '../accounts/request-states.ts';
import type { OrderLineState } from './order-line.ts';

/**
 * What a line waits for. `account`: that it is active again · `agreement`: that it accepts a text · `account-request`: that
 * an account which was asked for is there · `contact`: that somebody who was asked chooses one · `order-desk`: that the order
 * desk asks somebody, or cancels the line · `reassignment`: it is held at a holding account until that gives it to a customer.
 */
export type WaitsFor =
  | 'account'
  | 'agreement'
  | 'account-request'
  | 'contact'
  | 'order-desk'
  | 'reassignment';

/** What is known of a line and of the account it is booked for. */
export interface WaitingFacts {
  readonly state: OrderLineState;
  readonly accountName: string;
  readonly accountKind: AccountKind;
  readonly accountStatus: AccountStatus;
  /** The identifier of the account that the pending one stands for; null for any other account. */
  readonly awaited: string | null;
  /** Where the last request for that account stands; null when it is forgotten. */
  readonly requestState: RequestState | null;
  /** Whether somebody has a link with which they choose the account. */
  readonly isContactAsked: boolean;
}

/**
 * What a line waits for, and a sentence that says so; null for one that waits for nobody. An account that was asked for is
 * named by its identifier, and who asked is told to nobody here.
 */
export function waitsFor(facts: WaitingFacts): { kind: WaitsFor; sentence: string } | null {
  const { accountName, accountStatus, awaited, requestState, isContactAsked } = facts;
  if (facts.state === 'shipped') {
    if (mayUseLicenses(facts.accountKind)) return null;
    return { kind: 'reassignment', sentence: `Held at ${accountName} for a customer.` };
  }
  if (facts.state !== 'on-hold') return null;
  if (accountStatus === 'active') {
    return { kind: 'agreement', sentence: `${accountName} has not accepted an agreement in time.` };
  }
  if (accountStatus !== 'pending') return { kind: 'account', sentence: `${accountName} is not active.` };
  if (awaited !== null && requestState !== null && isOpenRequest(requestState)) {
    return { kind: 'account-request', sentence: `The account ${awaited} ${openInWords[requestState]}.` };
  }
  if (isContactAsked) {
    return { kind: 'contact', sentence: `A contact at ${accountName} was asked for the account.` };
  }
  const why =
    awaited === null
      ? `Nobody is asked for the account of ${accountName} any more.`
      : requestState === null
        ? `Nobody asks for the account ${awaited} any more.`
        : `The request for the account ${awaited} is ${requestState}.`;
  return { kind: 'order-desk', sentence: `${why} Ask a contact for the account, or cancel the line.` };
}

const openInWords: Partial<Record<RequestState, string>> = {
  requested: 'was asked for; whoever asked has not confirmed it yet',
  'under-review': 'was asked for, and is reviewed',
  'awaiting-acceptance': 'was asked for, and waits for its approver',
};
