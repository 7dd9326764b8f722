import { type AccountKind, mailDomainOf, normalizeMailAddress } from '../accounts/index.ts';

/**
 * The mail domains that belong to an account, where its identity provider may say who its people are: its domain
 * identifier and those it has proved. An account for limited use has none, because its identifier is somebody's address at a
 * public domain.
 */
export const provisionedDomains = (account: {
  kind: AccountKind;
  domainIdentifier: string;
  provedDomains: readonly string[];
}): string[] =>
  account.kind === 'limited-use' || account.domainIdentifier.includes('@')
    ? []
    : [...new Set([account.domainIdentifier, ...account.provedDomains])];

/** Whether an account's identity provider may say something of whoever has this mail address: nothing of others' people. */
export const mayProvision = (mail: string, domains: readonly string[]): boolean =>
  mail.includes('@') && domains.includes(mailDomainOf(normalizeMailAddress(mail)));
