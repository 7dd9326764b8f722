import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareDatabaseFolder } from './database-folder.ts';
import { chooseDatabaseUser, firstClosedFolder } from './database-user.ts';
import { preparePostgresPrograms } from './postgres-programs.ts';

const isRoot = process.getuid?.() === 0;
/** What only root meets is a test for root alone: for others it is not left out, there is nothing to see. */
const asRoot: (name: string, run: () => void | Promise<void>) => void = isRoot ? test : () => undefined;
let top: string;
beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), 'estover-places-'));
  chmodSync(top, 0o755);
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

const open = (name: string) => {
  mkdirSync(join(top, name), { recursive: true });
  return join(top, name);
};
const closed = (name: string) => {
  chmodSync(open(name), 0o700);
  return join(top, name);
};

describe('the programs', () => {
  /** A copy of the installed package as an installer leaves it that runs no scripts: without the library links. */
  async function copyOfPackage(to: string): Promise<string> {
    const { postgres } = await preparePostgresPrograms(undefined);
    const installed = dirname(dirname(dirname(postgres)));
    cpSync(installed, to, { recursive: true, verbatimSymlinks: true });
    const links: { target: string }[] = JSON.parse(readFileSync(join(to, 'native/pg-symlinks.json'), 'utf8'));
    expect(links.length).toBeGreaterThan(0);
    for (const { target } of links) rmSync(join(to, target), { force: true });
    return to;
  }

  test('run although no install script has made their library links', async () => {
    const folder = await copyOfPackage(join(top, 'package'));
    const before = spawnSync(join(folder, 'native/bin/initdb'), ['--version'], { encoding: 'utf8' });
    expect(before.status).not.toBe(0);
    const { initdb, postgres } = await preparePostgresPrograms(undefined, folder);
    for (const program of [initdb, postgres]) {
      expect(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout).toMatch(/PostgreSQL\) 18/);
    }
  });

  test('that cannot be linked are refused with what to do', async () => {
    const folder = open('broken');
    mkdirSync(join(folder, 'native'));
    const links = [{ source: 'native/lib/a.so.1', target: 'native/lib/a.so' }];
    writeFileSync(join(folder, 'native/pg-symlinks.json'), JSON.stringify(links));
    await expect(preparePostgresPrograms(undefined, folder)).rejects.toThrow(
      /needs the link .*a\.so.*cannot be created.*can be written.*DATABASE_URL/,
    );
  });

  asRoot('in a closed folder are copied to where their user can run them', async () => {
    const folder = join(closed('private'), 'package');
    cpSync(join(top, 'package'), folder, { recursive: true, verbatimSymlinks: true });
    const user = { uid: 65_534, gid: 65_534 };
    const { postgres } = await preparePostgresPrograms(user, folder, open('reachable'));
    expect(postgres.startsWith(join(top, 'reachable'))).toBe(true);
    const run = spawnSync(postgres, ['--version'], { ...user, cwd: '/', encoding: 'utf8' });
    expect(run.stdout).toContain('PostgreSQL');
    await expect(preparePostgresPrograms(user, folder, closed('also-private'))).rejects.toThrow(
      /cannot reach its programs.*also-private is closed.*Install Estover in a folder/,
    );
  });
});

describe('the user', () => {
  asRoot('is an account of the system, or its usual number when no account fits', () => {
    const accounts = join(top, 'passwd');
    writeFileSync(accounts, 'root:x:0:0::/:\nnobody:x:99:98::/:\n');
    expect(chooseDatabaseUser(undefined, accounts)).toEqual({ uid: 99, gid: 98 });
    writeFileSync(accounts, 'root:x:0:0::/:\nnobody:x:99:98::/:\npostgres:x:70:71::/:\n');
    expect(chooseDatabaseUser(undefined, accounts)).toEqual({ uid: 70, gid: 71 });
    expect(chooseDatabaseUser(undefined, join(top, 'no-such-file'))).toEqual({ uid: 65_534, gid: 65_534 });
  });

  test('passes through folders by owner, group or everybody', () => {
    const folder = open('passing/inner');
    const { uid, gid } = statSync(folder);
    chmodSync(dirname(folder), 0o710);
    expect(firstClosedFolder(folder, { uid, gid })).toBeUndefined();
    expect(firstClosedFolder(folder, { uid: uid + 1, gid })).toBeUndefined();
    expect(firstClosedFolder(folder, { uid: uid + 1, gid: gid + 1 })).toBe(dirname(folder));
    expect(firstClosedFolder(folder, undefined)).toBeUndefined();
  });
});

asRoot(
  'a data folder below a closed one keeps its database elsewhere, says so, and finds it again',
  async () => {
    const data = join(closed('home'), 'data');
    const said: string[] = [];
    const first = await prepareDatabaseFolder(data, (message) => said.push(message), open('elsewhere'));
    expect(first.folder.startsWith(join(top, 'elsewhere/databases/'))).toBe(true);
    expect(statSync(first.folder)).toMatchObject({ uid: first.user?.uid });
    expect(said).toEqual([expect.stringContaining(first.folder)]);
    const second = await prepareDatabaseFolder(data, (message) => said.push(message), open('elsewhere'));
    expect(second.folder).toBe(first.folder);
    expect(said).toHaveLength(1);

    rmSync(first.folder, { recursive: true });
    await expect(prepareDatabaseFolder(data, () => undefined, open('elsewhere'))).rejects.toThrow(
      /it is not there.*remove the file/,
    );
    expect(existsSync(first.folder)).toBe(false);
  },
);

asRoot(
  'a data folder below a closed one is refused with what to do when there is no other place',
  async () => {
    await expect(
      prepareDatabaseFolder(join(closed('home2'), 'data'), () => undefined, closed('no-place')),
    ).rejects.toThrow(/may not pass through .*home2.*Set ESTOVER_DATA_FOLDER/);
  },
);
