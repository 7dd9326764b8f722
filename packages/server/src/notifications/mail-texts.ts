import { domainToUnicode } from 'node:url';
import { shownAddresses } from '@estover/domain/accounts';
import { type AccessMail, accessLetter, isAccessMail } from './access-mail-texts.ts';
import { type AccountMail, accountLetter, isAccountMail } from './account-mail-texts.ts';
import { type DigestLine, dateOf, type Letter, roleInWords, timeOf } from './mail-times.ts';
import { isSupportMail, type SupportMail, supportLetter } from './support-mail-texts.ts';

/**
 * What every mail says, in one place. A kind names what it tells of; its facts are all that differs from mail to mail.
 * Facts come from people and are shown as they are: nothing in them is markup. Instants are RFC 3339; `until` of a link is when
 * it expires.
 */
export type MailContent =
  | AccessMail
  | AccountMail
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
  | {
      /** What changed in an account since the last mail of this kind. */
      kind: 'digest';
      /** Null: of what waits on the platform for its staff. */
      accountName: string | null;
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
  if (isAccountMail(content)) return accountLetter(content);
  if (isAccessMail(content)) return accessLetter(content);
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

function digestLetter(content: MailContent & { kind: 'digest' }): Letter {
  const { groups, more, link, settingsLink, unsubscribeLink } = content;
  const isOfPlatform = content.accountName === null;
  const accountName = content.accountName ?? 'the platform';
  const lines = groups.flatMap((group) => group.lines);
  const all = lines.length + more;
  const [only] = lines;
  const isOne = all === 1 && only !== undefined;
  return {
    subject: `${isOfPlatform ? 'Desk' : accountName}: ${isOne ? only.text : `${all} things ${isOfPlatform ? 'wait' : 'changed'}`}`,
    paragraphs: [
      isOfPlatform
        ? 'This waits for the staff of the platform.'
        : isOne
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
              lines: [
                isOfPlatform
                  ? { text: 'See the desk', detail: '', link }
                  : { text: 'See all alerts', detail: '', link: `${link}/alerts` },
              ],
            },
          ]),
    ],
    button: { label: isOfPlatform ? 'Open the desk' : `Open ${accountName}`, href: link },
    small:
      settingsLink === null
        ? `An administrator of ${accountName} added this address.`
        : `You get this because of your roles ${isOfPlatform ? 'on' : 'in'} ${accountName}.`,
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
 * not make another text of it, and a name that looks like an address must not become a link in the reader's program. Mail
 * addresses are written as people write them.
 */
const oneLine = (text: string): string =>
  shownAddresses(text, domainToUnicode)
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
