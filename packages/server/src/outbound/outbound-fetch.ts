import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector, request } from 'undici';
import { isInNetworks, isPublicAddress, type Network } from './addresses.ts';

/** What a server elsewhere answered. */
export interface OutboundAnswer {
  status: number;
  /** By lower-case name; several of one name are joined with a comma. */
  headers: Readonly<Record<string, string>>;
  /** At most `maxBytes`. */
  body: Buffer;
  /** Whether there was more than `maxBytes`, which was not read. */
  truncated: boolean;
}

export interface OutboundRequest {
  method: 'GET' | 'POST';
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** For all of it: looking the name up, connecting, sending, reading. */
  timeoutMs: number;
  maxBytes: number;
  /** Networks that may be reached beside the public Internet, and the only ones to be reached without TLS. */
  allow: readonly Network[];
  /** How names are looked up; by the system if not given. */
  resolve?: typeof resolve;
}

/** Nothing was sent, or no answer came. The message says why, for people. */
export class OutboundError extends Error {
  override name = 'OutboundError';
}

const notAllowed = (address: string) =>
  new OutboundError(
    `The address ${address} is not one of the public Internet. ESTOVER_OUTBOUND_ALLOW names others that may be reached.`,
  );

/** Why an address may not be reached over a line of this kind; null where it may. */
function reasonAgainst(
  address: string,
  { isSecure, allow }: { isSecure: boolean; allow: readonly Network[] },
): OutboundError | null {
  if (isInNetworks(address, allow)) return null;
  if (!isPublicAddress(address)) return notAllowed(address);
  return isSecure
    ? null
    : new OutboundError(
        `The address ${address} is reached with https only, as all of the public Internet is.`,
      );
}

/**
 * Why nothing would be sent to an address, as far as that is known without looking its name up; null where nothing is
 * against it.
 */
export function reasonAgainstAddress(url: string, allow: readonly Network[]): string | null {
  const { protocol, hostname } = new URL(url);
  const literal = hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) === 0) return null;
  return reasonAgainst(literal, { isSecure: protocol === 'https:', allow })?.message ?? null;
}

/**
 * Sends one request to a server whose address somebody else has chosen. Every address that its name resolves to is judged,
 * and the one that the line was made to once more, before anything is sent: a name that answers differently the second time
 * gains nothing (OWASP ASVS 5.0 §1.3.6). Redirects are answers like any other and not followed.
 *
 * @throws OutboundError when the address is not allowed, nothing answers in time, or the answer is no HTTP
 */
export async function outboundFetch(url: string, options: OutboundRequest): Promise<OutboundAnswer> {
  const { method, headers = {}, body, timeoutMs, maxBytes, allow } = options;
  const { protocol, hostname, username, password } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new OutboundError('Only http and https are spoken.');
  if (username !== '' || password !== '')
    throw new OutboundError('A name or password in the address is not sent.');
  const line = { isSecure: protocol === 'https:', allow };
  const literal = hostname.replace(/^\[|\]$/g, '');
  // No name is looked up where the address is written out.
  const refused = isIP(literal) === 0 ? null : reasonAgainst(literal, line);
  if (refused !== null) throw refused;

  const agent = new Agent({
    connect: judgedConnector(line, options.resolve ?? resolve),
    maxHeaderSize: 16_384,
  });
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await request(url, { method, headers, body: body ?? null, dispatcher: agent, signal });
    const read = await readAtMost(answer.body, maxBytes);
    return {
      status: answer.statusCode,
      headers: Object.fromEntries(
        Object.entries(answer.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
      ),
      ...read,
    };
  } catch (error) {
    throw signal.aborted
      ? new OutboundError(`No whole answer came within ${timeoutMs / 1000} s.`)
      : said(error);
  } finally {
    await agent.destroy();
  }
}

/** Connects to addresses that may be reached, and to no others. */
function judgedConnector(
  line: { isSecure: boolean; allow: readonly Network[] },
  look: typeof resolve,
): buildConnector.connector {
  const lookup: LookupFunction = (host, options, callback) => {
    look(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      const allowed = found.filter(({ address }) => reasonAgainst(address, line) === null);
      const [first] = allowed;
      const refused = found[0] === undefined ? null : reasonAgainst(found[0].address, line);
      if (first === undefined) return callback(refused ?? new OutboundError(`${host} has no address.`), []);
      if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
  const connect = buildConnector({ lookup });
  return (options, callback) =>
    connect(options, (error, socket) => {
      if (error !== null) return callback(error, null);
      const refused = reasonAgainst(socket.remoteAddress ?? '', line);
      if (refused === null) return callback(null, socket);
      socket.destroy();
      callback(refused, null);
    });
}

async function readAtMost(
  body: AsyncIterable<Buffer>,
  maxBytes: number,
): Promise<Pick<OutboundAnswer, 'body' | 'truncated'>> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body) {
    pieces.push(piece);
    bytes += piece.length;
    // Leaving the loop ends the line.
    if (bytes > maxBytes) break;
  }
  return { body: Buffer.concat(pieces).subarray(0, maxBytes), truncated: bytes > maxBytes };
}

/** What went wrong below HTTP, in one sentence. Nothing of what was sent is in it. */
function said(error: unknown): OutboundError {
  if (error instanceof OutboundError) return error;
  const { code, message } = error as { code?: unknown; message?: unknown };
  const [known] = [causes[String(code)]].filter((words) => words !== undefined);
  return new OutboundError(known ?? `No answer came: ${String(message ?? code)}`.slice(0, 300), {
    cause: error,
  });
}

const causes: Readonly<Record<string, string>> = {
  ENOTFOUND: 'There is no such host name.',
  EAI_AGAIN: 'The host name could not be looked up.',
  ECONNREFUSED: 'Nothing listens at the address.',
  ECONNRESET: 'The line was broken.',
  EHOSTUNREACH: 'The address cannot be reached.',
  ENETUNREACH: 'The address cannot be reached.',
  ETIMEDOUT: 'The address does not answer.',
  UND_ERR_CONNECT_TIMEOUT: 'The address does not answer.',
  UND_ERR_SOCKET: 'The line was broken.',
  CERT_HAS_EXPIRED: 'The certificate of the server has expired.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate of the server is signed by nobody known.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate of the server is signed by nobody known.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The certificate of the server is signed by nobody known.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the server is for another name.',
};
