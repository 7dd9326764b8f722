import type { FastifyRequest } from 'fastify';
import { Refused } from '../edge/refused.ts';

/**
 * Refuses a change that another site makes a browser send. Browsers say where a request comes from in
 * `Sec-Fetch-Site`, older ones in `Origin`; one that says neither is taken only where no cookie could help it.
 */
export function requireSameOrigin(
  request: FastifyRequest,
  publicUrl: string,
  { withoutOrigin }: { withoutOrigin: 'refuse' | 'allow' },
): void {
  const site = request.headers['sec-fetch-site'];
  const { origin } = request.headers;
  if (site !== undefined) {
    if (site === 'same-origin') return;
    throw crossOrigin(origin);
  }
  if (origin === undefined) {
    if (withoutOrigin === 'allow') return;
    throw crossOrigin(origin);
  }
  const own = new URL(publicUrl);
  const given = URL.parse(origin);
  // The console may be opened under another name of the same server; a browser sets Host itself.
  if (given !== null && (given.origin === own.origin || given.host === request.headers.host)) return;
  throw crossOrigin(origin);
}

const crossOrigin = (origin: string | undefined): Refused =>
  new Refused(
    'cross-origin',
    origin === undefined
      ? 'A session’s changes must say in Origin that they come from the console.'
      : `The request came from ${origin.slice(0, 200)}.`,
  );
