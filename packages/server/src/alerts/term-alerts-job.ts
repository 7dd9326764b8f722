import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { type RaisedAlert, raiseAlerts } from './alerts-store.ts';

/** Notice is given from 90 days before the end on, and becomes more pressing at 60 and 30 (specification, Alerts). */
const noticeDays = 90;
/** How long an end that has passed stays an alert: after that it is history, and the pool's own shortage remains. */
const expiredDays = 30;
const rowsPerRun = 5_000;

interface EndingRow {
  accountId: string;
  virtualAccountId: string;
  licenseId: string;
  lotId: string;
  endsAt: Temporal.Instant;
  quantity: number;
}

/**
 * Brings the alerts about ends of terms up to date: expiring for what is available and ends within 90 days, expired for
 * what ended within 30, and resolves those whose cause is over. Set-based; safe to run twice and on several servers.
 */
export async function runTermAlerts(
  db: Database,
  now: Temporal.Instant,
  newId: () => string,
): Promise<{ expiring: number; expired: number }> {
  const notice = now.add({ hours: 24 * noticeDays });
  const past = now.subtract({ hours: 24 * expiredDays });
  const expiring = await raiseAll(db, now, newId, {
    kind: 'licenses-expiring',
    state: 'available',
    from: now,
    until: notice,
  });
  const expired = await raiseAll(db, now, newId, {
    kind: 'licenses-expired',
    state: 'expired',
    from: past,
    until: now,
  });
  await settleEnded(db, now, past);
  return { expiring, expired };
}

async function raiseAll(
  db: Database,
  now: Temporal.Instant,
  newId: () => string,
  what: {
    kind: 'licenses-expiring' | 'licenses-expired';
    state: 'available' | 'expired';
    from: Temporal.Instant;
    until: Temporal.Instant;
  },
): Promise<number> {
  let raised = 0;
  let after: EndingRow | undefined;
  for (;;) {
    const rows = await endingRows(db, what, after);
    if (rows.length === 0) return raised;
    await inTransaction(db, (trx) =>
      raiseAlerts(
        { trx, now, newId },
        rows.map((row) => alertOf(row, what.kind, now)),
      ),
    );
    raised += rows.length;
    after = rows.at(-1);
  }
}

async function endingRows(
  db: Database,
  what: { state: string; from: Temporal.Instant; until: Temporal.Instant },
  after: EndingRow | undefined,
): Promise<EndingRow[]> {
  let query = db
    .selectFrom('lots as l')
    .innerJoin('holdings as h', (join) =>
      join.onRef('h.account_id', '=', 'l.account_id').onRef('h.lot_id', '=', 'l.lot_id'),
    )
    .select([
      'l.account_id as accountId',
      'h.virtual_account_id as virtualAccountId',
      'l.license_id as licenseId',
      'l.lot_id as lotId',
      sql<Temporal.Instant>`l.ends_at`.as('endsAt'),
      'h.quantity',
    ])
    .where('h.state', '=', what.state)
    .where('h.quantity', '>', 0)
    // What had ended before it was delivered is history that was imported, not something that ended for anybody here.
    .whereRef('l.created_at', '<', 'l.ends_at')
    .where('l.ends_at', '>', what.from)
    .where('l.ends_at', '<=', what.until);
  if (after !== undefined) {
    query = query.where(
      sql<boolean>`(l.account_id, l.lot_id, h.virtual_account_id)
        > (${after.accountId}::uuid, ${after.lotId}::uuid, ${after.virtualAccountId}::uuid)`,
    );
  }
  return query
    .orderBy('l.account_id')
    .orderBy('l.lot_id')
    .orderBy('h.virtual_account_id')
    .limit(rowsPerRun)
    .execute();
}

function alertOf(
  row: EndingRow,
  kind: 'licenses-expiring' | 'licenses-expired',
  now: Temporal.Instant,
): RaisedAlert {
  const days = Math.ceil(row.endsAt.since(now).total('hours') / 24);
  const stage = days <= 30 ? 30 : days <= 60 ? 60 : 90;
  return {
    accountId: row.accountId,
    kind,
    severity: kind === 'licenses-expired' ? 'major' : 'minor',
    cause: `${row.virtualAccountId}/${row.lotId}`,
    virtualAccountId: row.virtualAccountId,
    licenseId: row.licenseId,
    instanceId: null,
    lotId: row.lotId,
    quantity: row.quantity,
    facts:
      kind === 'licenses-expired'
        ? { endsAt: row.endsAt.toString() }
        : { endsAt: row.endsAt.toString(), noticeDays: stage },
    actionDueAt: row.endsAt,
  };
}

/** The cause is over when nothing of the lot is left there in that state, or when the end is long past. */
async function settleEnded(db: Database, now: Temporal.Instant, past: Temporal.Instant): Promise<void> {
  await sql`
    update alerts a set resolved_at = ${now}
     where a.resolved_at is null and a.kind in ('licenses-expiring', 'licenses-expired')
       and not exists (
         select from holdings h join lots l on l.account_id = h.account_id and l.lot_id = h.lot_id
          where h.account_id = a.account_id and h.lot_id = a.lot_id and h.virtual_account_id = a.virtual_account_id
            and h.quantity > 0
            and ((a.kind = 'licenses-expiring' and h.state = 'available' and l.ends_at > ${now})
              or (a.kind = 'licenses-expired' and h.state = 'expired' and l.ends_at > ${past})))`.execute(db);
}
