import { livingStates } from '@estover/domain/product-instances';
import type { downloadProductInstancesReport } from '@estover/protocol';
import { type RawBuilder, sql } from 'kysely';
import { chosenScope } from '../access/scope.ts';
import type { Context } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { cursorBatches } from './cursor-batches.ts';
import { type ColumnOf, type Report, rowsOf, StoredInstant } from './report.ts';
import { containsText, createPathReader, virtualAccountPaths } from './virtual-account-paths.ts';

/** A product instance with one license it uses, or with none. */
interface InstanceRecord {
  displayName: string;
  productId: string;
  serialNumber: string;
  uuid: string | null;
  hostName: string | null;
  versionId: string | null;
  softwareTag: string | null;
  softwareVersion: string | null;
  /** As JSON, because the same few paths stand in very many rows and are read once each. */
  virtualAccountPath: string;
  state: string;
  authorization: string;
  /** Instants as the database writes them. */
  registeredAt: string;
  lastContactAt: string | null;
  nextContactBy: string | null;
  certificateExpiresAt: string | null;
  licenseName: string | null;
  tag: string | null;
  count: number | null;
  licenseState: string | null;
}

const instant = (stored: string | null) => (stored === null ? null : new StoredInstant(stored));

const columnsWith = (pathOf: (json: string) => string[]): readonly ColumnOf<InstanceRecord>[] => [
  { key: 'displayName', title: 'Product instance', width: 32, value: (row) => row.displayName },
  { key: 'productId', title: 'Product id', width: 20, value: (row) => row.productId },
  { key: 'serialNumber', title: 'Serial number', width: 20, value: (row) => row.serialNumber },
  { key: 'uuid', title: 'UUID', width: 36, value: (row) => row.uuid },
  { key: 'hostName', title: 'Host name', width: 24, value: (row) => row.hostName },
  { key: 'versionId', title: 'Version id', width: 12, value: (row) => row.versionId },
  { key: 'softwareTag', title: 'Software tag', width: 40, value: (row) => row.softwareTag },
  { key: 'softwareVersion', title: 'Software version', width: 16, value: (row) => row.softwareVersion },
  {
    key: 'virtualAccountPath',
    title: 'Virtual account',
    width: 32,
    value: (row) => pathOf(row.virtualAccountPath),
  },
  { key: 'state', title: 'State', width: 20, value: (row) => row.state },
  { key: 'authorization', title: 'Authorization', width: 20, value: (row) => row.authorization },
  { key: 'registeredAt', title: 'Registered (UTC)', width: 20, value: (row) => instant(row.registeredAt) },
  {
    key: 'lastContactAt',
    title: 'Last contact (UTC)',
    width: 20,
    value: (row) => instant(row.lastContactAt),
  },
  {
    key: 'nextContactBy',
    title: 'Next contact by (UTC)',
    width: 20,
    value: (row) => instant(row.nextContactBy),
  },
  {
    key: 'certificateExpiresAt',
    title: 'Certificate ends (UTC)',
    width: 20,
    value: (row) => instant(row.certificateExpiresAt),
  },
  { key: 'licenseName', title: 'License', width: 32, value: (row) => row.licenseName },
  { key: 'tag', title: 'Entitlement tag', width: 40, value: (row) => row.tag },
  { key: 'count', title: 'In use', width: 10, value: (row) => row.count },
  { key: 'licenseState', title: 'License state', width: 20, value: (row) => row.licenseState },
];

/** Every product instance with each license it uses; without a state those that count, registered or silent. */
export async function productInstancesReport(
  context: Context,
  { params: { accountId }, query }: Input<typeof downloadProductInstancesReport>,
): Promise<Report> {
  const scope = await chosenScope(context, accountId, 'view-inventory', query);
  const silentSince =
    query.silentForDays === undefined ? null : context.now.subtract({ hours: 24 * query.silentForDays });
  // Nobody expects anything any more of an instance that left.
  const living = sql`i.state = any(${[...livingStates]}::text[])`;
  const conditions: RawBuilder<unknown>[] = [
    sql`i.account_id = ${accountId} and ${scope.includes(sql.ref('i.virtual_account_id'))}`,
    query.state === undefined ? living : sql`i.state = ${query.state}`,
    containsText(
      query.search,
      ['i.display_name', 'i.host_name', 'i.serial_number', 'i.product_id'].map((column) => sql.ref(column)),
    ),
    silentSince === null ? sql`true` : sql`contact.last_contact_at <= ${silentSince}::timestamptz`,
    query.tag === undefined
      ? sql`true`
      : sql`i.instance_id in (select instance_id from instance_usage
                               where account_id = ${accountId} and tag = ${query.tag} and count > 0)`,
    query.authorization === undefined ? sql`true` : sql`stated.authorization = ${query.authorization}`,
  ];
  const columns = columnsWith(createPathReader());
  const records = cursorBatches(
    context.trx,
    sql<InstanceRecord>`
      with used as (
        select u.instance_id, u.tag, l.name, u.count,
               case when i.state = 'authorization-expired' then 'authorization-expired'
                    when u.license_id is not null then coalesce(p.state, 'in-compliance')
                    when l.enforcement = 'export-controlled' then 'disabled'
                    else 'invalid-tag' end as state
          from instance_usage u
          join product_instances i on i.account_id = u.account_id and i.instance_id = u.instance_id
          join instance_contacts c on c.account_id = u.account_id and c.instance_id = u.instance_id
          left join licenses l on l.tag = u.tag
          left join pools p on p.account_id = u.account_id and p.license_id = u.license_id
                           and p.virtual_account_id = u.virtual_account_id
         -- What was released after a silence is shown at zero, as in the list.
         where u.account_id = ${accountId} and (u.count > 0 or u.changed_at >= c.deadline_at)),
      summed as (
        select instance_id, bool_or(count > 0) as any_used,
               bool_and(count = 0 or state in ('in-compliance', 'overage')) as fine
          from used group by instance_id),
      stated as (
        select i.instance_id,
               case when i.state = 'authorization-expired' then 'authorization-expired'
                    when summed.any_used is not true then 'no-licenses-in-use'
                    when summed.fine then 'authorized' else 'out-of-compliance' end as authorization
          from product_instances i
          left join summed using (instance_id)
         where i.account_id = ${accountId})
      select i.display_name as "displayName", i.product_id as "productId", i.serial_number as "serialNumber", i.uuid,
             i.host_name as "hostName", i.version_id as "versionId", i.software_tag as "softwareTag",
             i.software_version as "softwareVersion", to_json(va.path)::text as "virtualAccountPath", i.state, stated.authorization,
             i.registered_at::text as "registeredAt", contact.last_contact_at::text as "lastContactAt",
             case when ${living} then contact.next_contact_by::text end as "nextContactBy",
             case when ${living} then i.certificate_expires_at::text end as "certificateExpiresAt",
             used.name as "licenseName", used.tag, used.count, used.state as "licenseState"
        from product_instances i
        join stated on stated.instance_id = i.instance_id
        join ${virtualAccountPaths(accountId)} va on va.virtual_account_id = i.virtual_account_id
        left join instance_contacts contact on contact.account_id = i.account_id
                                           and contact.instance_id = i.instance_id
        left join used on used.instance_id = i.instance_id
       where ${sql.join(conditions, sql` and `)}
       order by i.display_name, i.instance_id, used.tag`,
  );
  return {
    name: 'product-instances',
    title: 'Product instances',
    columns,
    batches: rowsOf(columns, records),
  };
}
