import { standingOf } from '@estover/domain/accounts';
import {
  admitMessage,
  compareEpochs,
  decideUse,
  displayNameOf,
  isLiving,
  isRegressed,
  type KnownUse,
  mayAllowExportControlled,
  type ReportedUse,
} from '@estover/domain/product-instances';
import type { AuthorizeAnswer, AuthorizeRequest, InstanceKeyId } from '@estover/protocol/device';
import { type RaisedAlert, raiseAlerts, settleAlerts } from '../alerts/index.ts';
import {
  type Ledger,
  licensesOfTags,
  type PoolState,
  poolStates,
  poolText,
  recordUse,
  type TaggedLicense,
  type UseChange,
} from '../licenses/index.ts';
import { type AnswerTimes, answerTimes, authorizationOf, namedLicenses } from './authorization.ts';
import { type DecidedReport, type ReportingInstance, readReporting, saveReports } from './batch-store.ts';
import { differenceOf, type StoredMessage } from './device-messages-store.ts';
import {
  certificateUnknown,
  type DeviceOutcome,
  type DeviceRefusal,
  refusalOf,
  refuse,
} from './device-outcome.ts';
import { cameBack, sequenceAlert } from './instance-alerts.ts';
import { certificateEndOf, endPreviousCertificates, endsPrevious } from './instance-certificates-store.ts';
import { type Description, lockContacts, saveDescriptions } from './instances-store.ts';
import { type PossibleReturn, recordReturns } from './returns.ts';
import { saveUsage, type UsageRow } from './usage-store.ts';

/** A report of use whose signature is genuine. */
export interface AuthorizeMessage {
  key: InstanceKeyId;
  request: AuthorizeRequest;
  /** The payload as it was signed. */
  payload: string;
}

/** An instance while a batch is decided: each message finds what the one before left. */
interface Standing {
  row: ReportingInstance;
  known: Map<string, KnownUse>;
  lastSequence: number;
  kept: Map<string, UsageRow>;
  description: Description;
  /** The last message that was taken; undefined while none was. */
  heard: Decided | undefined;
  /** Its newest certificate has signed for the first time, so the one before ends. */
  previousEnded: boolean;
}

/** A message that will be answered, once the pools are known. */
interface Decided {
  message: AuthorizeMessage;
  standing: Standing;
  lastSequence: number;
  reported: ReportedUse[];
}

const messageText = ({ key, request }: AuthorizeMessage): string =>
  `${key.accountId}/${key.instanceId}/${request.messageId}`;

/**
 * Decides many reports of use in one transaction, in the order in which they came: loads what all of them need with
 * the instances locked, applies the same rules message by message, and saves the whole set-based. The outcomes are in
 * the order of the messages. A report without change touches the contact and the message's own row alone.
 */
