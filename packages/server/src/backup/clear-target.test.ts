import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { openDatabase } from '../database/database.ts';
import { startEmbeddedDatabase } from '../database/embedded/index.ts';
import { clearTarget } from './clear-target.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

it('counts the connections of roles it may not look at', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'estover-clear-target-'));
  const embedded = await startEmbeddedDatabase({ dataFolder, log: quiet });
  const { superuserPassword } = JSON.parse(
    await readFile(join(dataFolder, 'database-credentials.json'), 'utf8'),
  );
  const theirs = new URL(embedded.connectionString);
  theirs.username = 'postgres';
  theirs.password = superuserPassword;
  const own = openDatabase(embedded.connectionString, { connections: 1 });
  const other = openDatabase(theirs.toString(), { connections: 1 });
  try {
    const clear = () => own.db.transaction().execute((trx) => clearTarget(trx, false));
    expect(await clear()).toBe(null);
    await sql`select 1`.execute(other.db);
    await expect(clear()).rejects.toThrow(/1 other connection uses the database\. Stop all servers/);
  } finally {
    await other.close();
    await own.close();
    await embedded.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
});
