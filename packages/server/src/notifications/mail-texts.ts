import { type DigestLine, dateOf, type Letter, roleInWords, timeOf } from './mail-times.ts';
import { isSupportMail, type SupportMail, supportLetter } from './support-mail-texts.ts';

/**
 * What every mail says, in one place. A kind names what it tells of; its facts are all that differs from mail to mail.
 * Facts come from people and are shown as they are: nothing in them is markup. Instants are RFC 3339; `until` of a link is when
 * it expires.
 */
export type MailContent =
  | SupportMail
  | { kind: 'invitation'; accountName: string; invitedBy: string; link: string; until: string }
  | {
      kind: 'role-given';
      accountName: string;
      role: string;
      givenBy: string;
      /** When the role ends; null when it does not. */
      until: string | null;
      link: string;
    }
  | { kind: 'password-reset'; link: string; until: string }
  | { kind: 'password-changed'; at: string; link: string }
  | { kind: 'account-requested'; domainIdentifier: string; link: string; until: string }
  | {
      kind: 'account-acceptance';
      companyName: string;
      domainIdentifier: string;
      requestedBy: string;
      link: string;
      until: string;
    }
  | {
      kind: 'account-request-closed';
      domainIdentifier: string;
      why: 'taken' | 'declined' | 'expired';
      /** The account that has the identifier, where one has it: its reader is of its company. */
      accountName: string | null;
      /** What the operator wrote; null where nobody did. */
      reason: string | null;
      /** Where `link` leads. */
      next: 'ask-anew' | 'ask-for-access' | 'see-requests' | 'open-settings' | 'use-order-mail';
      link: string;
    }
  | {
      /** To the approver of a partner's or a stranger's request: there is such an account. */
      kind: 'account-exists';
      accountName: string;
      domainIdentifier: string;
      requestedBy: string;
      link: string;
    }
  | {
      /** To the contact of orders: which account are they for? */
      kind: 'order-account';
      companyName: string;
      link: string;
      until: string;
    }
  | { kind: 'account-upgraded'; accountName: string; domainIdentifier: string; link: string }
  | {
      kind: 'account-active';
      companyName: string;
      domainIdentifier: string;
      acceptedBy: string;
      link: string;
    }
  | {
      kind: 'webhook-off';
      description: string;
      /** In words of the sentence: "the receiver answered that it is gone". */
      because: string;
      accountName: string;
      link: string;
    }
  | {
      kind: 'agreement-published';
      accountName: string;
      title: string;
      version: number;
      until: string;
      link: string;
    }
  | {
      /** To administrators: what became of their account. */
      kind: 'account-status';
      accountName: string;
      status: 'active' | 'suspended' | 'closed';
      by: string;
      reason: string | null;
      link: string;
    }
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
    }
  | {
      /** What has become of a merge or split of accounts. */
      kind: 'account-move';
      what: 'merge' | 'split';
      state: 'proposed' | 'declined' | 'withdrawn' | 'expired' | 'done' | 'undone';
      fromName: string;
      intoName: string;
      by: string;
      /** What whoever did it wrote; empty where nobody did. */
      reason: string;
      /** Until when it may be consented to or undone; null where neither. */
      endsAt: string | null;
      link: string;
    }
  | {
      /** What changed in an account since the last mail of this kind. */
      kind: 'digest';
      accountName: string;
      groups: { title: string; lines: DigestLine[] }[];
      /** How many lines more there are. */
      more: number;
      link: string;
      /** Where its reader chooses what they hear of; null for an added address, for which an administrator does. */
      settingsLink: string | null;
      /** Switches off the kinds in this mail: for people a page, for mail programs one request (RFC 8058). */
      unsubscribeLink: string;
    }
  | { kind: 'address-confirmation'; accountName: string; addedBy: string; link: string; until: string }
  | {
      /** Something about how the person signs in, other than the password. */
      kind: 'sign-in-changed';
      change:
        | { what: 'codes-on' | 'codes-off' | 'recovery-codes-renewed' }
        | { what: 'recovery-code-used'; left: number }
        | { what: 'passkey-added' | 'passkey-removed'; name: string }
        /** `name` is the mail domain of the company. */
        | { what: 'identity-linked' | 'identity-removed'; name: string };
      at: string;
      link: string;
    }
  /** A link that proves that the address is the person's own; `isNew` where they change to it. */
  | { kind: 'mail-address-proof'; isNew: boolean; link: string; until: string }
  /** To somebody whose address another person says is theirs. */
  | { kind: 'mail-address-in-use'; link: string }
  /** To the address that a person had. */
  | { kind: 'mail-address-changed'; newAddress: string; at: string; link: string }
  /** Who signed in at the company of a mail domain says this address is theirs. */
  | { kind: 'identity-proof'; domain: string; link: string; until: string };

