import { base32 } from '@better-auth/utils/base32';
import { sql } from 'kysely';
import type { Database } from '../database/database.ts';

/** A secret in all forms in which somebody could use it, and what to call it. */
export interface Needle {
  name: string;
  forms: string[];
}

/** Random bytes as they are and as they are written. */
export function needleOfBytes(name: string, bytes: Buffer): Needle {
  const words = base32.encode(bytes, { padding: false });
  return {
    name,
    forms: [
      bytes.toString('latin1'),
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      withoutPadding(bytes.toString('base64')),
      bytes.toString('base64url'),
      words,
      words.toLowerCase(),
    ],
  };
}

/** A text as it is, in hexadecimal, and in base64 wherever it begins in what is written so. */
export function needleOfText(name: string, text: string): Needle {
  const hex = Buffer.from(text).toString('hex');
  const base64 = [0, 1, 2].flatMap((before) => {
    const written = Buffer.from(`${'-'.repeat(before)}${text}`);
    // The first and the last letters belong to what stands beside it as well.
    const inside = written.toString('base64').slice(before === 0 ? 0 : 4, Math.floor(written.length / 3) * 4);
    return [inside, inside.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return { name, forms: [text, hex, hex.toUpperCase(), ...base64] };
}

const withoutPadding = (base64: string): string => base64.replace(/=+$/, '');

/** Where something stands, and all that stands there. */
interface Haystack {
  where: string;
  text: string;
}

/** Where secrets stand: the place and the name of each, without repeats. */
export function findAll(needles: readonly Needle[], haystacks: readonly Haystack[]): string[] {
  const found = new Set<string>();
  const all = haystacks.map(({ text }) => text).join('\n');
  const there = needles.filter(({ forms }) => forms.some((form) => all.includes(form)));
  for (const { where, text } of haystacks) {
    for (const { name, forms } of there) {
      if (forms.some((form) => text.includes(form))) found.add(`${name} in ${where}`);
    }
  }
  return [...found].sort();
}

/**
 * Every column of every table of every schema, jobs included, with all its values: as they are, and what they say when
 * they are read as hexadecimal or base64.
 */
export async function everyColumn(db: Database): Promise<Haystack[]> {
  const { rows: tables } = await sql<{ schema: string; name: string }>`
    select n.nspname as schema, c.relname as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
       and n.nspname not like 'pg\_%' order by 1, 2`.execute(db);
  const columns = new Map<string, string[]>();
  for (const { schema, name } of tables) {
    const { rows } = await sql<{ row: Record<string, unknown> }>`
      select to_jsonb(one) as row from ${sql.table(`${schema}.${name}`)} one`.execute(db);
    for (const { row } of rows) {
      for (const [column, value] of Object.entries(row)) {
        if (value === null) continue;
        const where = `${schema === 'public' ? '' : `${schema}.`}${name}.${column}`;
        columns.set(where, [...(columns.get(where) ?? []), ...readings(value)]);
      }
    }
  }
  return [...columns].map(([where, texts]) => ({ where, text: texts.join('\n') }));
}

function readings(value: unknown): string[] {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (/^\\x([0-9a-f]{2})+$/.test(text)) {
    return [text, Buffer.from(text.slice(2), 'hex').toString('latin1')];
  }
  if (/^[A-Za-z0-9+/_-]{16,}=*$/.test(text)) return [text, Buffer.from(text, 'base64').toString('latin1')];
  return [text];
}
