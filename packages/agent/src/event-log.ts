import { appendFileSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Notice } from './draft.ts';

const loggedNoticeSchema = z.object({ at: z.iso.datetime(), name: z.string(), text: z.string() });
/** A notice as it is kept, with its instant. */
export type LoggedNotice = z.output<typeof loggedNoticeSchema>;

/** Two files of at most this many bytes each: the disk use is bounded, and at least the last 128 KiB are kept. */
export const eventFileBytes = 128 * 1024;
const current = 'events.jsonl';
const previous = 'events.previous.jsonl';

/** Appends notices. The state is durable before; a log line may be lost with the power, a state may not. */
export function appendEvents(folder: string, at: string, notices: readonly Notice[]): void {
  if (notices.length === 0) return;
  const path = join(folder, current);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const lines = notices.map(
    (notice) => `${JSON.stringify({ at, ...notice, text: notice.text.slice(0, 1000) })}\n`,
  );
  if (size > 0 && size + Buffer.byteLength(lines.join('')) > eventFileBytes)
    renameSync(path, join(folder, previous));
  appendFileSync(path, lines.join(''), { mode: 0o600 });
}

/** All notices that are kept, oldest first. A line that a crash cut short is left out. */
export function readEvents(folder: string): LoggedNotice[] {
  return [previous, current].flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return [];
    return readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line) => {
        try {
          return line === '' ? [] : [loggedNoticeSchema.parse(JSON.parse(line))];
        } catch {
          return [];
        }
      });
  });
}
