import type { RaisedAlert } from '../alerts/index.ts';
import { recordEvents } from '../audit/record-event.ts';
import type { Actor } from '../edge/context.ts';
import type { Ledger } from '../licenses/index.ts';
import type { InstanceRow } from './instances-store.ts';

type Named = Pick<InstanceRow, 'accountId' | 'instanceId' | 'virtualAccountId' | 'displayName'>;

const about = ({ accountId, instanceId, virtualAccountId }: Named) => ({
  accountId,
  cause: instanceId,
  virtualAccountId,
  instanceId,
  licenseId: null,
  lotId: null,
  quantity: null,
});

/** A sequence number went back: a copy of the instance, or a restored snapshot. Minor, as the seeds' table of alerts has it. */
export function sequenceAlert(row: Named, sequence: number, lastSequence: number): RaisedAlert {
  return {
    ...about(row),
    kind: 'duplicate-instance',
    severity: 'minor',
    facts: { why: 'sequence-regressed', sequence, lastSequence },
    actionDueAt: null,
  };
}

/** An identity registered with force while it was registered in another virtual account. */
export function duplicateAlert(row: Named, earlier: InstanceRow): RaisedAlert {
  return {
    ...about(row),
    kind: 'duplicate-instance',
    severity: 'minor',
    facts: {
      why: 'registered-elsewhere',
      earlierInstanceId: earlier.instanceId,
      earlierVirtualAccountId: earlier.virtualAccountId,
    },
    actionDueAt: null,
  };
}

/** An instance did not report when it was to; `major` once its authorization has expired and its use is released. */
export function silenceAlert(
  row: Named & { lastContactAt: Temporal.Instant; deadlineAt: Temporal.Instant },
  severity: 'minor' | 'major',
): RaisedAlert {
  return {
    ...about(row),
    kind: 'instance-failed-to-connect',
    severity,
    facts: { lastContactAt: row.lastContactAt.toString(), deadlineAt: row.deadlineAt.toString() },
    actionDueAt: severity === 'major' ? null : row.deadlineAt,
  };
}

/** An instance did not renew its certificate, which will end. */
export function renewalAlert(
  row: Named & { certificateExpiresAt: Temporal.Instant },
  severity: 'minor' | 'major',
): RaisedAlert {
  return {
    ...about(row),
    kind: 'instance-failed-to-renew',
    severity,
    facts: { certificateExpiresAt: row.certificateExpiresAt.toString() },
    actionDueAt: row.certificateExpiresAt,
  };
}

/** The instance itself as the author of what it does. */
export const instanceActor = ({
  instanceId,
  displayName,
}: Pick<Named, 'instanceId' | 'displayName'>): Actor => ({
  kind: 'product-instance',
  id: instanceId,
  name: displayName,
});

/** Writes what instances did in the audit trail. */
export async function recordInstanceEvents(
  { trx, now, newId, requestId }: Ledger,
  events: readonly {
    row: Named;
    actor?: Actor;
    operation: string;
    message: string;
    from?: string | null;
    before?: unknown;
    after?: unknown;
    /** Of the message that did it, where many are decided together. */
    requestId?: string;
  }[],
): Promise<void> {
  await recordEvents(
    trx,
    events.map(({ row, actor, from, requestId: ownRequestId, ...event }) => ({
      ...event,
      eventId: newId(),
      at: now,
      actor: actor ?? instanceActor(row),
      accountId: row.accountId,
      objectKind: 'product-instance',
      objectId: row.instanceId,
      virtualAccountId: row.virtualAccountId,
      from: from ?? null,
      requestId: ownRequestId ?? requestId,
    })),
  );
}

/** Instances whose authorization had expired are authorized again. */
export async function cameBack(
  ledger: Ledger,
  rows: readonly (Named & { lastContactAt: Temporal.Instant })[],
): Promise<void> {
  await recordInstanceEvents(
    ledger,
    rows.map((row) => ({
      row,
      operation: 'authorizeProductInstance',
      message: `reported again after it was silent since ${row.lastContactAt}`,
      before: { state: 'authorization-expired' },
      after: { state: 'registered' },
    })),
  );
}
