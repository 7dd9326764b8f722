import { standingOf } from '@estover/domain/accounts';
import {
  decideRegistration,
  displayNameOf,
  isLiving,
  mayAllowExportControlled,
} from '@estover/domain/product-instances';
import type { RegisterAnswer } from '@estover/protocol/device';
import type { Ledger } from '../licenses/index.ts';
import { findRegistrations, registrationText } from './device-messages-store.ts';
import { type DeviceOutcome, type DeviceRefusal, refuse } from './device-outcome.ts';
import {
  findIdentities,
  type Identity,
  type InstanceRow,
  lockInstances,
  type NewInstance,
  readInstances,
} from './instances-store.ts';
import { differenceFrom, type PreparedRegistration, repeatOf } from './prepare-registrations.ts';
import { type AdmittedRegistration, saveRegistrations } from './save-registrations.ts';
import { checkToken, lockTokenPlaces, type TokenPlace } from './token-place.ts';
import { lockTokens, type TokenRow } from './tokens-store.ts';

/**
 * What came of a registration; `alone` when it is to be decided again by itself, because it replaces another, and `moved`
 * when its token went to another account while it waited, so that it is to be looked at anew.
 */
export type Admitted = DeviceOutcome<'register'> | 'alone' | 'moved';

/** Who has an identity: an instance that was there before, or one that this batch has admitted. */
type Holder = Pick<InstanceRow, 'instanceId' | 'virtualAccountId' | 'displayName'>;

/** What registrations are decided on, as it stands behind the locks. */
interface Facts {
  places: ReadonlyMap<string, TokenPlace>;
  /** Their uses grow with the registrations that are admitted. */
  tokens: Map<string, TokenRow>;
  living: ReadonlyMap<string, InstanceRow>;
}

/**
 * Decides registrations in one transaction, in the order in which they came, and saves the whole set-based, in the order
 * of the locks: virtual accounts, tokens, earlier registrations, use, pools. The outcomes are in the order of the
 * registrations. The author of each is the instance itself; `ledger.actor` is that of what follows from all together.
 *
 * @param mayReplace whether an earlier registration is replaced where `force` asks for it; for one registration alone
 * @throws RegistrationOvertaken where nothing of it may stay
 */
export async function admitRegistrations(
  ledger: Ledger,
  registrations: readonly PreparedRegistration[],
  mayReplace: boolean,
): Promise<Admitted[]> {
  const { trx, now } = ledger;
  const { places, tokens } = await lockTokensOf(ledger, registrations);
  const stored = await findRegistrations(trx, registrations.map(messageOf));
  const fresh = registrations.filter((registration) => !stored.has(textOf(registration)));
  const facts: Facts = { places, tokens, living: await findLiving(ledger, fresh, mayReplace) };
  const holders = new Map<string, Holder>(facts.living);
  const admitted = new Map<string, AdmittedRegistration>();
  const decisions = registrations.map((registration) => {
    const answered = stored.get(textOf(registration));
    if (answered !== undefined) return repeatOf(answered, registration.message);
    const earlier = admitted.get(textOf(registration));
    if (earlier !== undefined) {
      const { payload } = registration.message;
      return differenceFrom({ request: earlier.message.payload }, payload) ?? earlier;
    }
    const decision = decide(facts, holders, registration, mayReplace, now);
    if (typeof decision !== 'string' && !('ok' in decision)) {
      admitted.set(textOf(registration), decision);
      holders.set(identityText(identityOf(decision)), decision.instance);
      tokens.set(decision.token.tokenId, { ...decision.token, uses: decision.token.uses + 1 });
    }
    return decision;
  });
  const answers = await saveRegistrations(ledger, [...admitted.values()]);
  return decisions.map((decision, index): Admitted => {
    if (typeof decision === 'string' || 'ok' in decision) return decision;
    const answer = answers.get(decision) as RegisterAnswer;
    const isRepeat = decision.instanceId !== registrations[index]?.instanceId;
    return { ok: true, answer: isRepeat ? { ...answer, replayed: true } : answer };
  });
}

const messageOf = ({ accountId, message: { request } }: PreparedRegistration) => ({
  accountId,
  messageId: request.messageId,
});
const textOf = (registration: PreparedRegistration): string => registrationText(messageOf(registration));

