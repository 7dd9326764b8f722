import { type Problem, ProblemError, problemOf, problems } from '@estover/protocol';
import { describe, expect, test } from 'vitest';
import { explainProblem, fieldProblem, needsSignIn, pointerWords } from './problems.ts';
import { SignInError } from './session.ts';

const refusal = (problem: Problem, retryAfter: number | null = null) => new ProblemError(problem, retryAfter);

describe('errors as sentences', () => {
  test('every problem of the API has a title and a next step, and none speaks of API keys to a person', () => {
    for (const code of Object.keys(problems) as (keyof typeof problems)[]) {
      const { title, next } = explainProblem(refusal(problemOf(code, 'the numbers')));
      expect(title, code).not.toBe('');
      expect(next, code).toMatch(/\.$/);
      expect(next, code).not.toMatch(/Bearer|Retry-After|openapi|`/);
    }
  });

  test('the time to wait is said in seconds where the server named it', () => {
    const { next } = explainProblem(refusal(problemOf('too-many-requests', 'Too many.'), 30));
    expect(next).toBe('Try again in 30 seconds.');
  });

  test('the request id is shown only where the server could not explain itself', () => {
    expect(explainProblem(refusal(problemOf('internal-error', '', {}, 'r1'))).requestId).toBe('r1');
    expect(explainProblem(refusal(problemOf('name-taken', '', {}, 'r1'))).requestId).toBeNull();
  });

  test('several errors are listed, a single one of a rule is not repeated', () => {
    const errors = [{ pointer: '/lines/0/quantity', detail: 'asked 9, available 7' }];
    const refused = refusal(problemOf('insufficient-licenses', 'Line 1: asked 9.', { errors }));
    expect(explainProblem(refused).fields).toEqual([]);
    const invalid = refusal(problemOf('invalid-request', 'See errors.', { errors }));
    expect(explainProblem(invalid).fields).toEqual([
      { where: 'lines 1, quantity', detail: 'asked 9, available 7' },
    ]);
    expect(fieldProblem(invalid, '/lines/0/quantity')).toBe('asked 9, available 7');
    expect(fieldProblem(invalid, '/name')).toBeUndefined();
  });

  test('what a form says beside its fields is not said again', () => {
    const name = { pointer: 'body/name', detail: 'is too long' };
    const domain = { pointer: 'body/domainIdentifier', detail: 'is not a domain' };
    const detail = 'body/domainIdentifier: is not a domain (and 1 more).';
    const refused = refusal(problemOf('invalid-request', detail, { errors: [domain, name] }));
    expect(fieldProblem(refused, '/domainIdentifier')).toBe('is not a domain');
    const all = explainProblem(refused, ['/domainIdentifier', '/name']);
    expect(all).toMatchObject({ detail: '', fields: [], next: 'Mend what is marked and try again.' });
    const some = explainProblem(refused, ['/domainIdentifier']);
    expect(some).toMatchObject({ detail: '', fields: [{ where: 'name', detail: 'is too long' }] });
    expect(some.next).not.toContain('marked');
    expect(explainProblem(refused)).toMatchObject({ detail: '', fields: [{}, {}] });
    expect(explainProblem(refused).next).not.toContain('marked');
    const taken = refusal(problemOf('name-taken', 'Berlin is taken.', { errors: [name] }));
    expect(explainProblem(taken).detail).toBe('Berlin is taken.');
    expect(explainProblem(taken, ['/name']).detail).toBe('');
  });

  test('rows of a file keep the number that the file has', () => {
    const at = (row: number, column: string) => ({
      pointer: `body/${row}/${column}`,
      row,
      column,
      detail: 'wrong',
    });
    const errors = [at(1, 'order_no'), at(2, 'lines/0/sku')];
    const refused = refusal(problemOf('import-refused', '2 rows; the first, in row 1: wrong', { errors }));
    expect(explainProblem(refused).fields.map(({ where }) => where)).toEqual([
      'row 1, order_no',
      'row 2, lines 1, sku',
    ]);
  });

  test('an action that is not allowed is named in the words of the console', () => {
    const detail = 'Your roles in this account do not include view-people.';
    const refused = refusal(problemOf('not-allowed', detail, { action: 'view-people' }));
    expect(explainProblem(refused).detail).toBe('Your roles in this account do not include “See people”.');
  });

  test('no connection, a wrong password and a bug are told apart', () => {
    expect(explainProblem(new TypeError('Failed to fetch')).title).toBe('The server does not answer');
    expect(explainProblem(new SignInError(401, 'INVALID_EMAIL_OR_PASSWORD', '')).title).toContain('wrong');
    expect(explainProblem(new SignInError(429, '', '')).next).toContain('Wait');
    expect(explainProblem(new Error('boom')).detail).toBe('boom');
  });
});

test('only a missing session asks for sign-in', () => {
  expect(needsSignIn(refusal(problemOf('sign-in-required', '')))).toBe(true);
  expect(needsSignIn(refusal(problemOf('not-allowed', '')))).toBe(false);
});

test('a pointer is told as people count', () => {
  expect(pointerWords('/body/lines/0/quantity')).toBe('lines 1, quantity');
  expect(pointerWords('/name')).toBe('name');
});
