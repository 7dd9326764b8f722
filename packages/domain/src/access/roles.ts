/**
 * The six roles a person or API key can hold in an account (seed 003), and the publisher's platform roles.
 */
export const accountRoles = [
  'approver',
  'account-administrator',
  'account-user',
  'virtual-account-administrator',
  'virtual-account-user',
  'viewer',
] as const;
export type AccountRole = (typeof accountRoles)[number];

export const platformRoles = ['operator', 'order-desk', 'legal-reviewer', 'support'] as const;
export type PlatformRole = (typeof platformRoles)[number];

/** What the publisher's support holds in an account while a support access is open; nobody is ever granted these. */
export const supportRoles = ['support-reader', 'support-agent'] as const;
export type SupportRole = (typeof supportRoles)[number];

/** Every role that somebody may hold in an account at some moment. */
export type HeldRole = AccountRole | SupportRole;

/** Where a role may be granted: the viewer is the one role that exists at both levels. */
export const roleLevels: Record<AccountRole, readonly ('account' | 'virtual-account')[]> = {
  approver: ['account'],
  'account-administrator': ['account'],
  'account-user': ['account'],
  'virtual-account-administrator': ['virtual-account'],
  'virtual-account-user': ['virtual-account'],
  viewer: ['account', 'virtual-account'],
};

/** One virtual account of a grant: this one only, or with everything nested in it. */
export interface GrantedVirtualAccount {
  virtualAccountId: string;
  nested: boolean;
}

/** Where a grant reaches: the whole account, or the virtual accounts named. */
export type GrantScope =
  | { kind: 'account' }
  | { kind: 'virtual-accounts'; virtualAccounts: GrantedVirtualAccount[] };

export interface Grant {
  grantId: string;
  role: HeldRole;
  scope: GrantScope;
  /** The seller whose lots are all that the holder sees by it (`partners.ts`); null or left out without a limit. */
  soldBy?: string | null;
}

/** A grant of the account's own people, which support never has. */
export type OwnGrant = Grant & { role: AccountRole };

/** Whether a role may be granted at a scope of this kind. */
export const roleTakesScope = (role: AccountRole, scope: GrantScope): boolean =>
  roleLevels[role].includes(scope.kind === 'account' ? 'account' : 'virtual-account');

/** One entry for each virtual account; one that is named twice reaches as far as its widest mention. */
export function normalizeScope(scope: GrantScope): GrantScope {
  if (scope.kind === 'account') return scope;
  const nestedById = new Map<string, boolean>();
  for (const { virtualAccountId, nested } of scope.virtualAccounts) {
    nestedById.set(virtualAccountId, nested || (nestedById.get(virtualAccountId) ?? false));
  }
  return {
    kind: 'virtual-accounts',
    virtualAccounts: [...nestedById]
      .map(([virtualAccountId, nested]) => ({ virtualAccountId, nested }))
      .sort((a, b) => (a.virtualAccountId < b.virtualAccountId ? -1 : 1)),
  };
}

/** Whether two scopes reach the same virtual accounts in the same way, in whatever order they are named. */
export const sameScope = (one: GrantScope, other: GrantScope): boolean =>
  scopeKey(normalizeScope(one)) === scopeKey(normalizeScope(other));

const scopeKey = (scope: GrantScope): string =>
  scope.kind === 'account'
    ? scope.kind
    : scope.virtualAccounts.map(({ virtualAccountId, nested }) => `${virtualAccountId} ${nested}`).join();
