import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Installation } from '../installation/index.ts';
import { mailKey } from './people-store.ts';

/** How long a browser is known after the last sign-in in it. */
const knownDays = 180;

/** People who share a browser; who signed in there longest ago is forgotten first. */
const mostPeople = 5;

const idBytes = 12;
const endBytes = 4;
const proofBytes = 16;
const markBytes = idBytes + endBytes + proofBytes;

/** A browser in which people have signed in before. */
interface KnownBrowser {
  /** What its tries are counted by. */
  id: string;
  /** Whether the person with this mail address has signed in in it. */
  knows(email: string): boolean;
}

interface Mark {
  id: Buffer;
  people: Buffer[];
}

type Keys = Pick<Installation, 'derive' | 'publicUrl'>;

const cookieName = (publicUrl: string): string =>
  `${publicUrl.startsWith('https:') ? '__Host-' : ''}estover.known`;

const proofOf = ({ derive }: Pick<Keys, 'derive'>, ...parts: (Buffer | string)[]): Buffer => {
  const mac = createHmac('sha256', derive('known-browser'));
  for (const part of parts) mac.update(part);
  return mac.digest().subarray(0, proofBytes);
};

const personProof = (keys: Keys, id: Buffer, email: string): Buffer =>
  proofOf(keys, id, 'person ', mailKey(email));

/**
 * The mark of a browser: its random id, when it ends, and a proof of both, then one of each person who signed in in it
 * (OWASP, "device cookies"). Nothing is kept of it here, and it opens nothing: it only has tries counted by themselves.
 */
function readMark(request: FastifyRequest, keys: Keys, now: Temporal.Instant): Mark | undefined {
  const name = cookieName(keys.publicUrl);
  const pair = (request.headers.cookie ?? '').split(';').find((each) => each.trim().startsWith(`${name}=`));
  const bytes = Buffer.from(pair?.trim().slice(name.length + 1) ?? '', 'base64url');
  const proofs = (bytes.length - markBytes) / proofBytes;
  if (!Number.isInteger(proofs) || proofs < 1 || proofs > mostPeople) return undefined;
  const [id, end] = [bytes.subarray(0, idBytes), bytes.subarray(idBytes, idBytes + endBytes)];
  const proof = bytes.subarray(idBytes + endBytes, markBytes);
  if (!timingSafeEqual(proof, proofOf(keys, id, end))) return undefined;
  if (end.readUInt32BE() * 1000 <= now.epochMilliseconds) return undefined;
  const people = Array.from({ length: proofs }, (_, at) =>
    bytes.subarray(markBytes + at * proofBytes, markBytes + (at + 1) * proofBytes),
  );
  return { id, people };
}

/** The browser of a request, if somebody has signed in in it before. */
export function knownBrowserOf(
  request: FastifyRequest,
  keys: Keys,
  now: Temporal.Instant,
): KnownBrowser | undefined {
  const mark = readMark(request, keys, now);
  if (mark === undefined) return undefined;
  const { id, people } = mark;
  return {
    id: `browser ${id.toString('base64url')}`,
    knows(email) {
      const own = personProof(keys, id, email);
      return people.some((each) => timingSafeEqual(each, own));
    },
  };
}

/** Has the browser known from now on as one in which this person has signed in; beside the cookies that are set already. */
export function rememberBrowser(
  request: FastifyRequest,
  reply: FastifyReply,
  keys: Keys,
  email: string,
  now: Temporal.Instant,
): void {
  const { id, people } = readMark(request, keys, now) ?? { id: randomBytes(idBytes), people: [] };
  const own = personProof(keys, id, email);
  const others = people.filter((each) => !timingSafeEqual(each, own)).slice(0, mostPeople - 1);
  const seconds = knownDays * 24 * 60 * 60;
  const end = Buffer.alloc(endBytes);
  end.writeUInt32BE(Math.floor(now.epochMilliseconds / 1000) + seconds);
  const mark = Buffer.concat([id, end, proofOf(keys, id, end), own, ...others]).toString('base64url');
  const secure = keys.publicUrl.startsWith('https:') ? '; Secure' : '';
  reply.header(
    'set-cookie',
    `${cookieName(keys.publicUrl)}=${mark}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`,
  );
}
