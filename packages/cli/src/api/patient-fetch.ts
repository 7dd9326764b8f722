import { CommandFailure, exitCodes } from './failures.ts';
import type { Shell } from './shell.ts';

const tries = 5;
/** Nobody waits longer at once, whatever the server asks for. */
const longestWaitSeconds = 60;
/** Statuses that say "later", of the server or of what lies before it. */
const later = new Set([429, 502, 503, 504]);

/**
 * `fetch` that waits and asks again where the line breaks or the server says "later", and says so. The request stays the
 * same with its Idempotency-Key, so that what arrived before the line broke is not done twice. Who cannot be reached at
 * all is a `CommandFailure`.
 */
export function patientFetch(shell: Shell): typeof globalThis.fetch {
  return async (input, init) => {
    for (let attempt = 1; ; attempt++) {
      const last = attempt === tries;
      let wait = 2 ** (attempt - 1);
      let why: string;
      try {
        const response = await shell.fetch(input, init);
        if (!later.has(response.status) || last) return response;
        wait = Number.parseInt(response.headers.get('retry-after') ?? '', 10) || wait;
        why = response.status === 429 ? 'The server asks to go slower' : 'The server is not ready';
        if (wait > longestWaitSeconds) return response;
        await response.body?.cancel();
      } catch (thrown) {
        const code = codeOf(thrown);
        // A name that nobody knows, or a certificate that is not trusted, is not better in a second.
        const isHopeless = code !== 'ECONNREFUSED' && code !== 'ECONNRESET' && !code.startsWith('UND_ERR');
        if (last || isHopeless || (code === 'ECONNREFUSED' && attempt === 3)) throw unreachable(input, code);
        why = 'The server does not answer';
      }
      shell.err(`${why}; trying again in ${wait} s (try ${attempt + 1} of ${tries}).`);
      await shell.sleep(wait * 1000);
    }
  };
}

function codeOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown;
  // Of several addresses that were tried, each has its error; they are alike in nearly all cases.
  const one = cause instanceof AggregateError ? cause.errors[0] : cause;
  if (typeof one === 'object' && one !== null && 'code' in one) return String(one.code);
  return one instanceof Error ? one.message : 'unknown';
}

function unreachable(input: string | URL | Request, code: string): CommandFailure {
  const { host } = new URL(input instanceof Request ? input.url : input);
  return new CommandFailure(
    exitCodes.notReachable,
    `The server at ${host} could not be reached (${code}).`,
    'Check the address (estover whoami shows it) and whether the server runs, and try again.',
  );
}

/** Does work and tells on stderr that it goes on, from the third second on and then every five. */
export async function withProgress<T>(shell: Shell, what: () => string, work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const tell = () => shell.err(`${what()} (${Math.round((performance.now() - begun) / 1000)} s)`);
  let every: NodeJS.Timeout | undefined;
  const first = setTimeout(() => {
    tell();
    every = setInterval(tell, 5_000);
  }, 2_000);
  try {
    return await work();
  } finally {
    clearTimeout(first);
    clearInterval(every);
  }
}
