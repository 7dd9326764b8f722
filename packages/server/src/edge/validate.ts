import type { Operation, ProblemDetail } from '@estover/protocol';
import type { z } from 'zod';
import { Refused } from './refused.ts';

type Place = 'params' | 'query' | 'body';

const pointerOf = (place: Place, path: readonly PropertyKey[]): string =>
  `${place}/${path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;

function errorsOf(place: Place, error: z.ZodError): ProblemDetail[] {
  return error.issues.map((issue) => ({
    pointer: pointerOf(place, issue.path),
    detail: issue.message,
    code: issue.code ?? 'invalid',
  }));
}

/** Validates the three parts of a request at once, so that one answer names everything that is wrong. */
export function validate(
  operation: Operation,
  given: { params: unknown; query: unknown; body: unknown },
): { params: unknown; query: unknown; body: unknown } {
  const errors: ProblemDetail[] = [];
  const read = (place: Place, schema: z.ZodType): unknown => {
    const result = schema.safeParse(given[place]);
    if (!result.success) errors.push(...errorsOf(place, result.error));
    return result.data;
  };
  const parsed = {
    params: read('params', operation.params),
    query: read('query', operation.query),
    body: read('body', operation.body),
  };
  if (errors.length > 0) {
    const first = errors[0] as ProblemDetail;
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    throw new Refused('invalid-request', `${first.pointer}: ${first.detail}${more}.`, { errors });
  }
  return parsed;
}
