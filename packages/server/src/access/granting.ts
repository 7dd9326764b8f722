import {
  type AccountRole,
  type GrantScope,
  lastsAsLong,
  mayGrant,
  normalizeScope,
  reachIncludes,
  reachOf,
  roleTakesScope,
} from '@estover/domain/access';
import { sql } from 'kysely';
import type { Context } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import { requireRecentProof } from './own-session.ts';
import { visibleScope } from './scope.ts';

/** What somebody is to get: a role, where, and until when (null: without an end). */
export interface Wanted {
  role: AccountRole;
  scope: GrantScope;
  until: Temporal.Instant | null;
}

/** Brings a scope into its one form, and refuses one that the role does not take or that names what is not there. */
export async function checkedScope(
  context: Context,
  accountId: string,
  role: AccountRole,
  given: GrantScope,
): Promise<GrantScope> {
  if (!roleTakesScope(role, given)) {
    const level = given.kind === 'account' ? 'the whole account' : 'single virtual accounts';
    throw new Refused('scope-not-for-role', `The role ${role} is not granted for ${level}.`, {
      role,
      scope: given.kind,
    });
  }
  const scope = normalizeScope(given);
  if (scope.kind === 'account') return scope;
  const ids = scope.virtualAccounts.map(({ virtualAccountId }) => virtualAccountId);
  const found = await context.trx
    .selectFrom('virtual_accounts')
    .select('virtual_account_id as id')
    .where('account_id', '=', accountId)
    .where('virtual_account_id', 'in', ids)
    .where('deleted_at', 'is', null)
    .where(visibleScope(context, accountId).includes(sql.ref('virtual_account_id')))
    .execute();
  const unknown = ids.find((id) => !found.some((row) => row.id === id));
  if (unknown !== undefined) {
    throw new Refused(
      'unknown-virtual-account',
      `There is no virtual account ${unknown} here that you may see.`,
      {
        virtualAccountId: unknown,
      },
    );
  }
  return scope;
}

/** Somebody with their grants in an account: the caller, or a person the caller's change concerns. */
export type Holder = Pick<Context, 'trx' | 'grants'> & { actor: Pick<Context['actor'], 'kind'> };

/** Whether a holder of grants could give all of `wanted`: nobody grants more, or for longer, than they hold. */
export async function mayGiveAll(
  context: Holder,
  accountId: string,
  wanted: readonly Wanted[],
): Promise<boolean> {
  return (await mayGiveEach(context, accountId, wanted)).every((may) => may);
}

/** The same for each of `wanted`, in its order. */
export async function mayGiveEach(
  context: Holder,
  accountId: string,
  wanted: readonly Wanted[],
): Promise<boolean[]> {
  const ancestors = await ancestorsOfAll(context, accountId, wanted);
  const ends = await endsOfOwnGrants(context, accountId);
  return wanted.map(({ role, scope, until }) => {
    const own = context.grants.filter(({ grantId }) => lastsAsLong(ends.get(grantId) ?? null, until));
    return mayGrant(own, { role, scope }, (action, virtualAccountId, nested) => {
      // The default virtual account needs no exception here: every role that may be granted below the account has the
      // same exception, so nobody gets more by it.
      const place = {
        virtualAccountId,
        ancestorIds: ancestors.get(virtualAccountId) ?? [],
        isDefault: false,
      };
      return reachIncludes(reachOf(own, action), place, nested);
    });
  });
}

/** Refuses an end that is not in the future; null is none. */
export function requireFuture(until: Temporal.Instant | null, now: Temporal.Instant): void {
  if (until === null || Temporal.Instant.compare(until, now) > 0) return;
  throw new Refused('invalid-request', `body/until: ${until} is not in the future.`, {
    errors: [{ pointer: 'body/until', detail: 'must be in the future', code: 'past' }],
  });
}

/**
 * Refuses to give more than the caller holds; and the strongest role to a session that nobody has proved for a while.
 *
 * @throws Refused `grant-exceeds-own`, `step-up-required`
 */
export async function requireMayGive(context: Context, accountId: string, wanted: Wanted): Promise<void> {
  if (await mayGiveAll(context, accountId, [wanted])) {
    if (wanted.role === 'account-administrator') requireRecentProof(context);
    return;
  }
  const end = wanted.until === null ? 'without an end' : `until ${wanted.until}`;
  throw new Refused(
    'grant-exceeds-own',
    `The role ${wanted.role} in this scope, ${end}, is more than you hold yourself.`,
    { role: wanted.role },
  );
}

/** For each virtual account that is wanted, itself and all above it. */
async function ancestorsOfAll(
  { trx }: Holder,
  accountId: string,
  wanted: readonly Wanted[],
): Promise<Map<string, string[]>> {
  const ids = wanted.flatMap(({ scope }) =>
    scope.kind === 'account' ? [] : scope.virtualAccounts.map(({ virtualAccountId }) => virtualAccountId),
  );
  if (ids.length === 0) return new Map();
  const rows = await trx
    .selectFrom('virtual_account_ancestry')
    .select(['descendant_id as id', 'ancestor_id as ancestorId'])
    .where('account_id', '=', accountId)
    .where('descendant_id', 'in', ids)
    .execute();
  return new Map(
    [...Map.groupBy(rows, ({ id }) => id)].map(([id, found]) => [id, found.map((row) => row.ancestorId)]),
  );
}

/** When the caller's own grants end, by grant id; an API key is its own grant, a group's grant has the group's id. */
async function endsOfOwnGrants(
  { trx, actor, grants }: Holder,
  accountId: string,
): Promise<Map<string, Temporal.Instant | null>> {
  if (grants.length === 0) return new Map();
  const ids = grants.map(({ grantId }) => grantId);
  const rows =
    actor.kind === 'api-key'
      ? await trx
          .selectFrom('api_keys')
          .select(['api_key_id as id', 'expires_at as end'])
          .where('api_key_id', 'in', ids)
          .execute()
      : await trx
          .selectFrom('held_grants')
          .select(['grant_id as id', 'until as end'])
          .distinct()
          .where('account_id', '=', accountId)
          .where('grant_id', 'in', ids)
          .execute();
  return new Map(rows.map(({ id, end }) => [id, end]));
}