const identityOf = ({ accountId, message: { request } }: PreparedRegistration): Identity => ({
  accountId,
  productId: request.instance.productId,
  serialNumber: request.instance.serialNumber,
});
const identityText = ({ accountId, productId, serialNumber }: Identity): string =>
  JSON.stringify([accountId, productId, serialNumber]);

const distinct = <Value>(values: readonly Value[], text: (value: Value) => string): Value[] => [
  ...new Map(values.map((value) => [text(value), value])).values(),
];

/** Locks the virtual accounts and then the tokens, each once. */
async function lockTokensOf({ trx }: Ledger, registrations: readonly PreparedRegistration[]) {
  const wanted = registrations.map(({ accountId, token: { tokenId, virtualAccountId } }) => ({
    accountId,
    tokenId,
    virtualAccountId,
  }));
  const places = await lockTokenPlaces(
    trx,
    distinct(wanted, ({ virtualAccountId }) => virtualAccountId),
  );
  const tokens = await lockTokens(
    trx,
    distinct(wanted, ({ tokenId }) => tokenId),
  );
  // A token may have come to another virtual account since it was looked at, because its own was deleted.
  const elsewhere = wanted.flatMap(({ accountId, tokenId }) => {
    const virtualAccountId = tokens.get(tokenId)?.virtualAccountId;
    return virtualAccountId === undefined || places.has(virtualAccountId)
      ? []
      : [{ accountId, virtualAccountId }];
  });
  if (elsewhere.length === 0) return { places, tokens };
  const found = await lockTokenPlaces(
    trx,
    distinct(elsewhere, ({ virtualAccountId }) => virtualAccountId),
  );
  return { places: new Map([...places, ...found]), tokens };
}

/** The living registrations of the identities, by identity; locked where one may be replaced. */
async function findLiving(
  { trx }: Ledger,
  registrations: readonly PreparedRegistration[],
  lock: boolean,
): Promise<Map<string, InstanceRow>> {
  const known = await findIdentities(trx, distinct(registrations.map(identityOf), identityText));
  if (known.length === 0) return new Map();
  const rows = lock ? await lockInstances(trx, known) : await readInstances(trx, known);
  const living = [...rows.values()].filter(({ state }) => isLiving(state));
  return new Map(living.map((row) => [identityText(row), row]));
}

function decide(
  { places, tokens, living }: Facts,
  holders: ReadonlyMap<string, Holder>,
  registration: PreparedRegistration,
  mayReplace: boolean,
  now: Temporal.Instant,
): AdmittedRegistration | DeviceRefusal | 'alone' | 'moved' {
  const { message, token: seen } = registration;
  const { request, from } = message;
  const token = tokens.get(seen.tokenId);
  // Tokens are never deleted: one that is not there is in another account.
  if (token === undefined) return 'moved';
  const place = places.get(token.virtualAccountId);
  if (place === undefined) {
    return refuse('token-revoked', 'The virtual account of the token was deleted.');
  }
  if (!standingOf[place.accountStatus].answersProducts) {
    return refuse('account-not-active', `The account is ${place.accountStatus}.`);
  }
  const refusal = checkToken(token, from, now);
  if (refusal !== undefined) return refusal;
  const identity = identityOf(registration);
  const earlier = holders.get(identityText(identity));
  const { virtualAccountId } = token;
  const decision = decideRegistration({ force: request.force ?? false, virtualAccountId, earlier });
  if (!decision.ok) {
    const { instanceId } = decision.earlier;
    const detail = `${identity.productId} ${identity.serialNumber} is registered as ${earlier?.displayName}.`;
    return refuse('already-registered', detail, { instanceId });
  }
  if (decision.replaces !== undefined && !mayReplace) return 'alone';
  const instance = newInstance(registration, token, place, now);
  return { ...registration, token, place, instance, replaces: living.get(identityText(identity)) };
}

function newInstance(
  { accountId, instanceId, issued, message }: PreparedRegistration,
  { tokenId, virtualAccountId, exportControlledAllowed }: TokenRow,
  { exportCategory }: TokenPlace,
  now: Temporal.Instant,
): NewInstance {
  const { instance } = message.request;
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
    exportControlledAllowed: exportControlledAllowed && mayAllowExportControlled(exportCategory),
    certificateSerial: issued.serial,
    publicKey: issued.publicKey,
    certificateExpiresAt: issued.expiresAt,
    renewAfter: issued.renewAfter,
    registeredAt: now,
  };
}
