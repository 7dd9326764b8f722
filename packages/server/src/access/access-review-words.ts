import type { AccountRole } from '@estover/domain/access';

/** Headings of the six roles in files. */
export const roleTitles: Record<AccountRole, string> = {
  approver: 'Approver',
  'account-administrator': 'Account administrator',
  'account-user': 'Account user',
  'virtual-account-administrator': 'Virtual account administrator',
  'virtual-account-user': 'Virtual account user',
  viewer: 'Viewer',
};
