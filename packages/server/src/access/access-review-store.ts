import { sql } from 'kysely';
import type { Database, Trx } from '../database/database.ts';

/** Notes that somebody looked at a role and kept it. */
export async function saveKept(
  trx: Trx,
  role: { accountId: string; grantId: string; personId: string },
  kept: { by: string; at: Temporal.Instant },
): Promise<void> {
  await trx
    .insertInto('access_reviews')
    .values({
      account_id: role.accountId,
      grant_id: role.grantId,
      person_id: role.personId,
      kept_by: kept.by,
      kept_at: kept.at,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'grant_id', 'person_id'])
        .doUpdateSet({ kept_by: kept.by, kept_at: kept.at }),
    )
    .execute();
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
