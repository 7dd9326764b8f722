import { mayLearnOfAccount } from '../accounts/account-request.ts';

/**
 * Whether somebody is of another company than the account (seeds 002, 003): their mail domain is not that of the account's
 * identifier. An account for limited use is one person's, so everybody else there counts as a partner.
 */
export const isPartner = (domainIdentifier: string, email: string): boolean =>
  !mayLearnOfAccount(domainIdentifier, email);
