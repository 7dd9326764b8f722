import { sql } from 'kysely';
import type { Database, Trx } from '../database/database.ts';

/** Notes that somebody looked at roles of a person and kept them. */
export async function saveKept(
  trx: Trx,
  roles: { accountId: string; grantIds: readonly string[]; personId: string },
  kept: { by: string; at: Temporal.Instant },
): Promise<void> {
  await sql`
    insert into access_reviews (account_id, grant_id, person_id, kept_by, kept_at)
    select ${roles.accountId}::uuid, each, ${roles.personId}, ${kept.by}, ${kept.at}
      from unnest(${[...roles.grantIds]}::uuid[]) each
    on conflict (account_id, grant_id, person_id)
      do update set kept_by = excluded.kept_by, kept_at = excluded.kept_at`.execute(trx);
}

/** Removes reviews of roles that are gone. Returns how many. */
export async function purgeAccessReviews(db: Database): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from access_reviews r
     where not exists (select from held_grants g
                        where g.account_id = r.account_id and g.grant_id = r.grant_id and g.person_id = r.person_id)`.execute(
    db,
  );
  return Number(numAffectedRows ?? 0n);
}
