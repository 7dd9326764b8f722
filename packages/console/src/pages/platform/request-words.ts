import type { accountRequest } from '@estover/protocol';
import type { z } from 'zod';
import { count } from '../../format.ts';
import type { Tone } from '../../parts/figures.tsx';

export type AccountRequest = z.infer<typeof accountRequest>;

export const requestStateWords: Record<AccountRequest['state'], { label: string; tone: Tone }> = {
  requested: { label: 'Not confirmed yet', tone: 'neutral' },
  'under-review': { label: 'To review', tone: 'warn' },
  'awaiting-acceptance': { label: 'Waits for acceptance', tone: 'info' },
  active: { label: 'Active', tone: 'ok' },
  declined: { label: 'Declined', tone: 'bad' },
  expired: { label: 'Expired', tone: 'neutral' },
  withdrawn: { label: 'Withdrawn', tone: 'neutral' },
};

export const purposeWords: Record<AccountRequest['purpose'], string> = {
  own: 'By the company itself',
  customer: 'By a partner, for a customer',
  order: 'From an order that waits for an account',
  upgrade: 'As an upgrade of an account for limited use',
};

/** What a request says in the list: its state, and where a review stands. */
export function pillOf(request: AccountRequest): { label: string; tone: Tone } {
  const { state, isOverdue, question, answer } = request;
  if (state !== 'under-review') return requestStateWords[state];
  if (question !== null && answer === null) return { label: 'Asked, waits for the answer', tone: 'info' };
  if (isOverdue) return { label: 'Review overdue', tone: 'bad' };
  return question === null ? requestStateWords[state] : { label: 'Answered, to review', tone: 'warn' };
}

/** The sentence above the queue. */
export function queueInWords(underReview: number | undefined, overdue = 0): string {
  if (underReview === undefined) return '';
  if (underReview === 0)
    return 'None waits for you. Requests with a prefix do; all others go on by themselves.';
  const late = overdue === 0 ? '' : ` ${overdue} of them ${overdue === 1 ? 'is' : 'are'} overdue.`;
  return `${count(underReview, 'request')} ${underReview === 1 ? 'waits' : 'wait'} for you to approve or decline.${late}`;
}

/** Why nothing can be asked about a request now, or null. */
export const reasonAgainstAsking = ({ state }: AccountRequest): string | null =>
  state === 'under-review' ? null : 'Questions are asked while a request is reviewed.';

/** Why a request cannot be approved now, or null. */
export const reasonAgainstApproving = ({ state }: AccountRequest): string | null =>
  state === 'under-review' ? null : 'Only a request that is to be reviewed is approved.';

/** Why a request cannot be declined now, or null. */
export function reasonAgainstDeclining({ state }: AccountRequest): string | null {
  if (state === 'under-review' || state === 'awaiting-acceptance') return null;
  return state === 'requested'
    ? 'Whoever asked has not confirmed their address yet.'
    : 'The request is closed.';
}
