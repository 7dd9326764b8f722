import type { AccountRole, PlatformRole } from './roles.ts';

/**
 * Who may do what: the whole policy as data (specification `accounts-and-access.md`, "People and roles").
 *
 * `all` reaches wherever the grant reaches, `assigned` only ever the virtual accounts a grant names,
 * `assigned-not-default` the same without the account's default virtual account, `none` nothing.
 */
export type Reach = 'all' | 'assigned' | 'assigned-not-default' | 'none';

type Row = Record<AccountRole, Reach>;

const row = (
  approver: Reach,
  accountAdministrator: Reach,
  accountUser: Reach,
  virtualAccountAdministrator: Reach,
  virtualAccountUser: Reach,
  viewer: Reach,
): Row => ({
  approver,
  'account-administrator': accountAdministrator,
  'account-user': accountUser,
  'virtual-account-administrator': virtualAccountAdministrator,
  'virtual-account-user': virtualAccountUser,
  viewer,
});

// biome-ignore format: the table reads like the specification's
export const accountPolicy = {
  //                                     approver  admin  user    VA admin               VA user     viewer
  'view-account':                    row('all',    'all', 'all',  'all',                 'all',      'all'),
  'edit-account':                    row('all',    'all', 'none', 'none',                'none',     'none'),
  'accept-agreements':               row('all',    'all', 'none', 'none',                'none',     'none'),
  'view-agreements':                 row('all',    'all', 'all',  'all',                 'all',      'all'),
  'view-people':                     row('all',    'all', 'all',  'assigned',            'none',     'all'),
  'manage-people':                   row('none',   'all', 'none', 'assigned',            'none',     'none'),
  'answer-access-requests':          row('none',   'all', 'none', 'assigned',            'none',     'none'),
  'create-top-level-virtual-account':row('none',   'all', 'none', 'none',                'none',     'none'),
  'create-nested-virtual-account':   row('none',   'all', 'none', 'assigned',            'none',     'none'),
  'manage-virtual-account':          row('none',   'all', 'none', 'assigned-not-default','none',     'none'),
  'manage-account-settings':         row('none',   'all', 'none', 'none',                'none',     'none'),
  'view-events':                     row('all',    'all', 'all',  'assigned',            'assigned', 'all'),
  'view-inventory':                  row('none',   'all', 'all',  'assigned',            'assigned', 'all'),
  'manage-tokens':                   row('none',   'all', 'all',  'assigned',            'assigned', 'none'),
  'move-inventory':                  row('none',   'all', 'all',  'assigned',            'assigned', 'none'),
  'request-accounts':                row('none',   'all', 'all',  'none',                'none',     'none'),
} satisfies Record<string, Row>;

export type AccountAction = keyof typeof accountPolicy;
export const accountActions = Object.keys(accountPolicy) as AccountAction[];

/** What the publisher's own staff may do. None of it opens the inside of a customer's account. */
export const platformPolicy = {
  'view-accounts': ['operator', 'order-desk', 'legal-reviewer', 'support'],
  'manage-accounts': ['operator'],
  'review-accounts': ['operator'],
  'manage-catalog': ['operator'],
  'view-orders': ['operator', 'order-desk', 'support'],
  'manage-orders': ['operator', 'order-desk'],
  'correct-licenses': ['operator'],
  'manage-platform-keys': ['operator'],
  'manage-mails': ['operator'],
  'view-agreement-texts': ['operator', 'legal-reviewer'],
  'publish-agreements': ['operator'],
  'manage-privacy': ['operator'],
} satisfies Record<string, readonly PlatformRole[]>;

export type PlatformAction = keyof typeof platformPolicy;
export const platformActions = Object.keys(platformPolicy) as PlatformAction[];
