import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/** Keeps up to where somebody has looked: never back, and never beyond what there is. Returns where that is. */
export async function saveSeen(
  trx: Trx,
  { accountId, personId, position }: { accountId: string; personId: string; position: number },
): Promise<number> {
  const { rows } = await sql<{ position: number }>`
    insert into notices_seen as s (account_id, person_id, position)
    select ${accountId}, ${personId}, least(${position}::bigint, h.position) from notices_head h
    on conflict (account_id, person_id) do update set position = greatest(s.position, excluded.position)
    returning position`.execute(trx);
  return rows[0]?.position ?? 0;
}
