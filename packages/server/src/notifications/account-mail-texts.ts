import { type Letter, timeOf } from './mail-times.ts';

/** What mails about the life of an account say: its request, its status, merges and splits; facts as in `mail-texts.ts`. */
export type AccountMail =
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
      why: 'taken' | 'declined' | 'expired' | 'not-reviewed';
      /** The account that has the identifier, where one has it: its reader is of its company. */
      accountName: string | null;
      /** What the operator wrote, or how another account is possible where one has the identifier; null for neither. */
      reason: string | null;
      /** Where `link` leads. */
      next: 'ask-anew' | 'ask-for-access' | 'see-requests' | 'open-settings' | 'use-order-mail';
      link: string;
    }
  | {
      /** To the requester: what the operator asks during the review. */
      kind: 'account-request-question';
      domainIdentifier: string;
      question: string;
      link: string;
    }
  | {
      /** To the requester: somebody else may accept now. */
      kind: 'account-request-approved';
      domainIdentifier: string;
      approverEmail: string;
      /** What the operator wrote; null where nobody did. */
      reason: string | null;
      link: string;
      until: string;
    }
  | {
      /** To whoever was named as approver: there is nothing to accept any more. */
      kind: 'account-request-withdrawn';
      companyName: string;
      domainIdentifier: string;
      requestedBy: string;
      link: string;
    }
  | {
      /** To the approver of a partner's or a stranger's request: there is such an account. */
      kind: 'account-exists';
      accountName: string;
      /** How another account is possible beside it; mails of before have none. */
      hint?: string;
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
      /** To administrators: what became of their account. */
      kind: 'account-status';
      accountName: string;
      status: 'active' | 'suspended' | 'closed';
      by: string;
      reason: string | null;
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
    };

const kinds: Record<AccountMail['kind'], true> = {
  'account-requested': true,
  'account-acceptance': true,
  'account-request-closed': true,
  'account-request-question': true,
  'account-request-approved': true,
  'account-request-withdrawn': true,
  'account-exists': true,
  'order-account': true,
  'account-upgraded': true,
  'account-active': true,
  'account-status': true,
  'account-move': true,
};

export const isAccountMail = (content: { kind: string }): content is AccountMail =>
  Object.hasOwn(kinds, content.kind);

export function accountLetter(content: AccountMail): Letter {
  switch (content.kind) {
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
    case 'account-request-question':
      return {
        subject: `A question about your request for ${content.domainIdentifier}`,
        paragraphs: [
          `You asked for the account ${content.domainIdentifier} in Estover. The operator of this installation asks: ${content.question}`,
          'Answer with this link; the review goes on then. The same link shows what becomes of the request, and takes it back.',
        ],
        button: { label: 'Answer', href: content.link },
        small: 'Links of earlier mails about this request do not work any more.',
      };
    case 'account-request-approved':
      return {
        subject: `Your request for ${content.domainIdentifier} is approved`,
        paragraphs: [
          `The operator of this installation approved the account ${content.domainIdentifier} that you asked for${content.reason === null ? '.' : `: ${content.reason}`}`,
          `A mail is on its way to ${content.approverEmail}, who may accept it until ${timeOf(content.until)}.`,
        ],
        button: { label: 'See the request', href: content.link },
        small: 'Links of earlier mails about this request do not work any more.',
      };
    case 'account-request-withdrawn':
      return {
        subject: `The request for ${content.domainIdentifier} was taken back`,
        paragraphs: [
          `${content.requestedBy} does not ask any more for the account ${content.domainIdentifier} of ${content.companyName}, which you were asked to accept. The link of the earlier mail has ended.`,
        ],
        button: { label: 'Ask for an account', href: content.link },
        small: 'There is nothing for you to do.',
      };
    case 'account-exists':
      return {
        subject: `${content.accountName} has an account already`,
        paragraphs: [
          `${content.requestedBy} asked for the account ${content.domainIdentifier} for you in Estover. There is one already: ${content.accountName}. They were not told.`,
          `You can ask its administrators for access, and they can let in whoever asked.${content.hint ?? ''}`,
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
    case 'account-status':
      return statusLetter(content);
    case 'account-move':
      return accountMoveLetter(content);
  }
}

function statusLetter(content: AccountMail & { kind: 'account-status' }): Letter {
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

function accountMoveLetter(content: AccountMail & { kind: 'account-move' }): Letter {
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

const closedLabels: Record<(AccountMail & { kind: 'account-request-closed' })['next'], string> = {
  'ask-anew': 'Ask anew',
  'ask-for-access': 'Ask for access',
  'see-requests': 'See your requests',
  'open-settings': 'Open the settings',
  'use-order-mail': 'Ask for an account',
};

function closedLetter(content: AccountMail & { kind: 'account-request-closed' }): Letter {
  const { domainIdentifier, accountName, reason, why } = content;
  const paragraphs: Record<typeof why, string> = {
    taken: `There is an account with the identifier ${domainIdentifier} already: ${accountName}. Ask its administrators for access.${reason === null ? '' : ` ${reason}`}`,
    declined: `The operator of this installation declined it: ${reason ?? 'without a reason'}`,
    expired: 'Nobody accepted it in time.',
    'not-reviewed': 'No operator of this installation answered it in time.',
  };
  return {
    subject:
      why === 'expired' || why === 'not-reviewed'
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
