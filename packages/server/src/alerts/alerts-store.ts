import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';

type AlertContext = Pick<Context, 'trx' | 'now' | 'newId'>;

export type AlertKind =
  | 'insufficient-licenses'
  | 'licenses-expired'
  | 'licenses-expiring'
  | 'instance-failed-to-connect'
  | 'instance-failed-to-renew'
  | 'duplicate-instance'
  | 'tokens-ended-by-restore'
  | 'webhook-off'
  | 'agreement-open';

export type Severity = 'major' | 'minor' | 'informational';

/** An alert as its cause describes it. `cause` names the cause among those of the kind, so that it is raised once. */
export interface RaisedAlert {
  accountId: string;
  kind: AlertKind;
  severity: Severity;
  cause: string;
  virtualAccountId: string | null;
  licenseId: string | null;
  instanceId: string | null;
  lotId: string | null;
  quantity: number | null;
  /** Facts for the sentence: names are read when it is shown. */
  facts: Record<string, unknown>;
  actionDueAt: Temporal.Instant | null;
}

/**
 * Opens alerts, or brings the open alert of the same cause up to date. What grew more severe or larger comes back from
 * being snoozed. Set-based; causes may repeat in the list, the last one counts.
 */
export async function raiseAlerts(
  { trx, now, newId }: AlertContext,
  raised: readonly RaisedAlert[],
): Promise<void> {
  const byCause = new Map(raised.map((alert) => [`${alert.accountId}/${alert.kind}/${alert.cause}`, alert]));
  // Sorted, so that two transactions that raise the same causes wait for each other instead of locking up.
  const alerts = [...byCause].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, alert]) => alert);
  for (let first = 0; first < alerts.length; first += alertsAtOnce) {
    await writeAlerts({ trx, now, newId }, alerts.slice(first, first + alertsAtOnce));
  }
}

/** A statement takes at most 65,535 parameters, 15 for each alert. */
const alertsAtOnce = 1_000;

async function writeAlerts({ trx, now, newId }: AlertContext, alerts: readonly RaisedAlert[]): Promise<void> {
  await trx
    .insertInto('alerts')
    .values(
      alerts.map((alert) => ({
        account_id: alert.accountId,
        alert_id: newId(),
        kind: alert.kind,
        severity: alert.severity,
        cause: alert.cause,
        virtual_account_id: alert.virtualAccountId,
        license_id: alert.licenseId,
        instance_id: alert.instanceId,
        lot_id: alert.lotId,
        quantity: alert.quantity,
        facts: JSON.stringify(alert.facts),
        opened_at: now,
        action_due_at: alert.actionDueAt,
        resolved_at: null,
        snoozed_until: null,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'kind', 'cause'])
        .where('resolved_at', 'is', null)
        .doUpdateSet((e) => ({
          severity: e.ref('excluded.severity'),
          virtual_account_id: e.ref('excluded.virtual_account_id'),
          quantity: e.ref('excluded.quantity'),
          facts: e.ref('excluded.facts'),
          action_due_at: e.ref('excluded.action_due_at'),
          snoozed_until: sql<Temporal.Instant | null>`case
            when excluded.severity = 'major' and alerts.severity <> 'major' then null
            when coalesce(excluded.quantity, 0) > coalesce(alerts.quantity, 0) then null
            else alerts.snoozed_until end`,
        }))
        // A cause that has not changed writes no row.
        .where(
          sql<boolean>`(alerts.severity, alerts.virtual_account_id, alerts.quantity, alerts.facts, alerts.action_due_at)
            is distinct from (excluded.severity, excluded.virtual_account_id, excluded.quantity, excluded.facts, excluded.action_due_at)`,
        ),
    )
    .execute();
}

/** Resolves the open alerts of causes that have ended. */
export async function settleAlerts(
  { trx, now }: Pick<AlertContext, 'trx' | 'now'>,
  causes: readonly { accountId: string; kind: AlertKind; cause: string }[],
): Promise<void> {
  if (causes.length === 0) return;
  await sql`
    update alerts a set resolved_at = ${now}
      from unnest(
        ${causes.map((one) => one.accountId)}::uuid[],
        ${causes.map((one) => one.kind)}::text[],
        ${causes.map((one) => one.cause)}::text[]) as ended (account_id, kind, cause)
     where a.account_id = ended.account_id and a.kind = ended.kind and a.cause = ended.cause
       and a.resolved_at is null`.execute(trx);
}

/** Puts an open alert aside until an instant; false when it has ended meanwhile. */
export async function setSnoozed(
  trx: Trx,
  accountId: string,
  alertId: string,
  until: Temporal.Instant,
): Promise<boolean> {
  const result = await trx
    .updateTable('alerts')
    .set({ snoozed_until: until })
    .where('account_id', '=', accountId)
    .where('alert_id', '=', alertId)
    .where('resolved_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Sends the open alerts of virtual accounts along with them to another account, with since when they are open and until
 * when they are put aside; those of product instances go where the instances went before. Those of the past stay.
 *
 * @returns how many went
 */
export async function carryAlerts(
  trx: Trx,
  crossing: { fromAccountId: string; intoAccountId: string; virtualAccountIds: readonly string[] },
): Promise<number> {
  const result = await sql`
    update alerts set account_id = ${crossing.intoAccountId}
     where account_id = ${crossing.fromAccountId} and resolved_at is null
       and case when instance_id is null then virtual_account_id = any(${[...crossing.virtualAccountIds]}::uuid[])
                else instance_id in (select instance_id from product_instances
                                      where account_id = ${crossing.intoAccountId}
                                        and virtual_account_id = any(${[...crossing.virtualAccountIds]}::uuid[])) end`.execute(
    trx,
  );
  return Number(result.numAffectedRows ?? 0n);
}
