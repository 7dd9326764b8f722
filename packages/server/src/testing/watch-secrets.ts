import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { secretPattern } from '@estover/protocol/secrets';

/** Random bytes that somebody took, or the private part of a key they made. */
interface Made {
  /** The file that took them, below `packages/<name>/src`, or the library. */
  maker: string;
  bytes: Buffer;
}

/** A request and what came back. */
interface Exchange {
  method: string;
  /** Address without the query. */
  url: string;
  status: number;
  sent: string;
  received: string;
}

export interface Watch {
  made: Made[];
  exchanges: Exchange[];
  /** Puts everything back. */
  stop(): void;
}

/**
 * Sees all chance that is taken in this process, by whom, and everything that is sent with `fetch` and comes back: what is
 * secret is found by how it is made and handed over, so that a new kind of secret cannot be forgotten.
 */
export function watchSecrets(): Watch {
  const made: Made[] = [];
  const exchanges: Exchange[] = [];
  const note = (bytes: Uint8Array | string | undefined, encoding?: BufferEncoding) => {
    if (bytes === undefined) return;
    made.push({
      maker: makerIn(new Error().stack ?? ''),
      bytes: typeof bytes === 'string' ? Buffer.from(bytes, encoding) : Buffer.from(bytes),
    });
  };
  const original = {
    randomBytes: crypto.randomBytes,
    generateKeyPairSync: crypto.generateKeyPairSync,
    getRandomValues: globalThis.crypto.getRandomValues,
    fetch: globalThis.fetch,
    stackTraceLimit: Error.stackTraceLimit,
  };
  Error.stackTraceLimit = 40;
  // What is watched has several forms of call, each of which is handed on as it came.
  const functions = crypto as unknown as Record<string, (...given: unknown[]) => unknown>;
  functions['randomBytes'] = (...given) => {
    const bytes = Reflect.apply(original.randomBytes, crypto, given) as unknown as Buffer | undefined;
    if (typeof given[1] !== 'function') note(bytes);
    return bytes;
  };
  functions['generateKeyPairSync'] = (...given) => {
    const keys = Reflect.apply(original.generateKeyPairSync, crypto, given) as {
      privateKey: crypto.KeyObject;
    };
    if (given[0] === 'ec') note(keys.privateKey.export({ format: 'jwk' }).d, 'base64url');
    return keys;
  };
  globalThis.crypto.getRandomValues = (<T extends ArrayBufferView>(array: T): T => {
    Reflect.apply(original.getRandomValues, globalThis.crypto, [array]);
    note(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    return array;
  }) as typeof original.getRandomValues;
  globalThis.fetch = async (input, init) => {
    const response = await original.fetch(input, init);
    const request = input instanceof Request ? input : undefined;
    const headers = JSON.stringify([...new Headers(init?.headers ?? request?.headers)]);
    exchanges.push({
      method: init?.method ?? request?.method ?? 'GET',
      url: String(request?.url ?? input).split('?')[0] ?? '',
      status: response.status,
      sent: `${headers}\n${typeof init?.body === 'string' ? init.body : ''}`,
      received: await response.clone().text(),
    });
    return response;
  };
  syncBuiltinESMExports();
  return {
    made,
    exchanges,
    stop() {
      crypto.randomBytes = original.randomBytes;
      crypto.generateKeyPairSync = original.generateKeyPairSync;
      globalThis.crypto.getRandomValues = original.getRandomValues;
      globalThis.fetch = original.fetch;
      Error.stackTraceLimit = original.stackTraceLimit;
      syncBuiltinESMExports();
    },
  };
}

/** The innermost file of ours in a stack, or else the innermost library. */
function makerIn(stack: string): string {
  const lines = stack.split('\n').filter((line) => !line.includes('watch-secrets'));
  const ours = lines
    .map((line) => /packages\/(\w+)\/src\/([\w./-]+\.ts)/.exec(line))
    .find((found) => found !== null);
  const library = lines
    .map((line) => /node_modules\/((?:@[\w-]+\/)?[\w-]+)/.exec(line))
    .find((found) => found !== null);
  const first = lines.find((line) => line.includes('packages/') || line.includes('node_modules/')) ?? '';
  if (ours !== undefined && (first.includes('packages/') || library === undefined))
    return `${ours[1]}/${ours[2]}`;
  return library === undefined ? 'unknown' : `library ${library[1]}`;
}

/** Every secret of a form that can be told, in texts. */
export function secretsIn(texts: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const text of texts) {
    for (const [secret] of text.matchAll(secretPattern)) found.add(secret);
    for (const [secret] of text.matchAll(/\bwhs(?:ec|k)_[A-Za-z0-9+/]{20,}=*/g)) found.add(secret);
  }
  return found;
}
