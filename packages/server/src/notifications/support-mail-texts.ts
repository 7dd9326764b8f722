import type { SupportMode } from '@estover/domain/support';
import { dateOf, type Letter, roleInWords, timeOf } from './mail-times.ts';

/** What mails of the publisher's staff and of support say; facts as in `mail-texts.ts`. */
export type SupportMail =
  | {
      kind: 'staff-role';
      role: string;
      givenBy: string;
      /** When the role ends; null when it does not. */
      end: string | null;
      link: string;
      /** Until when the link chooses a password; null where there is a password already. */
      until: string | null;
    }
  | {
      kind: 'support-asked';
      accountName: string;
      staff: string;
      mode: SupportMode;
      minutes: number;
      reason: string;
      caseNumber: string;
      until: string;
      link: string;
    }
  | {
      kind: 'support-begun';
      accountName: string;
      staff: string;
      reason: string;
      caseNumber: string;
      until: string;
      link: string;
    }
  | {
      kind: 'support-answered';
      accountName: string;
      caseNumber: string;
      answer: 'approved' | 'declined' | 'expired';
      /** When what was approved ends; null otherwise. */
      end: string | null;
      link: string;
    }
  | { kind: 'recovery-waits'; until: string; link: string }
  | { kind: 'recovery-done'; at: string; link: string };

const kinds: Record<SupportMail['kind'], true> = {
  'staff-role': true,
  'support-asked': true,
  'support-begun': true,
  'support-answered': true,
  'recovery-waits': true,
  'recovery-done': true,
};

export const isSupportMail = (content: { kind: string }): content is SupportMail =>
  Object.hasOwn(kinds, content.kind);

/** How somebody looks at an account, or acts in it, in words of the sentence. */
const modeInWords: Record<SupportMode, string> = {
  read: 'look at',
  act: 'act in',
};

export function supportLetter(content: SupportMail): Letter {
  switch (content.kind) {
    case 'staff-role': {
      const end = content.end === null ? '' : `, until ${dateOf(content.end)}`;
      const role = `${content.givenBy} gave you the platform role ${roleInWords(content.role)} in Estover${end}.`;
      return {
        subject: `You are now ${roleInWords(content.role)} of this installation`,
        paragraphs:
          content.until === null
            ? [role]
            : [role, `Choose a password with this link. It works once, until ${timeOf(content.until)}.`],
        button: { label: content.until === null ? 'Sign in' : 'Choose a password', href: content.link },
        small: 'If you do not know what this is about, leave this mail alone.',
      };
    }
    case 'support-asked':
      return {
        subject: `Support asks to ${modeInWords[content.mode]} ${content.accountName}`,
        paragraphs: [
          `${content.staff}, support of the publisher, asks to ${modeInWords[content.mode]} ${content.accountName} for ${content.minutes} minutes.`,
          `Case ${content.caseNumber}: ${content.reason}`,
          `Nothing is opened unless you approve it. The question ends at ${timeOf(content.until)}.`,
        ],
        button: { label: 'Approve or decline', href: content.link },
        small: `You get this mail because you administer ${content.accountName}. On the same page you say whether support may ask at all.`,
      };
    case 'support-begun':
      return {
        subject: `Support looks at ${content.accountName}`,
        paragraphs: [
          `${content.staff}, support of the publisher, may look at ${content.accountName} until ${timeOf(content.until)}, and changes nothing.`,
          `Case ${content.caseNumber}: ${content.reason}`,
        ],
        button: { label: 'See it, or end it', href: content.link },
        small: `You get this mail because you administer ${content.accountName}. On the same page you say whether support has to ask first, or may not come at all.`,
      };
    case 'support-answered': {
      const sentences = {
        approved: `${content.accountName} let you in for case ${content.caseNumber}, until ${timeOf(content.end ?? '')}.`,
        declined: `${content.accountName} declined your support access for case ${content.caseNumber}.`,
        expired: `Nobody of ${content.accountName} answered your question for case ${content.caseNumber} in time.`,
      };
      return {
        subject: `Support access to ${content.accountName}: ${content.answer}`,
        paragraphs: [sentences[content.answer]],
        button: { label: 'Look at it', href: content.link },
        small: 'You asked for this support access.',
      };
    }
    case 'recovery-waits':
      return {
        subject: 'Your second factors are about to be removed',
        paragraphs: [
          `Two operators of this installation will remove the authenticator app, recovery codes and passkeys of this mail address at ${timeOf(content.until)}, because they were told that you have lost them. Your password stays.`,
          'If you still have one of them, or it was not you who asked, stop it with this link.',
        ],
        button: { label: 'Stop it', href: content.link },
        small:
          'If you have asked for it, there is nothing to do: wait until then, and sign in with your password.',
      };
    case 'recovery-done':
      return {
        subject: 'Your second factors were removed',
        paragraphs: [
          `The authenticator app, recovery codes and passkeys of this mail address were removed at ${timeOf(content.at)}, and all sessions ended. Sign in with your password, and set codes up anew.`,
        ],
        button: { label: 'Sign in', href: content.link },
        small: 'If it was not you who asked for it, change your password, and tell the operator at once.',
      };
  }
}
