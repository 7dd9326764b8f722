import type { KeyObject } from 'node:crypto';
import { clockDifference, clockRefusal, displayNameOf } from '@estover/domain/product-instances';
import type { RegisterRequest } from '@estover/protocol/device';
import { parseSecret } from '@estover/protocol/secrets';
import type { Trx } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Installation } from '../installation/index.ts';
import { admitRegistration } from './admit-registration.ts';
import type { DeviceDependencies } from './authorization-batch.ts';
import {
  answerRegistration,
  claimRegistration,
  differenceOf,
  findRegistration,
} from './device-messages-store.ts';
import { type DeviceOutcome, DeviceRefused, refusalOf, refuse } from './device-outcome.ts';
import { issueCertificate } from './identity-certificate.ts';
import { instanceActor } from './instance-alerts.ts';
import { checkToken } from './token-place.ts';
import { findTokenBySecret } from './tokens-store.ts';

/** A registration whose two signatures are genuine. */
export interface RegisterMessage {
  request: RegisterRequest;
  /** The payload as it was signed, with the token replaced by its hash. */
  payload: string;
  /** The key of the certificate request. */
  publicKey: KeyObject;
  from: string | null;
  requestId: string;
}

/**
 * Registers a product instance with a token. The same message again gets the same answer and takes no second use of the
 * token; racing registrations never take more uses than the token has.
 */
export async function registerInstance(
  dependencies: DeviceDependencies & { installation: Installation },
  message: RegisterMessage,
): Promise<DeviceOutcome<'register'>> {
  const { db, newId, installation } = dependencies;
  const { request, payload, publicKey } = message;
  const secret = parseSecret(request.token, 'esrt_');
  if (!secret.ok) {
    return refuse(secret.code === 'mistyped' ? 'token-malformed' : 'token-unknown', secret.detail);
  }
  const now = dependencies.now();
  const { accountId, text } = secret;
  const stored = await findRegistration(db, accountId, request.messageId);
  if (stored !== undefined) return repeatOf(stored, message);
  // The clock and the token are looked at before a certificate is made, so that nobody makes the server work for nothing;
  // the token once more under its lock.
  const { differenceSeconds, tooFar } = clockDifference(Temporal.Instant.from(request.sentAt), now);
  if (tooFar) return refusalOf(clockRefusal(differenceSeconds), undefined, now);
  const token = await findTokenBySecret(db, accountId, text, false);
  if (token === undefined) return refuse('token-unknown', 'There is no such token on this server.');
  const refusal = checkToken(token, message.from, now);
  if (refusal !== undefined) return refusal;

  const instanceId = newId();
  const issued = await issueCertificate(installation, { accountId, instanceId, publicKey }, now);
  const key = { accountId, instanceId, messageId: request.messageId };
  try {
    return await inTransaction(db, async (trx): Promise<DeviceOutcome<'register'>> => {
      if (!(await claimRegistration(trx, key, payload, now))) return repeat(trx, accountId, message);
      const actor = instanceActor({ instanceId, displayName: displayNameOf(request.instance) });
      const ledger = { trx, now, newId, actor, requestId: message.requestId };
      const answer = await admitRegistration(
        ledger,
        { accountId, instanceId, token, secret: text, issued },
        message,
      );
      await answerRegistration(trx, key, JSON.stringify(answer));
      return { ok: true, answer };
    });
  } catch (error) {
    if (error instanceof DeviceRefused) return error.refusal;
    throw error;
  }
}

async function repeat(
  trx: Trx,
  accountId: string,
  message: RegisterMessage,
): Promise<DeviceOutcome<'register'>> {
  const stored = await findRegistration(trx, accountId, message.request.messageId);
  if (stored === undefined) throw new Error('a registration that was answered is gone');
  return repeatOf(stored, message);
}

function repeatOf(
  stored: { request: string; answer: string },
  { payload }: RegisterMessage,
): DeviceOutcome<'register'> {
  const different = differenceOf(
    { kind: 'register', request: stored.request },
    { kind: 'register', request: payload },
  );
  return different ?? { ok: true, answer: { ...JSON.parse(stored.answer), replayed: true } };
}