/** A mail as it is read. */
export interface MailText {
  subject: string;
  text: string;
  html: string;
}

function letterOf(content: MailContent): Letter {
  if (isSupportMail(content)) return supportLetter(content);
  switch (content.kind) {
    case 'invitation':
      return {
        subject: `${content.invitedBy} invites you to ${content.accountName}`,
        paragraphs: [
          `${content.invitedBy} gave you access to the licenses of ${content.accountName} in Estover.`,
          `Choose a password with this link. It works once, until ${timeOf(content.until)}.`,
        ],
        button: { label: 'Choose a password', href: content.link },
        small: `If you do not know ${content.accountName}, leave this mail alone: nothing happens without the link.`,
      };
    case 'role-given': {
      const end = content.until === null ? '' : `, until ${dateOf(content.until)}`;
      return {
        subject: `You are now ${roleInWords(content.role)} in ${content.accountName}`,
        paragraphs: [
          `${content.givenBy} gave you the role ${roleInWords(content.role)} in ${content.accountName}${end}.`,
        ],
        button: { label: `Open ${content.accountName}`, href: content.link },
        small: 'An administrator of the account can tell you more, or take the role back.',
      };
    }
    case 'password-reset':
      return {
        subject: 'Choose a new password',
        paragraphs: [
          'Somebody, probably you, asked for a new password for this mail address in Estover.',
          `Choose one with this link. It works once, until ${timeOf(content.until)}, and ends all sessions.`,
        ],
        button: { label: 'Choose a new password', href: content.link },
        small: 'If it was not you, leave this mail alone: your password stays as it is.',
      };
    case 'password-changed':
      return {
        subject: 'Your password was changed',
        paragraphs: [
          `The password for this mail address in Estover was changed at ${timeOf(content.at)}. All other sessions ended.`,
        ],
        button: { label: 'Sign in', href: content.link },
        small:
          'If it was not you, choose a new password at once: "Forgot your password?" on the page for signing in.',
      };
    case 'account-requested':
      return {
        subject: 'Confirm your request for an account',
        paragraphs: [
          `Somebody, probably you, asked for the account ${content.domainIdentifier} in Estover with this mail address.`,
          `Confirm it with this link until ${timeOf(content.until)}. The same link shows what becomes of the request, and takes it back.`,
        ],
        button: { label: 'Confirm the request', href: content.link },
        small: 'If it was not you, leave this mail alone: nothing happens without the link.',
      };
    case 'account-acceptance':
      return {
        subject: `Accept the account of ${content.companyName}`,
        paragraphs: [
          `${content.requestedBy} asked for the account ${content.domainIdentifier} of ${content.companyName} in Estover, and names you as who may accept it for the company.`,
          `With this link you read what you accept, until ${timeOf(content.until)}. The account is active then, and you administer it.`,
        ],
        button: { label: 'Read and accept', href: content.link },
        small: `If you do not act for ${content.companyName}, leave this mail alone: nothing happens without the link.`,
      };
    case 'account-request-closed':
      return closedLetter(content);
    case 'account-exists':
      return {
        subject: `${content.accountName} has an account already`,
        paragraphs: [
          `${content.requestedBy} asked for the account ${content.domainIdentifier} for you in Estover. There is one already: ${content.accountName}. They were not told.`,
          'You can ask its administrators for access, and they can let in whoever asked.',
        ],
        button: { label: 'Ask for access', href: content.link },
        small: 'If you do not know who asked, leave this mail alone: nothing happens.',
      };
    case 'order-account':
      return {
        subject: `Which account are the orders of ${content.companyName} for?`,
        paragraphs: [
          `There are orders for ${content.companyName} in Estover, and no account yet that their licenses go to.`,
          `With this link you choose an account of yours or ask for one, until ${timeOf(content.until)}. What was ordered waits until then.`,
        ],
        button: { label: 'Choose the account', href: content.link },
        small: 'If you ordered nothing, leave this mail alone: nothing happens without the link.',
      };
    case 'account-upgraded':
      return {
        subject: `${content.accountName} is a customer account now`,
        paragraphs: [
          `The account ${content.accountName} was upgraded. Its identifier is ${content.domainIdentifier}, and its limits are gone.`,
        ],
        button: { label: `Open ${content.accountName}`, href: content.link },
        small: 'You get this mail because you administer the account.',
      };
    case 'account-active':
      return {
        subject: `The account of ${content.companyName} is active`,
        paragraphs: [
          `${content.acceptedBy} accepted the account ${content.domainIdentifier} that you asked for, and administers it.`,
        ],
        button: { label: 'Sign in', href: content.link },
        small: `If you need access yourself, ask ${content.acceptedBy}.`,
      };
    case 'digest':
      return digestLetter(content);
    case 'address-confirmation':
      return {
        subject: `Confirm this address for ${content.accountName}`,
        paragraphs: [
          `${content.addedBy} wants what happens with the licenses of ${content.accountName} in Estover to be told to this address.`,
          `Confirm it with this link until ${timeOf(content.until)}. Nothing is sent here before.`,
        ],
        button: { label: 'Confirm the address', href: content.link },
        small: 'If you do not want that, leave this mail alone: nothing happens without the link.',
      };
    case 'webhook-off':
      return {
        subject: `The webhook ${content.description} was switched off`,
        paragraphs: [
          `Events of ${content.accountName} are not sent to the webhook ${content.description} any more, because ${content.because}.`,
          'What happens meanwhile is not lost: switched on again, the webhook gets it, for up to 30 days.',
        ],
        button: { label: 'Look at the webhook', href: content.link },
        small: `You get this mail because you administer ${content.accountName}.`,
      };
    case 'agreement-published':
      return {
        subject: `${content.title}, version ${content.version}, waits for ${content.accountName}`,
        paragraphs: [
          `There is a new version of ${content.title}. You may accept it for ${content.accountName}.`,
          `Please read it and accept it until ${dateOf(content.until)}. After that some things are closed to the account until it is accepted; product instances that are registered go on.`,
        ],
        button: { label: 'Read and accept', href: content.link },
        small: 'Everybody who may accept for the account gets this mail; one acceptance is enough.',
      };
    case 'account-status':
      return statusLetter(content);
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
    case 'mail-address-proof':
      return {
        subject: content.isNew ? 'Confirm your new mail address' : 'Confirm your mail address',
        paragraphs: [
          content.isNew
            ? 'Somebody, probably you, wants to use Estover with this mail address from now on.'
            : 'Roles that are given to this mail address in Estover count once it is proved to be yours.',
          `Confirm it with this link. It works once, until ${timeOf(content.until)}.`,
        ],
        button: { label: 'Confirm the address', href: content.link },
        small: 'If it was not you, leave this mail alone: nothing happens without the link.',
      };
    case 'mail-address-in-use':
      return {
        subject: 'Your mail address is in use already',
        paragraphs: [
          'Somebody, probably you, wanted to change another sign-in of Estover to this mail address.',
          'There is a sign-in with this address already, so nothing was changed. Use that one.',
        ],
        button: { label: 'Sign in', href: content.link },
        small: 'If it was not you, nothing is left to do.',
      };
    case 'mail-address-changed':
      return {
        subject: 'Your mail address was changed',
        paragraphs: [
          `Your sign-in to Estover has the mail address ${content.newAddress} since ${timeOf(content.at)}, and this one no longer.`,
        ],
        button: { label: 'Sign in', href: content.link },
        small: 'If it was not you, tell an administrator of your account at once.',
      };
    case 'identity-proof':
      return {
        subject: 'Confirm that you signed in at your company',
        paragraphs: [
          `Somebody, probably you, signed in to Estover at the sign-in of ${content.domain}, for the first time with this mail address.`,
          `Open this link in the same browser if it was you. It works once, until ${timeOf(content.until)}; from then on that sign-in is yours.`,
        ],
        button: { label: 'It was me', href: content.link },
        small: 'If it was not you, leave this mail alone: nothing happens without the link.',
      };
    case 'account-move':
      return accountMoveLetter(content);
    case 'sign-in-changed': {
      const { subject, sentence } = signInChangeInWords(content.change);
      return {
        subject,
        paragraphs: [`${sentence} It was done at ${timeOf(content.at)}.`],
        button: { label: 'Look at your security', href: content.link },
        small:
          'If it was not you, change your password and end all other sessions at once: both are in your menu, at the top of each page.',
      };
    }
  }
}

