import { pathKey } from '@estover/domain/accounts';
import { closestOf } from '@estover/domain/orders';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import { withoutHiddenNames } from '../edge/hidden-names.ts';
import { type VirtualAccountScope, visibleScope } from './scope.ts';

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** How many paths are looked through for a suggestion. */
const suggestionCandidates = 5_000;

/**
 * Virtual accounts that the caller may see, by the path they are told or by id, with one query for all; what is not found, and a path that
 * fits two because a name holds a slash, is missing.
 */
export const findNamedPlaces = (
  context: Context,
  accountId: string,
  names: readonly string[],
): Promise<Map<string, string>> =>
  findPlacesIn(context.trx, accountId, names, visibleScope(context, accountId));

/** The same of the virtual accounts in a scope. */
export async function findPlacesIn(
  trx: Trx,
  accountId: string,
  names: readonly string[],
  scope: VirtualAccountScope,
): Promise<Map<string, string>> {
  const ids = names.filter((name) => uuidPattern.test(name));
  const paths = names.filter((name) => !uuidPattern.test(name));
  // The last part of a path finds the few rows whose whole path is worth putting together.
  const lastParts = paths.map((path) => path.split('/').at(-1)?.trim() ?? '');
  const { rows } = await sql<{ id: string; path: string[] }>`
    select virtual_account_id as id, virtual_account_path(account_id, virtual_account_id) as path
      from virtual_accounts
     where account_id = ${accountId} and deleted_at is null
       and ${scope.includes(sql.ref('virtual_account_id'))}
       and (virtual_account_id = any(${ids}::uuid[])
            or lower(btrim(regexp_replace(name, '^.*/', ''))) in
               (select lower(part) from unnest(${lastParts}::text[]) as part))`.execute(trx);
  const byPath = Map.groupBy(rows, ({ path }) => pathKey(withoutHiddenNames(path).join('/')));
  const found = new Map<string, string>();
  for (const name of names) {
    const [only, second] = uuidPattern.test(name)
      ? rows.filter(({ id }) => id === name.toLowerCase())
      : (byPath.get(pathKey(name)) ?? []);
    if (only !== undefined && second === undefined) found.set(name, only.id);
  }
  return found;
}

/** What somebody who mistyped a path may have meant, of what they see: the end of a sentence, or nothing. */
export async function suggestPlaces(context: Context, accountId: string): Promise<(name: string) => string> {
  const { rows } = await sql<{ path: string[] }>`
    select virtual_account_path(account_id, virtual_account_id) as path
      from virtual_accounts
     where account_id = ${accountId} and deleted_at is null
       and ${visibleScope(context, accountId).includes(sql.ref('virtual_account_id'))}
     order by depth, lower(name) limit ${suggestionCandidates}`.execute(context.trx);
  const known = rows.map(({ path }) => withoutHiddenNames(path).join(' / '));
  return (name) => {
    const meant = closestOf(name, known);
    return meant === null ? '' : ` Did you mean ${meant}?`;
  };
}
