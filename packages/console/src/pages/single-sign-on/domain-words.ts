import type { AnswerOf, listMailDomains } from '@estover/protocol';
import { count } from '../../format.ts';
import type { Tone } from '../../parts/figures.tsx';

export type MailDomain = AnswerOf<typeof listMailDomains>['items'][number];
export type Administrator = AnswerOf<typeof listMailDomains>['administrators'][number];

/** How far a mail domain has come, as one pill says it. */
export function stateOf({ provedAt, singleSignOn }: MailDomain): { label: string; tone: Tone } {
  if (provedAt === null) return { label: 'Not proved', tone: 'warn' };
  if (singleSignOn === null) return { label: 'Proved', tone: 'info' };
  if (singleSignOn.isRequired) return { label: 'Required', tone: 'ok' };
  if (singleSignOn.isOn) return { label: 'On', tone: 'ok' };
  return singleSignOn.testedAt === null
    ? { label: 'Not tested', tone: 'warn' }
    : { label: 'Off', tone: 'neutral' };
}

/** The sentence above the page: who signs in at their company, and what is left to do. */
export function domainsInWords(domains: readonly MailDomain[]): string {
  if (domains.length === 0) return 'Everybody signs in with a password or a passkey of their own.';
  const on = domains.filter(({ singleSignOn }) => singleSignOn?.isOn === true).map(({ domain }) => domain);
  const unproved = domains.filter(({ provedAt }) => provedAt === null).length;
  const first =
    on.length === 0
      ? 'Nobody signs in at the company yet.'
      : `People of ${on.join(', ')} sign in at the company.`;
  return unproved === 0
    ? first
    : `${first} ${count(unproved, 'mail domain is', 'mail domains are')} not proved.`;
}

/** What the rules of a domain mean, in sentences. */
export function rulesInWords({ domain, singleSignOn }: MailDomain): string[] {
  if (singleSignOn === null) return [];
  const { isRequired, managesPeople, group, exempt } = singleSignOn;
  return [
    isRequired
      ? `Passwords and passkeys of people of ${domain} do not sign in, but for ${exempt.map(({ name }) => name).join(', ')}.`
      : 'Passwords and passkeys sign in as well.',
    managesPeople
      ? `Whoever has a checked address of ${domain} at the company is the person with that address here.`
      : 'Whoever is here already is asked by mail at their first sign-in at the company.',
    group === null
      ? 'Nobody is made at their first sign-in: people are invited.'
      : `Who is not here yet comes into the group ${group.name}.`,
  ];
}
