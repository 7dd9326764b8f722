import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createToken,
  createVirtualAccount,
  listAlerts,
  requestAccount,
  transferLicenses,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealEvents, verifyEvents } from '../audit/index.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { describeFinding, examine, examineInstallation } from '../doctor/index.ts';
import { createSeal } from '../installation/index.ts';
import {
  answerOf,
  changeUse,
  createEmptyDatabase,
  deliver,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
  testDevice,
  useLicenses,
} from '../testing/index.ts';
import { tablesToCopy } from './catalog-of-tables.ts';
import { checkArchive, type Manifest, type Restored, restoreBackup, writeBackup } from './index.ts';

let server: TestServer;
let catalog: SeededCatalog;
let account: SeededAccount;
let places: Record<string, string>;
let folder: string;
let limited: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'estover-backup-'));
  server = await startTestServer();
  catalog = await seedCatalog(server);
  account = await server.account('Northwind "Rail" \\N \\. Ost');
  places = await server.virtualAccounts(account, 'East / Depot', 'West');
  for (const name of ['East', 'West']) {
    await deliver(server, account, {
      tag: catalog.advantage,
      quantity: 1_000,
      virtualAccount: places[name] as string,
    });
  }
  limited = await newToken(places.East as string, 5);
  await newToken(places.West as string, null);
  const device = await testDevice(server);
  answerOf(await device.register(limited));
  answerOf(await device.authorize([{ tag: catalog.essentials, count: 3 }]));
  await server.client().call(requestAccount, {
    body: {
      companyName: 'Asking',
      mailDomain: 'asking.example',
      requester: { name: 'A', email: 'a@asking.example' },
    },
  });
  await sealEvents(server.db, server.clock.now());
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function newToken(virtualAccountId: string, maximumUses: number | null): Promise<string> {
  const { secret } = await account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId },
    body: { description: 'for a test', expiresInDays: 30, maximumUses },
  });
  return secret;
}

let files = 0;
const newFile = () => join(folder, `${++files}.estover`);

async function backUp(
  onSnapshot?: (id: string) => Promise<void>,
): Promise<{ file: string; manifest: Manifest }> {
  const file = newFile();
  const manifest = await writeBackup(server.connectionString, {
    file,
    seal: server.installation,
    version: '0.0.0-test',
    now: server.clock.now,
    ...(onSnapshot === undefined ? {} : { onSnapshot }),
  });
  return { file, manifest };
}

async function restore(
  file: string,
  connectionString: string,
  {
    replace = false,
    at = server.clock.now().add({ hours: 1 }),
    seal = server.installation as Parameters<typeof checkArchive>[1],
  } = {},
): Promise<Restored> {
  const manifest = await checkArchive(file, seal);
  const newId = () => randomUUIDv7();
  return restoreBackup(connectionString, { file, manifest, replace, now: at, newId });
}

/** Opens a database for a look, and closes it. */
async function look<T>(connectionString: string, see: (db: Database) => Promise<T>): Promise<T> {
  const opened = openDatabase(connectionString, { connections: 2 });
  try {
    return await see(opened.db);
  } finally {
    await opened.close();
  }
}

/** Every row of every table as text, without what a restore changes on purpose. */
async function contents(db: Database): Promise<Record<string, string[]>> {
  const dump: Record<string, string[]> = {};
  for (const { name } of await tablesToCopy(db)) {
    const { rows } = await sql<{ row: Record<string, unknown> }>`
      select to_jsonb(t) as row from ${sql.table(name)} t order by t::text`.execute(db);
    dump[name] = rows
      .map(({ row: { epoch, revoked_at, used_at, ...row } }) =>
        name === 'event_batches' ? { ...row, epoch } : name === 'api_keys' ? { ...row, revoked_at } : row,
      )
      // Mails that were not sent end with a restore; who they were to stays.
      .map((row) =>
        name === 'mails' ? { id: row['mail_id'], to: row['recipient'], subject: row['subject'] } : row,
      )
      .filter((row) => row.operation !== 'restoreBackup' && row.kind !== 'tokens-ended-by-restore')
      .map((row) => JSON.stringify(row))
      .sort();
  }
  const { sessions: _sessions, verifications: _verifications, account_request_links: _links, ...kept } = dump;
  return kept;
}

