import { decideUse, type ReportedUse } from '@estover/domain/product-instances';
import type { RegisterAnswer } from '@estover/protocol/device';
import { raiseAlerts } from '../alerts/index.ts';
import {
  type Ledger,
  licensesOfTags,
  poolStates,
  poolText,
  recordUse,
  type TaggedLicense,
  type UseChange,
} from '../licenses/index.ts';
import { answerTimes, authorizationOf, contactOf, namedLicenses } from './authorization.ts';
import { insertMessages } from './device-messages-store.ts';
import { settleOwnAlerts, stopUsing } from './end-instances.ts';
import { duplicateAlert, instanceActor, recordInstanceEvents } from './instance-alerts.ts';
import { type InstanceRow, insertContacts, insertInstances, type NewInstance } from './instances-store.ts';
import type { PreparedRegistration } from './prepare-registrations.ts';
import type { TokenPlace } from './token-place.ts';
import { countTokenUses, type TokenRow } from './tokens-store.ts';
import { saveUsage, type UsageRow } from './usage-store.ts';

/** Another transaction has just used the message id, or taken the identity, of a registration: begin again. */
export class RegistrationOvertaken extends Error {
  override name = 'RegistrationOvertaken';
}

/** A registration that is admitted, once everything is saved. */
export interface AdmittedRegistration extends PreparedRegistration {
  token: TokenRow;
  place: TokenPlace;
  instance: NewInstance;
  /** The earlier registration of its identity, locked, which ends with this one. */
  replaces: InstanceRow | undefined;
}

/** An admitted registration with what it was found to use. */
interface Using {
  registration: AdmittedRegistration;
  reported: ReportedUse[];
}

/**
 * Writes everything that admitted registrations change, and makes their answers from how the pools stand after all of
 * them. The messages come last: whoever used an id at the same moment holds all their locks by then, so nobody waits
 * for each other.
 *
 * @throws RegistrationOvertaken where nothing of it may stay
 */
export async function saveRegistrations(
  ledger: Ledger,
  registrations: readonly AdmittedRegistration[],
): Promise<Map<AdmittedRegistration, RegisterAnswer>> {
  if (registrations.length === 0) return new Map();
  const { trx, now } = ledger;
  const released = await endReplaced(ledger, registrations);
  const instances = registrations.map(({ instance }) => instance);
  if ((await insertInstances(trx, instances)) !== instances.length) {
    throw new RegistrationOvertaken('an identity was registered at the same moment');
  }
  const tags = registrations.flatMap(({ message: { request } }) =>
    (request.usage ?? []).map(({ tag }) => tag),
  );
  const licenses = await licensesOfTags(trx, tags);
  const using = await saveUse(ledger, registrations, licenses, released);
  await settleOwnAlerts(
    ledger,
    registrations.flatMap(({ replaces }) => replaces ?? []),
  );
  const answers = await answer(ledger, using, licenses);
  const counts = Map.groupBy(registrations, ({ token }) => token.tokenId);
  await countTokenUses(
    trx,
    [...counts].map(([tokenId, of]) => ({
      accountId: of[0]?.accountId ?? '',
      tokenId,
      count: of.length,
    })),
    now,
  );
  await raiseAlerts(
    ledger,
    registrations.flatMap(({ instance, replaces }) =>
      replaces === undefined || replaces.virtualAccountId === instance.virtualAccountId
        ? []
        : [duplicateAlert(instance, replaces)],
    ),
  );
  await recordRegistrations(ledger, registrations);
  const kept = await insertMessages(
    trx,
    [...answers].map(([{ accountId, instanceId, message }, told]) => ({
      accountId,
      instanceId,
      messageId: message.request.messageId,
      kind: 'register',
      request: message.payload,
      answer: JSON.stringify(told),
    })),
    now,
  );
  if (kept !== registrations.length) {
    throw new RegistrationOvertaken('a message id was used at the same moment');
  }
  return answers;
}

