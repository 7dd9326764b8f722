import { livingStates } from '@estover/domain/product-instances';
import type { AnswerOf, listProductInstances, QueryOf } from '@estover/protocol';
import { type RawBuilder, sql } from 'kysely';
import { chosenScope, type VirtualAccountScope } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { filtersOf, type InstanceFilters } from './instance-filters.ts';

type Page = AnswerOf<typeof listProductInstances>;
export type ProductInstance = Page['items'][number];
type Query = QueryOf<typeof listProductInstances>;

interface Row {
  instance_id: string;
  virtual_account_id: string;
  path: string[];
  state: ProductInstance['state'];
  product_id: string;
  serial_number: string;
  version_id: string | null;
  uuid: string | null;
  host_name: string | null;
  software_tag: string | null;
  software_version: string | null;
  display_name: string;
  export_controlled_allowed: boolean;
  registered_at: Temporal.Instant;
  certificate_expires_at: Temporal.Instant;
  last_contact_at: Temporal.Instant;
  next_contact_by: Temporal.Instant;
  deadline_at: Temporal.Instant;
  usage: ProductInstance['usage'] | null;
  authorization: ProductInstance['authorization'];
  open_alerts: number;
}

/**
 * What the instance `p` with the contact `c` uses, with how its pools stand, and the state that follows for the whole
 * of it (`authorizationStateOf`). What was released after a silence is shown at zero.
 */
const used = sql`
  select json_agg(json_build_object('tag', tag, 'licenseName', name, 'count', count, 'state', state) order by tag)
           as usage,
         case when p.state = 'authorization-expired' then 'authorization-expired'
              when bool_or(count > 0) is not true then 'no-licenses-in-use'
              when bool_and(count = 0 or state in ('in-compliance', 'overage')) then 'authorized'
              else 'out-of-compliance' end as authorization
    from (
      select u.tag, l.name, u.count,
             case when p.state = 'authorization-expired' then 'authorization-expired'
                  when u.license_id is not null then coalesce(pool.state, 'in-compliance')
                  when l.enforcement = 'export-controlled' then 'disabled'
                  else 'invalid-tag' end as state
        from instance_usage u
        left join licenses l on l.tag = u.tag
        left join pools pool on pool.account_id = u.account_id and pool.license_id = u.license_id
                            and pool.virtual_account_id = u.virtual_account_id
       where u.account_id = p.account_id and u.instance_id = p.instance_id
         and (u.count > 0 or u.changed_at >= c.deadline_at)) as uses`;

const columns = sql`
  p.instance_id, p.virtual_account_id, virtual_account_path(p.account_id, p.virtual_account_id) as path, p.state,
  p.product_id, p.serial_number, p.version_id, p.uuid, p.host_name, p.software_tag, p.software_version, p.display_name,
  p.export_controlled_allowed, p.registered_at, p.certificate_expires_at, c.last_contact_at, c.next_contact_by,
  c.deadline_at, used.usage, used.authorization,
  (select count(*) from alerts a
    where a.account_id = p.account_id and a.cause = p.instance_id::text and a.resolved_at is null
      and a.kind in ('instance-failed-to-connect', 'instance-failed-to-renew', 'duplicate-instance')) as open_alerts`;

const itemOf = (row: Row): ProductInstance => {
  const counts = row.state === 'registered' || row.state === 'authorization-expired';
  return {
    instanceId: row.instance_id,
    displayName: row.display_name,
    productId: row.product_id,
    serialNumber: row.serial_number,
    uuid: row.uuid,
    hostName: row.host_name,
    versionId: row.version_id,
    softwareTag: row.software_tag,
    softwareVersion: row.software_version,
    virtualAccountId: row.virtual_account_id,
    virtualAccountPath: row.path,
    state: row.state,
    authorization: row.authorization,
    registeredAt: row.registered_at.toString(),
    lastContactAt: row.last_contact_at.toString(),
    // Nobody expects anything any more of an instance that left.
    nextContactBy: counts ? row.next_contact_by.toString() : null,
    deadlineAt: counts ? row.deadline_at.toString() : null,
    certificateExpiresAt: counts ? row.certificate_expires_at.toString() : null,
    exportControlledAllowed: row.export_controlled_allowed,
    usage: row.usage ?? [],
    openAlerts: row.open_alerts,
  };
};

