import type { accessRequest, ownAccessRequest } from '@estover/protocol';
import type { z } from 'zod';
import { roleNames } from './account.tsx';
import type { Tone } from './parts/figures.tsx';

export type AccessRequest = z.infer<typeof accessRequest>;
export type OwnAccessRequest = z.infer<typeof ownAccessRequest>;

export const accessRequestStateWords: Record<AccessRequest['state'], { label: string; tone: Tone }> = {
  waiting: { label: 'Waits for an answer', tone: 'warn' },
  approved: { label: 'Approved', tone: 'ok' },
  declined: { label: 'Declined', tone: 'bad' },
  expired: { label: 'Expired', tone: 'neutral' },
  withdrawn: { label: 'Taken back', tone: 'neutral' },
};

/** `Viewer in the whole account`, or with the virtual account as it was typed. */
export const askedInWords = ({ role, place }: Pick<AccessRequest, 'role' | 'place'>): string =>
  `${roleNames[role]} in ${place === '' ? 'the whole account' : place}`;
