import { isPartner } from '../access/partners.ts';
import type { AccountKind } from '../accounts/account-kind.ts';
import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';

/**
 * Decides whether somebody whose role includes it accepts agreements for an account. In one for limited use no partner
 * does, whatever role they were given: it is one person's, who accepted it (seed 003). That person stays who they are when
 * their mail address is another one than the account is named by.
 *
 * @param person `createdIt`: the account became active by their acceptance
 */
export function judgeAccepting(
  account: { readonly kind: AccountKind; readonly domainIdentifier: string },
  person: { readonly email: string; readonly createdIt: boolean },
): Decision<null, Refusal<'partner-accepts-nothing'>> {
  const isOwn = person.createdIt || !isPartner(account.domainIdentifier, person.email);
  return account.kind !== 'limited-use' || isOwn ? accept(null) : refuse('partner-accepts-nothing', {});
}
