import type { OperatorFact } from '@estover/domain/access';
import type { AccountStatus } from '@estover/domain/accounts';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { canSignIn, mailKey } from './people-store.ts';

export interface AccountOfPerson {
  accountId: string;
  name: string;
  status: AccountStatus;
}

/**
 * Takes the accounts in which somebody has a role, now or later, or knows a living key, or whose identity provider says
 * something of them, for the rest of the transaction; in the order in which everybody takes them.
 */
export async function lockAccountsOf(trx: Trx, personId: string): Promise<AccountOfPerson[]> {
  const { rows } = await sql<AccountOfPerson>`
    select account_id as "accountId", name, status from accounts
     where account_id in (
       select account_id from held_grants where person_id = ${personId}
       union
       select account_id from provisioned_people where person_id = ${personId}
       union
       select account_id from api_keys
        where (made_by_person = ${personId} or previous_made_by_person = ${personId})
          and account_id is not null and revoked_at is null)
     order by account_id for no key update`.execute(trx);
  return rows;
}

/** Takes the rows of all operators, so that of two who leave at once one stays. Returns those whose role holds now. */
export async function lockOperators(trx: Trx, now: Temporal.Instant): Promise<OperatorFact[]> {
  const { rows } = await sql<OperatorFact>`
    select g.person_id as "personId", g.until is not null as expires,
           ${canSignIn('g.person_id')} as "canSignIn"
      from platform_grants g where g.role = 'operator' and (g.until is null or g.until > ${now})
     order by g.person_id for update of g`.execute(trx);
  return rows;
}

/**
 * Deletes a person; all that is only theirs goes with the row, but for roles, groups and what identity providers say of
 * them, which belong to the accounts. Returns the whole names by which identity providers called them.
 */
export async function deletePerson(trx: Trx, person: { personId: string; email: string }): Promise<string[]> {
  await trx.deleteFrom('password_reset_requests').where('email', '=', mailKey(person.email)).execute();
  await trx.deleteFrom('grants').where('person_id', '=', person.personId).execute();
  await trx.deleteFrom('group_people').where('person_id', '=', person.personId).execute();
  const said = await trx
    .deleteFrom('provisioned_people')
    .where('person_id', '=', person.personId)
    .returning(['formatted_name as formatted', 'display_name as displayName'])
    .execute();
  await trx.deleteFrom('people').where('id', '=', person.personId).execute();
  return said
    .flatMap(({ formatted, displayName }) => [formatted, displayName])
    .filter((name) => name !== null);
}
