import type { BookAccount, Books } from './books.ts';

/** A lot that an order's lines became, as the order's trace names it. */
export interface NamedLot {
  orderNumber: string;
  lineNumber: number;
  tag: string;
  lotId: string;
}

/** One command of the API, as it came over the wire. */
export interface Case {
  books: Books;
  /** The account of the path. */
  account: BookAccount;
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** The body as text; rules read it as what the operation takes. */
  body: string;
  /** The server's clock when the request came. */
  at: number;
  lots: readonly NamedLot[];
  /** Nothing of it is kept, so nothing has an id that could be learnt. */
  isDryRun: boolean;
  /**
   * Others ran at the same time: then the lots were chosen among those that lay there when the request came, and any
   * that fit will do.
   */
  isAtOnce: boolean;
}

/**
 * What the auditor expects of a command: a refusal by its code, or `ok` with a function that checks the answer and
 * enters what it means into the books. The function returns what is wrong, or undefined.
 */
export type Expectation = { code: string } | { code: 'ok'; accept(answer: string): string | undefined };

export type Rule = (given: Case) => Expectation;

export const refused = (code: string): Expectation => ({ code });

/** A body or an answer in the shape that the protocol gives it; the server's own checks have seen to that. */
export const parsed = <Shape>(text: string): Shape => JSON.parse(text) as Shape;

/** What differs between the members that are expected and those that were found; undefined when nothing does. */
export function difference(what: string, expected: object, found: object): string | undefined {
  for (const [name, value] of Object.entries(expected)) {
    const other: unknown = (found as Record<string, unknown>)[name];
    if (JSON.stringify(other) === JSON.stringify(value)) continue;
    return `${what}: ${name} should be ${JSON.stringify(value)} and is ${JSON.stringify(other)}`;
  }
  return undefined;
}
