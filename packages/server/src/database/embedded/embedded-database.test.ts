import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { chooseDatabaseUser, firstClosedFolder } from './database-user.ts';
import { type EmbeddedDatabase, startEmbeddedDatabase } from './embedded-database.ts';
import { findProcess } from './running-process.ts';

const isRoot = process.getuid?.() === 0;
/** What only root meets is a test for root alone: for others it is not left out, there is nothing to see. */
const asRoot: (name: string, run: () => void | Promise<void>) => void = isRoot ? test : () => undefined;
const said: string[] = [];
const say = (_details: object, message: string) => void said.push(message);
const log = { info: say, warn: say, error: say };

/** One data folder for the whole file, so that only the first start has to create a cluster. */
let top: string;
let dataFolder: string;
const cleanUps: (() => unknown)[] = [];

beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), 'estover-embedded-'));
  chmodSync(top, 0o755);
  dataFolder = join(top, 'data');
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  said.length = 0;
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

async function start(folder = dataFolder, port?: number): Promise<EmbeddedDatabase> {
  const database = await startEmbeddedDatabase({
    dataFolder: folder,
    log,
    ...(port !== undefined && { port }),
  });
  cleanUps.push(() => database.stop());
  return database;
}

async function query(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

type Report = { connectionString: string; adopted: boolean; processId: number; refusal?: string };

async function startInChild(
  folder: string,
  ...more: string[]
): Promise<{ child: ChildProcess; report: Report }> {
  const script = join(import.meta.dirname, 'start-for-test.ts');
  const child = spawn(process.execPath, [script, folder, ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanUps.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  return { child, report: JSON.parse(line) };
}

const cluster = () => join(dataFolder, 'database/cluster');
const postgresLog = () => readFileSync(join(dataFolder, 'database/postgres.log'), 'utf8');
const ownerOfCluster = () => ({ uid: statSync(cluster()).uid, gid: statSync(cluster()).gid });

describe('starting', () => {
  test('a first start under an odd locale makes a UTF-8 database that needs no locale, and keeps data', async () => {
    const before = { LANG: process.env.LANG, LC_ALL: process.env.LC_ALL };
    Object.assign(process.env, { LANG: 'xx_YY.ISO-8859-99', LC_ALL: 'tlh_KL.UTF-8' });
    cleanUps.push(() => {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    });
    const first = await start();
    const [made] = await query(
      first.connectionString,
      `select datlocprovider, datlocale, pg_encoding_to_char(encoding) as encoding, upper('straße ä') as upper
         from pg_database where datname = current_database()`,
    );
    expect(made).toEqual({ datlocprovider: 'b', datlocale: 'C.UTF-8', encoding: 'UTF8', upper: 'STRAßE Ä' });
    await query(first.connectionString, `create table kept as select 'Grüße' as word`);
    await first.stop();
    expect(findProcess(first.processId())).toBeUndefined();

    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await query(second.connectionString, 'select word from kept')).toEqual([{ word: 'Grüße' }]);
  });

  test('it is durable, asks for the password, and its role has no power over the machine', async () => {
    const { connectionString } = await start();
    const [row] = await query(
      connectionString,
      `select current_setting('fsync') as fsync, current_setting('full_page_writes') as pages,
              current_setting('synchronous_commit') as commit, rolsuper, rolcreatedb
         from pg_roles where rolname = current_user`,
    );
    expect(row).toEqual({ fsync: 'on', pages: 'on', commit: 'on', rolsuper: false, rolcreatedb: true });
    const wrong = new URL(connectionString);
    wrong.password = 'guessed';
    await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    expect(statSync(join(dataFolder, 'database-credentials.json')).mode & 0o777).toBe(0o600);
  });

  asRoot('as root it runs as another user', async () => {
    const database = await start();
    const { uid } = statSync(`/proc/${database.processId()}`);
    expect(uid).not.toBe(0);
    expect(uid).toBe(chooseDatabaseUser(undefined)?.uid);
  });

  // An ordinary user can run nothing when the whole source lies in a folder that is closed to it.
  const nobody = { uid: 65_534, gid: 65_534 };
  if (firstClosedFolder(import.meta.dirname, nobody) === undefined) {
    asRoot('as an ordinary user it runs as that user', async () => {
      const folder = join(top, 'ordinary');
      mkdirSync(folder);
      chmodSync(folder, 0o777);
      const { report } = await startInChild(join(folder, 'data'), '65534');
      expect(report.refusal).toBeUndefined();
      expect(statSync(`/proc/${report.processId}`).uid).toBe(65_534);
    });
  }

  test('a path too long for a socket is no obstacle', async () => {
    const folder = join(top, 'long-'.repeat(20), 'data with "quotes", and spaces');
    const database = await start(folder);
    expect(await query(database.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
    const socketFolder = new URL(database.connectionString).searchParams.get('host') ?? '';
    expect(statSync(socketFolder).mode & 0o777).toBe(0o700);
    await database.stop();
    expect(existsSync(socketFolder)).toBe(false);
  });

  test('on a busy port it takes a free one', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    cleanUps.push(() => blocker.close());
    const address = blocker.address();
    const busy = typeof address === 'object' && address !== null ? address.port : 0;
    const database = await start(dataFolder, busy);
    const url = new URL(database.connectionString);
    expect(url.hostname).toBe('127.0.0.1');
    expect(Number(url.port)).not.toBe(busy);
    expect(await query(database.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(said).toContainEqual(expect.stringContaining('taken'));
  });
});

describe('after a crash', () => {
  /** Puts a postmaster.pid of an earlier run back, with another process id. */
  async function leavePidFile(pid: number): Promise<void> {
    const database = await start();
    const content = readFileSync(join(cluster(), 'postmaster.pid'), 'utf8');
    await database.stop();
    const file = join(cluster(), 'postmaster.pid');
    writeFileSync(file, content.replace(/^\d+/, String(pid)), { mode: 0o600 });
    chownSync(file, ownerOfCluster().uid, ownerOfCluster().gid);
  }

  test('a postmaster.pid of a dead process does not matter', async () => {
    const dead = spawn('true');
    await once(dead, 'exit');
    await leavePidFile(dead.pid ?? 0);
    const database = await start();
    expect(database.adopted).toBe(false);
    expect(await query(database.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('a postmaster.pid whose id now belongs to another program does not matter, and that program lives on', async () => {
    // Run by the database's own user, the one case in which PostgreSQL by itself takes it for a running postmaster.
    const other = spawn('sleep', ['600'], { ...ownerOfCluster() });
    cleanUps.push(() => other.kill());
    await once(other, 'spawn');
    await leavePidFile(other.pid ?? 0);
    const database = await start();
    expect(database.adopted).toBe(false);
    expect(database.processId()).not.toBe(other.pid);
    await database.stop();
    expect(findProcess(other.pid ?? 0)?.command[0]).toBe('sleep');
  });

  test('a postmaster.pid that names the database of another data folder does not touch that one', async () => {
    const other = await start(join(top, 'other'));
    await leavePidFile(other.processId());
    const database = await start();
    expect(database.adopted).toBe(false);
    expect(database.processId()).not.toBe(other.processId());
    await database.stop();
    expect(await query(other.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('a database left running by a killed server is adopted, with what was acknowledged, and stopped at the end', async () => {
    const { child, report } = await startInChild(dataFolder);
    await query(report.connectionString, 'create table if not exists acknowledged (n int)');
    await query(report.connectionString, 'insert into acknowledged values (42)');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(findProcess(report.processId)).toBeDefined();

    const database = await start();
    expect(database.adopted).toBe(true);
    expect(database.processId()).toBe(report.processId);
    expect(await query(database.connectionString, 'select n from acknowledged')).toEqual([{ n: 42 }]);
    await database.stop();
    expect(findProcess(report.processId)).toBeUndefined();
  });

  test('a database left running that is another one than the credentials say is refused, and left alone', async () => {
    const { child, report } = await startInChild(dataFolder);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const file = join(dataFolder, 'database-credentials.json');
    const credentials = readFileSync(file, 'utf8');
    cleanUps.push(() => writeFileSync(file, credentials));
    writeFileSync(file, JSON.stringify({ ...JSON.parse(credentials), instance: 'estover-another' }));
    await expect(start()).rejects.toThrow(/does not belong to the data folder.*kill -INT/);
    writeFileSync(file, credentials);
    const database = await start();
    expect(database).toMatchObject({ adopted: true });
    expect(database.processId()).toBe(report.processId);
  });

  test('a database that was killed with its server recovers what was acknowledged', async () => {
    const { child, report } = await startInChild(dataFolder);
    await query(report.connectionString, 'create table recovered as select 7 as n');
    child.kill('SIGKILL');
    process.kill(report.processId, 'SIGKILL');
    await once(child, 'exit');
    const database = await start();
    expect(database.adopted).toBe(false);
    expect(await query(database.connectionString, 'select n from recovered')).toEqual([{ n: 7 }]);
  });

  test('a database that dies under a living server is started again at the same address', async () => {
    const database = await start();
    const first = database.processId();
    process.kill(first, 'SIGKILL');
    // The killed process may answer a moment longer, so that both must have changed.
    const answer = async () =>
      database.processId() === first ? 'the first' : query(database.connectionString, 'select 1 as one');
    await expect.poll(() => answer().catch(() => 'not yet'), { timeout: 20_000 }).toEqual([{ one: 1 }]);
    expect(said).toContainEqual(expect.stringContaining('unexpectedly'));
  });

  test('passwords that are lost are said to be lost, and the database is left alone', async () => {
    const folder = join(top, 'other');
    const credentials = join(folder, 'database-credentials.json');
    const content = readFileSync(credentials);
    rmSync(credentials);
    await expect(start(folder)).rejects.toThrow(/passwords in .* are missing.*Put that file back/);
    writeFileSync(credentials, content, { mode: 0o600 });
    const database = await start(folder);
    expect(await query(database.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('two servers', () => {
  test('the second refuses with one line that names the first', async () => {
    const database = await start();
    const refusal = await start().catch((thrown: Error) => thrown.message);
    expect(refusal).toContain(`the process ${process.pid}`);
    expect(refusal).not.toContain('\n');
    const { report } = await startInChild(dataFolder);
    expect(report.refusal).toContain(`the process ${process.pid}`);
    expect(await query(database.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('of three that start at once exactly one gets the database', async () => {
    const starts = await Promise.all([1, 2, 3].map(() => startInChild(dataFolder)));
    const running = starts.filter(({ report }) => report.refusal === undefined);
    expect(running).toHaveLength(1);
    for (const { report } of starts) {
      if (report.refusal !== undefined) expect(report.refusal).toMatch(/in use by the process \d+/);
    }
  });
});

describe('stopping', () => {
  test('it is clean while transactions run, and the data folder is free afterwards', async () => {
    const database = await start();
    const busy = new pg.Client({ connectionString: database.connectionString });
    busy.on('error', () => undefined);
    await busy.connect();
    await busy.query('create table if not exists half_done (n int)');
    await busy.query('begin');
    await busy.query('insert into half_done values (1)');
    const cut = expect(busy.query('select pg_sleep(600)')).rejects.toThrow();
    const logBefore = postgresLog().length;
    await Promise.all([database.stop(), database.stop()]);
    await cut;
    expect(existsSync(join(cluster(), 'postmaster.pid'))).toBe(false);

    const again = await start();
    expect(await query(again.connectionString, 'select count(*)::int as n from half_done')).toEqual([
      { n: 0 },
    ]);
    expect(postgresLog().slice(logBefore)).not.toContain('not properly shut down');
  });

  test('a signal of the terminal does not reach the database, which has a process group of its own', async () => {
    const database = await start();
    const stat = readFileSync(`/proc/${database.processId()}/stat`, 'utf8');
    const [, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    expect(Number(group)).toBe(database.processId());
  });
});