describe('a backup', () => {
  it('holds the moment it was begun, while others go on writing, and is restored to the same', async () => {
    let writing = true;
    let written = 0;
    const using = await useLicenses(server, {
      accountId: account.accountId,
      virtualAccountId: places.East as string,
      counts: { [catalog.advantage]: 1 },
    });
    const writers = [
      (async () => {
        for (let round = 0; writing; round++) {
          const [from, to] = round % 2 === 0 ? ['East', 'West'] : ['West', 'East'];
          await account.administrator.call(transferLicenses, {
            params: { accountId: account.accountId },
            body: {
              fromVirtualAccountId: places[from as string] as string,
              toVirtualAccountId: places[to as string] as string,
              lines: [{ tag: catalog.advantage, quantity: 1 + (round % 7) }],
              reason: 'goes on while the backup is made',
            },
          });
          written += 1;
        }
      })(),
      (async () => {
        for (let round = 1; writing; round++) {
          await changeUse(server, {
            accountId: account.accountId,
            virtualAccountId: places.East as string,
            instanceId: using,
            counts: { [catalog.advantage]: 1 + (round % 5) },
          });
          await sealEvents(server.db, server.clock.now());
          written += 1;
        }
      })(),
    ];
    let atSnapshot: Record<string, string[]> = {};
    let writtenAtSnapshot = 0;
    const { file, manifest } = await backUp(async (id) => {
      await server.db
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute(async (trx) => {
          await sql`set transaction snapshot ${sql.lit(id)}`.execute(trx);
          // What comes now is not in the backup, and the copying begins only after it.
          writtenAtSnapshot = written;
          while (written < writtenAtSnapshot + 20) await new Promise((resolve) => setTimeout(resolve, 5));
          atSnapshot = await contents(trx);
        });
    });
    writing = false;
    await Promise.all(writers);
    expect(await contents(server.db)).not.toEqual(atSnapshot);

    const target = await createEmptyDatabase();
    const restored = await restore(file, target.connectionString);
    expect(restored).toMatchObject({ installationId: manifest.installationId, replaced: null });
    await look(target.connectionString, async (db) => {
      expect(await contents(db)).toEqual(atSnapshot);
      expect((await examine(db)).map((finding) => describeFinding(finding))).toEqual([]);
      const { rows } = await sql<{ name: string }>`
        select distinct tableoid::regclass::text as name from events`.execute(db);
      expect(rows).not.toContainEqual({ name: 'events_other' });
      const schema = (other: Database) =>
        sql`select table_name, column_name, data_type, is_nullable from information_schema.columns
             where table_schema = 'public' order by 1, 2`.execute(other);
      expect((await schema(db)).rows).toEqual((await schema(server.db)).rows);
      // Columns that number themselves go on behind the rows that came.
      await sql`
        insert into product_instance_counts (account_id, virtual_account_id, state, change)
        select account_id, virtual_account_id, state, 1 from product_instance_counts`.execute(db);
      // A server that starts there finds its schema up to date.
      expect(await migrate(db, server.clock.now())).toEqual([]);
    });
    await target.close();
  });

  it('tells the moment at which it had its tables, not the one at which it was asked for', async () => {
    let now = server.clock.now();
    const later = now.add({ minutes: 5 });
    const file = newFile();
    const made = await server.db.transaction().execute(async (trx) => {
      await sql`lock table events in access exclusive mode`.execute(trx);
      const writing = writeBackup(server.connectionString, {
        file,
        seal: server.installation,
        version: '1',
        now: () => now,
      });
      const waits = async () => {
        const { rows } = await sql`
          select 1 from pg_locks where not granted and relation = 'events'::regclass
             and database = (select oid from pg_database where datname = current_database())`.execute(
          server.db,
        );
        return rows.length > 0;
      };
      while (!(await waits())) await new Promise((resolve) => setTimeout(resolve, 5));
      now = later;
      return { writing };
    });
    expect((await made.writing).takenAt).toBe(later.toString({ smallestUnit: 'millisecond' }));
  });

  it('is one file that only its owner reads, and none at all when it does not come to its end', async () => {
    const { file } = await backUp();
    await expect(backUpTo(file)).rejects.toThrow(/exists\. Choose another name/);
    await expect(backUpTo(join(folder, 'nowhere', 'x'))).rejects.toThrow(/cannot be written to .*ENOENT/);
    const halfway = newFile();
    await expect(
      writeBackup(server.connectionString, {
        file: halfway,
        seal: server.installation,
        version: '1',
        now: server.clock.now,
        onProgress: (table) => {
          if (table === 'events') throw new Error('the cable was pulled');
        },
      }),
    ).rejects.toThrow('the cable was pulled');
    expect(existsSync(halfway)).toBe(false);
    expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  const backUpTo = (file: string) =>
    writeBackup(server.connectionString, {
      file,
      seal: server.installation,
      version: '1',
      now: server.clock.now,
    });

  it('needs the installation’s encryption key, and an installation', async () => {
    const other = createSeal(randomBytes(32));
    const options = { file: newFile(), version: '1', now: server.clock.now };
    await expect(writeBackup(server.connectionString, { ...options, seal: other })).rejects.toThrow(
      /encryption key does not open/,
    );
    const empty = await createEmptyDatabase();
    await expect(writeBackup(empty.connectionString, { ...options, seal: other })).rejects.toThrow(
      /nothing to back up/,
    );
    await look(empty.connectionString, (db) => migrate(db, server.clock.now()));
    await expect(writeBackup(empty.connectionString, { ...options, seal: other })).rejects.toThrow(
      /nothing to back up/,
    );
    await empty.close();
  });
});

describe('a restore', () => {
  it('raises the epoch each time, ends what may have been spent, and tells it', async () => {
    const { file } = await backUp();
    const target = await createEmptyDatabase();
    const first = await restore(file, target.connectionString);
    expect(first.epoch).toBeGreaterThan(1);
    expect(first.endedTokens).toBe(1);
    // What was revoked since would work again: it is named, and the limited token that was ended is not.
    expect(first.secretsToCheck.map(({ kind, name, accountName }) => [accountName, kind, name])).toEqual([
      [null, 'API key', 'operator key'],
      ['Northwind "Rail" \\N \\. Ost', 'API key', 'account-administrator key'],
      ['Northwind "Rail" \\N \\. Ost', 'registration token', 'for a test'],
    ]);
    await look(target.connectionString, async (db) => {
      const tokens = await db
        .selectFrom('registration_tokens')
        .select(['maximum_uses', 'revoked_at'])
        .orderBy('maximum_uses')
        .execute();
      expect(tokens).toEqual([
        { maximum_uses: 5, revoked_at: expect.anything() },
        { maximum_uses: null, revoked_at: null },
      ]);
      const alerts = await db
        .selectFrom('alerts')
        .selectAll()
        .where('kind', '=', 'tokens-ended-by-restore')
        .execute();
      expect(alerts).toMatchObject([{ virtual_account_id: places.East, quantity: 1, severity: 'minor' }]);
      const told = await db
        .selectFrom('events')
        .select(['message', 'object_kind'])
        .where('operation', '=', 'restoreBackup')
        .orderBy('object_kind')
        .execute();
      expect(told.map(({ object_kind }) => object_kind)).toEqual(['account', 'installation', 'token']);
      expect(told[0]?.message).toContain('from its backup of 2026-11-22');
      await sealEvents(db, server.clock.now());
      const reports = await verifyEvents(db);
      expect(reports.every(({ fault }) => fault === null)).toBe(true);
      expect(reports.map(({ restores }) => restores.map(({ epoch }) => epoch))).toEqual([
        [first.epoch],
        [first.epoch],
      ]);
      expect(
        await db.selectFrom('one_time_links').selectAll().where('used_at', 'is', null).execute(),
      ).toEqual([]);
      // The request is known, and its link of before serves nobody any more.
      expect(await db.selectFrom('account_requests').select('state').execute()).toEqual([
        { state: 'requested' },
      ]);
      expect(await db.selectFrom('account_request_links').selectAll().execute()).toEqual([]);
      // The invitation of the account's administrator: sent or not since the backup, nobody knows.
      const mails = await db.selectFrom('mails').select(['state', 'content_sealed']).execute();
      expect(mails.length).toBeGreaterThan(0);
      expect(mails.every((mail) => mail.state === 'failed' && mail.content_sealed === null)).toBe(true);
    });
    // The same backup again, in the place of what went on: another epoch, never one that was used.
    const at = server.clock.now().add({ hours: 1 });
    const second = await restore(file, target.connectionString, { replace: true, at });
    expect(second.epoch).toBe(first.epoch + 1);
    const elsewhere = await createEmptyDatabase();
    const third = await restore(file, elsewhere.connectionString, { at: at.add({ minutes: 5 }) });
    expect(third.epoch).toBeGreaterThan(second.epoch);
    await target.close();
    await elsewhere.close();
  });

  it('takes no database that is in use or holds something, unless it is told to replace it', async () => {
    const { file, manifest } = await backUp();
    const target = await createEmptyDatabase();
    await look(target.connectionString, async (db) => {
      await sql`select 1`.execute(db);
      await expect(restore(file, target.connectionString)).rejects.toThrow(
        /1 other connection uses the database\. Stop all servers/,
      );
    });
    await look(target.connectionString, (db) => sql`create table somebodys (x int)`.execute(db));
    await expect(restore(file, target.connectionString, { replace: true })).rejects.toThrow(
      /tables that are not Estover's, such as somebodys/,
    );
    await look(target.connectionString, async (db) => {
      await sql`drop table somebodys`.execute(db);
      // A schema that no server ever used counts as empty.
      await migrate(db, server.clock.now());
    });
    await restore(file, target.connectionString);
    const before = await look(target.connectionString, contents);
    await expect(restore(file, target.connectionString)).rejects.toThrow(
      new RegExp(`holds the installation ${manifest.installationId} already.* adding --replace`),
    );
    expect(await look(target.connectionString, contents)).toEqual(before);
    await target.close();
  });

  it('leaves the database as it was when it fails half way', async () => {
    const { file } = await backUp();
    const target = await createEmptyDatabase();
    await restore(file, target.connectionString);
    const before = await look(target.connectionString, contents);
    const manifest = await checkArchive(file, server.installation);
    let chunks = 0;
    const failing = restoreBackup(target.connectionString, {
      file,
      manifest,
      replace: true,
      now: server.clock.now(),
      newId: () => randomUUIDv7(),
      onProgress: (table) => {
        chunks += 1;
        if (table === 'movements') throw new Error('the cable was pulled');
      },
    });
    await expect(failing).rejects.toThrow('the cable was pulled');
    expect(chunks).toBeGreaterThan(5);
    expect(await look(target.connectionString, contents)).toEqual(before);
    await target.close();
  });

  it('ends the alert when somebody makes a token again', async () => {
    const open = async () => {
      const { items } = await account.administrator.call(listAlerts, {
        params: { accountId: account.accountId },
        query: { kind: 'tokens-ended-by-restore' },
      });
      return items.map(({ message, detail }) => `${message}. ${detail}`);
    };
    const { virtualAccount } = await account.administrator.call(createVirtualAccount, {
      params: { accountId: account.accountId },
      body: { name: 'North', parentId: null },
    });
    await server.db
      .insertInto('alerts')
      .values({
        account_id: account.accountId,
        alert_id: randomUUIDv7(),
        kind: 'tokens-ended-by-restore',
        severity: 'minor',
        cause: virtualAccount.virtualAccountId,
        virtual_account_id: virtualAccount.virtualAccountId,
        license_id: null,
        instance_id: null,
        lot_id: null,
        quantity: 2,
        facts: JSON.stringify({ takenAt: '2026-11-20T08:00:00.000Z' }),
        opened_at: server.clock.now(),
        action_due_at: null,
        resolved_at: null,
        snoozed_until: null,
      })
      .execute();
    expect(await open()).toEqual([
      '2 registration tokens of North ended when a backup was restored. How often such tokens were used since 20 Nov 2026 is not known. Make a new token where one is needed.',
    ]);
    await newToken(virtualAccount.virtualAccountId, 3);
    expect(await open()).toEqual([]);
  });

  it('takes the backup of an older schema, and migrates it', async () => {
    const source = await createEmptyDatabase();
    const seal = createSeal(randomBytes(32));
    const file = newFile();
    const now = server.clock.now();
    await look(source.connectionString, async (db) => {
      await migrate(db, now, '0001-foundation');
      await loadFirst(db, seal, now);
      const data = new URL('../testing/first-release.sql', import.meta.url);
      await sql.raw(await readFile(data, 'utf8')).execute(db);
      await writeBackup(source.connectionString, { file, seal, version: '0.1.0', now: () => now });
    });
    const target = await createEmptyDatabase();
    await restore(file, target.connectionString, { seal });
    await look(target.connectionString, async (db) => {
      const report = await examineInstallation(db);
      expect(report.findings).toEqual([]);
      // What the first release did not count is counted from what was restored.
      const { rows } = await sql<{ accounts: number; counted: number }>`
        select count(distinct account_id) as accounts, sum(change) as counted from product_instance_counts
         where state = 'registered'`.execute(db);
      expect(rows).toEqual([{ accounts: 20, counted: 600 }]);
      expect(await migrate(db, now)).toEqual([]);
    });
    await source.close();
    await target.close();
  });

  /** The rows a server of the first release makes at its start. */
  async function loadFirst(db: Database, seal: Parameters<typeof checkArchive>[1], now: Temporal.Instant) {
    const { loadInstallation } = await import('../installation/index.ts');
    return loadInstallation(db, { seal, version: '0.1.0', publicUrl: () => 'http://estover.test', now });
  }
});