export async function authorizeInstances(
  ledger: Ledger,
  messages: readonly AuthorizeMessage[],
  epoch: number,
): Promise<DeviceOutcome<'authorize'>[]> {
  const { trx, now } = ledger;
  const batch = await loadBatch(ledger, messages);
  const changes: UseChange[] = [];
  const alerts: RaisedAlert[] = [];
  const returns: PossibleReturn[] = [];
  const decidedBefore = new Map<string, Decided>();
  const decisions = messages.map((message): Decided | DeviceRefusal | StoredMessage => {
    const standing = batch.standings.get(message.key.instanceId);
    if (standing === undefined || standing.row.accountId !== message.key.accountId) {
      return refuse('instance-unknown', 'The server does not know this product instance.');
    }
    // Before a repeat is answered: a key may be remembered for longer than its certificate may be used.
    if (certificateEndOf(standing.row, message.key.certificateSerial) === undefined)
      return certificateUnknown();
    const stored = batch.stored.get(messageText(message));
    if (stored !== undefined) {
      return differenceOf(stored, { kind: 'authorize', request: message.payload }) ?? stored;
    }
    const earlier = decidedBefore.get(messageText(message));
    if (earlier !== undefined) {
      const request = earlier.message.payload;
      return (
        differenceOf({ kind: 'authorize', request }, { kind: 'authorize', request: message.payload }) ??
        earlier
      );
    }
    const { row } = standing;
    const admission = admitMessage(
      {
        state: standing.description.state === 'registered' ? 'registered' : row.state,
        certificateExpiresAt: instantOf(certificateEndOf(row, message.key.certificateSerial)),
        lastSequence: standing.lastSequence,
        sequencePolicy: row.sequencePolicy,
        accountActive: standingOf[row.accountStatus].answersProducts,
      },
      {
        sequence: message.request.sequence,
        sentAt: Temporal.Instant.from(message.request.sentAt),
        leaving: false,
      },
      now,
    );
    if (isRegressed(admission)) {
      alerts.push(sequenceAlert(row, message.request.sequence, standing.lastSequence));
    }
    if (!admission.ok) return refusalOf(admission, row.instanceId, now);
    if (endsPrevious(row, message.key.certificateSerial)) {
      standing.previousEnded = true;
      // The messages after this one in the batch find it ended.
      standing.row = { ...row, previousCertificateSerial: null };
    }
    const exportControlled = row.exportControlledAllowed && mayAllowExportControlled(row.exportCategory);
    const use = decideUse(standing.known, message.request.usage, batch.named, exportControlled);
    if (compareEpochs(message.request.epoch, epoch) !== 'same') {
      returns.push({ row, lastSequence: standing.lastSequence, request: message.request });
    }
    take(standing, message.request, admission.lastSequence, use.kept);
    const { accountId, instanceId, virtualAccountId } = row;
    changes.push(
      ...use.changes.map((change) => ({
        ...change,
        accountId,
        instanceId,
        virtualAccountId,
        reason: 'reported' as const,
      })),
    );
    const decided = { message, standing, lastSequence: admission.lastSequence, reported: use.reported };
    standing.heard = decided;
    decidedBefore.set(messageText(message), decided);
    return decided;
  });

  await saveUsage(
    trx,
    [...batch.standings.values()].flatMap(({ kept }) => [...kept.values()]),
    now,
  );
  const judged = await recordUse(ledger, changes);
  const answers = await answer(ledger, [...decidedBefore.values()], batch.licenses, judged);
  await saveInstances(ledger, [...batch.standings.values()]);
  await raiseAlerts(ledger, alerts);
  await recordReturns(ledger, returns, epoch);
  return decisions.map((decision, index) => {
    if ('ok' in decision) return decision;
    if ('answer' in decision) return { ok: true, answer: { ...JSON.parse(decision.answer), replayed: true } };
    const given = answers.get(decision) as AuthorizeAnswer;
    const repeated = decision.message !== messages[index];
    return { ok: true, answer: repeated ? { ...given, replayed: true } : given };
  });
}

const instantOf = (text: string | undefined): Temporal.Instant | undefined =>
  text === undefined ? undefined : Temporal.Instant.from(text);

async function loadBatch({ trx, now }: Ledger, messages: readonly AuthorizeMessage[]) {
  const keys = [...new Map(messages.map(({ key }) => [key.instanceId, key])).values()];
  await lockContacts(trx, keys);
  const { instances: rows, stored } = await readReporting(
    trx,
    messages.map(({ key, request }) => ({ ...key, messageId: request.messageId })),
    now,
  );
  const licenses = await licensesOfTags(
    trx,
    messages.flatMap(({ request }) => request.usage.map(({ tag }) => tag)),
  );
  const standings = new Map<string, Standing>();
  for (const [instanceId, row] of rows) {
    const { accountId, hostName, softwareVersion, displayName } = row;
    const state = isLiving(row.state) ? row.state : 'authorization-expired';
    standings.set(instanceId, {
      row,
      known: new Map(row.usage.map(([tag, licenseId, count]) => [tag, { licenseId, count }])),
      lastSequence: row.lastSequence,
      kept: new Map(),
      description: { accountId, instanceId, state, hostName, softwareVersion, displayName },
      heard: undefined,
      previousEnded: false,
    });
  }
  const storedByText = new Map(
    stored.map((one) => [`${one.accountId}/${one.instanceId}/${one.messageId}`, one]),
  );
  return { standings, stored: storedByText, licenses, named: namedLicenses(licenses) };
}

