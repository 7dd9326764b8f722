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

/** The sentence above the queue. */
export const queueInWords = (underReview: number | undefined): string =>
  underReview === undefined
    ? ''
    : underReview === 0
      ? 'None waits for you. Requests with a prefix do; all others go on by themselves.'
      : `${count(underReview, 'request')} with a prefix ${underReview === 1 ? 'waits' : 'wait'} for you to approve or decline.`;

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
