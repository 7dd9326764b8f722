import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signDocument } from '@estover/protocol/signing';
import { sql } from 'kysely';
import { extract, pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../database/database.ts';
import { createSeal } from '../installation/index.ts';
import {
  backUpServer,
  createEmptyDatabase,
  deliver,
  seedCatalog,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { checkArchive, type Manifest, restoreBackup } from './index.ts';

let server: TestServer;
let folder: string;
/** A whole backup, for each test to spoil a copy of. */
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'estover-archive-'));
  server = await startTestServer();
  const catalog = await seedCatalog(server);
  await deliver(server, await server.account(), { tag: catalog.security, quantity: 3 });
  file = newFile();
  await backUpServer(server, file);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

let files = 0;
const newFile = () => join(folder, `${++files}.estover`);

async function restoreFrom(from: string, connectionString: string) {
  return restoreBackup(connectionString, {
    file: from,
    manifest: await checkArchive(from, server.installation),
    replace: false,
    now: server.clock.now(),
    newId: () => randomUUIDv7(),
  });
}

describe('an archive that is not as it was written', () => {
  type Files = { name: string; bytes: Buffer }[];

  async function unpack(file: string): Promise<Files> {
    const files: Files = [];
    const tar = extract();
    tar.end(await readFile(file));
    for await (const entry of tar) {
      const parts: Buffer[] = [];
      for await (const part of entry as AsyncIterable<Buffer>) parts.push(part);
      files.push({ name: entry.header.name, bytes: Buffer.concat(parts) });
    }
    return files;
  }

  async function repack(files: Files): Promise<string> {
    const tar = pack();
    for (const { name, bytes } of files) tar.entry({ name, size: bytes.length }, bytes);
    tar.finalize();
    const parts: Buffer[] = [];
    for await (const part of tar as AsyncIterable<Buffer>) parts.push(part);
    const file = newFile();
    await writeFile(file, Buffer.concat(parts));
    return file;
  }

  const payloadOf = (files: Files): Manifest =>
    JSON.parse(
      Buffer.from(files.at(-1)?.bytes.toString().split('.')[1] ?? '', 'base64url').toString(),
    ) as Manifest;

  /** Writes the manifest anew, signed by the installation's own key. */
  async function signAnew(files: Files, change: (manifest: Manifest) => object): Promise<Files> {
    const { keyId, privateKey } = await server.installation.signingKeys.current(server.clock.now());
    const document = signDocument(
      change(payloadOf(files)),
      { type: 'estover-backup+jws', keyId },
      privateKey,
    );
    return [...files.slice(0, -1), { name: 'manifest.jws', bytes: Buffer.from(document) }];
  }

  const changes: [string, (files: Files) => Files | Promise<Files>, RegExp][] = [
    [
      'a changed chunk',
      (files) =>
        files.map((one, index) =>
          index === 3 ? { ...one, bytes: Buffer.from([...one.bytes.subarray(0, -1), 0]) } : one,
        ),
      /^The backup is damaged: tables\/.* was changed\. Use another copy of it\.$/,
    ],
    [
      'two chunks changed about',
      (files) => [files[0], files[2], files[1], ...files.slice(3)] as Files,
      /is missing or in another place/,
    ],
    [
      'a chunk left out',
      (files) => files.filter((_, index) => index !== 4),
      /is missing or in another place/,
    ],
    [
      'a chunk slipped in',
      (files) => [
        ...files.slice(0, -1),
        { name: 'tables/999-x/000000.zst', bytes: Buffer.from('x') },
        ...files.slice(-1),
      ],
      /tables\/999-x\/000000\.zst does not belong to it/,
    ],
    [
      'something after its end',
      (files) => [...files, { name: 'more', bytes: Buffer.from('x') }],
      /more comes after its end/,
    ],
    ['no manifest', (files) => files.slice(0, -1), /its end is missing/],
    [
      'a manifest that somebody else signed',
      (files) => {
        const [header, , signature] = (files.at(-1)?.bytes.toString() ?? '').split('.');
        const payload = Buffer.from(JSON.stringify({ ...payloadOf(files), epoch: 0 })).toString('base64url');
        return [
          ...files.slice(0, -1),
          { name: 'manifest.jws', bytes: Buffer.from([header, payload, signature].join('.')) },
        ];
      },
      /its signature is not valid/,
    ],
    [
      'a newer form',
      (files) => signAnew(files, (manifest) => ({ ...manifest, format: 2 })),
      /written by a newer version of Estover, in a form this version does not read/,
    ],
    [
      'a manifest without a part',
      (files) => signAnew(files, ({ tables: _, ...manifest }) => manifest),
      /its manifest is not as it should be/,
    ],
  ];

  it.each(changes)('is refused: %s', async (_, change, sentence) => {
    const changed = await repack(await change(await unpack(file)));
    await expect(checkArchive(changed, server.installation)).rejects.toThrow(sentence);
  });

  it('is refused: cut off anywhere, or no archive at all', async () => {
    const whole = await readFile(file);
    for (const part of [0.1, 0.5, 0.9]) {
      const cut = newFile();
      await writeFile(cut, whole.subarray(0, Math.floor(whole.length * part)));
      await expect(checkArchive(cut, server.installation)).rejects.toThrow(
        /^The backup is damaged: its end is missing/,
      );
    }
    const text = newFile();
    await writeFile(text, 'This is a letter and no backup. '.repeat(100));
    await expect(checkArchive(text, server.installation)).rejects.toThrow(/is not a backup archive/);
    await expect(checkArchive(join(folder, 'none'), server.installation)).rejects.toThrow(/There is no file/);
    await expect(checkArchive(file, createSeal(randomBytes(32)))).rejects.toThrow(
      /encryption key does not open/,
    );
  });

  it('is refused: a schema that this version does not know, and counts that are wrong; nothing is changed', async () => {
    const files = await unpack(file);
    const target = await createEmptyDatabase();
    const newer = await repack(
      await signAnew(files, (manifest) => ({
        ...manifest,
        migrations: [...manifest.migrations, { name: '9999-the-future', sha256: 'a'.repeat(64) }],
      })),
    );
    await expect(restoreFrom(newer, target.connectionString)).rejects.toThrow(
      /^The backup was written by another version of Estover .*\(9999-the-future\)\. Restore it with that version or a newer one\.$/,
    );
    const miscounted = await repack(
      await signAnew(files, (manifest) => ({
        ...manifest,
        tables: manifest.tables.map((table) =>
          table.name === 'movements' ? { ...table, rows: table.rows + 1 } : table,
        ),
      })),
    );
    await expect(restoreFrom(miscounted, target.connectionString)).rejects.toThrow(
      /movements has \d+ rows instead of \d+/,
    );
    const { db, close } = openDatabase(target.connectionString, { connections: 1 });
    const { rows } = await sql`select 1 from pg_class where relnamespace = 'public'::regnamespace`.execute(
      db,
    );
    expect(rows).toEqual([]);
    await close();
    await target.close();
  });
});
