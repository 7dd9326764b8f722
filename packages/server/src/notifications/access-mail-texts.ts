import { dateOf, type Letter, roleInWords, timeOf } from './mail-times.ts';

/** What mails about requests for access and about roles that end say; facts as in `mail-texts.ts`. */
export type AccessMail =
  | {
      /** For those who may answer a request for access. */
      kind: 'access-requested';
      accountName: string;
      requestedBy: string;
      role: string;
      /** The path of a virtual account as it was typed; empty for the whole account. */
      place: string;
      reason: string;
      link: string;
      until: string;
    }
  | {
      /** For whoever asked for access. */
      kind: 'access-request-closed';
      identifier: string;
      place: string;
      ended:
        | { outcome: 'approved'; role: string; until: string | null; answeredBy: string }
        | { outcome: 'declined'; answeredBy: string }
        | { outcome: 'expired' };
      /** What was written to them; null where nobody wrote anything. */
      answer: string | null;
      link: string;
    }
  | {
      /** For the person whose role ends. */
      kind: 'role-ending';
      accountName: string;
      role: string;
      until: string;
      hasEnded: boolean;
      link: string;
    }
  | {
      /** For administrators: whose roles end, all that are told of at once. */
      kind: 'roles-ending';
      accountName: string;
      roles: { who: string; role: string; until: string; hasEnded: boolean }[];
      link: string;
    };

const kinds: Record<AccessMail['kind'], true> = {
  'access-requested': true,
  'access-request-closed': true,
  'role-ending': true,
  'roles-ending': true,
};

export const isAccessMail = (content: { kind: string }): content is AccessMail =>
  Object.hasOwn(kinds, content.kind);

export function accessLetter(content: AccessMail): Letter {
  switch (content.kind) {
    case 'access-requested':
      return {
        subject: `${content.requestedBy} asks for access to ${content.accountName}`,
        paragraphs: [
          `${content.requestedBy} asks to be ${roleInWords(content.role)} ${content.place === '' ? 'in all of' : `at ${content.place} in`} ${content.accountName}.`,
          `They write: ${content.reason}`,
          `Approve it, give less, or decline it until ${timeOf(content.until)}.`,
        ],
        button: { label: 'Look at the request', href: content.link },
        small: 'Without an answer the request expires, and nothing changes.',
      };
    case 'access-request-closed':
      return accessClosedLetter(content);
    case 'role-ending': {
      const { accountName, hasEnded, link } = content;
      const role = `Your role ${roleInWords(content.role)} in ${accountName}`;
      return {
        subject: `${role} ${hasEnded ? 'has ended' : `ends on ${dateOf(content.until)}`}`,
        paragraphs: [
          hasEnded
            ? `${role} ended at ${timeOf(content.until)}. What you saw and did with it is closed to you now.`
            : `${role} ends at ${timeOf(content.until)}. If you still need it, ask an administrator of the account for a later end.`,
        ],
        button: { label: hasEnded ? 'Ask for access' : `Open ${accountName}`, href: link },
        small: hasEnded
          ? 'An administrator of the account can tell you more.'
          : 'If you do not need it any more, nothing is to be done.',
      };
    }
    case 'roles-ending':
      return rolesEndingLetter(content);
  }
}

/** So many people are named in one mail; the console shows all. */
const rolesNamed = 20;

function rolesEndingLetter({ accountName, roles, link }: AccessMail & { kind: 'roles-ending' }): Letter {
  const sentences = roles
    .slice(0, rolesNamed)
    .map(({ who, role, until, hasEnded }) =>
      hasEnded
        ? `${who}: ${roleInWords(role)}, ended at ${timeOf(until)}.`
        : `${who}: ${roleInWords(role)}, ends at ${timeOf(until)}.`,
    );
  const more = roles.length - sentences.length;
  return {
    subject: `${roles.length === 1 ? '1 role' : `${roles.length} roles`} in ${accountName} ${roles.length === 1 ? 'ends or has' : 'end or have'} ended`,
    paragraphs: [
      `In ${accountName}:`,
      ...sentences,
      ...(more > 0 ? [`And ${more} more.`] : []),
      'Whoever still needs a role gets a new one with a later end; all others need nothing.',
    ],
    button: { label: 'Look at the people', href: link },
    small: 'You get this mail because you administer the account.',
  };
}

function accessClosedLetter(content: AccessMail & { kind: 'access-request-closed' }): Letter {
  const { identifier, place, ended, answer, link } = content;
  const asked = `You asked for access to ${place === '' ? '' : `${place} in `}${identifier} in Estover.`;
  const said = answer === null ? [] : [`They write: ${answer}`];
  switch (ended.outcome) {
    case 'approved': {
      const end = ended.until === null ? '' : `, until ${dateOf(ended.until)}`;
      return {
        subject: `You have access to ${identifier}`,
        paragraphs: [
          asked,
          `${ended.answeredBy} gave you the role ${roleInWords(ended.role)}${end}.`,
          ...said,
        ],
        button: { label: `Open ${identifier}`, href: link },
        small: 'An administrator of the account can tell you more, or take the role back.',
      };
    }
    case 'declined':
      return {
        subject: `Your request for access to ${identifier} was declined`,
        paragraphs: [asked, `${ended.answeredBy} declined it.`, ...said],
        button: { label: 'Your requests', href: link },
        small: 'Nothing else happens; the request is closed.',
      };
    case 'expired':
      return {
        subject: `Your request for access to ${identifier} has expired`,
        paragraphs: [asked, 'Nobody answered it in time.'],
        button: { label: 'Ask anew', href: link },
        small: 'Nothing else happens; the request is closed.',
      };
  }
}
