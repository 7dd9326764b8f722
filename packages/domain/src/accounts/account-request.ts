import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';
import type { AccountKind } from './account-kind.ts';
import {
  type IsPublicMailDomain,
  mailDomainOf,
  normalizeMailDomain,
  type RegistrableDomainOf,
} from './domain-identifier.ts';

/** What somebody asks for. Mail addresses are in their one form (`normalizeMailAddress`). */
export interface AskedAccount {
  readonly kind: AccountKind;
  /** The company's mail domain as it was typed; empty for limited use. */
  readonly mailDomain: string;
  /** What stands before the mail domain in the identifier, as it was typed; empty without one. */
  readonly prefix: string;
  readonly justification: string;
  /** Who accepts the agreement: whoever asks, if they have the authority, or whom they nominate. */
  readonly approverEmail: string;
}

export interface JudgedRequest {
  readonly domainIdentifier: string;
  /** It lies below the domain that the company registered, whether it was asked for as a prefix or whole. */
  readonly hasPrefix: boolean;
  /** The approver's address is one that several people read, which weakens the audit trail (seed 003). */
  readonly isTeamAlias: boolean;
}

/** The field that is wrong, by its name in the request, and what to write instead. */
interface Wrong {
  readonly field: 'mailDomain' | 'prefix' | 'justification' | 'approverEmail';
  readonly detail: string;
}

export type RequestRefusal =
  | Refusal<'domain-identifier-invalid', Wrong>
  | Refusal<'public-mail-domain', Wrong>
  | Refusal<'public-mail-domain-needed', Wrong>
  | Refusal<'approver-domain-differs', Wrong>
  | Refusal<'justification-needed', Wrong>
  | Refusal<'self-approval', Wrong>;

const wrong = (code: RequestRefusal['code'], field: Wrong['field'], detail: string): RequestRefusal =>
  refuse(code, { field, detail });

const prefixLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Judges what can be judged of a request without knowing which accounts there are (seeds 001, 003), and makes its
 * identifier: the company's mail domain, with a prefix before it if one is asked for, or the approver's mail address
 * for limited use. What lies below the domain that the company registered needs a reason, also when it is given whole as
 * the mail domain: it is an account apart from that of the company.
 */
export function judgeAccountRequest(
  asked: AskedAccount,
  isPublic: IsPublicMailDomain,
  registrableOf: RegistrableDomainOf,
): Decision<JudgedRequest, RequestRefusal> {
  const isTeamAlias = readsLikeTeam(asked.approverEmail);
  if (asked.kind === 'limited-use') {
    const decision = judgeLimitedUse(asked, isPublic);
    return decision.ok
      ? accept({ domainIdentifier: decision.value, hasPrefix: false, isTeamAlias })
      : decision;
  }
  const identifier = identifierAsked(asked, isPublic);
  if (!identifier.ok) return identifier;
  const { mailDomain, domainIdentifier } = identifier.value;
  const registered = registrableOf(mailDomain);
  if (registered === null) {
    return wrong(
      'domain-identifier-invalid',
      'mailDomain',
      `${mailDomain} is no company’s mail domain: anybody registers names below it.`,
    );
  }
  const hasPrefix = domainIdentifier !== registered;
  if (mailDomainOf(asked.approverEmail) !== mailDomain) {
    return wrong(
      'approver-domain-differs',
      'approverEmail',
      `${asked.approverEmail} is not an address at ${mailDomain}.`,
    );
  }
  if (hasPrefix && asked.justification.trim() === '') {
    return wrong(
      'justification-needed',
      'justification',
      `Say why ${domainIdentifier} needs an account apart from that of ${identifier.value.hasPrefix ? mailDomain : registered}.`,
    );
  }
  return accept({ domainIdentifier, hasPrefix, isTeamAlias });
}

/**
 * The identifier that a request asks for, in its one form: all that has to be known for looking whether there is such an
 * account.
 */
export function identifierAsked(
  asked: Pick<AskedAccount, 'kind' | 'mailDomain' | 'prefix' | 'approverEmail'>,
  isPublic: IsPublicMailDomain,
): Decision<
  { readonly domainIdentifier: string; readonly mailDomain: string; readonly hasPrefix: boolean },
  RequestRefusal
> {
  if (asked.kind === 'limited-use') {
    const decision = judgeLimitedUse(asked, isPublic);
    if (!decision.ok) return decision;
    const mailDomain = mailDomainOf(decision.value);
    return accept({ domainIdentifier: decision.value, mailDomain, hasPrefix: false });
  }
  const domain = normalizeMailDomain(asked.mailDomain);
  if (!domain.ok) return wrong(domain.code, 'mailDomain', domain.detail);
  const mailDomain = domain.value;
  if (isPublic(mailDomain)) {
    return wrong(
      'public-mail-domain',
      'mailDomain',
      `${mailDomain} is a public mail domain: anybody may have an address there.`,
    );
  }
  const prefix = asked.prefix.trim().toLowerCase().replace(/\.$/, '');
  if (prefix === '') return accept({ domainIdentifier: mailDomain, mailDomain, hasPrefix: false });
  const whole = normalizeMailDomain(`${prefix}.${mailDomain}`);
  if (!prefixLabel.test(prefix) || !whole.ok) {
    return wrong(
      'domain-identifier-invalid',
      'prefix',
      `${asked.prefix} is not a prefix. Write one word of letters a to z, digits and hyphens, like lab.`,
    );
  }
  return accept({ domainIdentifier: whole.value, mailDomain, hasPrefix: true });
}

/** A partner who asks for an account on a customer's behalf. */
export interface AskingPartner {
  readonly email: string;
  /** The domain identifier of the partner's holding account. */
  readonly holdingIdentifier: string;
}

