import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { BackupError } from './backup-error.ts';

/** The installation whose place is taken. */
export interface Replaced {
  installationId: string;
  epoch: number;
}

/**
 * Empties the database for a restore, within its transaction. A database without tables, or with a schema that no
 * server ever used, is empty; an installation goes only when it is to be replaced; tables of others never go.
 *
 * @returns the installation that was there, or null
 * @throws BackupError when something is in the way
 */
export async function clearTarget(trx: Trx, replace: boolean): Promise<Replaced | null> {
  await refuseWhileServersRun(trx);
  const { rows: tables } = await sql<{ name: string }>`
    select relname as name from pg_class
     where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f') and not relispartition
     order by 1`.execute(trx);
  if (tables.length === 0) return null;
  const names = new Set(tables.map(({ name }) => name));
  if (!names.has('schema_migrations') || !names.has('installation')) {
    throw new BackupError(
      `The database holds tables that are not Estover's, such as ${tables[0]?.name}. Restore into an empty database.`,
    );
  }
  const installation = await trx.selectFrom('installation').selectAll().executeTakeFirst();
  if (installation !== undefined && !replace) {
    throw new BackupError(
      `The database holds the installation ${installation.installation_id} already. Restore into an empty one, or ` +
        'replace all it has with what is in the backup by adding --replace; what came after the backup is lost then.',
    );
  }
  await sql`set local lock_timeout = '10s'`.execute(trx);
  for (const { name } of tables) await sql`drop table if exists ${sql.table(name)} cascade`.execute(trx);
  const { rows: routines } = await sql<{ signature: string }>`
    select p.oid::regprocedure::text as signature from pg_proc p
     where p.pronamespace = current_schema()::regnamespace
       and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')`.execute(trx);
  for (const { signature } of routines)
    await sql`drop routine if exists ${sql.raw(signature)} cascade`.execute(trx);
  return installation === undefined
    ? null
    : { installationId: installation.installation_id, epoch: installation.epoch };
}

/**
 * Servers keep in memory what a restore changes, so none may run on the database meanwhile. Of other roles' sessions the
 * database tells a role without the right to look neither what they do nor what they are; it does tell whose they are,
 * and its own workers are nobody's.
 */
async function refuseWhileServersRun(trx: Trx): Promise<void> {
  const { rows } = await sql<{ others: number }>`
    select count(*) as others from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()
       and (backend_type = 'client backend' or backend_type is null and usesysid is not null)`.execute(trx);
  const others = rows[0]?.others ?? 0;
  if (others === 0) return;
  throw new BackupError(
    `${others} other ${others === 1 ? 'connection uses' : 'connections use'} the database. Stop all servers on it, then restore.`,
  );
}
