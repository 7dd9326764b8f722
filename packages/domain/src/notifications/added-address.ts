import {
  type AccountKind,
  type IsPublicMailDomain,
  mailDomainOf,
  mayLearnOfAccount,
  normalizeMailAddress,
} from '../accounts/index.ts';
import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';

/** So many addresses an account may add. */
export const mostAddresses = 20;

/** How long the link that confirms an added address is good. */
export const confirmHours = 7 * 24;

export type AddedAddressRefusal = Refusal<'address-outside', { readonly detail: string }>;

/**
 * Whether an administrator may add an address, in its one form: only inside the mail domain of the account, so that nothing
 * of a company goes where anybody may have an address.
 */
export function judgeAddedAddress(
  given: string,
  account: { kind: AccountKind; domainIdentifier: string },
  isPublic: IsPublicMailDomain,
): Decision<string, AddedAddressRefusal> {
  const email = normalizeMailAddress(given);
  const outside = (detail: string) => refuse('address-outside', { detail });
  if (account.kind === 'limited-use' || account.domainIdentifier.includes('@')) {
    return outside('An account for limited use has no mail domain of its own.');
  }
  if (isPublic(mailDomainOf(email)) || !mayLearnOfAccount(account.domainIdentifier, email)) {
    return outside(`${email} is not inside the mail domain of the account, ${account.domainIdentifier}.`);
  }
  return accept(email);
}