function statusLetter(content: MailContent & { kind: 'account-status' }): Letter {
  const { accountName, by, reason, status } = content;
  const why = reason === null ? '' : `: ${reason}`;
  const words = {
    active: {
      subject: `The account of ${accountName} is active again`,
      done: `${by} reactivated the account of ${accountName}. Orders that waited for it are delivered.`,
    },
    suspended: {
      subject: `The account of ${accountName} is suspended`,
      done: `${by} suspended the account of ${accountName}${why}`,
    },
    closed: {
      subject: `The account of ${accountName} is closed`,
      done: `${by} closed the account of ${accountName}${why}`,
    },
  }[status];
  const follows = {
    active: [],
    suspended: [
      'Until it is active again it can be read, and nothing in it changed. Product instances get no new registration and no new authorization; what they may use they may use until it ends.',
    ],
    closed: ['It can still be read. Nobody else gets an account with its identifier.'],
  }[status];
  return {
    subject: words.subject,
    paragraphs: [words.done, ...follows],
    button: { label: `Open ${accountName}`, href: content.link },
    small: 'You get this mail because you administer the account.',
  };
}

function accountMoveLetter(content: MailContent & { kind: 'account-move' }): Letter {
  const { fromName, intoName, by, endsAt } = content;
  const deed =
    content.what === 'merge'
      ? `merge ${fromName} into ${intoName}`
      : `split virtual accounts of ${fromName} off into the new account ${intoName}`;
  const end = endsAt === null ? '' : timeOf(endsAt);
  const sentences: Record<typeof content.state, [subject: string, sentence: string]> = {
    proposed: [
      `${by} proposes to ${deed}`,
      `${by} proposes to ${deed}. Nothing happens unless the other side consents, until ${end}.`,
    ],
    declined: ['A proposal was declined', `${by} declined to ${deed}.`],
    withdrawn: ['A proposal was taken back', `${by} does not propose to ${deed} any more.`],
    expired: ['A proposal has expired', `Nobody consented in time to ${deed}.`],
    done: [
      content.what === 'merge'
        ? `${fromName} was merged into ${intoName}`
        : `${intoName} was split off ${fromName}`,
      `${by} consented to ${deed}, and it is done. An administrator of either side may undo it until ${end}.`,
    ],
    undone: ['A merge or split was undone', `${by} has undone what was agreed: to ${deed}.`],
  };
  const [subject, sentence] = sentences[content.state];
  return {
    subject,
    paragraphs: content.reason === '' ? [sentence] : [sentence, `The reason given: ${content.reason}`],
    button: { label: 'Look at it', href: content.link },
    small: 'You get this because you administer one of the accounts, or are asked to.',
  };
}