/**
 * Judges a request that a partner makes for a customer (seeds 001, 003): as any other, and the approver is somebody else.
 * Nobody at the partner accepts for a customer; a private address of the partner nobody can tell.
 */
export function judgeRequestForCustomer(
  asked: AskedAccount,
  partner: AskingPartner,
  isPublic: IsPublicMailDomain,
  registrableOf: RegistrableDomainOf,
): Decision<JudgedRequest, RequestRefusal> {
  const approversDomain = mailDomainOf(asked.approverEmail);
  const isOfPartner =
    asked.approverEmail === partner.email ||
    (!isPublic(approversDomain) &&
      (approversDomain === mailDomainOf(partner.email) ||
        mayLearnOfAccount(partner.holdingIdentifier, asked.approverEmail)));
  if (isOfPartner) {
    return wrong(
      'self-approval',
      'approverEmail',
      `${asked.approverEmail} is an address of the partner who asks. Somebody at the customer accepts.`,
    );
  }
  return judgeAccountRequest(asked, isPublic, registrableOf);
}

/** What an administrator asks for who wants the account for limited use to become a customer account. */
export interface AskedUpgrade {
  readonly prefix: string;
  readonly justification: string;
  /** The address they sign in with; its mail domain is the company's. */
  readonly email: string;
}

export type UpgradeRefusal = RequestRefusal | Refusal<'upgrade-not-needed', { readonly kind: AccountKind }>;

/**
 * Judges an upgrade (seed 003): only of an account for limited use, and only once whoever asks signs in with an address
 * at the company's own mail domain. The domain becomes the identifier, with a prefix as with a request.
 */
export function judgeUpgrade(
  kind: AccountKind,
  { email, prefix, justification }: AskedUpgrade,
  isPublic: IsPublicMailDomain,
  registrableOf: RegistrableDomainOf,
): Decision<JudgedRequest, UpgradeRefusal> {
  if (kind !== 'limited-use') return refuse('upgrade-not-needed', { kind });
  const mailDomain = mailDomainOf(email);
  const asked = { kind: 'customer', mailDomain, prefix, justification, approverEmail: email } as const;
  return judgeAccountRequest(asked, isPublic, registrableOf);
}

function judgeLimitedUse(
  asked: Pick<AskedAccount, 'mailDomain' | 'prefix' | 'approverEmail'>,
  isPublic: IsPublicMailDomain,
): Decision<string, RequestRefusal> {
  for (const field of ['mailDomain', 'prefix'] as const) {
    if (asked[field].trim() === '') continue;
    const detail = 'An account for limited use is named by the mail address of its approver. Leave this out.';
    return wrong('domain-identifier-invalid', field, detail);
  }
  if (!isPublic(mailDomainOf(asked.approverEmail))) {
    return wrong(
      'public-mail-domain-needed',
      'approverEmail',
      `${mailDomainOf(asked.approverEmail)} is not a public mail domain.`,
    );
  }
  return accept(asked.approverEmail);
}

/** What an operator makes an account with. The identifier and the address are in their one form. */
export interface MadeAccount {
  readonly domainIdentifier: string;
  readonly administratorEmail: string;
}

/**
 * Judges the administrator of an account that an operator makes: their address is at the identifier, or at the domain behind
 * its prefix, as an approver's is who asks for one (seed 003). Public mail domains are no company's.
 */
export function judgeAdministrator(
  { domainIdentifier, administratorEmail }: MadeAccount,
  isPublic: IsPublicMailDomain,
  registrableOf: RegistrableDomainOf,
): Decision<null, RequestRefusal> {
  const mailDomain = mailDomainOf(administratorEmail);
  if (isPublic(mailDomain)) {
    return wrong(
      'public-mail-domain',
      'approverEmail',
      `${mailDomain} is a public mail domain: anybody may have an address there.`,
    );
  }
  const behindPrefix = domainIdentifier.slice(domainIdentifier.indexOf('.') + 1);
  const isOwn =
    mailDomain === domainIdentifier || (mailDomain === behindPrefix && registrableOf(mailDomain) !== null);
  if (isOwn) return accept(null);
  return wrong(
    'approver-domain-differs',
    'approverEmail',
    `${administratorEmail} is not an address at ${domainIdentifier}.`,
  );
}

/** Names before the @ that stand for a team. */
const teamNames: ReadonlySet<string> = new Set([
  'admin',
  'administrator',
  'assets',
  'contact',
  'helpdesk',
  'hello',
  'info',
  'it',
  'itsupport',
  'licence',
  'licences',
  'licensing',
  'license',
  'licenses',
  'mail',
  'netops',
  'network',
  'noc',
  'office',
  'operations',
  'ops',
  'postmaster',
  'procurement',
  'purchasing',
  'sales',
  'sam',
  'software',
  'support',
  'team',
  'webmaster',
]);

/** Whether an address reads like one that a team shares, such as `licensing@` or `it-team@` (seed 003). */
export function readsLikeTeam(address: string): boolean {
  const local = address.slice(0, address.lastIndexOf('@')).replace(/\+.*$/, '').toLowerCase();
  const words = local.split(/[._-]/);
  return teamNames.has(words.join('')) || words.at(-1) === 'team';
}

/**
 * Whether somebody may learn which account has an identifier: those who have an address in its company's mail domain,
 * and nobody else (seed 003). An identifier with a prefix belongs to the domain behind it.
 */
export function mayLearnOfAccount(domainIdentifier: string, address: string): boolean {
  const mailDomain = mailDomainOf(address);
  return domainIdentifier.includes('@')
    ? domainIdentifier === address
    : domainIdentifier === mailDomain || domainIdentifier.endsWith(`.${mailDomain}`);
}
