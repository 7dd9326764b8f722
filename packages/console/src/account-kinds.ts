import type { AccountKind, AccountStatus } from '@estover/domain/accounts';
import type { Tone } from './parts/figures.tsx';

/** Kinds of accounts as people read them, with what they are for. */
export const accountKindWords: Record<AccountKind, { name: string; forWhom: string }> = {
  customer: { name: 'Customer', forWhom: 'A company that uses licenses.' },
  holding: { name: 'Holding', forWhom: 'A partner who keeps orders for others. Nothing in it can be used.' },
  'limited-use': {
    name: 'Limited use',
    forWhom: 'Without a mail domain of your own: at most 3 people and 3 virtual accounts.',
  },
};

/** The status of an account as people read it. */
export const accountStatusWords: Record<AccountStatus, { label: string; tone: Tone }> = {
  pending: { label: 'Waits for its customer', tone: 'info' },
  active: { label: 'Active', tone: 'ok' },
  suspended: { label: 'Suspended', tone: 'warn' },
  closed: { label: 'Closed', tone: 'neutral' },
  merged: { label: 'Merged', tone: 'neutral' },
};
