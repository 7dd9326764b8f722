import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/** A license by its tag. */
export interface TaggedLicense {
  readonly licenseId: string;
  readonly tag: string;
  readonly name: string;
  readonly enforcement: string;
}

/** The licenses that have these tags, by tag; tags nobody knows are left out. */
export async function licensesOfTags(
  trx: Trx,
  tags: readonly string[],
): Promise<ReadonlyMap<string, TaggedLicense>> {
  if (tags.length === 0) return new Map();
  const { rows } = await sql<TaggedLicense>`
    /* prepared: licenses-of-tags */
    select license_id as "licenseId", tag, name, enforcement
      from licenses where tag = any(${[...new Set(tags)]}::text[])`.execute(trx);
  return new Map(rows.map((row) => [row.tag, row]));
}
