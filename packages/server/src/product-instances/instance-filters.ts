import type { listProductInstances, QueryOf } from '@estover/protocol';
import { type RawBuilder, sql } from 'kysely';
import type { VirtualAccountScope } from '../access/scope.ts';
import { likeText } from '../database/like-text.ts';

type Query = QueryOf<typeof listProductInstances>;

/** What the filters of the list ask, beside state and place. */
export interface InstanceFilters {
  /** What each asks of an instance `p` with the contact `c`. */
  readonly conditions: readonly RawBuilder<unknown>[];
  /**
   * Queries that each find the ids of all instances which one filter lets through, by an index, where there is one.
   * An instance that left uses nothing, so what they find counts.
   */
  readonly finders: readonly RawBuilder<unknown>[];
}

/** In lower case, with an index of its own: the expression must be that of the migration. */
const searched = sql`lower(p.display_name || E'\n' || coalesce(p.host_name, '') || E'\n' || p.serial_number || E'\n' || p.product_id)`;

export function filtersOf(
  accountId: string,
  scope: VirtualAccountScope,
  query: Query,
  now: Temporal.Instant,
): InstanceFilters {
  const conditions: RawBuilder<unknown>[] = [];
  const finders: RawBuilder<unknown>[] = [];
  const inUse = sql`u.account_id = ${accountId} and u.count > 0 and ${scope.includes(sql.ref('u.virtual_account_id'))}`;
  if (query.search !== undefined && query.search !== '') {
    conditions.push(sql`${searched} like lower(${likeText(query.search)})`);
  }
  if (query.tag !== undefined) {
    conditions.push(sql`exists (
      select 1 from instance_usage u
       where u.account_id = p.account_id and u.instance_id = p.instance_id and u.tag = ${query.tag} and u.count > 0)`);
    // What counts in a pool is found by its license; what counts nowhere has a tag alone.
    finders.push(sql`
      select u.instance_id from instance_usage u
       where ${inUse} and u.license_id = (select license_id from licenses where tag = ${query.tag})
      union all
      select u.instance_id from instance_usage u where ${inUse} and u.license_id is null and u.tag = ${query.tag}`);
  }
  if (query.silentForDays !== undefined) {
    conditions.push(sql`c.last_contact_at <= ${now.subtract({ hours: 24 * query.silentForDays })}`);
  }
  if (query.authorization !== undefined) conditions.push(authorizationIs[query.authorization]);
  if (query.authorization === 'out-of-compliance') {
    finders.push(sql`
      select u.instance_id
        from pools short
        join instance_usage u on u.account_id = short.account_id and u.license_id = short.license_id
                             and u.virtual_account_id = short.virtual_account_id
       where short.account_id = ${accountId} and short.state = 'out-of-compliance' and ${inUse}
      union
      select u.instance_id from instance_usage u where ${inUse} and u.license_id is null`);
  }
  return { conditions, finders };
}

const uses = sql`exists (
  select 1 from instance_usage u
   where u.account_id = p.account_id and u.instance_id = p.instance_id and u.count > 0)`;

const usesWhatIsMissing = sql`exists (
  select 1 from instance_usage u
    left join pools pool on pool.account_id = u.account_id and pool.license_id = u.license_id
                        and pool.virtual_account_id = u.virtual_account_id
   where u.account_id = p.account_id and u.instance_id = p.instance_id and u.count > 0
     and (u.license_id is null or pool.state = 'out-of-compliance'))`;

/** The same states as a row of the list shows, asked without putting the use of every instance together. */
const authorizationIs = {
  'authorization-expired': sql`p.state = 'authorization-expired'`,
  'no-licenses-in-use': sql`p.state <> 'authorization-expired' and not ${uses}`,
  'out-of-compliance': sql`p.state <> 'authorization-expired' and ${usesWhatIsMissing}`,
  authorized: sql`p.state <> 'authorization-expired' and ${uses} and not ${usesWhatIsMissing}`,
} as const satisfies Record<NonNullable<Query['authorization']>, RawBuilder<unknown>>;
