import { once } from 'node:events';
import { crc32, createDeflateRaw } from 'node:zlib';
import type { ZipInputFile } from 'fflate';

/**
 * A file of a ZIP archive that is compressed while it is written, outside of the event loop, so that a large export
 * does not keep other requests waiting.
 */
export class CompressedPart implements ZipInputFile {
  readonly filename: string;
  readonly compression = 8;
  readonly mtime: number;
  size = 0;
  crc = 0;
  ondata?: ZipInputFile['ondata'];
  private underWay: Promise<void> = Promise.resolve();
  private readonly deflate = createDeflateRaw({ level: 1, chunkSize: 256 * 1024 });

  constructor(filename: string, at: Temporal.Instant) {
    this.filename = filename;
    this.mtime = at.epochMilliseconds;
    this.deflate.on('data', (chunk: Buffer) => this.ondata?.(null, new Uint8Array(chunk), false));
  }

  /** Resolves when what was written before is compressed: this text is compressed while the next one is made. */
  async write(text: string): Promise<void> {
    const bytes = Buffer.from(text, 'utf8');
    this.size += bytes.length;
    this.crc = crc32(bytes, this.crc);
    const before = this.underWay;
    this.underWay = new Promise<void>((resolve, reject) => {
      this.deflate.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
    // A failure is told by the next write, or by the end.
    this.underWay.catch(() => undefined);
    await before;
  }

  async end(): Promise<void> {
    await this.underWay;
    const ended = once(this.deflate, 'end');
    this.deflate.end();
    await ended;
    this.ondata?.(null, new Uint8Array(0), true);
  }

  /** Ends without a file, when nobody reads any more. */
  terminate(): void {
    this.deflate.destroy();
  }
}
