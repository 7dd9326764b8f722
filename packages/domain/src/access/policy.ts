import {
  type AccountRole,
  accountRoles,
  type HeldRole,
  type PlatformRole,
  type SupportRole,
} from './roles.ts';

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
  'view-all-events':                 row('all',    'all', 'none', 'none',                'none',     'none'),
  'view-inventory':                  row('none',   'all', 'all',  'assigned',            'assigned', 'all'),
  'manage-tokens':                   row('none',   'all', 'all',  'assigned',            'assigned', 'none'),
  'move-inventory':                  row('none',   'all', 'all',  'assigned',            'assigned', 'none'),
  'request-accounts':                row('none',   'all', 'all',  'none',                'none',     'none'),
} satisfies Record<string, Row>;

export type AccountAction = keyof typeof accountPolicy;

type SupportRow = Record<SupportRole, 'all' | 'none'>;
const support = (reader: 'all' | 'none', agent: 'all' | 'none'): SupportRow => ({
  'support-reader': reader,
  'support-agent': agent,
});

/**
 * What the publisher's support may do in an account while a support access is open: a reader what the account's viewer may,
 * an agent what its administrator may, but for people, keys, tokens, agreements and settings. Settings are left out whole,
 * because webhooks, which belong to them, would carry on after the access has ended.
 */
// biome-ignore format: the table reads like the one above
export const supportPolicy = {
  //                                         reader  agent
  'view-account':                     support('all',  'all'),
  'edit-account':                     support('none', 'all'),
  'accept-agreements':                support('none', 'none'),
  'view-agreements':                  support('all',  'all'),
  'view-people':                      support('all',  'all'),
  'manage-people':                    support('none', 'none'),
  'answer-access-requests':           support('none', 'none'),
  'create-top-level-virtual-account': support('none', 'all'),
  'create-nested-virtual-account':    support('none', 'all'),
  'manage-virtual-account':           support('none', 'all'),
  'manage-account-settings':          support('none', 'none'),
  'view-events':                      support('all',  'all'),
  'view-all-events':                  support('none', 'none'),
  'view-inventory':                   support('all',  'all'),
  'manage-tokens':                    support('none', 'none'),
  'move-inventory':                   support('none', 'all'),
  'request-accounts':                 support('none', 'none'),
} satisfies Record<AccountAction, SupportRow>;

/** How far a role reaches for an action, be it of the account's own people or of the publisher's support. */
export const reachOfRole = (action: AccountAction, role: HeldRole): Reach =>
  role === 'support-reader' || role === 'support-agent'
    ? supportPolicy[action][role]
    : accountPolicy[action][role];

const ranks: Record<Reach, number> = { none: 0, 'assigned-not-default': 1, assigned: 2, all: 2 };

/** The roles that allow, where they reach, all that a role allows; the role itself is one of them. */
export const rolesThatInclude = (role: AccountRole): AccountRole[] =>
  accountRoles.filter((wider) =>
    Object.values(accountPolicy).every((row) => ranks[row[wider]] >= ranks[row[role]]),
  );

export const accountActions = Object.keys(accountPolicy) as AccountAction[];

/** What the publisher's own staff may do. None of it opens the inside of a customer's account: that only a support access does. */
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
  'manage-staff': ['operator'],
  'open-support-access': ['operator', 'support'],
  'recover-access': ['operator'],
  'view-agreement-texts': ['operator', 'legal-reviewer'],
  'publish-agreements': ['operator'],
  'manage-privacy': ['operator'],
  'view-platform-events': ['operator', 'order-desk', 'legal-reviewer', 'support'],
  'view-all-platform-events': ['operator'],
} satisfies Record<string, readonly PlatformRole[]>;

export type PlatformAction = keyof typeof platformPolicy;
export const platformActions = Object.keys(platformPolicy) as PlatformAction[];
