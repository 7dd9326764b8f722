import {
  type AccountAction,
  type ActionReach,
  type Grant,
  type RightsPlace,
  reachIncludes,
  reachOf,
} from '@estover/domain/access';
import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import { notFound, Refused } from '../edge/refused.ts';

/**
 * A set of virtual accounts of one account, as a condition on a column: everything, or what the roots reach. Made only
 * here, so that no query can forget the rights of its caller.
 */
export interface VirtualAccountScope {
  /** SQL: whether the column's virtual account is in the set. */
  includes(column: RawBuilder<unknown> | Expression<unknown>): RawBuilder<SqlBool>;
  /** Whether it is the whole account. */
  everything: boolean;
}

const everything: VirtualAccountScope = { includes: () => sql<SqlBool>`true`, everything: true };

/** The whole account, for what the system does itself. Never for a list that somebody reads. */
export const scopeOfSystem = everything;

function scopeOfReach(accountId: string, reach: ActionReach): VirtualAccountScope {
  if (reach.kind === 'everything') return everything;
  if (reach.kind === 'nothing') return { includes: () => sql<SqlBool>`false`, everything: false };
  const nested = reach.roots.filter((root) => root.nested).map((root) => root.virtualAccountId);
  const alone = reach.roots.filter((root) => !root.nested).map((root) => root.virtualAccountId);
  return {
    everything: false,
    includes: (column) => sql<SqlBool>`(${column} = any(${alone}::uuid[]) or ${column} in (
      select descendant_id from virtual_account_ancestry
       where account_id = ${accountId} and ancestor_id = any(${nested}::uuid[])))`,
  };
}

/** Where the caller may do the action, for lists. */
export function scopeOf(
  context: Pick<Context, 'grants'>,
  accountId: string,
  action: AccountAction,
): VirtualAccountScope {
  return scopeOfReach(accountId, reachOf(context.grants, action));
}

/** The virtual accounts whose names the caller may see: those that any grant reaches. */
export function visibleScope(context: Context, accountId: string): VirtualAccountScope {
  // Every role has its events, so this action reaches exactly as far as the grants themselves.
  return scopeOf(context, accountId, 'view-events');
}

/**
 * What a list shows: where the caller may do the action, and of that one virtual account (alone or with everything
 * nested) if the caller names one. A virtual account the caller may not see is refused like an unknown one.
 */
export async function chosenScope(
  context: Pick<Context, 'trx' | 'grants'>,
  accountId: string,
  action: AccountAction,
  chosen: { virtualAccountId?: string | undefined; nested: boolean },
): Promise<VirtualAccountScope> {
  const allowed = scopeOf(context, accountId, action);
  const { virtualAccountId, nested } = chosen;
  if (virtualAccountId === undefined) return allowed;
  const found = await context.trx
    .selectFrom('virtual_accounts')
    .select('virtual_account_id')
    .where('account_id', '=', accountId)
    .where('virtual_account_id', '=', virtualAccountId)
    .where('deleted_at', 'is', null)
    .where(allowed.includes(sql.ref('virtual_account_id')))
    .executeTakeFirst();
  if (found === undefined) {
    throw new Refused(
      'unknown-virtual-account',
      `There is no virtual account ${virtualAccountId} here that you may see.`,
    );
  }
  const picked = scopeOfReach(accountId, {
    kind: 'virtual-accounts',
    roots: [{ virtualAccountId, nested, exceptDefault: false }],
  });
  return {
    everything: false,
    includes: (column) => sql<SqlBool>`(${allowed.includes(column)} and ${picked.includes(column)})`,
  };
}

export interface VirtualAccountRow {
  virtualAccountId: string;
  parentId: string | null;
  name: string;
  path: string[];
  description: string;
  accessLevel: 'restricted' | 'unrestricted';
  isDefault: boolean;
  depth: number;
}

/**
 * Looks a virtual account up for an action: nobody can hold one they may not touch. Unknown and unseen are the same
 * 404; seen but not allowed is 403. Until the transaction ends it cannot be deleted; others may hold it like
 * this as well, in any order. `withNested` asks for the action in everything nested in it, too; with `toRead` nothing is
 * held, because reads write nothing, no lock either.
 */
