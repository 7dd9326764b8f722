import type { z } from 'zod';
import type { Operation } from './operation.ts';
import type { Problem } from './problems.ts';

/** What the server refused, as the problem document it sent. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly problem: Problem;
  /** Seconds of `Retry-After`, where the server named them. */
  readonly retryAfterSeconds: number | null;

  constructor(problem: Problem, retryAfterSeconds: number | null) {
    super(`${problem.title}: ${problem.detail}`);
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

type Optional<K extends string, T> = undefined extends T ? { [key in K]?: T } : { [key in K]: T };
type WhenEmpty<T> = Record<never, never> extends T ? T | undefined : T;

/** What a caller gives an operation: its parameters, query and body where it has them. */
export type CallInput<O extends Operation> = Optional<'params', WhenEmpty<z.input<O['params']>>> &
  Optional<'query', WhenEmpty<z.input<O['query']>>> &
  Optional<'body', z.input<O['body']>> & {
    /** Runs everything and keeps nothing, where the operation allows it. */
    dryRun?: boolean;
    /** The caller's own id of this request; the same key again gets the same answer. Made anew if not given. */
    idempotencyKey?: string;
    signal?: AbortSignal;
    /** Media type of a body that is not JSON. */
    contentType?: string;
  };

export interface Client {
  call<O extends Operation>(operation: O, input: CallInput<O>): Promise<z.output<O['answer']>>;
  /** The address of an operation, for downloads and links. */
  url<O extends Operation>(operation: O, input: Pick<CallInput<O>, 'params' | 'query'>): string;
}

export interface ClientOptions {
  /** Address of the server, without a path; empty in a browser on the same origin. */
  baseUrl: string;
  /** An API key; a browser uses its session cookie instead. */
  apiKey?: string;
  fetch?: typeof globalThis.fetch;
}

/**
 * A random UUID, version 4 (RFC 9562 §5.4), for a request's key and the like. Not `crypto.randomUUID`, which browsers
 * keep from pages that came over plain HTTP, as within a site's own network.
 */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A typed client: one function for every operation of the protocol. Throws `ProblemError` for a refusal. */
export function createClient({ baseUrl, apiKey, fetch = globalThis.fetch }: ClientOptions): Client {
  const url = (operation: Operation, params: unknown, query: unknown, dryRun = false): string => {
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = (params as Record<string, unknown> | undefined)?.[name];
      if (value === undefined) throw new TypeError(`${operation.name} needs the parameter ${name}`);
      return encodeURIComponent(String(value));
    });
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries((query as Record<string, unknown> | undefined) ?? {})) {
      if (value !== undefined && value !== null) search.set(name, String(value));
    }
    if (dryRun) search.set('dryRun', 'true');
    const suffix = search.size > 0 ? `?${search}` : '';
    return `${baseUrl}${path}${suffix}`;
  };

  return {
    url: (operation, input) => url(operation, input.params, input.query),
    async call<O extends Operation>(operation: O, input: CallInput<O>) {
      const given = input as CallInput<Operation>;
      const json = operation.bodyMedia === undefined;
      const headers: Record<string, string> = { accept: 'application/json' };
      if (apiKey !== undefined) headers['authorization'] = `Bearer ${apiKey}`;
      if (operation.method !== 'GET') headers['idempotency-key'] = given.idempotencyKey ?? randomId();
      if (given.body !== undefined)
        headers['content-type'] = json ? 'application/json' : (given.contentType ?? 'text/csv');
      const response = await fetch(url(operation, given.params, given.query, given.dryRun), {
        method: operation.method,
        headers,
        ...(given.body === undefined ? {} : { body: json ? JSON.stringify(given.body) : String(given.body) }),
        ...(given.signal === undefined ? {} : { signal: given.signal }),
      });
      if (!response.ok) throw await problemErrorOf(response);
      return (operation.fileAnswer ? await response.text() : await response.json()) as z.output<O['answer']>;
    },
  };
}

/** Reads a problem from a response; something in between that speaks no problem JSON becomes one as well. */
export async function problemErrorOf(response: Response): Promise<ProblemError> {
  const seconds = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  const retryAfter = Number.isNaN(seconds) ? null : seconds;
  if (response.headers.get('content-type')?.startsWith('application/problem+json')) {
    return new ProblemError((await response.json()) as Problem, retryAfter);
  }
  return new ProblemError(
    {
      type: 'about:blank',
      code: response.status === 503 ? 'not-ready' : 'internal-error',
      title: `The server answered ${response.status}`,
      status: response.status,
      detail: (await response.text()).slice(0, 200),
      next: 'Check the address of the server and what lies in between.',
    },
    retryAfter,
  );
}
