/** One subcommand of `estover`. */
export type Command = {
  /** The words that choose it: `start`, or `audit verify`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The full help, shown for `estover help <name>` and after wrong usage. */
  readonly help: string;
  /** Does the work and answers the exit code: 0 done, 1 failed, 2 wrong usage. */
  run(words: readonly string[]): Promise<number>;
};

/** The command line itself is wrong: `estover` shows the message and where help is, and ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
