import { listAlerts } from '@estover/protocol';
import { sql } from 'kysely';
import { chosenScope, scopeOf, type VirtualAccountScope } from '../access/scope.ts';
import type { Context } from '../edge/context.ts';
import { view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { type FixAnswer, fixesOf } from '../licenses/index.ts';
import { alertWords } from './alert-words.ts';
import type { AlertKind, Severity } from './alerts-store.ts';

interface Row {
  alertId: string;
  kind: AlertKind;
  severity: Severity;
  rank: number;
  virtualAccountId: string | null;
  path: string[] | null;
  licenseId: string | null;
  tag: string | null;
  licenseName: string | null;
  instanceId: string | null;
  instanceName: string | null;
  lotId: string | null;
  quantity: number | null;
  facts: Record<string, unknown>;
  openedAt: Temporal.Instant;
  actionDueAt: Temporal.Instant | null;
  resolvedAt: Temporal.Instant | null;
  snoozedUntil: Temporal.Instant | null;
  /** Action due, or the far future without one, so that the order has no gaps. */
  due: Temporal.Instant;
  pool: { available: number; borrowed: number; lent: number; inUse: number } | null;
}

interface Filters {
  state: 'open' | 'snoozed' | 'resolved';
  kind?: string | undefined;
  severity?: string | undefined;
  alertId?: string;
}

const farFuture = '9999-01-01T00:00:00Z';

const conditionOf = (state: Filters['state'], now: Temporal.Instant) => {
  if (state === 'resolved') return sql`a.resolved_at is not null`;
  const snoozed = sql`coalesce(a.snoozed_until > ${now}, false)`;
  return state === 'snoozed'
    ? sql`a.resolved_at is null and ${snoozed}`
    : sql`a.resolved_at is null and not ${snoozed}`;
};

const placeCondition = (scope: VirtualAccountScope) =>
  scope.everything ? sql`true` : scope.includes(sql.ref('a.virtual_account_id'));

/**
 * Alerts in the order in which they want attention: by severity, shortages first because they can be ended now, then by
 * when action is due.
 */
async function readAlerts(
  context: Context,
  accountId: string,
  scope: VirtualAccountScope,
  filters: Filters,
  page: { limit: number; after: readonly (string | number | null)[] | null },
): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with page as materialized (
      select * from (
        select a.*,
               case a.severity when 'major' then 10 when 'minor' then 20 else 30 end
                 + case when a.kind = 'insufficient-licenses' then 0 else 1 end as rank,
               coalesce(a.action_due_at, ${farFuture}::timestamptz) as due
          from alerts a
         where a.account_id = ${accountId} and ${conditionOf(filters.state, context.now)}
           and ${placeCondition(scope)}
           and (${filters.kind ?? null}::text is null or a.kind = ${filters.kind ?? null})
           and (${filters.severity ?? null}::text is null or a.severity = ${filters.severity ?? null})
           and (${filters.alertId ?? null}::uuid is null or a.alert_id = ${filters.alertId ?? null})) found
       where ${
         page.after === null
           ? sql`true`
           : sql`(rank, due, opened_at, alert_id) > (${page.after[0]}::int, ${page.after[1]}::timestamptz,
               ${page.after[2]}::timestamptz, ${page.after[3]}::uuid)`
       }
       order by rank, due, opened_at, alert_id limit ${page.limit})
    select a.alert_id as "alertId", a.kind, a.severity, a.rank, a.virtual_account_id as "virtualAccountId",
           virtual_account_path(a.account_id, a.virtual_account_id) as path,
           a.license_id as "licenseId", l.tag, l.name as "licenseName",
           a.instance_id as "instanceId", i.display_name as "instanceName", a.lot_id as "lotId",
           a.quantity, a.facts, a.opened_at as "openedAt", a.action_due_at as "actionDueAt",
           a.resolved_at as "resolvedAt", a.snoozed_until as "snoozedUntil", a.due,
           case when p.license_id is not null then jsonb_build_object(
             'available', p.available, 'borrowed', p.borrowed, 'lent', p.lent, 'inUse', p.in_use) end as pool
      from page a
      left join licenses l on l.license_id = a.license_id
      left join product_instances i on i.account_id = a.account_id and i.instance_id = a.instance_id
      left join pools p on a.kind = 'insufficient-licenses' and p.account_id = a.account_id
           and p.virtual_account_id = a.virtual_account_id and p.license_id = a.license_id
     order by a.rank, a.due, a.opened_at, a.alert_id`.execute(context.trx);
  return rows;
}

/** Fixes of the alerts about short pools, for all of them at once. */
async function fixesByAlert(
  context: Context,
  accountId: string,
  rows: readonly Row[],
): Promise<Map<string, FixAnswer[]>> {
  const short = rows.filter(
    (row) => row.kind === 'insufficient-licenses' && row.resolvedAt === null && row.virtualAccountId !== null,
  );
  const names = new Map(short.map((row) => [row.licenseId, row]));
  const fixes = await fixesOf(
    context,
    accountId,
    short.map((row) => ({
      virtualAccountId: row.virtualAccountId ?? '',
      licenseId: row.licenseId ?? '',
      shortBy: row.quantity ?? 0,
    })),
    (licenseId) => ({
      licenseId,
      tag: names.get(licenseId)?.tag ?? '',
      name: names.get(licenseId)?.licenseName ?? '',
    }),
  );
  return new Map(short.map((row, index) => [row.alertId, fixes[index] ?? []]));
}

async function answersOf(context: Context, accountId: string, rows: readonly Row[]) {
  const fixes = await fixesByAlert(context, accountId, rows);
  return rows.map((row) => ({
    alertId: row.alertId,
    kind: row.kind,
    severity: row.severity,
    ...alertWords({ ...row, place: row.path?.join(' / ') ?? 'the account' }),
    virtualAccountId: row.virtualAccountId,
    virtualAccountPath: row.path ?? [],
    tag: row.tag,
    licenseName: row.licenseName,
    instanceId: row.instanceId,
    instanceName: row.instanceName,
    lotId: row.lotId,
    quantity: row.quantity,
    openedAt: row.openedAt.toString(),
    actionDueAt: row.actionDueAt?.toString() ?? null,
    resolvedAt: row.resolvedAt?.toString() ?? null,
    snoozedUntil: row.snoozedUntil?.toString() ?? null,
    fixes: fixes.get(row.alertId) ?? [],
  }));
}

export type AlertAnswer = Awaited<ReturnType<typeof answersOf>>[number];

/** How many open alerts there are of each severity. */
async function countAlerts(context: Context, accountId: string, scope: VirtualAccountScope) {
  const { rows } = await sql<{ severity: Severity; count: number }>`
    select a.severity, count(*) as count from alerts a
     where a.account_id = ${accountId} and ${conditionOf('open', context.now)} and ${placeCondition(scope)}
     group by a.severity`.execute(context.trx);
  const counts = { major: 0, minor: 0, informational: 0 };
  for (const row of rows) counts[row.severity] = row.count;
  return counts;
}

/** The open alerts of a scope that matter most, with their fixes, and how many there are in all: for the first page. */
export async function alertsThatMatter(
  context: Context,
  accountId: string,
  scope: VirtualAccountScope,
  limit: number,
) {
  const rows = await readAlerts(context, accountId, scope, { state: 'open' }, { limit, after: null });
  return {
    alerts: await answersOf(context, accountId, rows),
    counts: await countAlerts(context, accountId, scope),
  };
}

/** One alert, whatever its state, as far as the caller may see it. */
export async function findAlert(
  context: Context,
  accountId: string,
  alertId: string,
): Promise<AlertAnswer | undefined> {
  const scope = scopeOf(context, accountId, 'view-inventory');
  for (const state of ['open', 'snoozed', 'resolved'] as const) {
    const rows = await readAlerts(context, accountId, scope, { state, alertId }, { limit: 1, after: null });
    if (rows.length > 0) return (await answersOf(context, accountId, rows))[0];
  }
  return undefined;
}

export const listAlertsView = view(listAlerts, async (context, { params: { accountId }, query }) => {
  const list = `alerts/${query.state}`;
  const scope = await chosenScope(context, accountId, 'view-inventory', query);
  const after = decodeCursor(list, query.cursor, 4);
  const rows = await readAlerts(context, accountId, scope, query, { limit: query.limit + 1, after });
  const page = pageFrom(
    list,
    rows,
    query.limit,
    (row) => row,
    (row) => [row.rank, row.due.toString(), row.openedAt.toString(), row.alertId],
  );
  return {
    items: await answersOf(context, accountId, page.items),
    nextCursor: page.nextCursor,
    counts: await countAlerts(context, accountId, scope),
  };
});