/** One instance as the API shows it; undefined when there is none. Rights are the caller's to check. */
export async function readProductInstance(
  trx: Trx,
  accountId: string,
  instanceId: string,
): Promise<ProductInstance | undefined> {
  const { rows } = await sql<Row>`
    select ${columns}
      from product_instances p
      join instance_contacts c using (account_id, instance_id)
      cross join lateral (${used}) as used
     where p.account_id = ${accountId} and p.instance_id = ${instanceId}`.execute(trx);
  const [row] = rows;
  return row === undefined ? undefined : itemOf(row);
}

const sorts = {
  name: { column: sql`p.display_name`, descending: false, type: sql`text` },
  lastContact: { column: sql`c.last_contact_at`, descending: false, type: sql`timestamptz` },
  '-lastContact': { column: sql`c.last_contact_at`, descending: true, type: sql`timestamptz` },
  registered: { column: sql`p.registered_at`, descending: false, type: sql`timestamptz` },
  '-registered': { column: sql`p.registered_at`, descending: true, type: sql`timestamptz` },
} as const satisfies Record<
  Query['sort'],
  { column: RawBuilder<unknown>; descending: boolean; type: RawBuilder<unknown> }
>;

/** Up to so many instances are looked up and sorted; of more, the list is walked in its order until the page is full. */
const mostLookedUp = 5_000;

/** Product instances of an account; their use is put together for the page alone. */
export async function listProductInstancesView(
  context: Context,
  accountId: string,
  query: Query,
): Promise<Page> {
  const { trx, now } = context;
  const scope = await chosenScope(context, accountId, 'view-inventory', query);
  const list = `product-instances ${query.sort}`;
  const after = decodeCursor(list, query.cursor, 2);
  const { column, descending, type } = sorts[query.sort];
  const order = descending ? sql`desc` : sql`asc`;
  const states = query.state === undefined ? [...livingStates] : [query.state];
  const { conditions, finders } = filtersOf(accountId, scope, query, now);
  const matching = sql`
    product_instances p join instance_contacts c using (account_id, instance_id)
   where p.account_id = ${accountId} and p.state = any(${states}::text[])
     and ${scope.includes(sql.ref('p.virtual_account_id'))}
     and ${conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `)}`;
  const total = await countMatching(trx, accountId, scope, query, { matching, states, conditions, finders });
  const [finder] = finders;
  const lookUp = finder !== undefined && total <= mostLookedUp;
  const later =
    after === null
      ? sql`true`
      : sql`(${column}, p.instance_id) ${descending ? sql`<` : sql`>`} (${after[0]}::${type}, ${after[1]}::uuid)`;
  const { rows } = await sql<Row & { sort_value: string | Temporal.Instant }>`
    with ${lookUp ? sql`found as materialized (${finder}),` : sql``}
    page as materialized (
      select p.account_id, p.instance_id, ${column} as sort_value from ${matching} and ${later}
         and ${lookUp ? sql`p.instance_id in (select instance_id from found)` : sql`true`}
       order by ${column} ${order}, p.instance_id ${order} limit ${query.limit + 1})
    select page.sort_value, ${columns}
      from page
      join product_instances p using (account_id, instance_id)
      join instance_contacts c using (account_id, instance_id)
     cross join lateral (${used}) as used
     order by page.sort_value ${order}, page.instance_id ${order}`.execute(trx);
  const page = pageFrom(list, rows, query.limit, itemOf, (row) => [
    row.sort_value.toString(),
    row.instance_id,
  ]);
  return { ...page, total };
}

/** How many instances the list has: of what no filter narrows by the counters, of one filter with a finder by that. */
async function countMatching(
  trx: Trx,
  accountId: string,
  scope: VirtualAccountScope,
  query: Query,
  {
    matching,
    states,
    conditions,
    finders,
  }: InstanceFilters & { matching: RawBuilder<unknown>; states: string[] },
): Promise<number> {
  const [finder] = finders;
  const isFound = finder !== undefined && conditions.length === 1 && query.state === undefined;
  const { rows } = await (conditions.length === 0
    ? sql<{ total: number }>`
        select total(change) as total from product_instance_counts k
         where k.account_id = ${accountId} and k.state = any(${states}::text[])
           and ${scope.includes(sql.ref('k.virtual_account_id'))}`
    : isFound
      ? sql<{ total: number }>`select count(*) as total from (${finder}) as found`
      : sql<{ total: number }>`select count(*) as total from ${matching}`
  ).execute(trx);
  return rows[0]?.total ?? 0;
}
