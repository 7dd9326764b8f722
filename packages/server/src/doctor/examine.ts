import { sql } from 'kysely';
import { verifyChains } from '../audit/index.ts';
import type { Database, Trx } from '../database/database.ts';
import { schemaState } from '../database/migrate.ts';
import { complianceLaws } from './compliance-laws.ts';
import type { Broken, Examination, Finding, Scope } from './law.ts';
import { ledgerLaws } from './ledger-laws.ts';
import { namesIn } from './names-in-findings.ts';
import { placeLaws } from './place-laws.ts';
import { useLaws } from './use-laws.ts';

/** What an examination came to. Healthy when there are no findings. */
export interface Report {
  readonly findings: readonly Finding[];
  /** Findings beyond those that are listed, by law. */
  readonly more: Readonly<Record<string, number>>;
  /** Every law that was examined. */
  readonly laws: readonly string[];
  /** What people call the ids in the findings, by id. */
  readonly names: ReadonlyMap<string, string>;
}

export interface ExaminationOptions {
  /** Only what belongs to this account. */
  accountId?: string | undefined;
  /** The most findings listed for each law; 100 if not given. */
  most?: number;
  /** Told before each law. */
  onLaw?: (law: string, index: number, of: number) => void;
}

const chainLaw = 'Events are unchanged since they were sealed.';
const schemaLaw = 'The schema is the one of this version.';

const laws: readonly [string, Examination][] = [
  ...ledgerLaws,
  ...complianceLaws,
  ...useLaws,
  ...placeLaws,
  [chainLaw, examineChains],
  [schemaLaw, examineIndexes],
];

/**
 * Recounts everything that an installation keeps twice or that follows from something else, on one snapshot, so that a
 * server may go on writing meanwhile. Reads only; the database does the counting, so memory does not grow with it.
 *
 * A schema that is older or newer than this version is the only finding then, because the laws speak of this version's
 * tables.
 */
export async function examineInstallation(db: Database, options: ExaminationOptions = {}): Promise<Report> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute((trx) => examineSnapshot(trx, options));
}

/** The same within a transaction of the caller, whose isolation must be repeatable read where others write. */
export async function examineSnapshot(trx: Trx, options: ExaminationOptions = {}): Promise<Report> {
  const scope: Scope = { accountId: options.accountId, most: options.most ?? 100 };
  // Counting a large installation takes longer than any request may.
  await sql`set local statement_timeout = 0`.execute(trx);
  await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx);
  await sql`set local work_mem = '64MB'`.execute(trx);
  const wrongSchema = await schemaFinding(trx);
  if (wrongSchema !== undefined)
    return { findings: [wrongSchema], more: {}, laws: [schemaLaw], names: new Map() };
  const findings: Finding[] = [];
  const more: Record<string, number> = {};
  for (const [index, [law, examine]] of laws.entries()) {
    options.onLaw?.(law, index, laws.length);
    const broken = await examine(trx, scope);
    findings.push(...broken.findings);
    if (broken.total > broken.findings.length) more[law] = broken.total - broken.findings.length;
  }
  return { findings, more, laws: laws.map(([law]) => law), names: await namesIn(trx, findings) };
}

/** The findings of a whole installation; none is good. For tests and for whoever needs no more than that. */
export async function examine(db: Database): Promise<readonly Finding[]> {
  return (await examineInstallation(db)).findings;
}

async function schemaFinding(trx: Trx): Promise<Finding | undefined> {
  const state = await schemaState(trx);
  if (Object.values(state).every((names: string[]) => names.length === 0)) return undefined;
  const expected = { pending: [], unknown: [], changed: [] };
  return { law: schemaLaw, accountId: null, subject: {}, expected, found: state };
}

/** An index that was left half built is not used, and a unique one protects nothing. */
async function examineIndexes(trx: Trx): Promise<Broken> {
  const { rows } = await sql<{ name: string }>`
    select indexrelid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indexrelid
     where c.relnamespace = current_schema()::regnamespace and not (i.indisvalid and i.indisready) order by 1`.execute(
    trx,
  );
  const findings = rows.map(({ name }) => ({
    law: schemaLaw,
    accountId: null,
    subject: { index: name },
    expected: 'a valid index',
    found: 'one that is not',
  }));
  return { findings, total: findings.length };
}

async function examineChains(trx: Trx, { accountId, most }: Scope): Promise<Broken> {
  const findings: Finding[] = [];
  let total = 0;
  for await (const { fault } of verifyChains(trx, accountId)) {
    if (fault === null) continue;
    total += 1;
    if (findings.length >= most) continue;
    findings.push({
      law: chainLaw,
      accountId: fault.accountId,
      subject: { batchNumber: fault.batchNumber, eventId: fault.eventId },
      expected: 'a chain that holds',
      found: fault.what,
    });
  }
  return { findings, total };
}
