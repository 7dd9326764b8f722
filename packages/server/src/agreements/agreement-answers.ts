import type { agreementAcceptance, agreementVersion } from '@estover/protocol';
import type { z } from 'zod';
import type { AcceptanceRow, VersionRow } from './agreements-store.ts';

export const versionAnswer = (row: VersionRow): z.output<typeof agreementVersion> => ({
  agreement: row.agreement,
  version: row.version,
  title: row.title,
  language: row.language,
  text: row.text,
  textHash: row.textHash.toString('hex'),
  deadlineDays: row.deadlineDays,
  publishedAt: row.publishedAt.toString(),
  publishedBy: row.publishedBy,
});

/** A version without its text, where the text is read by itself. */
export function versionFacts(row: VersionRow): Omit<ReturnType<typeof versionAnswer>, 'text'> {
  const { text: _, ...facts } = versionAnswer(row);
  return facts;
}

export const acceptanceAnswer = (row: AcceptanceRow): z.output<typeof agreementAcceptance> => ({
  agreement: row.agreement,
  version: row.version,
  title: row.title,
  textHash: row.textHash.toString('hex'),
  acceptedAt: row.acceptedAt.toString(),
  how: row.how,
  person: row.personId === null ? null : { personId: row.personId, name: row.personName ?? 'Removed person' },
  role: row.role,
  from: row.from,
});
