import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';

/** What a company's sign-in says of somebody, after all signatures were checked. Mail addresses are in their one form. */
export interface SaidIdentity {
  readonly email: string | null;
  /** Whether the provider says that it has checked the address. */
  readonly emailVerified: boolean;
}

/** The person that an identity may be: linked to it already, or with its mail address. */
export interface EntryFacts {
  /** The domain in its one form; the account has proved that it is theirs. */
  readonly domain: string;
  readonly said: SaidIdentity;
  /** The person the identity is linked with, and the mail domain that they have now. */
  readonly linked: { readonly personId: string; readonly mailDomain: string } | null;
  /** The person with the address that was said. */
  readonly byMail: {
    readonly personId: string;
    /** Whether they have a role on the platform. */
    readonly isStaff: boolean;
    /** Whether sign-in asks them for more than a password, or a passkey signs them in. */
    readonly hasOwnFactors: boolean;
  } | null;
  readonly managesPeople: boolean;
  /** Whether people are made at their first sign-in. */
  readonly makesPeople: boolean;
}

export type Entry =
  | { readonly kind: 'enter'; readonly personId: string }
  /** The identity is that of this person from now on. */
  | { readonly kind: 'link'; readonly personId: string }
  | { readonly kind: 'make' }
  /** A link in a mail to the address decides. `personId` of null makes the person when it is opened. */
  | { readonly kind: 'ask-by-mail'; readonly personId: string | null };

export type EntryRefusal =
  | Refusal<'address-missing'>
  /** The address, or that of the linked person, is not of the domain. */
  | Refusal<'address-elsewhere'>
  /** Nobody has the address, and nobody is made. It is told as if a mail was on its way. */
  | Refusal<'nobody'>;

/**
 * Decides what comes of somebody's sign-in at their company (decision 0016). A mail address alone never makes an identity
 * somebody who is here already: either the identity is linked, or the company manages the people of its proved domain and
 * its provider has checked the address, or a mail to the address decides. Whoever has a role on the platform, or more
 * than a password, is never taken over without themselves.
 */
export function decideEntry(facts: EntryFacts): Decision<Entry, EntryRefusal> {
  const { domain, said, linked, byMail, managesPeople, makesPeople } = facts;
  if (linked !== null) {
    if (linked.mailDomain !== domain) return refuse('address-elsewhere', {});
    return accept({ kind: 'enter', personId: linked.personId });
  }
  if (said.email === null) return refuse('address-missing', {});
  if (said.email.slice(said.email.lastIndexOf('@') + 1) !== domain) return refuse('address-elsewhere', {});
  if (byMail !== null) {
    const { personId } = byMail;
    const isTrusted = managesPeople && said.emailVerified && !byMail.isStaff && !byMail.hasOwnFactors;
    return accept(isTrusted ? { kind: 'link', personId } : { kind: 'ask-by-mail', personId });
  }
  if (!makesPeople) return refuse('nobody', {});
  return accept(
    managesPeople && said.emailVerified ? { kind: 'make' } : { kind: 'ask-by-mail', personId: null },
  );
}

/** How single sign-on of a mail domain is set, without its connection. */
export interface SingleSignOnRules {
  readonly isOn: boolean;
  /** Passwords and passkeys of people of the domain do not sign in, but for those who are exempt. */
  readonly isRequired: boolean;
  readonly managesPeople: boolean;
  readonly groupId: string | null;
  /** People who get in with password and code when the company's sign-in does not work. */
  readonly exempt: readonly string[];
}

export type SingleSignOnRefusal =
  | Refusal<'nothing-to-do'>
  | Refusal<'single-sign-on-untested'>
  | Refusal<'single-sign-on-off'>
  | Refusal<'break-glass-needed', { readonly detail: string }>;

/**
 * Changes how single sign-on is set. It is switched on only after a test went well, and required only where somebody stays
 * who gets in without it. Switched off, it is not required either.
 *
 * @param eligible administrators of the account without an end who have a password and codes at sign-in
 */
export function changeSingleSignOn(
  before: SingleSignOnRules & { readonly isTested: boolean },
  wanted: Partial<SingleSignOnRules>,
  eligible: readonly string[],
): Decision<SingleSignOnRules, SingleSignOnRefusal> {
  const { isTested, ...rules } = before;
  const isOn = wanted.isOn ?? rules.isOn;
  const after: SingleSignOnRules = {
    isOn,
    isRequired: wanted.isRequired ?? (rules.isRequired && isOn),
    managesPeople: wanted.managesPeople ?? rules.managesPeople,
    groupId: wanted.groupId === undefined ? rules.groupId : wanted.groupId,
    exempt: [...new Set(wanted.exempt ?? rules.exempt)].toSorted(),
  };
  if (isOn && !isTested) return refuse('single-sign-on-untested', {});
  if (after.isRequired && !isOn) return refuse('single-sign-on-off', {});
  if (wanted.exempt?.some((personId) => !eligible.includes(personId))) {
    return refuse('break-glass-needed', {
      detail: 'Somebody who is named is no administrator without an end, or has no password or no codes.',
    });
  }
  if (after.isRequired && !after.exempt.some((personId) => eligible.includes(personId))) {
    return refuse('break-glass-needed', {
      detail: 'Nobody is named who could get in when the company’s sign-in does not work.',
    });
  }
  const same = JSON.stringify(after) === JSON.stringify({ ...rules, exempt: [...rules.exempt].toSorted() });
  return same ? refuse('nothing-to-do', {}) : accept(after);
}
