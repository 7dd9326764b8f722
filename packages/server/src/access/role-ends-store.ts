import type { AccountRole, RoleEndNotice } from '@estover/domain/access';
import { sql } from 'kysely';
import type { Database, Trx } from '../database/database.ts';
import { soldBy } from './grants-store.ts';
import { staysByAnother } from './kept-roles.ts';
import { canSignIn } from './people-store.ts';

/** A role of somebody that ends soon or has ended lately. */
export interface EndingRole {
  accountId: string;
  accountName: string;
  grantId: string;
  personId: string;
  name: string;
  email: string;
  role: AccountRole;
  givenAt: Temporal.Instant;
  until: Temporal.Instant;
  told: RoleEndNotice[];
}

/**
 * Roles whose end lies between two instants, of people's own and by groups, with what was told of it, in the order of accounts;
 * without those after which the person has all of it left by another one.
 */
export async function rolesEnding(
  trx: Trx,
  between: { from: Temporal.Instant; to: Temporal.Instant },
): Promise<EndingRole[]> {
  const { rows } = await sql<EndingRole>`
    select g.account_id as "accountId", a.name as "accountName", g.grant_id as "grantId", g.person_id as "personId",
           p.name, p.email, g.role, g.granted_at as "givenAt", g.until,
           array(select m.notice from role_end_mails m
                  where m.account_id = g.account_id and m.grant_id = g.grant_id and m.person_id = g.person_id
                    and m.until = g.until) as told
      from held_grants g join people p on p.id = g.person_id join accounts a on a.account_id = g.account_id
     where g.until > ${between.from} and g.until <= ${between.to} and a.status = 'active'
       and not ${staysByAnother}
     order by g.account_id, g.until, g.grant_id, g.person_id`.execute(trx);
  return rows;
}

/** Notes what is told of an end; those that another server has noted meanwhile are left out. */
export async function noteTold<Role extends EndingRole & { notice: RoleEndNotice }>(
  trx: Trx,
  roles: readonly Role[],
  now: Temporal.Instant,
): Promise<Role[]> {
  if (roles.length === 0) return [];
  const noted = await trx
    .insertInto('role_end_mails')
    .values(
      roles.map((role) => ({
        account_id: role.accountId,
        grant_id: role.grantId,
        person_id: role.personId,
        until: role.until,
        notice: role.notice,
        noticed_at: now,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning(['grant_id as grantId', 'person_id as personId', 'notice'])
    .execute();
  const keys = new Set(noted.map(({ grantId, personId, notice }) => `${grantId} ${personId} ${notice}`));
  return roles.filter(({ grantId, personId, notice }) => keys.has(`${grantId} ${personId} ${notice}`));
}

/** So many administrators hear of ends. */
const mostTold = 50;

/** Mail addresses of those who administer an account and can sign in. */
export async function administratorsToTell(
  trx: Trx,
  accountId: string,
  now: Temporal.Instant,
): Promise<string[]> {
  const { rows } = await sql<{ email: string }>`
    select distinct p.email
      from held_grants g join people p on p.id = g.person_id
     where g.account_id = ${accountId} and g.role = 'account-administrator'
       and (g.until is null or g.until > ${now}) and ${soldBy} is null
       and ${canSignIn('p.id')}
     order by p.email limit ${mostTold}`.execute(trx);
  return rows.map(({ email }) => email);
}

/** How long it is kept what was told of an end. */
const keptDays = 90;

export async function purgeRoleEndMails(db: Database, now: Temporal.Instant): Promise<number> {
  const removed = await db
    .deleteFrom('role_end_mails')
    .where('until', '<', now.subtract({ hours: keptDays * 24 }))
    .executeTakeFirst();
  return Number(removed.numDeletedRows);
}