/** Ends the earlier registrations that are replaced; what they used is still to be recorded. */
async function endReplaced(
  ledger: Ledger,
  registrations: readonly AdmittedRegistration[],
): Promise<UseChange[]> {
  const ended = registrations.flatMap(({ instance, replaces, message }) =>
    replaces === undefined ? [] : [{ instance, earlier: replaces, message }],
  );
  if (ended.length === 0) return [];
  const released = await stopUsing(
    ledger,
    ended.map(({ earlier }) => earlier),
    'replaced',
  );
  await recordInstanceEvents(
    ledger,
    ended.map(({ instance, earlier, message }) => ({
      row: earlier,
      actor: instanceActor(instance),
      operation: 'replaceProductInstance',
      message: `replaced ${earlier.displayName} by a new registration of the same product id and serial number`,
      before: { state: earlier.state },
      after: { state: 'replaced', replacedBy: instance.instanceId },
      requestId: message.requestId,
    })),
  );
  return released;
}

/** Writes what the instances use, and what follows from it, and from what was released, for the pools. */
async function saveUse(
  ledger: Ledger,
  registrations: readonly AdmittedRegistration[],
  licenses: ReadonlyMap<string, TaggedLicense>,
  released: readonly UseChange[],
): Promise<Using[]> {
  const named = namedLicenses(licenses);
  const rows: UsageRow[] = [];
  const changes = [...released];
  const using = registrations.map((registration): Using => {
    const { instance, message } = registration;
    const { accountId, instanceId, virtualAccountId, exportControlledAllowed } = instance;
    const where = { accountId, instanceId, virtualAccountId };
    const use = decideUse(new Map(), message.request.usage ?? [], named, exportControlledAllowed);
    rows.push(...use.kept.map((row) => ({ ...row, ...where })));
    changes.push(...use.changes.map((change) => ({ ...change, ...where, reason: 'registered' as const })));
    return { registration, reported: use.reported };
  });
  await saveUsage(ledger.trx, rows, ledger.now);
  await recordUse(ledger, changes);
  return using;
}

/** Makes the answers, and writes when each instance is expected again. */
async function answer(
  { trx, now }: Ledger,
  using: readonly Using[],
  licenses: ReadonlyMap<string, TaggedLicense>,
): Promise<Map<AdmittedRegistration, RegisterAnswer>> {
  const pools = using.flatMap(({ registration: { instance }, reported }) =>
    reported.flatMap(({ licenseId }) => (licenseId === null ? [] : [{ ...place(instance), licenseId }])),
  );
  const states = await poolStates(trx, pools);
  const times = answerTimes(now);
  const told = using.map(({ registration, reported }) => {
    const { message, instance, issued, place: named } = registration;
    const stateOf = (licenseId: string) =>
      states.get(poolText({ ...place(instance), licenseId })) ?? 'in-compliance';
    const authorization = authorizationOf(reported, licenses, stateOf, times);
    const { sequence, messageId } = message.request;
    const given: RegisterAnswer = {
      messageId,
      accountId: instance.accountId,
      instanceId: instance.instanceId,
      answeredAt: times.answeredAt,
      lastSequence: sequence,
      ...issued.told,
      accountName: named.accountName,
      virtualAccountName: named.virtualAccountName,
      exportControlledAllowed: instance.exportControlledAllowed,
      authorization,
    };
    return { registration, given, contact: { ...instance, ...contactOf(authorization, sequence, times) } };
  });
  await insertContacts(
    trx,
    told.map(({ contact }) => contact),
    now,
  );
  return new Map(told.map(({ registration, given }) => [registration, given]));
}

const place = ({ accountId, virtualAccountId }: { accountId: string; virtualAccountId: string }) => ({
  accountId,
  virtualAccountId,
});

async function recordRegistrations(
  ledger: Ledger,
  registrations: readonly AdmittedRegistration[],
): Promise<void> {
  await recordInstanceEvents(
    ledger,
    registrations.map(({ instance, token, replaces, message: { from, requestId } }) => {
      const { productId, serialNumber, displayName, certificateSerial, exportControlledAllowed } = instance;
      return {
        row: instance,
        operation: 'registerProductInstance',
        message: `registered ${displayName}`,
        from,
        requestId,
        after: {
          productId,
          serialNumber,
          displayName,
          tokenId: token.tokenId,
          certificateSerial,
          exportControlledAllowed,
          ...(replaces === undefined ? {} : { replaces: replaces.instanceId }),
        },
      };
    }),
  );
}
