import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { readChecks, type SentChecks, type SignatureCheck, verdict } from './signature-messages.ts';

/*
 * A thread that checks signatures for signature-checks.ts, many for each message. It imports nothing of the server, so
 * that it starts at once and is small.
 */

/** Keys used last, by their text; reading one costs a sixth of a check. */
const mostRemembered = 20_000;
const remembered = new Map<string, KeyObject>();

function keyOf(text: string): KeyObject {
  const key =
    remembered.get(text) ??
    createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
  remembered.delete(text);
  remembered.set(text, key);
  if (remembered.size > mostRemembered) remembered.delete(remembered.keys().next().value ?? text);
  return key;
}

function judge({ input, signature, key }: SignatureCheck): number {
  try {
    const publicKey = keyOf(key);
    const genuine =
      publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1' &&
      verify('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
    return genuine ? verdict.genuine : verdict.wrong;
  } catch {
    return verdict.unreadable;
  }
}

parentPort?.on('message', (sent: SentChecks) => {
  parentPort?.postMessage(Uint8Array.from(readChecks(sent), judge));
});
