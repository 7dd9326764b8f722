import { documentMediaType } from '@estover/protocol/device';
import type { Mutant } from '@estover/protocol/testing';
import type { TestServer } from '@estover/server/testing';

/** What the server said to a document, as it came over the line. */
export interface Said {
  status: number;
  type: string;
  text: string;
}

/** Far beyond what any document may take: a request that hangs ends the test with its name, not with the test's time. */
const hangMilliseconds = 60_000;

/** Sends a document, one byte for each character; those beyond one byte as UTF-8. */
export async function send({ address }: TestServer, path: string, document: string): Promise<Said> {
  const isBytes = [...document].every((character) => character.charCodeAt(0) < 256);
  const answer = await fetch(new URL(path, address), {
    method: 'POST',
    headers: { 'content-type': documentMediaType },
    body: new Uint8Array(Buffer.from(document, isBytes ? 'latin1' : 'utf8')),
    signal: AbortSignal.timeout(hangMilliseconds),
  });
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() };
}

/** A document on its way to an address, with the refusals that it may meet there. */
export interface Shot extends Mutant {
  path: string;
}

/** Sends all of them, several at once, and tells the first faults; an empty text when there are none. */
export async function shootAll(
  server: TestServer,
  shots: Iterable<Shot>,
  faultOf: (said: Said, shot: Shot) => string | null,
): Promise<{ faults: string; sent: number }> {
  const faults: string[] = [];
  const left = shots[Symbol.iterator]();
  let sent = 0;
  const shooter = async () => {
    for (let next = left.next(); next.done !== true && faults.length < 10; next = left.next()) {
      const shot = next.value;
      const fault = await send(server, shot.path, shot.document).then(
        (said) => faultOf(said, shot),
        (error: unknown) => `there was no answer: ${String(error)}`,
      );
      sent += 1;
      if (fault !== null)
        faults.push(`${shot.path}, ${shot.what}: ${fault}\n  ${shot.document.slice(0, 6_000)}`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, shooter));
  return { faults: faults.join('\n\n'), sent };
}
