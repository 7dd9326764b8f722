import { type Problem, type ProblemCode, type ProblemDetail, problemOf } from '@estover/protocol';
import { withoutHiddenNames } from './hidden-names.ts';

/** A refusal on its way to the caller: thrown by commands and views, made a problem document by the wrapper alone. */
export class Refused extends Error {
  override name = 'Refused';
  readonly code: ProblemCode;
  readonly facts: Record<string, unknown>;

  /** `detail` is a sentence with the numbers; `facts` carry them for programs. */
  constructor(
    code: ProblemCode,
    detail: string,
    facts: Record<string, unknown> & { errors?: ProblemDetail[] } = {},
  ) {
    super(detail);
    this.code = code;
    this.facts = facts;
  }

  problem(requestId: string): Problem {
    const { message, facts } = withoutHiddenNames({ message: this.message, facts: this.facts });
    return problemOf(this.code, message, facts, requestId);
  }
}

/** Something that is not there, or that the caller may not know to be there: the answer is the same. */
export const notFound = (what: string): Refused => new Refused('not-found', `There is no such ${what}.`);
