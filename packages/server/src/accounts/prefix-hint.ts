import { type AccountKind, mayHaveBoth } from '@estover/domain/accounts';

/**
 * What somebody who may know of an account reads beside that it has the identifier they ask for: where theirs is of another
 * kind, as a partner's that holds orders and uses licenses as well, a prefix makes it possible. Begins with a blank; empty
 * where it is the account they want.
 */
export const prefixHint = (
  existing: { kind: AccountKind; domainIdentifier: string } | undefined,
  asked: AccountKind,
): string =>
  existing !== undefined && mayHaveBoth(existing.kind, asked)
    ? ` That is a ${existing.kind} account: ask with a prefix, such as lab.${existing.domainIdentifier}, for a ${asked} account beside it.`
    : '';
