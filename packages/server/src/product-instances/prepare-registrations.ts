import { clockDifference, clockRefusal } from '@estover/domain/product-instances';
import type { RegisterRequest } from '@estover/protocol/device';
import { parseSecret } from '@estover/protocol/secrets';
import type { Installation } from '../installation/index.ts';
import type { DeviceDependencies } from './authorization-batch.ts';
import {
  differenceOf,
  findRegistrations,
  registrationText,
  type StoredRegistration,
} from './device-messages-store.ts';
import {
  type DeviceOutcome,
  type DeviceRefusal,
  refusalOf,
  refuse,
  type TokenGuesses,
  tooManyGuesses,
} from './device-outcome.ts';
import { type IssuedCertificate, issueCertificate } from './identity-certificate.ts';
import { checkToken } from './token-place.ts';
import { findTokensBySecret, type TokenKey, type TokenRow } from './tokens-store.ts';

/** A registration whose two signatures are genuine. */
export interface RegisterMessage {
  request: RegisterRequest;
  /** The payload as it was signed, with the token replaced by its hash. */
  payload: string;
  /** The key of the certificate request: SPKI, DER. */
  spki: Buffer;
  from: string;
  requestId: string;
}

export interface RegistrationDependencies extends DeviceDependencies {
  installation: Installation;
  guesses: TokenGuesses;
}

/** A registration that nothing speaks against so far, with the certificate it will get. */
export interface PreparedRegistration {
  message: RegisterMessage;
  accountId: string;
  instanceId: string;
  /** As it was found before it is locked. */
  token: TokenRow;
  issued: IssuedCertificate;
}

export type Preparation =
  | { outcome: DeviceOutcome<'register'>; prepared?: never }
  | { outcome?: never; prepared: PreparedRegistration };

/** A registration with what its token and its message id were found to be. */
interface Seen {
  message: RegisterMessage;
  secret: ReturnType<typeof parseSecret>;
  stored: StoredRegistration | undefined;
  token: (TokenRow & TokenKey) | undefined;
}

/**
 * Looks at registrations in the order in which they came, before anything is locked: repeats are answered, and whoever
 * has no good token is refused before a certificate is made, so that nobody makes the server work for nothing. The
 * token and the message id are looked at once more under the token's lock.
 */
export async function prepareRegistrations(
  dependencies: RegistrationDependencies,
  messages: readonly RegisterMessage[],
  now: Temporal.Instant,
): Promise<Preparation[]> {
  return (await look(dependencies, messages)).map((seen): Preparation => {
    const checked = check(dependencies, seen, now);
    if ('ok' in checked) return { outcome: checked };
    const { message } = seen;
    const { accountId, token } = checked;
    const instanceId = dependencies.newId();
    const holder = { accountId, instanceId, spki: message.spki };
    const issued = issueCertificate(dependencies.installation, holder, now);
    return { prepared: { message, accountId, instanceId, token, issued } };
  });
}

async function look({ db }: DeviceDependencies, messages: readonly RegisterMessage[]): Promise<Seen[]> {
  const seen = messages.map((message): Seen => {
    const secret = parseSecret(message.request.token, 'esrt_');
    return { message, secret, stored: undefined, token: undefined };
  });
  const asked = seen.flatMap((one) =>
    one.secret.ok
      ? [
          {
            one,
            accountId: one.secret.accountId,
            secret: one.secret.text,
            messageId: one.message.request.messageId,
          },
        ]
      : [],
  );
  if (asked.length === 0) return seen;
  const [stored, tokens] = await Promise.all([findRegistrations(db, asked), findTokensBySecret(db, asked)]);
  asked.forEach((key, index) => {
    key.one.stored = stored.get(registrationText(key));
    key.one.token = tokens[index];
  });
  // What a token registered goes with it to another account, and so do the answers.
  const elsewhere = asked.flatMap(({ one, accountId, messageId }) =>
    one.token === undefined || one.token.accountId === accountId
      ? []
      : [{ one, accountId: one.token.accountId, messageId }],
  );
  if (elsewhere.length === 0) return seen;
  const there = await findRegistrations(db, elsewhere);
  for (const key of elsewhere) key.one.stored = there.get(registrationText(key)) ?? key.one.stored;
  return seen;
}

/** The order of the refusals is that of docs/protocol.md, section 6. */
function check(
  { guesses }: RegistrationDependencies,
  { message, secret, stored, token }: Seen,
  now: Temporal.Instant,
): DeviceOutcome<'register'> | { accountId: string; token: TokenRow } {
  const { request, from } = message;
  // Once more: while this waited for its turn, others from the address were counted.
  const tooMany = tooManyGuesses(guesses, from, now);
  if (tooMany !== undefined) return tooMany;
  if (!secret.ok) {
    return refuse(secret.code === 'mistyped' ? 'token-malformed' : 'token-unknown', secret.detail);
  }
  if (stored !== undefined) return repeatOf(stored, message);
  const { differenceSeconds, tooFar } = clockDifference(Temporal.Instant.from(request.sentAt), now);
  if (tooFar) return refusalOf(clockRefusal(differenceSeconds), undefined, now);
  if (token === undefined) {
    guesses.count(from, now);
    return refuse('token-unknown', 'There is no such token on this server.');
  }
  return checkToken(token, from, now) ?? { accountId: token.accountId, token };
}

/** The answer to a registration that was answered before, or what differs from it. */
export function repeatOf(
  stored: Pick<StoredRegistration, 'request' | 'answer'>,
  { payload }: RegisterMessage,
): DeviceOutcome<'register'> {
  return (
    differenceFrom(stored, payload) ?? { ok: true, answer: { ...JSON.parse(stored.answer), replayed: true } }
  );
}

/** Whether a registration says something else than the one before it with its id; undefined when it does not. */
export const differenceFrom = (stored: { request: string }, payload: string): DeviceRefusal | undefined =>
  differenceOf({ kind: 'register', request: stored.request }, { kind: 'register', request: payload });
