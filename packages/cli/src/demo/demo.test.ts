import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDatabase } from '@estover/server/process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moveDates } from './demo-files.ts';
import type { DemoState } from './demo-state.ts';

const main = join(import.meta.dirname, '../main.ts');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'estover-demo-'));
  // The database runs as another user when this is root, who must be able to pass.
  await chmod(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function estover(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => void out.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => void err.push(text));
  const [code] = (await once(child, 'close')) as [number];
  return { code, out: out.join(''), err: err.join('') };
}

const demo = (...words: string[]) => estover('demo', '--data-folder', folder, '--port', '0', ...words);
const stateNow = async () => JSON.parse(await readFile(join(folder, 'demo.json'), 'utf8')) as DemoState;
const serverFolder = () => join(folder, 'server');

describe('estover demo', () => {
  it('sets everything up, tells how to sign in, and stops cleanly', async () => {
    const { code, out, err } = await demo('--once', '--agents', '3');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/Agents +3\n/);
    expect(out).toMatch(/is open at {2}http:\/\/127\.0\.0\.1:\d+/);
    expect(out).toContain(`password for each of them: ${(await stateNow()).password}`);
    expect(existsSync(join(serverFolder(), 'database/cluster/postmaster.pid'))).toBe(false);
    expect(statSync(join(folder, 'demo.json')).mode & 0o077).toBe(0);
  });

  it('continues with the same data at the second start', async () => {
    const before = await stateNow();
    const counts = () =>
      withDatabase({ databaseUrl: undefined, dataFolder: serverFolder() }, async (db) => {
        const count = async (table: 'lots' | 'product_instances' | 'movements') =>
          (
            await db
              .selectFrom(table)
              .select((e) => e.fn.countAll<number>().as('n'))
              .executeTakeFirstOrThrow()
          ).n;
        return [await count('lots'), await count('product_instances'), await count('movements')];
      });
    const first = await counts();
    expect((await demo('--once', '--agents', '3')).code).toBe(0);
    expect(await counts()).toEqual(first);
    expect(first[1]).toBe(3);
    expect(await stateNow()).toEqual(before);
  });

  it('refuses what it cannot do, with the usage', async () => {
    const { code, err } = await demo('--agents', 'many');
    expect(code).toBe(2);
    expect(err).toContain('--agents is many and should be a whole number from 0 to 50.');
  });
});

describe('estover audit verify', () => {
  const verify = (...words: string[]) =>
    estover('audit', 'verify', '--data-folder', serverFolder(), ...words);

  it('says that every chain holds, with a head to keep, and finds what was changed', async () => {
    const { code, out } = await verify();
    expect(code).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(2);
    for (const line of out.trim().split('\n'))
      expect(line).toMatch(/^holds {3}.{36} {2}\d+ events in \d+ batches/);
    const { accountId } = await stateNow();
    const head = new RegExp(`${accountId}.* head (\\d+:[0-9a-f]{64})`).exec(out)?.[1] ?? '';
    const withHead = (text: string) => verify('--account', accountId ?? '', '--head', text);
    expect((await withHead(head)).code).toBe(0);
    expect((await withHead(`${head.slice(0, -4)}0000`)).code).toBe(1);

    await withDatabase({ databaseUrl: undefined, dataFolder: serverFolder() }, (db) =>
      db
        .updateTable('events')
        .set({ actor_name: 'Somebody else' })
        .where('operation', '=', 'createAccount')
        .execute(),
    );
    const after = await verify('--json');
    expect(after.code).toBe(1);
    const reports = JSON.parse(after.out) as { fault: { what: string; eventId: string | null } | null }[];
    expect(reports.filter((report) => report.fault?.what === 'the event was changed')).toHaveLength(1);
  });

  it('recounts a file without a server or a database, and says what is wrong with it', async () => {
    const at = join(folder, 'chain.ndjson');
    const verifyFile = (...words: string[]) => estover('audit', 'verify', at, ...words);
    expect(await verifyFile()).toMatchObject({ code: 1, err: expect.stringContaining('ENOENT') });
    writeFileSync(at, '{"kind":"something else"}\n');
    expect(await verifyFile()).toMatchObject({
      code: 1,
      err: expect.stringContaining('This is no file of a chain of events.'),
    });
    const header = {
      kind: 'estover-event-chain',
      version: 1,
      installationId: 'i',
      accountId: 'a',
      accountName: 'Halden Rail',
      writtenAt: '2026-11-30T00:00:00Z',
      unsealed: 3,
    };
    writeFileSync(at, `${JSON.stringify(header)}\n`);
    const { code, out } = await verifyFile();
    expect(code).toBe(0);
    expect(out).toContain(
      'holds   Halden Rail (a)  0 events in 0 batches, written 2026-11-30T00:00:00Z; 3 were not',
    );
    expect(out).toContain('nothing is signed');
    for (const wrong of [['--account', 'x'], ['--head', '1:2'], ['--trust', 'nonsense'], ['second-file']]) {
      expect((await verifyFile(...wrong)).code).toBe(2);
    }
    expect((await estover('audit', 'verify', '--trust', 'https://x.example')).code).toBe(2);
  });

  it('says what to do where there is no installation', async () => {
    const { code, err } = await estover('audit', 'verify', '--data-folder', join(folder, 'nowhere'));
    expect(code).toBe(1);
    expect(err).toContain('Name the one of your server with --data-folder.');
  });
});

describe('the dates of the order files', () => {
  it('move by whole months and leave everything else alone', () => {
    const row =
      'SO-2024,Polar Networks AS,2024-01-31T09:00:00Z,1,CAMPUS-ADV-3Y,10,halden-rail.example,EMEA / Lyon,2024-01-31,shipped\n';
    expect(moveDates(row, 0)).toBe(row);
    expect(moveDates(row, 1)).toBe(row.replaceAll('2024-01-31', '2024-02-29'));
    expect(moveDates('{"orderedAt": "2026-11-16T10:20:00Z", "startDate": "2027-01-01"}', 2)).toBe(
      '{"orderedAt": "2027-01-16T10:20:00Z", "startDate": "2027-03-01"}',
    );
  });
});