type SignInChange = Extract<MailContent, { kind: 'sign-in-changed' }>['change'];

function signInChangeInWords(change: SignInChange): { subject: string; sentence: string } {
  switch (change.what) {
    case 'codes-on':
      return {
        subject: 'Sign-in now asks you for a code',
        sentence: 'Sign-in to Estover with this mail address now asks for a code of an authenticator app.',
      };
    case 'codes-off':
      return {
        subject: 'Sign-in does not ask you for a code any more',
        sentence: 'Sign-in to Estover with this mail address needs the password alone from now on.',
      };
    case 'recovery-codes-renewed':
      return {
        subject: 'You have new recovery codes',
        sentence: 'New recovery codes were made for this mail address in Estover. The earlier ones are void.',
      };
    case 'recovery-code-used':
      return {
        subject: 'A recovery code was used',
        sentence: `A recovery code for this mail address in Estover was used in place of a code of the app. ${change.left} are left.`,
      };
    case 'passkey-added':
      return {
        subject: `The passkey ${change.name} was added`,
        sentence: `The passkey ${change.name} signs in to Estover as you from now on.`,
      };
    case 'passkey-removed':
      return {
        subject: `The passkey ${change.name} was removed`,
        sentence: `The passkey ${change.name} does not sign in to Estover as you any more.`,
      };
    case 'identity-linked':
      return {
        subject: `Your sign-in at ${change.name} was linked`,
        sentence: `The sign-in of your company at ${change.name} signs in to Estover as you from now on.`,
      };
    case 'identity-removed':
      return {
        subject: `Your sign-in at ${change.name} was unlinked`,
        sentence: `The sign-in of your company at ${change.name} does not sign in to Estover as you any more.`,
      };
  }
}

const closedLabels: Record<(MailContent & { kind: 'account-request-closed' })['next'], string> = {
  'ask-anew': 'Ask anew',
  'ask-for-access': 'Ask for access',
  'see-requests': 'See your requests',
  'open-settings': 'Open the settings',
  'use-order-mail': 'Ask for an account',
};

function closedLetter(content: MailContent & { kind: 'account-request-closed' }): Letter {
  const { domainIdentifier, accountName, reason, why } = content;
  const paragraphs: Record<typeof why, string> = {
    taken: `There is an account with the identifier ${domainIdentifier} already: ${accountName}. Ask its administrators for access.`,
    declined: `The operator of this installation declined it: ${reason ?? 'without a reason'}`,
    expired: 'Nobody accepted it in time.',
  };
  return {
    subject:
      why === 'expired'
        ? `Your request for ${domainIdentifier} has expired`
        : `Your request for ${domainIdentifier} was declined`,
    paragraphs: [`You asked for the account ${domainIdentifier} in Estover.`, paragraphs[why]],
    button: { label: closedLabels[content.next], href: content.link },
    small:
      content.next === 'use-order-mail'
        ? 'The orders still wait: the link of the mail about them chooses an account, or asks for another one.'
        : 'Nothing else happens; the request is closed.',
  };
}

