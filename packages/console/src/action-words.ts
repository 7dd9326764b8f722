import type { AccountAction, PlatformAction } from '@estover/domain/access';

export const actionWords: Record<AccountAction, string> = {
  'view-account': 'See the account and its virtual accounts',
  'edit-account': 'Edit the account’s properties',
  'accept-agreements': 'Accept agreements',
  'view-agreements': 'Read agreements',
  'view-people': 'See people',
  'manage-people': 'Manage people and API clients',
  'answer-access-requests': 'Answer requests for access',
  'create-top-level-virtual-account': 'Create virtual accounts at the top',
  'create-nested-virtual-account': 'Create virtual accounts under their own',
  'manage-virtual-account': 'Rename, move and delete virtual accounts',
  'manage-account-settings': 'Change settings and policies',
  'view-events': 'See events of what they may see',
  'view-all-events': 'See all events, whatever they are about, and prove them',
  'view-inventory': 'See licenses, product instances and orders',
  'manage-tokens': 'Make and revoke tokens',
  'move-inventory': 'Move licenses and product instances',
  'request-accounts': 'Ask for accounts on customers’ behalf, in a holding account',
};

export const platformActionWords: Record<PlatformAction, string> = {
  'view-accounts': 'See accounts',
  'manage-accounts': 'Create, suspend and close accounts',
  'review-accounts': 'Review requests for accounts',
  'manage-catalog': 'Manage the catalog',
  'view-orders': 'See orders',
  'manage-orders': 'Book, ship and cancel orders',
  'correct-licenses': 'Withdraw wrong deliveries',
  'manage-platform-keys': 'Manage platform API keys',
  'view-agreement-texts': 'See agreements and who accepted them',
  'publish-agreements': 'Publish agreements',
  'manage-privacy': 'Export and remove people',
  'manage-mails': 'See the outbox and send its mails',
  'manage-staff': 'Manage staff and their platform roles',
  'open-support-access': 'Ask to open a customer’s account',
  'recover-access': 'Recover access, two together',
  'view-platform-events': 'See events of the platform, of what they may see',
  'view-all-platform-events': 'See all events of the platform, and prove them',
};

/** An action of the API in the words of the console, such as `See people` for `view-people`; undefined for others. */
export function wordsOfAction(action: unknown): string | undefined {
  return [...Object.entries(actionWords), ...Object.entries(platformActionWords)].find(
    ([name]) => name === action,
  )?.[1];
}
