import { isLiving, renewalAlertSeverity, renewalAlertTimes } from '@estover/domain/product-instances';
import { raiseAlerts } from '../alerts/index.ts';
import type { Database } from '../database/database.ts';
import { systemActor } from '../edge/context.ts';
import { endInstances } from './end-instances.ts';
import { recordInstanceEvents, renewalAlert } from './instance-alerts.ts';
import { findEnded, findUnrenewed } from './instance-jobs-store.ts';
import { overInstances } from './over-instances.ts';

/** Ends instances whose certificate was not renewed within its year: back to unregistered. Returns how many. */
export async function runCertificateEnds(
  db: Database,
  now: Temporal.Instant,
  newId: () => string,
): Promise<number> {
  return overInstances(
    { db, now, newId },
    (limit) => findEnded(db, now, limit),
    (row) => isLiving(row.state) && Temporal.Instant.compare(row.certificateExpiresAt, now) <= 0,
    async (ledger, rows) => {
      await endInstances(ledger, rows, 'certificate-ended');
      await recordInstanceEvents(
        ledger,
        rows.map((row) => ({
          row,
          actor: systemActor,
          operation: 'endCertificate',
          message: `ended the registration of ${row.displayName}: its certificate was not renewed`,
          before: { state: row.state, certificateExpiresAt: row.certificateExpiresAt.toString() },
          after: { state: 'certificate-ended' },
        })),
      );
    },
  );
}

/** Tells of instances that report but do not renew their certificate. Returns of how many. */
export async function runRenewalAlerts(
  db: Database,
  now: Temporal.Instant,
  newId: () => string,
): Promise<number> {
  return overInstances(
    { db, now, newId },
    (limit) => findUnrenewed(db, renewalAlertTimes(now), limit),
    (row) => row.state === 'registered' && renewalAlertSeverity(row, now) !== undefined,
    (ledger, rows) =>
      raiseAlerts(
        ledger,
        rows.flatMap((row) => {
          const severity = renewalAlertSeverity(row, now);
          return severity === undefined ? [] : [renewalAlert(row, severity)];
        }),
      ),
  );
}
