import { FORECAST_MONTHS } from '@estover/domain/licenses';
import type { AnswerOf, getOverview } from '@estover/protocol';
import { sql } from 'kysely';
import { chosenScope, scopeOf, type VirtualAccountScope, visibleScope } from '../access/scope.ts';
import { alertsThatMatter } from '../alerts/index.ts';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { sumOfAll } from './roll-up.ts';

type Overview = AnswerOf<typeof getOverview>;

const alertsShown = 8;
const licensesShown = 12;
const licensesOfMonthShown = 12;

/** The console's first page: what needs attention, what is owned and used, what ends when; of what the caller may see. */
export async function overview(
  context: Context,
  { params: { accountId }, query }: Input<typeof getOverview>,
): Promise<Overview> {
  const scope = await chosenScope(context, accountId, 'view-inventory', query);
  const { trx, now } = context;
  const totals = await sumOfAll(trx, accountId, scope, now);
  const month = now.toZonedDateTimeISO('UTC').with({ day: 1 }).startOfDay().toInstant();
  const ending = await readEnding(context, accountId, scope);
  const { alerts, counts: openAlerts } = await alertsThatMatter(context, accountId, scope, alertsShown);
  return {
    at: context.now.toString(),
    totals,
    deliveredThisMonth: await deliveredSince(trx, accountId, scope, month),
    needsYou: alerts,
    openAlerts,
    licenses: await readLicenses(context, accountId, scope),
    ...ending,
    counts: await readCounts(context, accountId, scope, query.virtualAccountId !== undefined),
  };
}

/** What deposits brought since then, without what had ended already when it arrived. */
async function deliveredSince(
  trx: Trx,
  accountId: string,
  scope: VirtualAccountScope,
  from: Temporal.Instant,
): Promise<number> {
  const { rows } = await sql<{ quantity: number }>`
    select total(e.delta) as quantity
      from movements m join movement_entries e on e.account_id = m.account_id and e.movement_id = m.movement_id
     where m.account_id = ${accountId} and m.kind = 'deposit' and m.at >= ${from}::timestamptz and e.delta > 0
       and e.state <> 'expired' and ${scope.includes(sql`e.virtual_account_id`)}`.execute(trx);
  return rows[0]?.quantity ?? 0;
}

/** The licenses that matter most: those short first, then by what is owned. */
async function readLicenses(
  { trx }: Context,
  accountId: string,
  scope: VirtualAccountScope,
): Promise<Overview['licenses']> {
  const { rows } = await sql<Overview['licenses'][number]>`
    select l.tag, l.name as "licenseName", p.owned, p.in_use as "inUse", p.short
      from (select p.license_id, total(p.available + p.reserved + p.held) as owned, total(p.in_use) as in_use,
                   total(p.lent + p.in_use - p.available - p.borrowed)
                     filter (where p.state = 'out-of-compliance') as short
              from pools p
             where p.account_id = ${accountId} and ${scope.includes(sql`p.virtual_account_id`)}
             group by p.license_id
            having sum(p.available + p.reserved + p.held + p.in_use) > 0
             order by short desc, owned desc, p.license_id limit ${licensesShown}) p
      join licenses l using (license_id)
     order by p.short desc, p.owned desc, l.name`.execute(trx);
  return rows;
}

interface EndingRow {
  month: string;
  firstEndsAt: Temporal.Instant;
  firstQuantity: number;
  tag: string;
  licenseName: string;
  quantity: number;
  ofMonth: number;
  licensesOfMonth: number;
}

