import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';

export type DomainIdentifierRefusal = Refusal<'domain-identifier-invalid', { readonly detail: string }>;

/** Mail domains anybody can have an address of: no company is known by them (seed 003). */
const publicMailDomains: ReadonlySet<string> = new Set([
  'aol.com',
  'fastmail.com',
  'free.fr',
  'gmail.com',
  'gmx.com',
  'gmx.de',
  'gmx.net',
  'googlemail.com',
  'hotmail.com',
  'icloud.com',
  'live.com',
  'mail.com',
  'mail.ru',
  'me.com',
  'msn.com',
  'orange.fr',
  'outlook.com',
  'proton.me',
  'protonmail.com',
  'qq.com',
  't-online.de',
  'web.de',
  'yahoo.com',
  'yandex.ru',
  'ymail.com',
  '163.com',
]);

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Brings a domain identifier into its one form: small letters, IDN as `xn--…`, no trailing dot. `@example.com`, as it
 * is written in mail addresses, is read as the domain. Two identifiers name the same account exactly when this form is
 * equal (seed 003).
 *
 * Refuses, with a sentence that says what to write: whole mail addresses, web addresses, IP addresses, single words,
 * and public mail domains.
 */
export function normalizeDomainIdentifier(given: string): Decision<string, DomainIdentifierRefusal> {
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
  if (publicMailDomains.has(host)) {
    return invalid(
      `${host} is a public mail domain: anybody may have an address there. Use the company’s own.`,
    );
  }
  return accept(host);
}

/** The host in ASCII small letters, by the URL standard's IDN processing (UTS #46). */
function hostOf(text: string): string | undefined {
  const parsed = URL.parse(`http://${text}/`);
  return parsed === null || parsed.hostname === '' ? undefined : parsed.hostname;
}
