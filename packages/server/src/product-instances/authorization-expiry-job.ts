import { overdueSeconds } from '@estover/domain/product-instances';
import { raiseAlerts } from '../alerts/index.ts';
import type { Database } from '../database/database.ts';
import { systemActor } from '../edge/context.ts';
import { recordUse } from '../licenses/index.ts';
import { recordInstanceEvents, silenceAlert } from './instance-alerts.ts';
import { findOverdue, findSilent } from './instance-jobs-store.ts';
import { setState } from './instances-store.ts';
import { overInstances } from './over-instances.ts';
import { loadUsage, zeroUsage } from './usage-store.ts';

const isPast = (instant: Temporal.Instant, now: Temporal.Instant): boolean =>
  Temporal.Instant.compare(instant, now) <= 0;

/**
 * Expires the authorization of instances that were silent for 90 days: their use is released and a major alert raised.
 * They are authorized again when they report before their certificate ends. Returns how many expired.
 */
export async function runAuthorizationExpiries(
  db: Database,
  now: Temporal.Instant,
  newId: () => string,
): Promise<number> {
  return overInstances(
    { db, now, newId },
    (limit) => findSilent(db, now, limit),
    (row) => row.state === 'registered' && isPast(row.deadlineAt, now),
    async (ledger, rows) => {
      const usage = await loadUsage(ledger.trx, rows);
      await setState(ledger.trx, rows, 'authorization-expired', null);
      await zeroUsage(ledger.trx, rows, now);
      await recordUse(
        ledger,
        usage.flatMap(({ accountId, instanceId, virtualAccountId, licenseId, count }) =>
          licenseId === null || count === 0
            ? []
            : [{ accountId, instanceId, virtualAccountId, licenseId, from: count, to: 0, reason: 'silent' }],
        ),
      );
      await raiseAlerts(
        ledger,
        rows.map((row) => silenceAlert(row, 'major')),
      );
      await recordInstanceEvents(
        ledger,
        rows.map((row) => ({
          row,
          actor: systemActor,
          operation: 'expireAuthorization',
          message: `released what ${row.displayName} used: it was silent since ${row.lastContactAt}`,
          before: { state: 'registered' },
          after: { state: 'authorization-expired' },
        })),
      );
    },
  );
}

/** Tells of instances that did not report when they were to, a day after they were expected. Returns how many. */
export async function runOverdueAlerts(
  db: Database,
  now: Temporal.Instant,
  newId: () => string,
): Promise<number> {
  const before = now.subtract({ seconds: overdueSeconds });
  return overInstances(
    { db, now, newId },
    (limit) => findOverdue(db, before, limit),
    (row) => row.state === 'registered' && isPast(row.nextContactBy, before),
    (ledger, rows) =>
      raiseAlerts(
        ledger,
        rows.map((row) => silenceAlert(row, 'minor')),
      ),
  );
}
