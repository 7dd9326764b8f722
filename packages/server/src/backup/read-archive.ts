import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { checkDocument, openDocument } from '@estover/protocol/signing';
import { extract } from 'tar-stream';
import { openSigningKey, type Seal } from '../installation/index.ts';
import { BackupError } from './backup-error.ts';
import {
  type BackupChunk,
  backupFormat,
  chunkBytes,
  largestManifest,
  type Manifest,
  manifestEntry,
  manifestSchema,
  manifestType,
  readmeEntry,
} from './manifest.ts';

/** A file within the archive, and its hash in hex. */
interface ArchiveEntry {
  name: string;
  bytes: Buffer;
  sha256: string;
}

const damaged = (what: string): BackupError =>
  new BackupError(`The backup is damaged: ${what}. Use another copy of it.`);

/** The files of an archive in their order, each read into memory as a whole; one at a time. */
async function* entriesOf(file: string): AsyncGenerator<ArchiveEntry> {
  if (!existsSync(file)) throw new BackupError(`There is no file ${file}.`);
  const tar = extract();
  const source = createReadStream(file);
  source.on('error', (error) => tar.destroy(error));
  source.pipe(tar);
  try {
    for await (const entry of tar) {
      const { name, size = 0 } = entry.header;
      // What compresses badly grows a little; anything larger was not written by us.
      const largest = name === manifestEntry ? largestManifest : chunkBytes + 64 * 1024;
      if (size > largest) throw damaged(`${name} is larger than anything in a backup`);
      const parts: Buffer[] = [];
      for await (const part of entry as AsyncIterable<Buffer>) parts.push(part);
      const bytes = Buffer.concat(parts);
      yield { name, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
    }
  } catch (error) {
    if (error instanceof BackupError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    if (/Unexpected end of data/i.test(reason)) throw damaged('its end is missing');
    throw damaged(`it is not a backup archive that can be read (${reason})`);
  } finally {
    source.destroy();
  }
}

/**
 * Reads the whole archive and believes it only when everything fits: the manifest's signature, and each chunk's place,
 * size and hash. Nothing is unpacked.
 *
 * @throws BackupError for an archive that is damaged, forged or of a newer format; InstallationError when the encryption
 *   key is another one
 */
export async function checkArchive(file: string, seal: Seal): Promise<Manifest> {
  const found: { name: string; sha256: string }[] = [];
  let document: string | undefined;
  for await (const { name, bytes, sha256 } of entriesOf(file)) {
    if (document !== undefined) throw damaged(`${name} comes after its end`);
    if (name === manifestEntry) document = bytes.toString('utf8');
    else if (name !== readmeEntry) found.push({ name, sha256 });
  }
  if (document === undefined) throw damaged('its end is missing');
  const manifest = readManifest(document, seal);
  const named = manifest.tables.flatMap(({ chunks }) => chunks);
  for (const [index, { entry, sha256 }] of named.entries()) {
    const here = found[index];
    if (here?.name !== entry) throw damaged(`${entry} is missing or in another place`);
    if (here.sha256 !== sha256) throw damaged(`${entry} was changed`);
  }
  const more = found[named.length];
  if (more !== undefined) throw damaged(`${more.name} does not belong to it`);
  return manifest;
}

/** The manifest tells which key signed it, sealed: it opens with the right encryption key alone. */
function readManifest(document: string, seal: Seal): Manifest {
  const opened = openDocument(document, { type: manifestType, keyId: 'required', largest: largestManifest });
  if (!opened.ok) throw damaged(`its manifest cannot be read (${opened.detail})`);
  let claimed: unknown;
  try {
    claimed = JSON.parse(Buffer.from(opened.payloadBytes).toString('utf8'));
  } catch {
    throw damaged('its manifest is not JSON');
  }
  if (
    typeof claimed === 'object' &&
    claimed !== null &&
    'format' in claimed &&
    Number(claimed.format) > backupFormat
  ) {
    throw new BackupError(
      'The backup was written by a newer version of Estover, in a form this version does not read. Restore it with that version.',
    );
  }
  const parsed = manifestSchema.safeParse(claimed);
  if (!parsed.success) throw damaged('its manifest is not as it should be');
  const { publicKey } = openSigningKey(seal, parsed.data.signingKey.sealed);
  if (!checkDocument(opened, publicKey).ok) throw damaged('its signature is not valid');
  return parsed.data;
}

/** Reads the chunks of a checked archive once more, each checked again: the file may have been changed meanwhile. */
export async function* chunksOf(
  file: string,
  { tables }: Manifest,
): AsyncGenerator<{ table: number; chunk: BackupChunk; bytes: Buffer }> {
  const expected = tables.flatMap(({ chunks }, table) => chunks.map((chunk) => ({ table, chunk })));
  let index = 0;
  for await (const { name, bytes, sha256 } of entriesOf(file)) {
    if (name === readmeEntry || name === manifestEntry) continue;
    const next = expected[index++];
    if (next === undefined || next.chunk.entry !== name || next.chunk.sha256 !== sha256) {
      throw damaged(`${name} was changed while it was being restored`);
    }
    yield { ...next, bytes };
  }
  if (index < expected.length) throw damaged('its end went missing while it was being restored');
}
