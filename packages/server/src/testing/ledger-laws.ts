import type { Database } from '../database/database.ts';
import { describeFinding, examine } from '../doctor/index.ts';

/**
 * Checks every law of the installation on the database as it is, for use after races and faults: the same examination
 * as `estover doctor`.
 *
 * @returns a line for each finding; empty is good.
 */
export async function checkLedgerLaws(db: Database): Promise<string[]> {
  return (await examine(db)).map((finding) => describeFinding(finding));
}
