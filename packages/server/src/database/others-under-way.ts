import { setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from './database.ts';

/** Those of all servers, by the lock that each holds on itself for as long as it runs: every user may see these. */
async function underWay(db: Database, among: readonly string[] | null): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select l.virtualxid as id from pg_locks l join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'virtualxid' and l.mode = 'ExclusiveLock' and l.granted and l.pid <> pg_backend_pid()
       and a.datname = current_database() and coalesce(a.backend_type, 'client backend') = 'client backend'
       and (${among}::text[] is null or l.virtualxid = any(${among}::text[]))`.execute(db);
  return rows.map(({ id }) => id);
}

/**
 * Waits until every transaction that runs at this moment in the database, on whatever server, has ended; those that begin
 * meanwhile are not waited for. What such a transaction has read before may since have been changed, and it may write it down
 * again: only after them is what was changed gone for good.
 *
 * @returns false when one of them has still not ended after so long
 */
export async function othersEnded(db: Database, patienceMs: number): Promise<boolean> {
  let left = await underWay(db, null);
  let waitedMs = 0;
  for (let pauseMs = 10; left.length > 0; pauseMs = Math.min(pauseMs * 2, 500)) {
    if (waitedMs >= patienceMs) return false;
    await setTimeout(pauseMs);
    waitedMs += pauseMs;
    left = await underWay(db, left);
  }
  return true;
}
