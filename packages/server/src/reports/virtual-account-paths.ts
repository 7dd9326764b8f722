import { type RawBuilder, sql } from 'kysely';

/**
 * The paths of all virtual accounts of an account, as a query to join: `(virtual_account_id, path, name)`. For lists of
 * many rows this is far less work than asking for the path of each.
 */
export const virtualAccountPaths = (accountId: string): RawBuilder<unknown> => sql`(
  select v.virtual_account_id, v.name, coalesce(told_path(v.deleted_path), above.path) as path
    from virtual_accounts v
    left join (
      select a.descendant_id,
             array_agg(told_name(a.account_id, up.virtual_account_id, up.name, up.access_level) order by a.distance desc) as path
        from virtual_account_ancestry a
        join virtual_accounts up on up.account_id = a.account_id and up.virtual_account_id = a.ancestor_id
       where a.account_id = ${accountId}
       group by a.descendant_id) above on above.descendant_id = v.virtual_account_id
   where v.account_id = ${accountId})`;

/** Reads paths that the database gives as JSON; equal texts are read once and share one list. */
export function createPathReader(): (json: string) => string[] {
  const read = new Map<string, string[]>();
  return (json) => {
    const known = read.get(json);
    if (known !== undefined) return known;
    const path: string[] = JSON.parse(json);
    read.set(json, path);
    return path;
  };
}

/** A condition that one of some texts contains what was searched, without case; true when nothing was. */
export function containsText(
  search: string | undefined,
  texts: readonly RawBuilder<unknown>[],
): RawBuilder<unknown> {
  const wanted = search?.toLowerCase() ?? '';
  if (wanted === '') return sql`true`;
  const found = texts.map((text) => sql`strpos(lower(coalesce(${text}, '')), ${wanted}) > 0`);
  return sql`(${sql.join(found, sql` or `)})`;
}