/** So many people are named in one mail; the console shows all. */
const rolesNamed = 20;

function rolesEndingLetter({ accountName, roles, link }: MailContent & { kind: 'roles-ending' }): Letter {
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

function accessClosedLetter(content: MailContent & { kind: 'access-request-closed' }): Letter {
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

function digestLetter(content: MailContent & { kind: 'digest' }): Letter {
  const { accountName, groups, more, link, settingsLink, unsubscribeLink } = content;
  const lines = groups.flatMap((group) => group.lines);
  const all = lines.length + more;
  const [only] = lines;
  const isOne = all === 1 && only !== undefined;
  return {
    subject: isOne ? `${accountName}: ${only.text}` : `${accountName}: ${all} things changed`,
    paragraphs: [
      isOne
        ? `This changed in ${accountName}.`
        : `This changed in ${accountName} since the last mail like this.`,
    ],
    lists: [
      ...groups,
      ...(more === 0
        ? []
        : [
            {
              title: `… and ${more} more`,
              lines: [{ text: 'See all alerts', detail: '', link: `${link}/alerts` }],
            },
          ]),
    ],
    button: { label: `Open ${accountName}`, href: link },
    small:
      settingsLink === null
        ? `An administrator of ${accountName} added this address.`
        : `You get this because of your roles in ${accountName}.`,
    links: [
      ...(settingsLink === null ? [] : [{ label: 'Choose what you hear of, and when', href: settingsLink }]),
      { label: 'Switch off mails of this kind', href: unsubscribeLink },
    ],
  };
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign);

/**
 * A line break in a name must not begin a header or a paragraph of its own, a sign that turns the direction of writing must
 * not make another text of it, and a name that looks like an address must not become a link in the reader's program.
 */
const oneLine = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replaceAll('://', ' ')
    .trim();

const lineOf = ({ text, detail, link }: DigestLine): string =>
  [`- ${oneLine(text)}`, ...(detail === '' ? [] : [`  ${oneLine(detail)}`]), `  ${link}`].join('\n');
const anchor = (href: string, text: string): string =>
  `<a href="${escaped(href)}">${escaped(oneLine(text))}</a>`;

/** Puts a mail into words: as plain text, and as HTML that needs nothing from outside. */
export function writeMail(content: MailContent): MailText {
  const letter = letterOf(content);
  const subject = oneLine(letter.subject);
  const paragraphs = letter.paragraphs.map(oneLine);
  const { label, href } = letter.button;
  const small = oneLine(letter.small);
  const { lists = [], links = [] } = letter;
  const text = [
    ...paragraphs,
    ...lists.map(({ title, lines }) => [oneLine(title), ...lines.map(lineOf)].join('\n')),
    `${oneLine(label)}:\n${href}`,
    small,
    ...links.map((link) => `${link.label}:\n${link.href}`),
  ].join('\n\n');
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${escaped(subject)}</title></head>
<body style="margin:0;padding:24px;font-family:system-ui,sans-serif;font-size:16px;line-height:1.5">
<div style="max-width:560px">
${[
  ...paragraphs.map((paragraph) => `<p>${escaped(paragraph)}</p>`),
  ...lists.map(
    ({ title, lines }) =>
      `<h2 style="font-size:16px;margin:16px 0 4px">${escaped(oneLine(title))}</h2>\n<ul style="margin:0;padding-left:20px">\n${lines.map((line) => `<li>${anchor(line.link, line.text)}${line.detail === '' ? '' : `<br>${escaped(oneLine(line.detail))}`}</li>`).join('\n')}\n</ul>`,
  ),
].join('\n')}
<p><a href="${escaped(href)}" style="display:inline-block;padding:10px 16px;border-radius:6px;background:#1e5b47;color:#ffffff;text-decoration:none">${escaped(oneLine(label))}</a></p>
<p style="font-size:14px;overflow-wrap:anywhere">Or open this address: ${escaped(href)}</p>
<p style="font-size:14px">${escaped(small)}</p>
${links.map((link) => `<p style="font-size:14px">${anchor(link.href, link.label)}</p>\n`).join('')}</div>
</body>
</html>
`;
  return { subject, text: `${text}\n`, html };
}
