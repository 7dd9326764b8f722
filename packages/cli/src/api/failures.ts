import { ProblemError } from '@estover/protocol';
import type { Terminal } from '../run.ts';
import type { Option } from './options.ts';
import { plain } from './plain.ts';

/** How a command ends; what scripts go by (docs/commands.md). */
export const exitCodes = {
  done: 0,
  refused: 1,
  wrongUsage: 2,
  notAllowed: 3,
  notReachable: 4,
  serverFailed: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What stops a command for a reason that a person can do something about: what is so, and what to do next. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly code: ExitCode;
  readonly next: string;

  constructor(code: ExitCode, message: string, next: string) {
    super(message);
    this.code = code;
    this.next = next;
  }
}

/** The exit code of a refusal: by its HTTP status, which says whose turn it is. */
export function exitCodeOf(status: number): ExitCode {
  if (status === 401 || status === 403) return exitCodes.notAllowed;
  return status >= 500 ? exitCodes.serverFailed : exitCodes.refused;
}

/**
 * Tells why a command could not be done, with every invalid member under the option that gave it.
 *
 * @returns the exit code; null for what is no failure but a defect
 */
export function tellFailure(
  thrown: unknown,
  terminal: Terminal,
  options: readonly Option[] = [],
): ExitCode | null {
  if (thrown instanceof CommandFailure) {
    terminal.err(plain(thrown.message));
    terminal.err(`What to do: ${plain(thrown.next)}`);
    return thrown.code;
  }
  if (!(thrown instanceof ProblemError)) return null;
  const { title, detail, code, next, errors = [], requestId, status } = thrown.problem;
  terminal.err(plain(`${title} (${code}).`));
  // What is not valid is said for each member below, where its option is known.
  if (detail !== '' && (code !== 'invalid-request' || errors.length === 0)) terminal.err(plain(detail));
  for (const each of errors) terminal.err(plain(`  ${placeOf(each, options)}: ${each.detail}`));
  terminal.err(plain(`What to do: ${next}`));
  if (status >= 500 && requestId !== undefined) terminal.err(plain(`Request: ${requestId}`));
  return exitCodeOf(status);
}

/** The option that filled the member, or the row and column of a file, or the pointer itself. */
function placeOf(error: { pointer?: string; [fact: string]: unknown }, options: readonly Option[]): string {
  const { row, column, pointer = '' } = error;
  if (typeof row === 'number') return `row ${row}${typeof column === 'string' ? `, ${column}` : ''}`;
  const words = pointer.replace(/^\//, '').split('/');
  const option = options.find(
    ({ place, path }) =>
      [place, ...path].every((word, at) => words[at] === word) && words.length > path.length,
  );
  if (option === undefined) return pointer;
  const rest = words.slice(option.path.length + 1);
  return `--${option.flag}${rest.length === 0 ? '' : ` (${pointer})`}`;
}
