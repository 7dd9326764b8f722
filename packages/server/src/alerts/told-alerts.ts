import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { type AlertFacts, alertWords } from './alert-words.ts';

/** An alert as it is told elsewhere, with the page of what it is about, below the account's address. */
export interface ToldAlert {
  message: string;
  /** What is known beside the figures of its pool, which change by the minute; perhaps empty. */
  detail: string;
  page: string;
}

type Row = Omit<AlertFacts, 'place' | 'pool'> & {
  alertId: string;
  path: string[] | null;
  cause: string;
  tag: string | null;
  instanceId: string | null;
};

/**
 * Puts alerts into the words that their page has, whatever their state, in one statement. By id; what the reader may see is
 * the caller's to know.
 */
export async function tellAlerts(
  trx: Trx,
  alerts: readonly { accountId: string; alertId: string }[],
): Promise<Map<string, ToldAlert>> {
  if (alerts.length === 0) return new Map();
  const { rows } = await sql<Row>`
    select a.alert_id as "alertId", a.kind, a.quantity, a.facts, a.cause, l.name as "licenseName", l.tag,
           a.instance_id as "instanceId", i.display_name as "instanceName",
           virtual_account_path(a.account_id, a.virtual_account_id) as path
      from (select distinct * from unnest(${alerts.map(({ accountId }) => accountId)}::uuid[],
              ${alerts.map(({ alertId }) => alertId)}::uuid[]) as given(account_id, alert_id)) given
      join alerts a on a.account_id = given.account_id and a.alert_id = given.alert_id
      left join licenses l on l.license_id = a.license_id
      left join product_instances i on i.account_id = a.account_id and i.instance_id = a.instance_id`.execute(
    trx,
  );
  return new Map(
    rows.map((row) => [
      row.alertId,
      {
        ...alertWords({ ...row, place: row.path?.join(' / ') ?? 'the account', pool: null }),
        page: pageOf(row),
      },
    ]),
  );
}

function pageOf({ kind, tag, instanceId, cause }: Row): string {
  if (kind === 'webhook-off') return `/settings/webhooks?open=${encodeURIComponent(cause)}`;
  if (kind === 'agreement-open') return '/agreements';
  if (kind === 'tokens-ended-by-restore') return '/tokens';
  if (tag !== null) return `/licenses/${encodeURIComponent(tag)}`;
  return instanceId === null ? '/alerts' : `/product-instances/${instanceId}`;
}
