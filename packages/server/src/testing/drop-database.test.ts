import { expect, inject, it } from 'vitest';
import { openDatabase } from '../database/database.ts';
import { dropDatabase } from './drop-database.ts';
import { createEmptyDatabase } from './test-database.ts';

it('drops a database that is in use, and its sessions end', async () => {
  const { connectionString } = await createEmptyDatabase();
  const name = new URL(connectionString).pathname.slice(1);
  const used = openDatabase(connectionString, { connections: 1 });
  const server = openDatabase(inject('databaseUrl'), { connections: 1 });
  try {
    await used.pool.query('select 1');
    const busy = used.pool.query('select pg_sleep(60)').catch(({ code }: { code: string }) => code);
    await dropDatabase(server.pool, name);
    expect(await busy).toBe('57P01');
    const { rows } = await server.pool.query('select 1 from pg_database where datname = $1', [name]);
    expect(rows).toEqual([]);
  } finally {
    await used.close();
    await server.close();
  }
});
