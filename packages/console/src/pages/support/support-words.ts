import type { AnswerOf, listAccountSupport, listRecoveries } from '@estover/protocol';
import { count, formatInstant } from '../../format.ts';
import type { Tone } from '../../parts/figures.tsx';
import { shown } from '../../shown.ts';

export type SupportAccess = AnswerOf<typeof listAccountSupport>['items'][number];
export type SupportRule = AnswerOf<typeof listAccountSupport>['rule'];
export type Recovery = AnswerOf<typeof listRecoveries>['items'][number];

export const supportStates: Record<SupportAccess['state'], { label: string; tone: Tone }> = {
  asked: { label: 'Asked', tone: 'warn' },
  open: { label: 'Open', tone: 'info' },
  declined: { label: 'Declined', tone: 'neutral' },
  expired: { label: 'Not answered', tone: 'neutral' },
  withdrawn: { label: 'Taken back', tone: 'neutral' },
  ended: { label: 'Ended', tone: 'neutral' },
};

export const modeWords: Record<SupportAccess['mode'], string> = {
  read: 'looks around',
  act: 'acts for the customer',
};

const endWords: Record<NonNullable<SupportAccess['endedHow']>, string> = {
  customer: 'ended by the customer',
  staff: 'ended by support',
  time: 'its time was over',
  setting: 'support was forbidden',
  role: 'not support any more',
};

/** When it is or was, in one line: "until 22 Nov, 13:00", "ended 22 Nov, 12:40: its time was over". */
export function timeInWords({ state, endsAt, endedAt, endedHow }: SupportAccess): string {
  if (state === 'open' && endsAt !== null) return `until ${formatInstant(endsAt)}`;
  if (state === 'asked' && endsAt !== null) return `waits until ${formatInstant(endsAt)}`;
  const when = endedAt === null ? '' : formatInstant(endedAt);
  return endedHow === null ? when : `${when}: ${endWords[endedHow]}`;
}

/** Half an hour and more as people say it. */
export const minutesInWords = (minutes: number): string =>
  minutes % 60 === 0 ? count(minutes / 60, 'hour') : count(minutes, 'minute');

export const ruleWords: Record<SupportRule, { label: string; description: string }> = {
  forbidden: {
    label: 'Forbidden',
    description: 'Nobody of the publisher opens this account. What is open ends now.',
  },
  ask: {
    label: 'Ask first',
    description: 'An administrator approves each time. A question ends after 24 hours.',
  },
  notice: {
    label: 'Allowed with notice',
    description:
      'Support may look around at once, and administrators get a mail. To act it still has to ask.',
  },
};

/** The sentence above the account's page. */
export function accountSupportInWords(items: readonly SupportAccess[], rule: SupportRule): string {
  const open = items.filter(({ state }) => state === 'open').length;
  const asked = items.filter(({ state }) => state === 'asked').length;
  const parts = [
    asked === 0
      ? null
      : `${count(asked, 'question')} of support ${asked === 1 ? 'waits' : 'wait'} for an answer.`,
    open === 0
      ? null
      : `${open === 1 ? 'Somebody' : `${open} people`} of the publisher ${open === 1 ? 'is' : 'are'} in this account now.`,
  ].filter((part) => part !== null);
  if (parts.length > 0) return parts.join(' ');
  return rule === 'forbidden'
    ? 'Nobody of the publisher may open this account.'
    : 'Nobody of the publisher is in this account.';
}

export const recoveryStates: Record<Recovery['state'], { label: string; tone: Tone }> = {
  asked: { label: 'Needs a second operator', tone: 'warn' },
  waiting: { label: 'Waits its day', tone: 'info' },
  done: { label: 'Done', tone: 'ok' },
  declined: { label: 'Declined', tone: 'neutral' },
  cancelled: { label: 'Stopped by the person', tone: 'neutral' },
  expired: { label: 'Not answered', tone: 'neutral' },
};

export const recoveryInWords = ({ kind, email, accountName }: Recovery): string =>
  kind === 'administrator'
    ? `${shown(email)} administers ${accountName ?? 'the account'}`
    : `Second factors of ${shown(email)} end`;
