/**
 * One subcommand of `estover`. What it needs of the server it imports in `run`, so that help and wrong usage are
 * answered without loading all of it.
 */
export type Command = {
  /** The words that choose it: `start`, or `audit verify`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The full help, shown for `estover help <name>` and after wrong usage. */
  readonly help: string;
  /** It is one of many of a noun and a verb, which the list of commands shows by noun. */
  readonly ofServer?: boolean;
  /** Does the work and answers the exit code: 0 done, 1 failed, 2 wrong usage, and more in `api/failures.ts`. */
  run(words: readonly string[]): Promise<number>;
};

/** The command line itself is wrong: `estover` shows the message and where help is, and ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
