import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { mailKey } from './people-store.ts';

/**
 * Takes the accounts in which somebody has a role, now or later, or knows a living key, for the rest of the transaction;
 * in the order in which everybody takes them.
 */
export async function lockAccountsOf(
  trx: Trx,
  personId: string,
): Promise<{ accountId: string; name: string }[]> {
  const { rows } = await sql<{ accountId: string; name: string }>`
    select account_id as "accountId", name from accounts
     where account_id in (
       select account_id from held_grants where person_id = ${personId}
       union
       select account_id from api_keys
        where (made_by_person = ${personId} or previous_made_by_person = ${personId})
          and account_id is not null and revoked_at is null)
     order by account_id for no key update`.execute(trx);
  return rows;
}

/** Takes the rows of all operators, so that of two who leave at once one stays. Returns who they are. */
export async function lockOperators(trx: Trx): Promise<string[]> {
  const rows = await trx
    .selectFrom('platform_grants')
    .select('person_id as personId')
    .where('role', '=', 'operator')
    .orderBy('person_id')
    .forUpdate()
    .execute();
  return rows.map(({ personId }) => personId);
}

/** Deletes a person; all that is only theirs goes with the row, but for roles and groups, which belong to the accounts. */
export async function deletePerson(trx: Trx, person: { personId: string; email: string }): Promise<void> {
  await trx.deleteFrom('password_reset_requests').where('email', '=', mailKey(person.email)).execute();
  await trx.deleteFrom('grants').where('person_id', '=', person.personId).execute();
  await trx.deleteFrom('group_people').where('person_id', '=', person.personId).execute();
  await trx.deleteFrom('people').where('id', '=', person.personId).execute();
}
