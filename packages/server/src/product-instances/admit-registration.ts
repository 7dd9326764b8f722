import {
  decideRegistration,
  decideUse,
  displayNameOf,
  isLiving,
  mayAllowExportControlled,
} from '@estover/domain/product-instances';
import type { RegisterAnswer, RegisterRequest } from '@estover/protocol/device';
import { raiseAlerts } from '../alerts/index.ts';
import { type Ledger, licensesOfTags, poolStates, poolText, recordUse } from '../licenses/index.ts';
import { answerTimes, authorizationOf, contactOf, namedLicenses } from './authorization.ts';
import { DeviceRefused, refuse } from './device-outcome.ts';
import { endInstances } from './end-instances.ts';
import type { IssuedCertificate } from './identity-certificate.ts';
import { duplicateAlert, recordInstanceEvents } from './instance-alerts.ts';
import {
  findIdentity,
  type InstanceRow,
  insertContact,
  insertInstance,
  lockInstances,
  type NewInstance,
} from './instances-store.ts';
import { checkToken, lockTokenPlace, type TokenPlace } from './token-place.ts';
import { countTokenUse, findTokenBySecret, type TokenRow } from './tokens-store.ts';
import { saveUsage } from './usage-store.ts';

export interface Registration {
  accountId: string;
  instanceId: string;
  /** As it was found before it is locked. */
  token: TokenRow;
  secret: string;
  issued: IssuedCertificate;
}

/**
 * Everything a registration changes, in the order of the locks: virtual account, token, earlier registration, pools.
 *
 * @throws DeviceRefused where nothing of it may stay
 */
export async function admitRegistration(
  ledger: Ledger,
  registration: Registration,
  { request, from }: { request: RegisterRequest; from: string | null },
): Promise<RegisterAnswer> {
  const { trx, now } = ledger;
  const { accountId, instanceId, issued } = registration;
  const { token, place } = await lockToken(ledger, registration, from);
  const { virtualAccountId } = token;
  const exportControlledAllowed =
    token.exportControlledAllowed && mayAllowExportControlled(place.exportCategory);
  const instance = newInstance(registration, token, request, exportControlledAllowed, now);
  const replaced = await takeIdentity(ledger, instance, request.force ?? false);

  const usage = request.usage ?? [];
  const licenses = await licensesOfTags(
    trx,
    usage.map(({ tag }) => tag),
  );
  const use = decideUse(new Map(), usage, namedLicenses(licenses), exportControlledAllowed);
  const where = { accountId, instanceId, virtualAccountId };
  await saveUsage(
    trx,
    use.kept.map((row) => ({ ...row, ...where })),
    now,
  );
  await recordUse(
    ledger,
    use.changes.map((change) => ({ ...change, ...where, reason: 'registered' })),
  );
  const states = await poolStates(
    trx,
    use.changes.map(({ licenseId }) => ({ accountId, virtualAccountId, licenseId })),
  );
  const stateOf = (licenseId: string) =>
    states.get(poolText({ accountId, virtualAccountId, licenseId })) ?? 'in-compliance';
  const times = answerTimes(now);
  const authorization = authorizationOf(use.reported, licenses, stateOf, times);
  await insertContact(trx, instance, contactOf(authorization, request.sequence, times), now);
  await countTokenUse(trx, accountId, token.tokenId, now);
  if (replaced?.elsewhere === true) await raiseAlerts(ledger, [duplicateAlert(instance, replaced.row)]);
  await recordRegistration(ledger, instance, token, replaced?.row, from);
  return {
    messageId: request.messageId,
    accountId,
    instanceId,
    answeredAt: now.toString(),
    lastSequence: request.sequence,
    ...issued.told,
    accountName: place.accountName,
    virtualAccountName: place.virtualAccountName,
    exportControlledAllowed,
    authorization,
  };
}

