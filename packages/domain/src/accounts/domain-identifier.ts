import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';

export type DomainIdentifierRefusal = Refusal<'domain-identifier-invalid', { readonly detail: string }>;

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Brings a mail domain into its one form: small letters, IDN as `xn--…`, no trailing dot. `@example.com`, as it is
 * written in mail addresses, is read as the domain. Two domains are the same exactly when this form is equal (seed 003).
 *
 * Refuses, with a sentence that says what to write: whole mail addresses, web addresses, IP addresses and single words.
 */
export function normalizeMailDomain(given: string): Decision<string, DomainIdentifierRefusal> {
  const text = given.trim().replace(/^@/, '');
  const invalid = (detail: string) => refuse('domain-identifier-invalid', { detail });
  if (text.includes('@')) {
    return invalid(`${given} is a mail address. Write only what follows the @.`);
  }
  if (/[\s/\\:?#%[\]<>^|`{}]/u.test(text)) {
    return invalid(`${given} is not a mail domain. Write it like example.com, without blanks, port or path.`);
  }
  const host = hostOf(text)?.replace(/\.$/, '');
  const labels = host?.split('.') ?? [];
  const last = labels.at(-1) ?? '';
  if (host === undefined || labels.some((each) => !label.test(each)) || host.length > 253) {
    return invalid(`${given} is not a mail domain. Write it like example.com.`);
  }
  if (labels.length < 2) {
    return invalid(`${given} has no dot. Write the whole mail domain, like example.com.`);
  }
  if (/^\d+$/.test(last))
    return invalid(`${given} is a number, not a mail domain. Write it like example.com.`);
  return accept(host);
}

/** Whether anybody may have an address at a mail domain in its one form. The list is the server's. */
export type IsPublicMailDomain = (mailDomain: string) => boolean;

/**
 * The part of a mail domain that somebody registered, such as `big.example` of `lab.big.example`; null for one below which
 * anybody registers names, such as `co.uk`. The list is the server's.
 */
export type RegistrableDomainOf = (mailDomain: string) => string | null;

/** The domains above an identifier, the nearest first: whose account one with a prefix would stand beside. */
export function domainsAbove(domainIdentifier: string): string[] {
  if (domainIdentifier.includes('@')) return [];
  const labels = domainIdentifier.split('.');
  return labels.slice(1).map((_, index) => labels.slice(index + 1).join('.'));
}

/**
 * Brings the domain identifier of a company into its one form, which is that of its mail domain. Two identifiers name
 * the same account exactly when this form is equal (seed 003). A public mail domain is no company's.
 */
export function normalizeDomainIdentifier(
  given: string,
  isPublic: IsPublicMailDomain,
): Decision<string, DomainIdentifierRefusal> {
  const domain = normalizeMailDomain(given);
  if (!domain.ok || !isPublic(domain.value)) return domain;
  return refuse('domain-identifier-invalid', {
    detail: `${domain.value} is a public mail domain: anybody may have an address there. Use the company’s own.`,
  });
}

/**
 * A mail address in its one form: small letters, its domain as `normalizeMailDomain` has it. A text that is none stays
 * as it is, for whoever checks it to name.
 */
export function normalizeMailAddress(given: string): string {
  const text = given.trim();
  const at = text.lastIndexOf('@');
  const domain = normalizeMailDomain(text.slice(at + 1));
  return at < 1 || !domain.ok ? text : `${text.slice(0, at).toLowerCase()}@${domain.value}`;
}

/** The mail addresses that are taken, in their one form; the top-level domain may be an international one, `xn--…`. */
export const mailAddressPattern =
  /^(?!\.)(?!.*\.\.)[A-Za-z0-9_'+\-.]*[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9-]*\.)+([A-Za-z]{2,}|[Xx][Nn]--[A-Za-z0-9-]+)$/;

/**
 * What somebody searches for, as it stands in what is kept: an address or a domain with other letters than ASCII in its one
 * form, anything else as it is.
 */
export function searchedAddress(given: string): string {
  const text = given.trim();
  const at = text.lastIndexOf('@');
  const domain = text.slice(at + 1);
  if (/^\p{ASCII}*$/u.test(domain) || /[\s/\\:?#%[\]<>^|`{}]/u.test(domain)) return text;
  return `${text.slice(0, at + 1)}${hostOf(domain) ?? domain}`;
}

/** The mail domain of an address in its one form. */
export const mailDomainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

/**
 * What an account is looked up by: its domain identifier in its one form, or the mail address that stands for it where
 * the account is for limited use. Undefined for a text that can be neither.
 */
export function readIdentifier(given: string): string | undefined {
  const text = given.trim().replace(/^@/, '');
  if (text.includes('@')) return normalizeMailAddress(text);
  const domain = normalizeMailDomain(text);
  return domain.ok ? domain.value : undefined;
}

/** The host in ASCII small letters, by the URL standard's IDN processing (UTS #46). */
function hostOf(text: string): string | undefined {
  const parsed = URL.parse(`http://${text}/`);
  return parsed === null || parsed.hostname === '' ? undefined : parsed.hostname;
}
