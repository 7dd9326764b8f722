import { mayLearnOfAccount } from '../accounts/account-request.ts';
import type { AccountAction } from './policy.ts';
import type { Grant } from './roles.ts';

/**
 * What is left of a role that is limited to the lots of one seller: to see. Everything else concerns pools, product
 * instances, people or settings, which no seller's lots can be told apart in.
 */
const actionsCutToLots: ReadonlySet<AccountAction> = new Set([
  'view-account',
  'view-inventory',
  'view-events',
]);

/** Whether a limited role still allows an action, on the lots of its seller alone. */
export const isCutToLots = (action: AccountAction): boolean => actionsCutToLots.has(action);

/** The seller that somebody's grants in an account are limited to; null without a limit. */
export function sellerOf(grants: readonly Pick<Grant, 'soldBy'>[]): string | null {
  // A person's limit is of all their grants in an account; should they ever differ, the narrower one holds.
  return grants.find(({ soldBy }) => soldBy != null)?.soldBy ?? null;
}

/**
 * Whether somebody is of another company than the account (seeds 002, 003): their mail domain is not that of the account's
 * identifier. An account for limited use is one person's, so everybody else there counts as a partner.
 */
export const isPartner = (domainIdentifier: string, email: string): boolean =>
  !mayLearnOfAccount(domainIdentifier, email);
