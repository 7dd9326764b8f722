import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refused } from '../edge/refused.ts';
import { addressHeader, type SignIn } from './sign-in.ts';

/** What the library may know of a request: cookies, browser, address. A value from outside never gets through as another. */
export function headersFor(signIn: SignIn, request: FastifyRequest): Headers {
  const headers = new Headers({
    origin: new URL(signIn.baseUrl()).origin,
    [addressHeader]: request.ip,
  });
  for (const name of ['cookie', 'user-agent'] as const) {
    const value = request.headers[name];
    if (value !== undefined) headers.set(name, value);
  }
  return headers;
}

/** Hands a request to the library with nothing of it but what was checked. */
export async function askLibrary(
  signIn: SignIn,
  request: FastifyRequest,
  path: string,
  body: Record<string, unknown>,
): Promise<Response> {
  const headers = headersFor(signIn, request);
  headers.set('content-type', 'application/json');
  const response = await signIn.handle(
    new Request(`${signIn.baseUrl()}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
  );
  if (response.status >= 500) throw new Error(`sign-in answered ${response.status} to ${path}`);
  return response;
}

/**
 * Answers with the library's cookies; with what it said only where it refused, because what it says of a success has
 * the session's token in it.
 */
export async function sendOn(
  reply: FastifyReply,
  response: Response,
  success: unknown,
): Promise<FastifyReply> {
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) reply.header('set-cookie', cookies);
  if (response.ok) return reply.send(success);
  reply.code(response.status).type(response.headers.get('content-type') ?? 'application/json');
  return reply.send(await response.text());
}

const objectOf = (body: unknown): Record<string, unknown> =>
  typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : {};

/** A member of the body, whatever it is. */
export const memberOf = (request: FastifyRequest, name: string): unknown => objectOf(request.body)[name];

/**
 * A text member of the body.
 *
 * @throws Refused `invalid-request`
 */
export function textOf(request: FastifyRequest, name: string, maximum = 1024): string {
  const value = memberOf(request, name);
  if (typeof value === 'string' && value !== '' && value.length <= maximum) return value;
  const detail = `must be a text of 1 to ${maximum} characters`;
  throw new Refused('invalid-request', `body/${name}: ${detail}.`, {
    errors: [{ pointer: `body/${name}`, detail }],
  });
}
