import type { AccountKind } from '@estover/domain/accounts';

/** Kinds of accounts as people read them, with what they are for. */
export const accountKindWords: Record<AccountKind, { name: string; forWhom: string }> = {
  customer: { name: 'Customer', forWhom: 'A company that uses licenses.' },
  holding: { name: 'Holding', forWhom: 'A partner who keeps orders for others. Nothing in it can be used.' },
  'limited-use': {
    name: 'Limited use',
    forWhom: 'Without a mail domain of your own: at most 3 people and 3 virtual accounts.',
  },
};