export async function requireVirtualAccount(
  context: Context,
  accountId: string,
  virtualAccountId: string,
  action: AccountAction,
  options: { withNested?: boolean; toRead?: boolean; orUnknown?: () => Refused } = {},
): Promise<VirtualAccountRow> {
  const { withNested = false } = options;
  const against = options.toRead ? 'nothing' : 'deletion';
  const found = await findVirtualAccount(context.trx, accountId, virtualAccountId, against);
  const unknown = options.orUnknown ?? (() => notFound('virtual account'));
  if (found === undefined) throw unknown();
  if (!(await covers(context.trx, accountId, context.grants, 'view-events', virtualAccountId)))
    throw unknown();
  if (!(await covers(context.trx, accountId, context.grants, action, virtualAccountId, withNested))) {
    const where = `${found.path.join(' / ')}${withNested ? ' with everything nested in it' : ''}`;
    throw new Refused('not-allowed', `Your roles do not include ${action} in ${where}.`, {
      action,
    });
  }
  return found;
}

/** Requires that the caller may do the action in the whole account, not only in parts of it. */
export function requireAccountReach(context: Context, action: AccountAction): void {
  if (reachOf(context.grants, action).kind === 'everything') return;
  throw new Refused('not-allowed', `Your roles do not include ${action} for the whole account.`, { action });
}

/**
 * Looks a virtual account up without asking for rights: for what the system itself does. `against` keeps it from being
 * deleted until the transaction ends.
 */
export async function findVirtualAccount(
  trx: Trx,
  accountId: string,
  virtualAccountId: string,
  against: 'nothing' | 'deletion' = 'nothing',
): Promise<VirtualAccountRow | undefined> {
  const query = trx
    .selectFrom('virtual_accounts')
    .select([
      'virtual_account_id as virtualAccountId',
      'parent_id as parentId',
      'name',
      sql<string[]>`virtual_account_path(account_id, virtual_account_id)`.as('path'),
      'description',
      sql<'restricted' | 'unrestricted'>`access_level`.as('accessLevel'),
      'is_default as isDefault',
      'depth',
    ])
    .where('account_id', '=', accountId)
    .where('virtual_account_id', '=', virtualAccountId)
    .where('deleted_at', 'is', null);
  return (against === 'deletion' ? query.forKeyShare() : query).executeTakeFirst();
}

/** Whether grants allow an action in one virtual account (and, if asked, in everything nested under it). */
export async function covers(
  trx: Trx,
  accountId: string,
  grants: readonly Grant[],
  action: AccountAction,
  virtualAccountId: string,
  withNested = false,
): Promise<boolean> {
  const reach = reachOf(grants, action);
  if (reach.kind === 'everything') return true;
  if (reach.kind === 'nothing') return false;
  return reachIncludes(reach, await placeOf(trx, accountId, virtualAccountId), withNested);
}

/** Where a virtual account lies, as rights see it. */
export async function placeOf(trx: Trx, accountId: string, virtualAccountId: string): Promise<RightsPlace> {
  const ancestors = await trx
    .selectFrom('virtual_account_ancestry as ancestry')
    .innerJoin('virtual_accounts as self', (join) =>
      join
        .onRef('self.account_id', '=', 'ancestry.account_id')
        .onRef('self.virtual_account_id', '=', 'ancestry.descendant_id'),
    )
    .select(['ancestry.ancestor_id as ancestorId', 'self.is_default as isDefault'])
    .where('ancestry.account_id', '=', accountId)
    .where('ancestry.descendant_id', '=', virtualAccountId)
    .execute();
  return {
    virtualAccountId,
    ancestorIds: ancestors.map(({ ancestorId }) => ancestorId),
    isDefault: ancestors.some(({ isDefault }) => isDefault),
  };
}

/**
 * Takes the account's row for the rest of the transaction: changes of its tree of virtual accounts and of who may do
 * what in it happen one after the other. Taken before any other row. False when there is no such account.
 *
 * @param against `tree` keeps only such changes away, `everything` every command of the account
 * @throws Refused `account-merged` for one that was merged into another account
 */
export async function lockAccount(
  trx: Trx,
  accountId: string,
  against: 'tree' | 'everything' = 'tree',
): Promise<boolean> {
  const account = trx
    .selectFrom('accounts')
    .select('merged_into as mergedInto')
    .where('account_id', '=', accountId);
  const locked = against === 'tree' ? account.forNoKeyUpdate() : account.forUpdate();
  const row = await locked.executeTakeFirst();
  if (row !== undefined && row.mergedInto !== null) throw accountMerged(row.mergedInto);
  return row !== undefined;
}

/** Why nothing is changed in an account that was merged into another one. */
export const accountMerged = (mergedInto: string): Refused =>
  new Refused('account-merged', `The account was merged into ${mergedInto}.`, { mergedInto });
