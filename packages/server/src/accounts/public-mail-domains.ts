import type { IsPublicMailDomain } from '@estover/domain/accounts';
import domains from 'email-providers/all.json' with { type: 'json' };
import type { Installation } from '../installation/index.ts';

/** Some 9,000 mail domains at which anybody may have an address, as the package keeps them. */
const listed: ReadonlySet<string> = new Set(domains);

/** The kept list, with what the installation's configuration adds to it and takes out of it. */
export const publicMailDomainsOf =
  ({ publicMailDomains: { added, removed } }: Pick<Installation, 'publicMailDomains'>): IsPublicMailDomain =>
  (domain) =>
    !removed.has(domain) && (listed.has(domain) || added.has(domain));
