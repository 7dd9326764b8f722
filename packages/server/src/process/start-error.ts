/**
 * Something the person who starts the server must put right. The message is complete by itself: it names what was
 * found and what to do, and never holds a secret. The command line prints it without a stack.
 */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** The message of whatever was thrown, for sentences such as "cannot read X: …". */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The error code of a failed system call (`ENOENT`, `EACCES` …), or undefined for any other error. */
export function systemCodeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
