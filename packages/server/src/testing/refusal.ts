import { type Problem, ProblemError } from '@estover/protocol';

/** The problem that some work is refused with; work that succeeds or fails otherwise is an error of the test. */
export async function refusal(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ProblemError) return error.problem;
  throw new Error('it was not refused', { cause: error });
}
