import { domainToUnicode } from 'node:url';
import type { RegistrableDomainOf } from '@estover/domain/accounts';
import { getDomain } from 'tldts';

/**
 * What somebody registered of a mail domain, by the public suffix list as the package keeps it. Its private part counts as
 * well: names below `uk.com` belong to as many companies as those below `co.uk`. The list has words of other scripts as
 * people write them, a mail domain in its one form has not.
 */
export const registrableOf: RegistrableDomainOf = (mailDomain) => {
  const registered = getDomain(domainToUnicode(mailDomain), { allowPrivateDomains: true });
  return registered === null ? null : mailDomain.split('.').slice(-registered.split('.').length).join('.');
};
