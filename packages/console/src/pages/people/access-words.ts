import {
  type AccountAction,
  type AccountRole,
  accountActions,
  accountPolicy,
  isCutToLots,
  type PlatformRole,
  type Reach,
} from '@estover/domain/access';
import type { heldGrant, person } from '@estover/protocol';
import type { z } from 'zod';
import { roleNames } from '../../account.tsx';
import { formatPath } from '../../format.ts';
import type { VirtualAccount } from '../../parts/virtual-accounts.ts';

export type Person = z.infer<typeof person>;
export type Grant = z.infer<typeof heldGrant>;
export type Scope = Grant['scope'];

export const platformRoleNames: Record<PlatformRole, string> = {
  operator: 'Operator',
  'order-desk': 'Order desk',
  'legal-reviewer': 'Legal reviewer',
  support: 'Support',
};

export const reachWords: Record<Reach, { sign: string; words: string }> = {
  all: { sign: '●', words: 'everywhere in the account' },
  assigned: { sign: '○', words: 'in assigned virtual accounts' },
  'assigned-not-default': { sign: '○', words: 'in assigned virtual accounts, not the default one' },
  none: { sign: '–', words: 'not allowed' },
};

/** What a role is for, in a sentence. */
export const roleSentences: Record<AccountRole, string> = {
  approver: 'Answers for the account: edits its properties and sees people and events.',
  'account-administrator': 'May do everything in the account.',
  'account-user': 'Works with licenses, instances and tokens everywhere in the account.',
  'virtual-account-administrator': 'May do everything inside chosen virtual accounts.',
  'virtual-account-user': 'Works with licenses, instances and tokens inside chosen virtual accounts.',
  viewer: 'Sees, and changes nothing.',
};

/** Where a scope reaches, in words: `the whole account`, or virtual accounts with `+` for everything nested. */
export function scopeInWords(scope: Scope | null, virtualAccounts: readonly VirtualAccount[]): string {
  if (scope === null || scope.kind === 'account') return 'the whole account';
  return scope.virtualAccounts
    .map(({ virtualAccountId, nested }) => {
      const found = virtualAccounts.find((one) => one.virtualAccountId === virtualAccountId);
      const name = found === undefined ? 'a virtual account you do not see' : formatPath(found.path);
      return nested ? `${name} with all in it` : name;
    })
    .join(', ');
}

/** What somebody may do, put together by the grants it comes from. */
export function rightsOf(grants: readonly Grant[]): { from: Grant[]; actions: AccountAction[] }[] {
  const sources = new Map<string, { from: Grant[]; actions: AccountAction[] }>();
  for (const action of accountActions) {
    const from = grants.filter(
      (grant) =>
        accountPolicy[action][grant.role] !== 'none' && (grant.soldBy === null || isCutToLots(action)),
    );
    const key = from.map(({ grantId }) => grantId).join(' ');
    const source = sources.get(key) ?? { from, actions: [] };
    source.actions.push(action);
    sources.set(key, source);
  }
  return [...sources.values()].filter(({ from }) => from.length > 0);
}

/** `Viewer in EMEA with all in it`, and by which group, where it is not the person's own. */
export function grantInWords(
  grant: Pick<Grant, 'role' | 'scope' | 'group'>,
  virtualAccounts: readonly VirtualAccount[],
): string {
  const by = grant.group === null ? '' : `, by the group ${grant.group.name}`;
  return `${roleNames[grant.role]} in ${scopeInWords(grant.scope, virtualAccounts)}${by}`;
}

/** The seller whose lots are all that somebody sees; null without a limit. */
export const sellerLimitOf = ({ grants }: Pick<Person, 'grants'>): string | null =>
  grants.find(({ soldBy }) => soldBy !== null)?.soldBy ?? null;
