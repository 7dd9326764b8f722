import { accessProblems } from './access/problems.ts';
import { accountProblems } from './accounts/problems.ts';
import { agreementProblems } from './agreements/problems.ts';
import { alertProblems } from './alerts/problems.ts';
import { catalogProblems } from './catalog/problems.ts';
import { licenseProblems } from './licenses/problems.ts';
import { notificationProblems } from './notifications/problems.ts';
import { orderProblems } from './orders/problems.ts';
import { productInstanceProblems } from './product-instances/problems.ts';
import { supportProblems } from './support/problems.ts';
import { webhookProblems } from './webhooks/problems.ts';

/** The problems that any request can meet. */
const requestProblems = {
  'invalid-request': {
    status: 422,
    title: 'The request is not valid',
    next: 'Mend what `errors` names and send it again.',
  },
  'malformed-body': {
    status: 400,
    title: 'The body could not be read',
    next: 'Send well-formed JSON, or the media type the operation names.',
  },
  'body-too-large': { status: 413, title: 'The body is too large', next: 'Send less at once.' },
  'unsupported-media-type': {
    status: 415,
    title: 'The media type is not supported',
    next: 'Send the media type the operation names.',
  },
  'sign-in-required': {
    status: 401,
    title: 'Sign in first',
    next: 'Sign in, or send an API key as `Authorization: Bearer …`.',
  },
  'sign-in-failed': {
    status: 401,
    title: 'The credentials are not valid',
    next: 'Check them, or make a new API key.',
  },
  'not-allowed': {
    status: 403,
    title: 'Your role does not allow this',
    next: 'Ask an administrator of the account.',
  },
  'cross-origin': {
    status: 403,
    title: 'The request came from another site',
    next: 'Use the console at its own address, or an API key.',
  },
  'not-found': { status: 404, title: 'Not found', next: 'Check the address and the ids.' },
  'method-not-allowed': {
    status: 405,
    title: 'The method is not allowed here',
    next: 'See /openapi.json for the operations.',
  },
  'internal-error': {
    status: 500,
    title: 'Something went wrong on the server',
    next: 'Try again; if it stays, give the request id to the operator.',
  },
  'not-ready': {
    status: 503,
    title: 'The server is not ready',
    next: 'Try again after the time in `Retry-After`.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    next: 'Wait for the time in `Retry-After`.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used for something else',
    next: 'Use a new key for a new request.',
  },
  'cursor-invalid': {
    status: 422,
    title: 'The cursor is not one of this list',
    next: 'Start from the first page.',
  },
} as const;

/**
 * Every problem the API answers, once: HTTP status, title, and what to do next (RFC 9457 §3). The `detail` of a
 * concrete problem adds the numbers; members beside it carry them for programs.
 *
 * Those of a capability are in `problems.ts` in its folder; here they are joined.
 *
 * Statuses: 400 what could not be read, 401 no or bad sign-in, 403 known but not allowed, 404 unknown or not to be
 * known, 409 conflicts of state, 422 refusals by a rule or by validation, 429 too many, 503 later.
 */
export const problems = {
  ...requestProblems,
  ...accessProblems,
  ...accountProblems,
  ...agreementProblems,
  ...alertProblems,
  ...catalogProblems,
  ...licenseProblems,
  ...notificationProblems,
  ...orderProblems,
  ...productInstanceProblems,
  ...supportProblems,
  ...webhookProblems,
} as const satisfies Record<string, { status: number; title: string; next: string }>;

export type ProblemCode = keyof typeof problems;

/** One thing that is wrong, and where: `pointer` is a JSON pointer into body, query or params. */
export interface ProblemDetail {
  pointer: string;
  detail: string;
  code?: string;
  [fact: string]: unknown;
}

/** RFC 9457 problem details with our members. */
export interface Problem {
  type: string;
  code: ProblemCode;
  title: string;
  status: number;
  detail: string;
  next: string;
  requestId?: string;
  errors?: ProblemDetail[];
  [fact: string]: unknown;
}

/** Makes the problem document of a code with its facts. */
export function problemOf(
  code: ProblemCode,
  detail: string,
  facts: Record<string, unknown> = {},
  requestId?: string,
): Problem {
  const { status, title, next } = problems[code];
  return {
    // First, so that no fact can take the place of a member that clients rely on.
    ...facts,
    type: `/problems/${code}`,
    code,
    title,
    status,
    detail,
    next,
    ...(requestId === undefined ? {} : { requestId }),
  };
}