async function lockToken(
  { trx, now }: Ledger,
  { accountId, token: seen, secret }: Registration,
  from: string | null,
): Promise<{ token: TokenRow; place: TokenPlace }> {
  const place = await lockTokenPlace(trx, accountId, seen);
  const token = await findTokenBySecret(trx, accountId, secret, true);
  if (token === undefined || place === undefined) {
    throw new DeviceRefused(refuse('token-revoked', 'The virtual account of the token was deleted.'));
  }
  if (place.accountStatus !== 'active') {
    throw new DeviceRefused(refuse('account-not-active', `The account is ${place.accountStatus}.`));
  }
  const refusal = checkToken(token, from, now);
  if (refusal !== undefined) throw new DeviceRefused(refusal);
  return { token, place };
}

function newInstance(
  { accountId, instanceId, issued }: Registration,
  { tokenId, virtualAccountId }: TokenRow,
  { instance }: RegisterRequest,
  exportControlledAllowed: boolean,
  now: Temporal.Instant,
): NewInstance {
  return {
    accountId,
    instanceId,
    virtualAccountId,
    productId: instance.productId,
    serialNumber: instance.serialNumber,
    versionId: instance.versionId ?? null,
    uuid: instance.uuid ?? null,
    hostName: instance.hostName ?? null,
    softwareTag: instance.softwareTag ?? null,
    softwareVersion: instance.softwareVersion ?? null,
    displayName: displayNameOf(instance),
    tokenId,
    exportControlledAllowed,
    certificateSerial: issued.serial,
    publicKey: issued.publicKey,
    certificateExpiresAt: issued.expiresAt,
    renewAfter: issued.renewAfter,
    registeredAt: now,
  };
}

/**
 * Makes the instance the living one of its identity: an earlier registration is replaced with force and refused
 * without. Returns the one that was replaced.
 */
async function takeIdentity(
  ledger: Ledger,
  instance: NewInstance,
  force: boolean,
): Promise<{ row: InstanceRow; elsewhere: boolean } | undefined> {
  const { trx } = ledger;
  const { accountId, virtualAccountId } = instance;
  const known = await findIdentity(trx, accountId, instance);
  const row =
    known === undefined
      ? undefined
      : (await lockInstances(trx, [{ accountId, instanceId: known }])).get(known);
  const earlier = row !== undefined && isLiving(row.state) ? row : undefined;
  const decision = decideRegistration({ force, virtualAccountId, earlier });
  if (!decision.ok) {
    const { instanceId, displayName } = earlier as InstanceRow;
    const detail = `${instance.productId} ${instance.serialNumber} is registered as ${displayName}.`;
    throw new DeviceRefused(refuse('already-registered', detail, { instanceId }));
  }
  if (earlier !== undefined) {
    await endInstances(ledger, [earlier], 'replaced');
    await recordInstanceEvents(ledger, [
      {
        row: earlier,
        actor: ledger.actor,
        operation: 'replaceProductInstance',
        message: `replaced ${earlier.displayName} by a new registration of the same product id and serial number`,
        before: { state: earlier.state },
        after: { state: 'replaced', replacedBy: instance.instanceId },
      },
    ]);
  }
  if (await insertInstance(trx, instance)) {
    if (earlier === undefined) return undefined;
    return { row: earlier, elsewhere: earlier.virtualAccountId !== virtualAccountId };
  }
  // Another registration of the identity was made at the same moment; it is known by now and decided upon like any.
  return takeIdentity(ledger, instance, force);
}

async function recordRegistration(
  ledger: Ledger,
  instance: NewInstance,
  token: TokenRow,
  replaced: InstanceRow | undefined,
  from: string | null,
): Promise<void> {
  const { productId, serialNumber, displayName, certificateSerial, exportControlledAllowed } = instance;
  await recordInstanceEvents(ledger, [
    {
      row: instance,
      operation: 'registerProductInstance',
      message: `registered ${displayName}`,
      from,
      after: {
        productId,
        serialNumber,
        displayName,
        tokenId: token.tokenId,
        certificateSerial,
        exportControlledAllowed,
        ...(replaced === undefined ? {} : { replaces: replaced.instanceId }),
      },
    },
  ]);
}
