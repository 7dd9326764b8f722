import { type ProblemCode, type ProblemDetail, ProblemError } from '@estover/protocol';
import { SignInError } from './session.ts';

/** A problem as a person reads it: what is wrong, with the numbers, and what to do next. */
export interface ProblemSentences {
  title: string;
  detail: string;
  next: string;
  /** What is wrong with single fields, by JSON pointer, such as `/body/name`. */
  fields: ProblemDetail[];
  /** For the operator, where the server could not explain itself. */
  requestId: string | null;
}

/** Next steps that differ for a person at the console from those the API tells a program. */
const consoleNext: Partial<Record<ProblemCode, string>> = {
  'invalid-request': 'Mend what is marked and try again.',
  'malformed-body': 'Reload the page and try again.',
  'sign-in-required': 'Sign in again.',
  'sign-in-failed': 'Check mail address and password.',
  'not-found': 'It may have been deleted, or your role does not reach it. Look at the list.',
  'method-not-allowed': 'Reload the page and try again.',
  'not-ready': 'Try again in a moment.',
  'too-many-requests': 'Wait a minute and try again.',
  'cursor-invalid': 'Reload the list.',
  'internal-error': 'Try again; if it stays, give the request id to the operator.',
  'idempotency-key-reused': 'Reload the page and try again.',
  'grant-exceeds-own': 'Ask an account administrator to do it.',
  'unknown-virtual-account': 'Choose another one: it may have been deleted.',
};

const signInSentences: Record<string, { title: string; next: string }> = {
  INVALID_EMAIL_OR_PASSWORD: {
    title: 'Mail address or password is wrong',
    next: 'Check both and try again.',
  },
  INVALID_PASSWORD: { title: 'The current password is wrong', next: 'Type it again.' },
  PASSWORD_TOO_SHORT: {
    title: 'The new password is too short',
    next: 'Choose at least 12 characters.',
  },
  PASSWORD_TOO_LONG: { title: 'The new password is too long', next: 'Choose at most 128 characters.' },
};

/** The one place where errors become sentences. */
export function explainProblem(error: unknown): ProblemSentences {
  if (error instanceof ProblemError) {
    const { problem, retryAfterSeconds } = error;
    const wait = retryAfterSeconds === null ? null : `Try again in ${retryAfterSeconds} seconds.`;
    return {
      title: problem.title,
      detail: problem.detail === problem.title ? '' : problem.detail,
      next: wait ?? consoleNext[problem.code] ?? problem.next,
      // A single error of a rule says what the detail says already.
      fields:
        problem.code !== 'invalid-request' && problem.errors?.length === 1 ? [] : (problem.errors ?? []),
      requestId: problem.status >= 500 ? (problem.requestId ?? null) : null,
    };
  }
  if (error instanceof SignInError) {
    const known = signInSentences[error.code];
    const wait = error.status === 429;
    return {
      title: known?.title ?? (wait ? 'Too many tries' : error.message || 'Sign-in did not work'),
      detail: '',
      next: known?.next ?? (wait ? 'Wait a minute and try again.' : 'Try again.'),
      fields: [],
      requestId: null,
    };
  }
  if (error instanceof TypeError) {
    return {
      title: 'The server does not answer',
      detail: 'Nothing was changed that you have not seen confirmed.',
      next: 'Check the connection and try again.',
      fields: [],
      requestId: null,
    };
  }
  return {
    title: 'Something went wrong on this page',
    detail: error instanceof Error ? error.message : String(error),
    next: 'Reload the page.',
    fields: [],
    requestId: null,
  };
}

/** Where something is wrong, as people count: `/body/lines/0/quantity` is `lines 1, quantity`. */
export function pointerWords(pointer: string): string {
  return pointer
    .replace(/^#?\/?(body|query|params)?\/?/, '')
    .split('/')
    .map((part) => (/^\d+$/.test(part) ? String(Number(part) + 1) : part))
    .join(', ')
    .replace(/, (\d+)/g, ' $1');
}

/** What is wrong with one field of a form: `name` is its JSON pointer below the body, such as `/lines/0/quantity`. */
export function fieldProblem(error: unknown, name: string): string | undefined {
  if (!(error instanceof ProblemError)) return undefined;
  const found = error.problem.errors?.find(
    ({ pointer }) => pointer === name || pointer === `/body${name}` || pointer === `#${name}`,
  );
  return found?.detail;
}

/** True where the person has to sign in (again). */
export function needsSignIn(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.status === 401;
}

/** True where the server looked at a request and said no; false where it did not arrive or could not be looked at. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.status < 500 && error.problem.status !== 429;
}