/** What ends in each month (UTC) from this one on, of everything that has not ended: pending, available, reserved, held. */
async function readEnding(
  { trx, now }: Context,
  accountId: string,
  scope: VirtualAccountScope,
): Promise<Pick<Overview, 'ending' | 'firstEnd'>> {
  const first = now.toZonedDateTimeISO('UTC').toPlainDate().toPlainYearMonth();
  const until = first
    .add({ months: FORECAST_MONTHS })
    .toPlainDate({ day: 1 })
    .toZonedDateTime('UTC')
    .toInstant();
  const { rows } = await sql<EndingRow>`
    with ends as (
      select l.license_id, l.ends_at, sum(h.quantity)::bigint as quantity
        from lots l join holdings h on h.account_id = l.account_id and h.lot_id = l.lot_id
       where l.account_id = ${accountId} and l.ends_at > ${now}::timestamptz and l.ends_at < ${until}::timestamptz
         and h.state <> 'expired' and h.quantity > 0 and ${scope.includes(sql`h.virtual_account_id`)}
       group by 1, 2),
    months as (
      select to_char(ends_at at time zone 'UTC', 'YYYY-MM') as month, license_id, sum(quantity)::bigint as quantity
        from ends group by 1, 2),
    ranked as (
      select month, c.tag, c.name, quantity, sum(quantity) over (partition by month)::bigint as of_month,
             count(*) over (partition by month) as licenses,
             row_number() over (partition by month order by quantity desc, c.name) as place
        from months join licenses c using (license_id))
    select month, tag, name as "licenseName", quantity, of_month as "ofMonth", licenses as "licensesOfMonth",
           (select min(ends_at) from ends) as "firstEndsAt",
           (select sum(quantity)::bigint from ends where ends_at = (select min(ends_at) from ends)) as "firstQuantity"
      from ranked where place <= ${licensesOfMonthShown} order by month, place`.execute(trx);
  const byMonth = Map.groupBy(rows, (row) => row.month);
  const [any] = rows;
  return {
    firstEnd: any === undefined ? null : { endsAt: any.firstEndsAt.toString(), quantity: any.firstQuantity },
    ending: Array.from({ length: FORECAST_MONTHS }, (_, index) => {
      const month = first.add({ months: index }).toString();
      const found = byMonth.get(month) ?? [];
      return {
        month,
        quantity: found[0]?.ofMonth ?? 0,
        licenses: found.map(({ tag, licenseName, quantity }) => ({ tag, licenseName, quantity })),
        otherLicenses: (found[0]?.licensesOfMonth ?? 0) - found.length,
      };
    }),
  };
}

async function readCounts(
  context: Context,
  accountId: string,
  scope: VirtualAccountScope,
  isPart: boolean,
): Promise<Overview['counts']> {
  const { trx, now } = context;
  const tokens = scopeOf(context, accountId, 'manage-tokens');
  const inPart = (column: string) => (isPart ? scope.includes(sql.raw(column)) : sql`true`);
  const { rows } = await sql<Overview['counts']>`
    select (select count(distinct p.license_id) from pools p
             where p.account_id = ${accountId} and ${scope.includes(sql`p.virtual_account_id`)}
               and p.pending + p.available + p.reserved + p.held + p.expired + p.in_use > 0) as licenses,
           (select total(i.change) from product_instance_counts i
             where i.account_id = ${accountId} and i.state in ('registered', 'authorization-expired')
               and ${scope.includes(sql`i.virtual_account_id`)}) as "productInstances",
           (select count(*) from virtual_accounts v
             where v.account_id = ${accountId} and v.deleted_at is null
               and ${visibleScope(context, accountId).includes(sql`v.virtual_account_id`)}
               and ${inPart('v.virtual_account_id')}) as "virtualAccounts",
           (select count(distinct o.order_id) from order_lines o
             where o.account_id = ${accountId} and ${scope.includes(sql`o.virtual_account_id`)}) as orders,
           (select count(*) from registration_tokens t
             where t.account_id = ${accountId} and ${tokens.includes(sql`t.virtual_account_id`)} and ${inPart('t.virtual_account_id')}
               and t.revoked_at is null and t.expires_at > ${now}::timestamptz
               and (t.maximum_uses is null or t.uses < t.maximum_uses)) as tokens`.execute(trx);
  const [row] = rows;
  if (row === undefined) throw new Error('unreachable: a select without a table gives a row');
  return row;
}
