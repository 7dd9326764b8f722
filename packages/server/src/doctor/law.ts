import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/** What a finding is about: ids and other keys of the row, such as `virtualAccountId`, `licenseId`, `lotId`, `state`. */
export type Subject = Readonly<Record<string, string | number | null>>;

/** One place where the installation's books do not agree with themselves. */
export interface Finding {
  /** The law that does not hold, as one sentence. */
  readonly law: string;
  /** Null for what belongs to no account. */
  readonly accountId: string | null;
  readonly subject: Subject;
  /** What the law asks for; numbers, texts or an object of them. */
  readonly expected: unknown;
  readonly found: unknown;
}

/** What a law found: its first findings, and how many there are in all. */
export interface Broken {
  readonly findings: readonly Finding[];
  readonly total: number;
}

/** Examines one law within a snapshot; only the rows of one account, if given. Reads only. */
export type Examination = (trx: Trx, scope: Scope) => Promise<Broken>;

export interface Scope {
  /** All accounts if not given. */
  readonly accountId: string | undefined;
  /** The most findings a law hands out; the others are only counted, so that memory stays bounded. */
  readonly most: number;
}

/** `<column> = <account>`, or true where all accounts are examined. For the where clause of every table of a law. */
export type Only = (column: string) => RawBuilder<unknown>;

/**
 * A law as a query of the rows that break it, with the columns account_id, subject, expected and found (the last three
 * as jsonb). It must be one set-based statement: the database sorts and sums on its own disk where memory ends.
 */
export function sqlLaw(law: string, query: (only: Only) => RawBuilder<unknown>): [string, Examination] {
  return [
    law,
    async (trx, { accountId, most }) => {
      const only: Only = (column) =>
        accountId === undefined ? sql`true` : sql`${sql.ref(column)} = ${accountId}::uuid`;
      const { rows } = await sql<Omit<Finding, 'law'> & { total: number }>`
        select account_id as "accountId", subject, expected, found, count(*) over () as total
          from (${query(only)}) broken order by account_id, subject::text limit ${most}`.execute(trx);
      return {
        findings: rows.map(({ accountId, subject, expected, found }) => ({
          law,
          accountId,
          subject,
          expected,
          found,
        })),
        total: rows[0]?.total ?? 0,
      };
    },
  ];
}
