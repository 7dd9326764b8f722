import { createPublicKey, verify } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { type SignatureCheck, signatureBytes, verdict, writeChecks } from './signature-messages.ts';

/** Checks ES256 signatures off the event loop. */
export interface SignatureChecks {
  isGenuine(check: SignatureCheck): Promise<boolean>;
  close(): Promise<void>;
}

/** Fewer at once go through the runtime's own pool, one by one: a quiet server starts no threads. */
const fewest = 8;

/** After a thread failed: one that cannot start would otherwise be started again with every turn. */
const restMilliseconds = 10_000;

/** Most in one message, so that the first answers come while others are still being checked. */
const most = 32;

interface Waiting {
  check: SignatureCheck;
  resolve(genuine: boolean): void;
  reject(reason: unknown): void;
}

interface Thread {
  worker: Worker;
  /** What was sent and is not answered yet, in order. */
  sent: Waiting[][];
}

const verifyInPool = promisify(verify);

/**
 * Gathers the checks of one turn of the event loop and hands them to threads many at a time: handing over one by one
 * costs a third of a check. A thread that dies takes nothing with it; what it had is checked in the pool.
 *
 * @param onFailure told why a thread failed
 */
export function createSignatureChecks(
  threadCount = Math.min(4, Math.max(1, availableParallelism() - 1)),
  onFailure: (reason: unknown) => void = () => {},
): SignatureChecks {
  let waiting: Waiting[] = [];
  const threads: (Thread | undefined)[] = Array.from({ length: threadCount });
  /** While threads cannot be had, all is checked in the pool; they are tried again only now and then. */
  let noThreadsUntil = 0;

  const startThread = (index: number): Thread => {
    const worker = new Worker(new URL('./signature-worker.ts', import.meta.url));
    const thread: Thread = { worker, sent: [] };
    worker.unref();
    worker.on('message', (verdicts: Uint8Array) => {
      thread.sent.shift()?.forEach((one, at) => {
        // What a thread cannot judge says why in the pool.
        if (verdicts[at] === verdict.unreadable) checkInPool(one);
        else one.resolve(verdicts[at] === verdict.genuine);
      });
    });
    const lose = () => {
      if (threads[index] === thread) threads[index] = undefined;
      for (const one of thread.sent.splice(0).flat()) checkInPool(one);
    };
    worker.on('error', (reason) => {
      noThreadsUntil = performance.now() + restMilliseconds;
      onFailure(reason);
      lose();
    });
    worker.on('exit', lose);
    threads[index] = thread;
    return thread;
  };

  const handOut = (): void => {
    const all = waiting;
    waiting = [];
    if (all.length < fewest || performance.now() < noThreadsUntil) {
      for (const one of all) checkInPool(one);
      return;
    }
    const size = Math.min(most, Math.ceil(all.length / threadCount));
    for (let at = 0; at < all.length; at += size) {
      const part = all.slice(at, at + size);
      const index = (at / size) % threadCount;
      const { worker, sent } = threads[index] ?? startThread(index);
      const message = writeChecks(part.map(({ check }) => check));
      sent.push(part);
      worker.postMessage(message, [message.bytes.buffer, message.lengths.buffer]);
    }
  };

  return {
    isGenuine(check) {
      if (check.signature.length !== signatureBytes) return Promise.resolve(false);
      const { promise, resolve, reject } = Promise.withResolvers<boolean>();
      if (waiting.length === 0) setImmediate(handOut);
      waiting.push({ check, resolve, reject });
      return promise;
    },
    async close() {
      await Promise.all(threads.map((thread) => thread?.worker.terminate()));
    },
  };
}

/** Rejects for a key that cannot be read: one damaged row must not touch anybody else. */
function checkInPool({ check: { input, signature, key }, resolve, reject }: Waiting): void {
  const checked = async (): Promise<boolean> => {
    const publicKey = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
    if (publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return false;
    return verifyInPool('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
  };
  checked().then(resolve, reject);
}