/** Brings what is known of an instance up to a message. */
function take(
  standing: Standing,
  request: AuthorizeRequest,
  lastSequence: number,
  kept: readonly { tag: string; licenseId: string | null; count: number }[],
): void {
  const { row, known, description } = standing;
  const { accountId, instanceId, virtualAccountId } = row;
  standing.lastSequence = lastSequence;
  for (const { tag, licenseId, count } of kept) {
    if (count === 0) known.delete(tag);
    else known.set(tag, { licenseId, count });
    standing.kept.set(tag, { accountId, instanceId, virtualAccountId, tag, licenseId, count });
  }
  description.state = 'registered';
  description.softwareVersion = request.instance?.softwareVersion ?? description.softwareVersion;
  const hostName = request.instance?.hostName ?? description.hostName;
  if (hostName === description.hostName) return;
  description.hostName = hostName;
  description.displayName = displayNameOf({ ...row, hostName });
}

/** Makes the answers from how the pools stand after the whole batch, and keeps them before anybody signs them. */
async function answer(
  { trx, now }: Ledger,
  decided: readonly Decided[],
  licenses: ReadonlyMap<string, TaggedLicense>,
  judged: ReadonlyMap<string, PoolState>,
): Promise<Map<Decided, AuthorizeAnswer>> {
  const others = decided.flatMap(({ standing: { row }, reported }) =>
    reported
      .flatMap(({ licenseId }) => (licenseId === null ? [] : [{ ...place(row), licenseId }]))
      .filter((pool) => !judged.has(poolText(pool))),
  );
  const states = new Map([...judged, ...(others.length === 0 ? [] : await poolStates(trx, others))]);
  const times = answerTimes(now);
  const answers = new Map<Decided, AuthorizeAnswer>();
  for (const one of decided) {
    const { accountId, instanceId } = one.standing.row;
    const authorization = authorizationOf(
      one.reported,
      licenses,
      (licenseId) => states.get(poolText({ ...place(one.standing.row), licenseId })) ?? 'in-compliance',
      times,
    );
    answers.set(one, {
      messageId: one.message.request.messageId,
      accountId,
      instanceId,
      answeredAt: times.answeredAt,
      lastSequence: one.lastSequence,
      authorization,
    });
  }
  await saveReports(
    trx,
    [...answers].map(([one, given]) => reportOf(one, given, times)),
    {
      now,
      deadlineAt: times.deadlineAt,
    },
  );
  return answers;
}

function reportOf(decided: Decided, given: AuthorizeAnswer, times: AnswerTimes): DecidedReport {
  const { message, standing } = decided;
  const { accountId, instanceId } = standing.row;
  return {
    accountId,
    instanceId,
    messageId: given.messageId,
    request: message.payload,
    answer: JSON.stringify(given),
    contact:
      standing.heard === decided
        ? {
            lastSequence: standing.lastSequence,
            nextContactBy: times.nextContactBy(given.authorization.nextContactSeconds).toString(),
          }
        : undefined,
  };
}

const place = ({ accountId, virtualAccountId }: ReportingInstance) => ({ accountId, virtualAccountId });

async function saveInstances(ledger: Ledger, standings: readonly Standing[]): Promise<void> {
  const { trx } = ledger;
  const heard = standings.filter((standing) => standing.heard !== undefined);
  await saveDescriptions(
    trx,
    heard.flatMap(({ row, description }) =>
      row.state === description.state &&
      row.hostName === description.hostName &&
      row.softwareVersion === description.softwareVersion
        ? []
        : [description],
    ),
  );
  await endPreviousCertificates(
    trx,
    heard.flatMap(({ row, previousEnded }) => (previousEnded ? [row] : [])),
  );
  const late = heard.filter(({ row }) => row.isLate);
  if (late.length > 0) {
    await settleAlerts(
      ledger,
      late.map(({ row }) => ({
        accountId: row.accountId,
        kind: 'instance-failed-to-connect',
        cause: row.instanceId,
      })),
    );
  }
  await cameBack(
    ledger,
    heard.flatMap(({ row }) =>
      row.state === 'authorization-expired'
        ? [{ ...row, lastContactAt: Temporal.Instant.from(row.lastContactAt) }]
        : [],
    ),
  );
}
