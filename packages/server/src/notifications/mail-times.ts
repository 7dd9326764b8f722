/** An instant as mails write its day. */
export const dateOf = (instant: string): string => instant.slice(0, 10);

/** In words of the sentence: "2026-11-30 09:05 UTC". */
export const timeOf = (instant: string): string => `${dateOf(instant)} ${instant.slice(11, 16)} UTC`;

/** `account-administrator` as people say it. */
export const roleInWords = (role: string): string => role.replaceAll('-', ' ');

/** One thing that changed: what, perhaps a sentence more, and its page. */
export interface DigestLine {
  text: string;
  detail: string;
  link: string;
}

/** What a mail says, before it is put into its two forms. */
export interface Letter {
  subject: string;
  paragraphs: string[];
  /** Lists below the paragraphs, each line a link to what it tells of. */
  lists?: { title: string; lines: DigestLine[] }[];
  button: { label: string; href: string };
  /** What to do when the mail was not expected, and the like. */
  small: string;
  /** More links in small. */
  links?: { label: string; href: string }[];
}
