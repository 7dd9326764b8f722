import { type Problem, type ProblemCode, type ProblemDetail, ProblemError } from '@estover/protocol';
import { wordsOfAction } from './action-words.ts';
import { SignInError } from './session.ts';

/** A problem as a person reads it: what is wrong, with the numbers, and what to do next. */
export interface ProblemSentences {
  title: string;
  detail: string;
  next: string;
  /** What is wrong with single fields or rows that do not say it themselves; `where` may be empty. */
  fields: { where: string; detail: string }[];
  /** For the operator, where the server could not explain itself. */
  requestId: string | null;
}

/** Next steps that differ for a person at the console from those the API tells a program. */
const consoleNext: Partial<Record<ProblemCode, string>> = {
  'invalid-request': 'Change what is named here and try again.',
  'import-refused': 'Mend these rows in the file and choose it again; nothing was imported.',
  'token-limit': 'Change what is named here and try again.',
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
  'tag-in-use': 'Close this and open it again: it says how many carry it now.',
  'webhook-host-changed': 'Save it with a new secret, and give that to the server at the new address.',
  'unknown-virtual-account': 'Choose another one: it may have been deleted.',
  'mail-not-configured': 'Ask the operator to set a mail server, and to start the server anew.',
  'step-up-required': 'Do it again, and say that it is you.',
  'sign-in-ended': 'Begin again with your password.',
  'other-browser': 'Open the link in the browser in which you signed in at your company.',
  'code-wrong': 'Wait for the next code of the app, or use another recovery code.',
};

const signInSentences: Record<string, { title: string; next: string }> = {
  INVALID_EMAIL_OR_PASSWORD: {
    title: 'Mail address or password is wrong',
    next: 'Check both and try again.',
  },
  PASSKEY_STOPPED: {
    title: 'No passkey was used',
    next: 'Try again, or use another way. This device may have none for Estover.',
  },
  PASSKEY_KNOWN: {
    title: 'This device has a passkey of yours already',
    next: 'Use that one, or another device.',
  },
};

/**
 * The one place where errors become sentences. `marked` are the fields of the form, by pointer as in `fieldProblem`,
 * that say beside themselves what is wrong with them: it is not said again.
 */
export function explainProblem(error: unknown, marked: readonly string[] = []): ProblemSentences {
  if (error instanceof ProblemError) {
    const { problem, retryAfterSeconds } = error;
    const wait = retryAfterSeconds === null ? null : `Try again in ${retryAfterSeconds} seconds.`;
    const errors = problem.errors ?? [];
    const unmarked = errors.filter(({ pointer }) => !marked.some((name) => pointsAt(pointer, name)));
    const invalid = problem.code === 'invalid-request';
    const allMarked = errors.length > 0 && unmarked.length === 0;
    // The detail of an invalid request, as that of a single error, says no more than the errors do.
    const isSaid = allMarked ? invalid || errors.length === 1 : invalid && errors.length > 0;
    return {
      title: problem.title,
      detail: isSaid || problem.detail === problem.title ? '' : inWords(problem),
      next:
        wait ??
        (allMarked && invalid ? 'Mend what is marked and try again.' : consoleNext[problem.code]) ??
        problem.next,
      // A single error of a rule says what the detail says already.
      fields: !invalid && errors.length === 1 ? [] : unmarked.map((one) => lineOf(problem, one)),
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

/** Whether an error is this problem of the API. */
export const isProblem = (error: unknown, code: ProblemCode): boolean =>
  error instanceof ProblemError && error.problem.code === code;

/** The detail with the name of an action, such as `view-people`, in the words of the console. */
function inWords({ detail, action }: Problem): string {
  const words = wordsOfAction(action);
  return words === undefined ? detail : detail.replace(String(action), `“${words}”`);
}

/** Rows of a file have a number of their own, counted from 1; positions in a request are counted from 0. */
function lineOf({ code }: Problem, { pointer, detail, row, column }: ProblemDetail) {
  if (code !== 'import-refused') return { where: pointerWords(pointer), detail };
  return { where: `row ${String(row)}, ${pointerWords(String(column))}`, detail };
}

/** The server writes `body/name`; `/body/name`, `#/name` and `/name` mean the same. */
const pointsAt = (pointer: string, name: string): boolean =>
  pointer.replace(/^#?\/?(body(?=\/))?/, '').replace(/^\/?/, '/') === name;

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
  const found = error.problem.errors?.find(({ pointer }) => pointsAt(pointer, name));
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
