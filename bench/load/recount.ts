import type { BenchDatabase } from '../harness/scenario.ts';
import type { Seeded } from './seed-instances.ts';

/** Message ids looked up at once. */
const LOOKED_UP = 20_000;

/**
 * Counts again what a load left in the database: every acknowledged message is there, each pool's counter is the sum
 * of what its instances report and of all changes, and each message that reported a change has left its own row in
 * the history.
 *
 * @param changes how many messages that reported a change the database should know, acknowledged or not, at least
 * @returns what does not add up; undefined when all does
 */
export async function recount(
  { pool }: BenchDatabase,
  { accountId }: Seeded,
  acknowledgedIds: readonly string[],
  changes: number,
): Promise<string | undefined> {
  let found = 0;
  for (let at = 0; at < acknowledgedIds.length; at += LOOKED_UP) {
    const { rows } = await pool.query<{ found: number }>(
      `select count(*)::int as found from device_messages
        where account_id = $1 and message_id = any($2::uuid[]) and kind = 'authorize'`,
      [accountId, acknowledgedIds.slice(at, at + LOOKED_UP)],
    );
    found += rows[0]?.found ?? 0;
  }
  if (found !== acknowledgedIds.length) {
    return `${acknowledgedIds.length} messages were acknowledged and ${found} of them are kept`;
  }
  const { rows } = await pool.query<{ pool: string; counter: number; reported: number; changed: number }>(
    `select virtual_account_id as pool, in_use as counter, reported, changed from pools
       join (select virtual_account_id, license_id, sum(count) as reported from instance_usage
              where account_id = $1 group by 1, 2) u using (virtual_account_id, license_id)
       join (select virtual_account_id, license_id, sum(to_count - from_count) as changed from usage_changes
              where account_id = $1 group by 1, 2) c using (virtual_account_id, license_id)
      where account_id = $1 and (in_use <> reported or in_use <> changed)`,
    [accountId],
  );
  const [wrong] = rows;
  if (wrong !== undefined) {
    return `the counter of pool ${wrong.pool} is ${wrong.counter}, its instances report ${wrong.reported}, the history says ${wrong.changed}`;
  }
  const history = await pool.query<{ found: number }>(
    `select count(*)::int as found from usage_changes where account_id = $1 and reason = 'reported'`,
    [accountId],
  );
  const written = history.rows[0]?.found ?? 0;
  return written < changes
    ? `${changes} changes were acknowledged and the history has ${written}`
    : undefined;
}
