import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hashSecret } from '../api-keys-store.ts';
import type { SignInDependencies } from '../session-requests.ts';
import type { Flow } from './flows-store.ts';

/** Long enough for a mail that has to be opened in the browser in which somebody signed in. */
const cookieSeconds = 24 * 60 * 60;

const cookieName = (publicUrl: string): string =>
  `${publicUrl.startsWith('https:') ? '__Host-' : ''}estover.browser`;

/** What tells this browser from others before anybody is signed in: random, in a cookie that scripts cannot read. */
function cookieOf(request: FastifyRequest, publicUrl: string): string | undefined {
  const name = cookieName(publicUrl);
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.trim().split('=');
    if (key === name && value !== undefined && /^[\w-]{43}$/.test(value)) return value;
  }
  return undefined;
}

/** The browser's mark, hashed; a browser that has none gets one. */
export function markBrowser(request: FastifyRequest, reply: FastifyReply, publicUrl: string): Buffer {
  const mark = cookieOf(request, publicUrl) ?? randomBytes(32).toString('base64url');
  const secure = publicUrl.startsWith('https:') ? '; Secure' : '';
  reply.header(
    'set-cookie',
    `${cookieName(publicUrl)}=${mark}; Path=/; Max-Age=${cookieSeconds}; HttpOnly; SameSite=Lax${secure}`,
  );
  return hashSecret(mark);
}

/** Whether the request comes from the browser with this mark. */
export function isMarkedBrowser(
  request: FastifyRequest,
  publicUrl: string,
  browserHash: Buffer | null,
): boolean {
  const mark = cookieOf(request, publicUrl);
  return mark !== undefined && browserHash !== null && hashSecret(mark).equals(browserHash);
}

/** Whether the request comes from the browser that began a flow: by its session, or before there is one by its mark. */
export async function beganFlow(
  request: FastifyRequest,
  { signIn, installation }: Pick<SignInDependencies, 'signIn' | 'installation'>,
  flow: Flow,
): Promise<boolean> {
  if (flow.sessionId === null) return isMarkedBrowser(request, installation.publicUrl, flow.browserHash);
  const person = await signIn.personOf(request.headers.cookie);
  return person?.sessionId === flow.sessionId && person.personId === flow.personId;
}
