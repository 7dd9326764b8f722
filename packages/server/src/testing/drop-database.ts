import type { OpenDatabase } from '../database/database.ts';

/**
 * Drops a database with whoever is still connected to it. PostgreSQL's own `with (force)` refuses a role that is no
 * superuser whenever autovacuum is at work there; without it the command itself ends autovacuum and waits for those who
 * were told to go.
 */
export async function dropDatabase(pool: OpenDatabase['pool'], name: string): Promise<void> {
  await pool.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and usename = current_user',
    [name],
  );
  await pool.query(`drop database ${name}`);
}
